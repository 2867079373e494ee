"""reed beside mosaic: a melody played by an instrument of the project's own, and how far reed's shares can be believed.

`INTERVAL` in generation/engines/reed/shares.py is from this measurement.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import soxr

from app.demo import blown, singing
from benchmarks.instruments import attacks, notes
from core.hearing import pitch
from core.hearing.envelope import hertz, mel
from core.hearing.frames import Array
from core.media import Sound
from generation.engine import Asset, Engine, Ingredient, Rendering, Request, silent
from generation.engines.mosaic import Mosaic
from generation.engines.reed import Reed, controls, hearing, player, playing, shares

_RATE, _SEED = 22_050, 1
_ROUGH = 200  # steps, where many styles are trained
_CENTS = 50.0
_RANGE = float(np.log(1e7))  # 70 dB below a frame's strongest, partials are not compared


def run() -> Iterator[str]:
    yield from _beside()
    yield ""
    yield from _left_out()


def _beside() -> Iterator[str]:
    """`unlike`: from the same melody as the shawm itself plays it, where that is known."""
    shawm = [blown.recording(blown.SHAWM, seed, seconds=20) for seed in (1, 2)]
    alma = singing.SINGERS[0]
    flute, truth = (blown.recording(of, 9, seconds=12, low=62, high=81) for of in (blown.FLUTE, blown.SHAWM))
    sources = {"flute": (flute, truth), "singer": (singing.sung(alma, singing.line(alma, 9), 9), None)}
    yield f"{'onto a shawm':<16} {'< 50 c':>7} {'notes':>6} {'onsets':>7} {'unlike':>10} {'learn s':>8} {'s per s':>8}"
    engines: dict[str, Any] = {"mosaic": Mosaic(), "reed": Reed()}
    for name, engine in engines.items():
        assets = [Asset(str(number), one) for number, one in enumerate(shawm)]
        began = time.process_time()
        style = engine.prepare(assets, report=silent)
        learned = time.process_time() - began
        for source, (sound, known) in sources.items():
            _rendered(engine, style, sound)  # loads what it needs
            began = time.process_time()
            made = _rendered(engine, style, sound).media
            cpu = (time.process_time() - began) / sound.seconds
            assert isinstance(made, Sound)
            unlike = "" if known is None else f"{_unlike(made, known):.1f} dB"
            yield (
                f"{source + ', ' + name:<16} {_in_tune(made, sound):>7.2f} {notes(made, sound):>6.2f}"
                f" {attacks(made, sound):>7.2f} {unlike:>10} {learned:>8.1f} {cpu:>8.3f}"
            )
    yield f"the flute itself is {_unlike(flute, truth):.1f} dB unlike"


def _unlike(made: Sound, truth: Sound) -> float:
    """RMS distance in dB of the spectra in 64 mel bands up to 10 kHz, frame by frame, level aside."""
    tables = [_bands(one) for one in (made, truth)]
    count = min(len(table) for table in tables)
    loud = tables[1][:count].max(1) > tables[1].max() - 30
    one, other = (table[:count][loud] - table[:count][loud].max(1, keepdims=True) for table in tables)
    return float(np.sqrt(np.square(np.maximum(one, -60) - np.maximum(other, -60)).mean()))


def _bands(sound: Sound) -> Array:
    """dB [frames, bands] in windows of 46 ms."""
    x = np.pad(soxr.resample(sound.samples.mean(1, dtype=np.float64), sound.rate, _RATE), 512)
    windows = np.lib.stride_tricks.sliding_window_view(x, 1024)[::512] * np.hanning(1024)
    power = np.abs(np.fft.rfft(windows)) ** 2
    edges = (hertz(np.linspace(float(mel(100)), float(mel(10_000)), 65)) * 1024 / _RATE).astype(int)
    return np.asarray(10 * np.log10(np.add.reduceat(power, edges, 1)[:, :-1] + 1e-9))


def _rendered(engine: Engine, style: bytes, source: Sound) -> Rendering:
    request = Request((Ingredient(style),), engine.Params(), _SEED, source=source)
    return engine.render([request], report=silent)[0]


def _in_tune(made: Sound, source: Sound) -> float:
    """Part of the source's frames with pitch that have the same one in the work, whole octaves aside."""
    wanted, found = (pitch.track(one.samples.mean(1, dtype=np.float64), one.rate) for one in (source, made))
    count = min(len(wanted), len(found))
    wanted, found = wanted[:count], found[:count]
    both = (wanted > 0) & (found > 0)
    cents = 1200 * np.log2(found[both] / wanted[both])
    cents -= 1200 * np.round(np.median(cents) / 1200)
    return float((np.abs(cents) < _CENTS).sum() / max(1, (wanted > 0).sum()))


