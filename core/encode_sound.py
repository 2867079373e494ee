"""From a Sound to files; the same sound gives the same bytes, but for Opus, whose streams have a random number.

Samples are rounded to 24 bits, so that what a lossless file gives back is what went in, to the last bit, for sounds
whose samples are whole multiples of 2**-23.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from core import tagging
from core.errors import Invalid
from core.media import Sound
from core.tags import Tags

Form = Literal["wav", "flac", "mp3", "opus"]
TYPES: dict[Form, str] = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "opus": "audio/ogg"}
STEPS = 1 << 23  # of 24 bits in full scale
_PIECE = 1 << 16  # frames that are encoded at once
_LARGE = 1 << 28  # bytes of samples that are too many for memory alone
_CONTAINER = {
    "wav": ("WAV", "PCM_24"),
    "flac": ("FLAC", "PCM_24"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "opus": ("OGG", "OPUS"),
}
_OPUS_RATE, _MP3_RATES = 48_000, (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def encoded(sound: Sound, form: Form, tags: Tags | None = None, source_type: str = "") -> bytes:
    """The sound as a file; with tags, also that Homage made it, and how. Raises Invalid where it cannot be held."""
    out = io.BytesIO()
    write(sound, out, form, tags, source_type)
    return out.getvalue()


def write(sound: Sound, file: BinaryIO, form: Form, tags: Tags | None = None, source_type: str = "") -> None:
    """The same, piece by piece, into an empty file that can seek, be written and read."""
    if form == "wav" and sound.frames * sound.channels * 3 >= 2**32 - 2 * tagging.ROOM:
        raise Invalid("a WAV file holds at most 4 GiB; take FLAC")
    if tags is None:
        _write(sound, file, form)
        return
    with tagging.around(file, form, tags, source_type) as inner:
        _write(sound, inner, form)


def _write(sound: Sound, file: BinaryIO, form: Form) -> None:
    import soundfile

    rate = _rate_for(sound.rate, form)
    container, subtype = _CONTAINER[form]
    with soundfile.SoundFile(file, "w", rate, sound.channels, subtype, format=container) as out:
        written = 0
        for piece in _pieces(sound, rate):
            out.write(whole(piece))
            written += len(piece)
        if not written:  # a few samples at a high rate are none at a low one, and a file without any is none
            out.write(whole(sound.samples[:1]))


def _pieces(sound: Sound, rate: int) -> Iterator[NDArray[np.float32]]:
    """Blocks of [frames, channels] at this rate."""
    parts = ((first, sound.samples[first : first + _PIECE]) for first in range(0, sound.frames, _PIECE))
    if rate == sound.rate:
        yield from (part for _, part in parts)
        return
    import soxr

    stream = soxr.ResampleStream(sound.rate, rate, sound.channels, dtype="float32", quality="HQ")
    for first, part in parts:
        yield stream.resample_chunk(np.array(part), last=first + _PIECE >= sound.frames)


def decoded(data: bytes) -> Sound:
    """The sound of a lossless file that `encoded` wrote: what is ours needs no child process to be decoded in."""
    import soundfile

    with soundfile.SoundFile(io.BytesIO(data)) as file:
        samples = room(file.frames, file.channels)
        file.read(out=samples)
        return Sound(samples, file.samplerate)


def kept(sound: Sound) -> Sound:
    """The sound in 24 bits, as a lossless file gives it back."""
    samples = room(sound.frames, sound.channels)
    for first in range(0, sound.frames, _PIECE):
        samples[first : first + _PIECE] = rounded(sound.samples[first : first + _PIECE])
    return Sound(samples, sound.rate)


def room(frames: int, channels: int) -> NDArray[np.float32]:
    """[frames, channels] to write to. Large ones lie in a file without a name, whose pages are given back when memory
    is short: half an hour of silence at a high rate is a small file, and gigabytes of samples."""
    if 4 * frames * channels < _LARGE:
        return np.zeros((frames, channels), np.float32)
    with tempfile.TemporaryFile(prefix="homage-sound-") as file:
        return np.memmap(file, np.float32, "w+", shape=(frames, channels))


def rounded(samples: NDArray[np.floating]) -> NDArray[np.float32]:
    """To 24 bits: whole multiples of 2**-23 from -1 to just below 1, with one zero only, as in files."""
    steps = np.rint(np.asarray(samples, np.float64) * STEPS).clip(-STEPS, STEPS - 1)
    return (steps / STEPS + 0.0).astype(np.float32)


def whole(samples: NDArray[np.float32]) -> NDArray[np.int32]:
    """The samples as numbers of 32 bits whose last 8 are zero, as the library takes what becomes 24 bits."""
    steps = np.rint(samples.astype(np.float64) * STEPS).clip(-STEPS, STEPS - 1)
    return steps.astype(np.int32) << 8


def _rate_for(rate: int, form: Form) -> int:
    """The rate a format is written at: lossy ones know a few rates only."""
    if form == "opus":
        return _OPUS_RATE
    if form == "mp3":
        return min((one for one in _MP3_RATES if one >= rate), default=_MP3_RATES[-1])
    return rate
