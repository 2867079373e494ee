"""A prepared catalogue: the recordings themselves, packed without loss, and which moments of them may be used."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from core.media import Sound
from generation.engine import Asset, BadRequest, Report
from generation.engines.mosaic import guard, listening
from generation.engines.mosaic.grains import Bools, Ints, Samples
from generation.engines.mosaic.listening import Table

FORMAT = "homage.mosaic.catalogue/1"
MOST_ASSETS = 1000
MOST_SECONDS = 1800.0  # of all recordings together
LEAST_RATE, MOST_RATE = 8_000, 48_000
_STEPS = 1 << 15  # of 16 bits, from the recording's peak
_BROKEN = (
    OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error,
    soundfile.SoundFileError,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Recording:
    """One recording as kept: `peak` of its samples, `usable` [guard.frames]: which tenths of a second may be taken.

    `onsets`: ascending, in samples at `rate`.
    """

    id: str
    sha256: str
    rate: int
    channels: int
    frames: int
    peak: float
    usable: Bools
    onsets: Ints
    _packed: bytes
    _others: dict[int, Samples] = field(default_factory=dict)

    @cached_property
    def samples(self) -> Samples:
        """float32 [frames, channels]. Raises BadRequest where they are damaged."""
        try:
            steps, rate = soundfile.read(io.BytesIO(self._packed), dtype="int16", always_2d=True)
        except soundfile.SoundFileError as error:
            raise BadRequest(f"recording {self.id} is damaged in the prepared catalogue; prepare it again") from error
        if rate != self.rate or steps.shape != (self.frames, self.channels):
            raise BadRequest(f"recording {self.id} is not what the prepared catalogue says; prepare it again")
        return np.asarray(steps * np.float32(self.peak / _STEPS), dtype=np.float32)

    def at(self, rate: int) -> Samples:
        """The samples at another rate; kept, since a work asks for the same one again and again."""
        if rate == self.rate:
            return self.samples
        if rate not in self._others:
            self._others[rate] = soxr.resample(self.samples, self.rate, rate, quality="HQ")
        return self._others[rate]

    @cached_property
    def ear(self) -> tuple[Table, int]:
        """The middle of its channels and their rate, as it is listened to."""
        return listening.mono(Sound(self.samples, self.rate))


@dataclass(frozen=True, eq=False)
class Catalogue:
    """A prepared catalogue, read; `key` is its hash."""

    key: str
    recordings: tuple[Recording, ...]


def pack(assets: Sequence[Asset], report: Report) -> bytes:
    """Deterministic bytes: a JSON header, and each recording as FLAC, 16 bits and 48 kHz at most. Raises BadRequest."""
    _check(assets)
    kept = []
    for number, asset in enumerate(assets):
        report(number, len(assets), "listening")
        assert isinstance(asset.media, Sound)
        kept.append(_kept(asset.media))
    ears = [listening.mono(sound) for sound, _ in kept]
    usable = guard.usable(ears, lambda: report(len(assets), len(assets), "listening"))
    if not any(one.any() for one in usable):
        raise BadRequest("nothing sounds in these recordings; give recordings that are not silent")
    arrays: dict[str, NDArray[Any]] = {}
    names = []
    for number, (asset, (sound, peak)) in enumerate(zip(assets, kept, strict=True)):
        ear, rate = ears[number]
        names.append(
            {
                "id": asset.id, "sha256": asset.media.sha256, "rate": sound.rate, "channels": sound.channels,
                "frames": sound.frames, "peak": peak,
            }
        )  # fmt: skip
        out = io.BytesIO()
        steps = np.round(sound.samples * (_STEPS / peak)).clip(-_STEPS, _STEPS - 1).astype(np.int16)
        soundfile.write(out, steps, sound.rate, "PCM_16", format="FLAC")
        arrays[f"sound{number}"] = np.frombuffer(out.getvalue(), np.uint8)
        arrays[f"usable{number}"] = np.packbits(usable[number])
        arrays[f"onsets{number}"] = (listening.onsets(ear, rate) * sound.rate // rate).astype(np.uint32)
        report(number, len(assets), "packing")
    header = json.dumps({"format": FORMAT, "recordings": names}, sort_keys=True).encode()
    out = io.BytesIO()
    np.savez(out, header=np.frombuffer(header, np.uint8), **arrays)  # type: ignore[arg-type] # stub bug: allow_pickle
    return out.getvalue()


def unpack(data: bytes) -> Catalogue:
    """Read what `pack` wrote. Raises BadRequest."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            header: dict[str, Any] = json.loads(arrays["header"].tobytes())
            if header["format"] != FORMAT:
                raise BadRequest(f"the prepared catalogue is {header['format']!r}, not {FORMAT!r}; prepare it again")
            kept = tuple(_recording(arrays, number, one) for number, one in enumerate(header["recordings"]))
    except _BROKEN as error:
        raise BadRequest("these bytes are no catalogue that mosaic prepared; prepare it again") from error
    return Catalogue(hashlib.sha256(data).hexdigest(), kept)


def _recording(arrays: Any, number: int, name: dict[str, Any]) -> Recording:
    rate, channels, frames = int(name["rate"]), int(name["channels"]), int(name["frames"])
    onsets = arrays[f"onsets{number}"].astype(np.int64)
    if not (1 <= rate <= MOST_RATE and channels in (1, 2) and frames > 0 and float(name["peak"]) > 0):
        raise ValueError("not what a recording can be")
    if len(onsets) and onsets.max() >= frames:
        raise ValueError("an onset after the end")
    usable = np.unpackbits(arrays[f"usable{number}"], count=guard.count(frames, rate)).astype(np.bool_)
    return Recording(
        str(name["id"]), str(name["sha256"]), rate, channels, frames, float(name["peak"]), usable, onsets,
        arrays[f"sound{number}"].tobytes(),
    )  # fmt: skip


def _kept(sound: Sound) -> tuple[Sound, float]:
    """The sound as it is kept, and its peak."""
    samples = np.asarray(sound.samples)
    rate = min(sound.rate, MOST_RATE)
    if sound.rate > rate:
        samples = np.asarray(soxr.resample(samples, sound.rate, rate, quality="HQ"), dtype=np.float32)
    return Sound(samples, rate), max(float(np.abs(samples).max()), 1e-6)


def _check(assets: Sequence[Asset]) -> None:
    if not 1 <= len(assets) <= MOST_ASSETS:
        raise BadRequest(f"a catalogue has 1 to {MOST_ASSETS} recordings, this one has {len(assets)}; split it")
    if len({asset.id for asset in assets}) != len(assets):
        raise BadRequest("the catalogue names a recording twice; give each once")
    seconds = 0.0
    for asset in assets:
        if not isinstance(asset.media, Sound):
            raise BadRequest(f"asset {asset.id} is no recording; a catalogue is made of recordings", asset=asset.id)
        if asset.media.rate < LEAST_RATE:
            raise BadRequest(
                f"asset {asset.id} has under {LEAST_RATE} samples a second; bring the original", asset=asset.id
            )
        seconds += asset.media.seconds
    if seconds > MOST_SECONDS:
        raise BadRequest(f"the recordings last {seconds:.0f} seconds; mosaic takes {MOST_SECONDS:.0f} at most")
