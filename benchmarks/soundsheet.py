"""Sounds to judge by eye: `python -m benchmarks.soundsheet [--only p225] [--seconds 6]`.

One PNG a pair goes to `var/sheet-sound`: spectrograms of source, result and target at one scale of time, frequency and
level, each with its pitch; under the result whose recordings shaped it.
"""

from __future__ import annotations

import argparse
import colorsys
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the command line does
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import soxr
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks import converted, recordings
from benchmarks.converted import exact_of
from benchmarks.recordings import Take, Voice
from core.hearing.features import hertz_of
from core.media import Sound
from generation.engine import Ingredient, Rendering, Request, silent
from generation.engines.chorale import Chorale
from generation.engines.mosaic import Mosaic

FOLDER = Path("var/sheet-sound")
_RATE, _FFT = 16_000, 512
_WIDE, _HIGH = 160, 2  # pixels in a second, and for each bin of frequency
_LABEL, _LANE = 20, 14
_QUIETEST, _LOUDEST = -85.0, -15.0  # dB of a full-scale sine
_RAMP = ((0, 0, 10), (60, 10, 90), (180, 40, 90), (250, 130, 40), (255, 250, 190))
_PITCH = (80, 255, 160)


@dataclass(frozen=True, eq=False)
class Pair:
    """One work: what it is made of, the work, whose it is; `lane` is one index into `names` each 10 ms, or -1."""

    name: str
    source: Sound
    work: Sound
    target: Sound
    lane: NDArray[np.int32]
    names: tuple[str, ...]


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.soundsheet", description="Spectrograms, pitch and provenance.")
    parser.add_argument("--only", default="", help="a word in the pair's name; else all pairs")
    parser.add_argument("--seconds", type=float, default=6.0, help="how much of each is drawn")
    asked = parser.parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    _say(recordings.told())
    for pair in pairs(asked.only, asked.seconds):
        file = FOLDER / f"{pair.name}.png"
        drawn(pair, asked.seconds).save(file)
        _say(f"  {file}")


def pairs(only: str, seconds: float) -> Iterator[Pair]:
    """Each ordered pair of speakers, each singer in the next one's voice, each instrument from the next one's."""
    for fan in recordings.speakers():
        for artist in (one for one in recordings.speakers() if one is not fan):
            yield from _sung(fan, artist, "speech", only, seconds)
    for some, make in ((recordings.singers(), _sung), (recordings.instruments(), _rebuilt)):
        for fan, artist in zip(some, (*some[1:], some[0]), strict=True):
            if sum(take.sound.seconds for take in artist.takes) >= converted.LEAST_SECONDS or make is _rebuilt:
                yield from make(fan, artist, "song", only, seconds)


def _sung(fan: Voice, artist: Voice, delivery: str, only: str, seconds: float) -> Iterator[Pair]:
    name = f"{fan.name}-to-{artist.name}"
    if only in name:
        take, made = fan.takes[-1], Chorale()
        learned = artist.without(take.number)
        prepared = made.prepare([one.asset for one in learned], report=silent)
        source = _excerpt(take.sound, seconds)
        work = converted.sung(source, prepared, delivery)
        alike = [one for one in artist.takes if one.number == take.number and take.number]
        yield _pair(name, source, work, (learned, alike[0] if alike else learned[0]), made)


def _rebuilt(fan: Voice, catalogue: Voice, _: str, only: str, seconds: float) -> Iterator[Pair]:
    name = f"{fan.name}-from-{catalogue.name}"
    if only in name:
        made = Mosaic()
        prepared = made.prepare([one.asset for one in catalogue.takes], report=silent)
        source = _excerpt(fan.takes[0].sound, seconds)
        asked = Request((Ingredient(prepared),), made.Params.model_validate({}), converted.SEED, source)
        work = made.render([asked], report=silent)[0]
        yield _pair(name, source, work, (catalogue.takes, catalogue.takes[0]), made)


def _pair(
    name: str, source: Sound, work: Rendering, target: tuple[Sequence[Take], Take], made: Chorale | Mosaic
) -> Pair:
    """`target`: what was learned from, and what of it is drawn."""
    assert isinstance(work.media, Sound)
    names = tuple(take.name for take in target[0])
    lane = made.field(exact_of(work).map, names)[0]
    frames = round(100 * work.media.seconds)
    lane = lane[np.minimum(np.arange(frames) * len(lane) // frames, len(lane) - 1)]
    return Pair(name, source, work.media, target[1].sound, lane, names)


def drawn(pair: Pair, seconds: float) -> Image.Image:
    """The sheet of one pair."""
    parts = [("source", pair.source), (pair.name, pair.work), ("target", pair.target)]
    wide, high = round(seconds * _WIDE), (_FFT // 2) * _HIGH
    sheet = Image.new("RGB", (wide, 3 * (high + _LABEL) + _LANE), "white")
    pen, font, top = ImageDraw.Draw(sheet), ImageFont.load_default(13), 0
    for label, sound in parts:
        pen.text((4, top + 2), label, fill="black", font=font)
        top += _LABEL
        part = _excerpt(sound, seconds)
        sheet.paste(_spectrogram(part).resize((round(part.seconds * _WIDE), high), Image.Resampling.BILINEAR), (0, top))
        _draw_pitch(pen, part, top + high)
        top += high
        if sound is pair.work:
            sheet.paste(_lane(pair).resize((round(part.seconds * _WIDE), _LANE), Image.Resampling.NEAREST), (0, top))
            top += _LANE
    return sheet


def _spectrogram(sound: Sound) -> Image.Image:
    mono = sound.samples.mean(1)
    x = mono if sound.rate == _RATE else soxr.resample(mono, sound.rate, _RATE)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, _FFT // 2), _FFT)[:: _RATE // 400]
    window = np.hanning(_FFT)
    level = 20 * np.log10(np.abs(np.fft.rfft(windows * window)) / window.sum() * 2 + 1e-9)[:, : _FFT // 2]
    part = np.clip((level - _QUIETEST) / (_LOUDEST - _QUIETEST), 0, 1) * (len(_RAMP) - 1)
    colors = np.stack([np.interp(part, range(len(_RAMP)), [c[n] for c in _RAMP]) for n in range(3)], -1)
    return Image.fromarray(np.ascontiguousarray(colors[:, ::-1].transpose(1, 0, 2)).astype(np.uint8))


def _draw_pitch(pen: ImageDraw.ImageDraw, sound: Sound, bottom: int) -> None:
    """Ten times as tall as the spectrogram's scale of frequency: 800 Hz are at its top."""
    hz = hertz_of(converted.listened(sound).pitch)
    scale = _FFT / _RATE * _HIGH * 10
    for frame in np.flatnonzero(hz > 0):
        x, y = frame * _WIDE / 100, bottom - hz[frame] * scale
        pen.rectangle((x, y - 1, x + _WIDE / 100, y + 1), fill=_PITCH)


def _lane(pair: Pair) -> Image.Image:
    """A color for each recording, gray for silence."""
    hues = [colorsys.hsv_to_rgb((n * 0.618) % 1, 0.7, 0.9) for n in range(len(pair.names))]
    table = np.array([*hues, (0.85, 0.85, 0.85)]) * 255
    return Image.fromarray(table[pair.lane][None].astype(np.uint8))


def _excerpt(sound: Sound, seconds: float) -> Sound:
    return Sound(sound.samples[: round(seconds * sound.rate)].copy(), sound.rate)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
