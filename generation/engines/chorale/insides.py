"""The voice inside a mix, as far as a comb on its melody takes it out: the house's separator, rough but weight-free.

What it leaves behind stays in the mix, so a filter that is made of what it takes out changes nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from core.hearing.features import Codes, code_of, hertz_of
from core.hearing.frames import PER_SECOND, Array, Bools, Samples, Tick, centers, count, cut
from generation.engines.chorale import activity, melody
from generation.engines.chorale.spectra import Grid, Spectra, add, blocks, grid_of

T = TypeVar("T", bound=np.generic)

_WIDE, _WIDER = 15.0, 0.004  # Hz, and part of the frequency: how far a tooth reaches
_OVER, _TINY = 4.0, 1e-12  # times its mean power, that the rest of a song may have
_TOP = 12000.0  # Hz, beyond which harmonics are not sought
_SHORT = 0.0232  # seconds of the windows that take consonants out
_CONSONANT = 2500.0  # Hz, above which they are taken
_BURST, _AROUND = 4.0, 51  # times the power about it, of how many frames
_EDGE = 1.0  # frames over which voice and consonants turn into one another


@dataclass(frozen=True, eq=False)
class Found:
    """What is known of the voice in a mix, for each 10 ms. `pitch` is 0 where nobody sings and in consonants."""

    pitch: Codes
    sung: Bools


def found(samples: Samples, rate: int, tick: Tick) -> Found:
    """Look for the voice in a mix, [samples, channels]."""
    x = samples.mean(1, dtype=np.float64)
    grid, frames = grid_of(rate), count(len(x), rate)
    heard = melody.heard(x, grid, tick)
    at = grid.at(frames, len(heard.pitch))
    on = activity.sung(heard)
    sung = on[at]
    pitch = melody.sung(x, grid, background(x, grid, on, tick), tick)
    voiced = sung & ~_bursts(x, rate)
    return Found(np.where(voiced, code_of(pitch[at]), 0).astype(np.uint16), sung)


def _bursts(x: Array, rate: int) -> Bools:
    """For each 10 ms whether it hisses far above what is about it."""
    hop = rate / PER_SECOND
    size, out = 1 << round(np.log2(2 * hop)), []
    hz = np.fft.rfftfreq(size, 1 / rate)
    frames = count(len(x), rate)
    for a in range(0, frames, 1024):
        pieces = cut(x, centers(a, min(a + 1024, frames), rate), size)
        power = np.abs(np.fft.rfft(pieces * np.hanning(size))) ** 2
        out.append(power[:, (hz > 4000) & (hz < 11000)].sum(1))
    hiss = np.concatenate(out)
    return np.asarray(hiss > _BURST * median_filter(hiss, _AROUND) + 1e-6)


def taken(samples: Samples, rate: int, known: Found, tick: Tick) -> Samples:
    """The voice out of a mix, float32 [samples, channels]: silence where nobody sings."""
    tonal, hissing = np.zeros(samples.shape), np.zeros(samples.shape)
    long, short = grid_of(rate), grid_of(rate, _SHORT)
    hz = hertz_of(known.pitch)
    voiced, middle = known.pitch > 0, samples.mean(1, dtype=np.float64)
    still = background(middle, long, _at(known.sung, long, 0, long.windows(len(middle))), tick)
    rest = background(middle, short, _at(known.sung & ~voiced, short, 0, short.windows(len(middle))), tick)
    for channel in range(samples.shape[1]):
        x = samples[:, channel].astype(np.float64)
        for a, b, before, spectra in blocks(x, long, tick, context=melody.CONTEXT):
            mask = _comb(_at(hz, long, a, b), spectra, before, still, long)
            add(long, a, spectra[before : before + b - a] * mask, tonal[:, channel])
        for a, b, _, spectra in blocks(x, short, tick):
            if _at(known.sung & ~voiced, short, a, b).any():
                add(short, a, spectra * _above(spectra, rest, short), hissing[:, channel])
    tone = _gate(voiced, len(samples), rate)
    hiss = _gate(known.sung & ~voiced, len(samples), rate)
    return np.asarray(tonal * tone[:, None] + hissing * hiss[:, None], dtype=np.float32)


def background(x: Array, grid: Grid, but: Bools, tick: Tick) -> Array:
    """Mean power of each bin of `x` [samples] in all windows `but` some, [bins]."""
    total, windows = np.zeros(len(grid.hertz)), 0
    for a, b, _, spectra in blocks(x, grid, tick):
        out = ~but[a:b]
        total += (np.abs(spectra[out]) ** 2).sum(0)
        windows += int(out.sum())
    return total / max(windows, 1)


def _at(values: NDArray[T], grid: Grid, a: int, b: int) -> NDArray[T]:
    """Of each window from `a` to `b`, the nearest frame's value."""
    place = np.round(np.arange(a, b) * (grid.hop * PER_SECOND / grid.rate)).astype(np.int64)
    return values[np.minimum(place, len(values) - 1)]


def _comb(pitch: Array, spectra: Spectra, before: int, still: Array, grid: Grid) -> Array:
    """How much of each bin is the voice's, [windows, bins]: near a harmonic, above what else there is, and moving."""
    hz = grid.hertz
    safe = np.where(pitch > 0, pitch, 1.0)[:, None]
    far = np.abs(hz - np.maximum(np.round(hz / safe), 1) * safe)
    reach = _WIDE + _WIDER * hz
    teeth = np.where((pitch[:, None] > 0) & (hz < _TOP), np.clip(1.5 - far / reach, 0, 1), 0.0)
    power, moves, _ = (one[before : before + len(pitch)] for one in melody.moving(spectra, grid))
    smooth = np.maximum(gaussian_filter1d(power, 1.5, axis=1), _TINY)
    return np.asarray(teeth * moves * np.clip(1 - _OVER * still / smooth, 0, 1))


def _above(spectra: Spectra, rest: Array, grid: Grid) -> Array:
    power = np.abs(spectra) ** 2
    return np.where(grid.hertz > _CONSONANT, np.clip(1 - rest / np.maximum(power, _TINY), 0, 1), 0.0)


def _gate(on: Bools, samples: int, rate: int) -> Array:
    smooth = gaussian_filter1d(on.astype(np.float64), _EDGE)
    return np.asarray(np.interp(np.arange(samples), centers(0, len(on), rate), smooth))