def _left_out() -> Iterator[str]:
    """Styles are trained without one recording after another: those matter whose absence changes the work most."""
    off: list[float] = []
    yield f"{'style':<12} {'source':<11} {'by leaving out':<20} {'estimated':<20}"
    for style, takes in _styles().items():
        assets = [Asset(str(number), take) for number, take in enumerate(takes)]
        whole, again = _player(assets), _player(assets[::-1])
        without = [_player([one for one in assets if one is not left]) for left in assets]
        for name, source in _sources().items():
            play = _playing(source, whole.compass.middle)
            own = play(whole)
            chance = _distance(own, play(again))  # another training on the same recordings
            told = np.array([max(_distance(own, play(one)) - chance, 1e-3) for one in without])
            told /= told.sum()
            guess = (
                np.array([one.share for one in shares.estimate([(1, whole, own.traits)], lambda: None).shares]) / 1e6
            )
            off += list(np.abs(guess - told))
            yield f"{style:<12} {name:<11} {_row(told):<20} {_row(guess):<20}"
    yield (
        f"off by {100 * np.mean(off):.0f} points on average, 90 % of the shares by at most"
        f" {100 * np.percentile(off, 90):.0f}, the worst by {100 * max(off):.0f}"
    )


def _styles() -> dict[str, list[Sound]]:
    def shawm(seed: int, *, low: int = 0, high: int = 0) -> Sound:
        return blown.recording(blown.SHAWM, seed, seconds=12, low=low, high=high, rate=_RATE)

    def flute(seed: int, *, low: int = 0, high: int = 0) -> Sound:
        return blown.recording(blown.FLUTE, seed, seconds=12, low=low, high=high, rate=_RATE)

    return {
        "instruments": [shawm(7, high=70), flute(8, low=72), flute(9, high=74)],
        "registers": [shawm(1, high=66), shawm(2, low=65, high=74), shawm(3, low=72)],
    }


def _sources() -> dict[str, Sound]:
    alma = singing.SINGERS[0]
    return {
        "flute low": blown.recording(blown.FLUTE, 21, seconds=8, high=70, rate=_RATE),
        "flute high": blown.recording(blown.FLUTE, 22, seconds=8, low=74, rate=_RATE),
        "flute": blown.recording(blown.FLUTE, 23, seconds=12, rate=_RATE),
        "singer": singing.sung(alma, singing.line(alma, 5), 5, rate=_RATE),
    }


def _player(assets: Sequence[Asset]) -> player.Player:
    return player.unpack(Reed(_ROUGH).prepare(assets, report=silent))


def _playing(source: Sound, middle: float) -> Callable[[player.Player], playing.Played]:
    """What a style makes of the source's frames that have pitch."""
    heard = hearing.listen(source)
    rows = np.flatnonzero(heard.voiced)
    octaves = float(np.round(middle - np.median(np.log2(heard.hz[rows]))))

    def play(style: player.Player) -> playing.Played:
        told = controls.controls(heard, style.compass, octaves)
        made = playing.play(playing.load(style.weights), told, controls.through(heard.hz) * 2**octaves, lambda: None)
        return playing.Played(made.partials[rows], made.noise[rows], made.traits[rows])

    return play


def _distance(one: playing.Played, other: playing.Played) -> float:
    """Mean distance of the partials in ln of power, as far as they are heard."""
    weights = np.clip(1 + (one.partials - one.partials.max(1, keepdims=True)) / _RANGE, 0, 1)
    return float((np.abs(one.partials - other.partials) * weights).sum() / weights.sum())


def _row(parts: Array) -> str:
    return "  ".join(f"{100 * part:3.0f} %" for part in parts)
