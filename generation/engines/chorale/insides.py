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
from generation.engines.chorale import activity, backing, melody
from generation.engines.chorale.spectra import Grid, Spectra, add, blocks, grid_of

T = TypeVar("T", bound=np.generic)

_WIDE, _WIDER = 15.0, 0.004  # Hz, and part of the frequency: how far a tooth reaches
_OVER, _TINY = 2.0, 1e-12  # times its mean power, that the rest of a song may have
_TOP = 12000.0  # Hz, beyond which harmonics are not sought
_SHORT = 0.0232  # seconds of the windows that take consonants out
_CONSONANT = 2500.0  # Hz, above which they are taken
_BURST, _AROUND = 4.0, 51  # times the power about it, of how many frames
_HARDLY_EVER = 0.99  # of the frames in which nobody sings, that hiss less: plucked strings hiss too
_EDGE = 1.0  # frames over which voice and consonants turn into one another


@dataclass(frozen=True, eq=False)
class Found:
    """What is known of the voice in a mix, for each 10 ms. `pitch` is 0 where nobody sings and in consonants."""

    pitch: Codes
    sung: Bools


def found(samples: Samples, rate: int, tick: Tick) -> tuple[Found, bool]:
    """Look for the voice in a mix, [samples, channels]; and whether it is sure that there is one, and when."""
    x = samples.mean(1, dtype=np.float64)
    grid, frames = grid_of(rate), count(len(x), rate)
    heard = melody.heard(x, grid, tick)
    at = grid.at(frames, len(heard.pitch))
    on, sure = activity.sung(heard)
    sung = on[at]
    pitch = melody.sung(x, grid, backing.learned(x, grid, on, tick), on, tick)
    voiced = sung & ~_bursts(x, rate, sung)
    return Found(np.where(voiced, code_of(pitch[at]), 0).astype(np.uint16), sung), sure


def _bursts(x: Array, rate: int, sung: Bools) -> Bools:
    """For each 10 ms whether it hisses far above what is about it, and as the backing alone hardly ever does."""
    hop = rate / PER_SECOND
    size, out = 1 << round(np.log2(2 * hop)), []
    hz = np.fft.rfftfreq(size, 1 / rate)
    frames = count(len(x), rate)
    for a in range(0, frames, 1024):
        pieces = cut(x, centers(a, min(a + 1024, frames), rate), size)
        power = np.abs(np.fft.rfft(pieces * np.hanning(size))) ** 2
        out.append(power[:, (hz > 4000) & (hz < 11000)].sum(1))
    hiss = np.concatenate(out)
    backing_alone = np.quantile(hiss[~sung], _HARDLY_EVER) if not sung.all() else 0.0
    return np.asarray(sung & (hiss > _BURST * median_filter(hiss, _AROUND) + 1e-6) & (hiss > backing_alone))


@dataclass(frozen=True, eq=False)
class Taken:
    """The voice out of a mix. `voice` float32 [samples, channels]; `heard` [samples, 1]: what tells how it sounds.

    Where the backing is loud `voice` has gaps, which would be heard as a dull voice; `heard` has backing in it instead.
    """

    voice: Samples
    heard: Samples


def taken(samples: Samples, rate: int, known: Found, tick: Tick) -> Taken:
    """The voice out of a mix, [samples, channels]: silence where nobody sings."""
    voiced, hissing = known.pitch > 0, known.sung & (known.pitch == 0)
    voice, heard = _tones(samples, rate, known, tick)
    tone, hiss = _gate(voiced, len(samples), rate), _gate(hissing, len(samples), rate)
    voice *= tone[:, None]
    heard *= tone[:, None]
    consonants = _consonants(samples, rate, hissing, tick)
    consonants *= hiss[:, None]
    voice += consonants
    heard += consonants.mean(1, keepdims=True)
    return Taken(voice, heard)


def _tones(samples: Samples, rate: int, known: Found, tick: Tick) -> tuple[Samples, Samples]:
    """What has a pitch, by the mask; and the middle of it with all that lies on harmonics."""
    grid, hz, channels = grid_of(rate), hertz_of(known.pitch), samples.shape[1]
    voice, heard = np.zeros(samples.shape, np.float32), np.zeros((len(samples), 1), np.float32)
    middle = samples.mean(1, dtype=np.float64)
    behind = backing.learned(middle, grid, _at(known.sung, grid, 0, grid.windows(len(middle))), tick)
    sides = [blocks(samples[:, c], grid, tick, context=melody.CONTEXT) for c in range(channels)]
    for pieces in zip(*sides, strict=True):
        a, b, before, _ = pieces[0]
        own = slice(before, before + b - a)
        spectra = [one[3] for one in pieces]
        both, pitch = np.mean(spectra, axis=0), _at(hz, grid, a, b)
        if not (pitch > 0).any():
            continue
        teeth = _comb(pitch, grid)
        mask = teeth * _above_backing(both, own, pitch > 0, behind)
        for c in range(channels):
            add(grid, a, spectra[c][own] * mask, voice[:, c])
        add(grid, a, both[own] * teeth, heard[:, 0])
    return voice, heard


def _consonants(samples: Samples, rate: int, hissing: Bools, tick: Tick) -> Samples:
    """What hisses above what else there is, by shorter windows."""
    grid, out = grid_of(rate, _SHORT), np.zeros(samples.shape, np.float32)
    on = _at(hissing, grid, 0, grid.windows(len(samples)))
    rest = background(samples.mean(1, dtype=np.float64), grid, on, tick)
    for c in range(samples.shape[1]):
        for a, b, _, spectra in blocks(samples[:, c], grid, tick):
            if on[a:b].any():
                add(grid, a, spectra * _above(spectra, rest, grid), out[:, c])
    return out


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


def _comb(pitch: Array, grid: Grid) -> Array:
    """How near each bin is to a harmonic, [windows, bins]."""
    hz = grid.hertz
    safe = np.where(pitch > 0, pitch, 1.0)[:, None]
    far = np.abs(hz - np.maximum(np.round(hz / safe), 1) * safe)
    reach = _WIDE + _WIDER * hz
    return np.where((pitch[:, None] > 0) & (hz < _TOP), np.clip(1.5 - far / reach, 0, 1), 0.0)


def _above_backing(spectra: Spectra, own: slice, voiced: Bools, behind: backing.Backing) -> Array:
    """How much of each bin of the windows `own` is above what else there is, and moves."""
    power, moves, _ = melody.moving(spectra, behind.grid)
    power, moves = power[own], moves[own]
    below = _OVER * behind.behind(spectra[own], voiced)
    return np.asarray(moves * np.clip(1 - below / np.maximum(backing.blurred(power), _TINY), 0, 1))


def _above(spectra: Spectra, rest: Array, grid: Grid) -> Array:
    power = np.abs(spectra) ** 2
    return np.where(grid.hertz > _CONSONANT, np.clip(1 - rest / np.maximum(power, _TINY), 0, 1), 0.0)


def _gate(on: Bools, samples: int, rate: int) -> Array:
    smooth = gaussian_filter1d(on.astype(np.float64), _EDGE)
    return np.asarray(np.interp(np.arange(samples), centers(0, len(on), rate), smooth))
