"""The melody within a mix, and what tells whether it is sung.

Tones that stand still are an instrument's: a voice glides, trembles and breathes (after Tachibana and others, "Melody
line estimation in homophonic music audio signals based on temporal-variability of melodic source", 2010). What is left
without them is summed over harmonics, less what lies between (Hermes 1988), and the cheapest path is the melody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d

from core.hearing.envelope import hertz, mel
from core.hearing.frames import Array, Bools, Ints, Tick
from generation.engines.chorale.backing import Backing, blurred
from generation.engines.chorale.spectra import Grid, Spectra, blocks

LOWEST, HIGHEST = 80.0, 1000.0  # Hz
_STEPS = 60  # pitches in an octave
PITCHES: Array = LOWEST * np.exp2(np.arange(int(_STEPS * np.log2(HIGHEST / LOWEST)) + 1) / _STEPS)
_HARMONICS, _FALL, _BETWEEN = 10, 0.86, 0.5  # how many, what each counts against the one before, and what lies between
_STILL, _MOVING = 0.0008, 0.0024  # of its frequency: how far a tone moves within 90 ms
_FAINTEST = 0.1  # what is left of a tone that stands still
_BODY = (150.0, 4000.0)  # Hz
_UPPER = 600.0  # Hz, from which on tones that stand still tell of instruments
_HISS = (5000.0, 12000.0)
_SHAPE, _SHAPE_TOP = 24, 12000.0  # bands that describe a moment, up to Hz
_FAR, _STEP_COST = 12, 0.04  # steps of pitch from one window to the next, and what each costs
CONTEXT = 4  # windows before and after that tell how a tone moves
_CALM = 5.0  # cents within which a pitch stands still
_LEAST, _TINY = 1e-5, 1e-12
_OVER = 2.0  # times its mean power, that the rest of a song may have


@dataclass(frozen=True, eq=False)
class Heard:
    """What is heard in each window of a mix.

    `pitch`: Hz, of the melody, sung or not. `clues` [windows, 5]: how clear it is, how loud what moves is, how loud
    hiss is, how little the pitch stands still, how little the tones do. `shape` [windows, bands]: ln of power.
    """

    pitch: Array
    clues: Array
    shape: Array


def heard(x: Array, grid: Grid, tick: Tick) -> Heard:
    """Listen to the middle of a mix, `x` [samples]."""
    windows = grid.windows(len(x))
    clear = np.zeros((windows, len(PITCHES)), np.float32)
    clues, shapes = np.zeros((windows, 5)), np.zeros((windows, 2 * _SHAPE))
    for a, b, before, spectra in blocks(x, grid, tick, context=CONTEXT):
        power, moves, still = moving(spectra, grid)
        own = slice(before, before + b - a)
        clear[a:b] = _clearness(np.sqrt(np.sqrt(power[own]) * moves[own]), grid)
        some = power[own], moves[own], still[own]
        clues[a:b, 1], clues[a:b, 2], clues[a:b, 4] = _levels(*some, grid)
        shapes[a:b] = np.concatenate([_shape(some[0], grid), _shape(some[0] * some[1] ** 2, grid)], 1)
    clear /= max(float(np.percentile(clear.max(1), 90)), 1e-9)
    path = _path(clear, tick)
    pitch = _refined(clear, path)
    clues[:, 0] = clear[np.arange(windows), path]
    cents = np.abs(np.diff(1200 * np.log2(pitch), prepend=np.log2(pitch[0]) * 1200))
    clues[:, 3] = cents > _CALM
    return Heard(pitch, clues, shapes)


def sung(x: Array, grid: Grid, behind: Backing, on: Bools, tick: Tick) -> Array:
    """Hz of the melody in each window, looked for again in what is above the backing where it is sung (`on`)."""
    clear = np.zeros((grid.windows(len(x)), len(PITCHES)), np.float32)
    for a, b, before, spectra in blocks(x, grid, tick, context=CONTEXT):
        own = slice(before, before + b - a)
        power, moves, _ = moving(spectra, grid)
        power, moves = power[own], moves[own]
        below = _OVER * behind.behind(spectra[own], on[a:b])
        left = np.clip(1 - below / np.maximum(blurred(power), _TINY), _FAINTEST / 5, 1)
        clear[a:b] = _clearness(np.sqrt(np.sqrt(power) * moves * left), grid)
    clear /= max(float(np.percentile(clear.max(1), 90)), 1e-9)
    return _refined(clear, _path(clear, tick))


def moving(spectra: Spectra, grid: Grid) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Power; what is left of each bin once tones that stand still are taken out, 0.1 to 1; where such tones peak."""
    power = np.abs(spectra) ** 2
    turn = np.diff(np.angle(spectra), axis=0, prepend=np.angle(spectra[:1]))
    expected = 2 * np.pi * grid.hop / grid.size * np.arange(power.shape[1])
    away = (turn - expected + np.pi) % (2 * np.pi) - np.pi
    tone = grid.hertz + away * grid.rate / (2 * np.pi * grid.hop)
    moved = np.zeros_like(tone)
    for step in (2, 4):
        far = np.abs(tone[step:] - tone[:-step])
        moved[step:] += far / 4
        moved[:-step] += far / 4
    moved /= np.maximum(tone, 50.0)
    peak = np.zeros(power.shape, np.bool_)
    peak[:, 1:-1] = (power[:, 1:-1] > power[:, :-2]) & (power[:, 1:-1] >= power[:, 2:])
    part = np.where(peak, np.clip((moved - _STILL) / (_MOVING - _STILL), 0, 1), 1.0)
    left = np.maximum(minimum_filter1d(part, 5, axis=1), _FAINTEST)
    return power, left, peak & (moved < (_STILL + _MOVING) / 2 * 0.75)


def _clearness(root: Array, grid: Grid) -> Array:
    """How much of `root` [windows, bins], the root of the magnitude, lies on harmonics of each of PITCHES."""
    total, out = 0.0, np.zeros((len(root), len(PITCHES)))
    for number in range(1, _HARMONICS + 1):
        weight = _FALL ** (number - 1)
        out += weight * (
            _sampled(root, number * PITCHES, grid) - _BETWEEN * _sampled(root, (number - 0.5) * PITCHES, grid)
        )
        total += weight
    return out / total


def _sampled(table: Array, hz: Array, grid: Grid) -> Array:
    place = np.minimum(hz * grid.size / grid.rate, table.shape[1] - 1.001)
    low = place.astype(np.int64)
    part = place - low
    return np.asarray(table[:, low] * (1 - part) + table[:, low + 1] * part)


def _levels(power: Array, moving: Array, still: NDArray[np.bool_], grid: Grid) -> tuple[Array, Array, Array]:
    """ln of the power of what moves, and of hiss; less the part that tones which stand still have of the upper body."""
    hz = grid.hertz
    body, hiss = (hz >= _BODY[0]) & (hz < _BODY[1]), (hz >= _HISS[0]) & (hz < _HISS[1])
    upper = body & (hz >= _UPPER)
    moves = np.log((power[:, body] * moving[:, body] ** 2).sum(1) + _LEAST)
    part = (power * still)[:, upper].sum(1) / (power[:, upper].sum(1) + _LEAST)
    return moves, np.log(power[:, hiss].sum(1) + _LEAST), -part


def _shape(power: Array, grid: Grid) -> Array:
    top = min(_SHAPE_TOP, grid.rate / 2)
    edges = hertz(np.linspace(float(mel(100.0)), float(mel(top)), _SHAPE + 1)) * grid.size / grid.rate
    whole = np.maximum.accumulate(edges.astype(np.int64) + np.arange(_SHAPE + 1) * 0)
    whole = np.maximum(whole, whole[0] + np.arange(_SHAPE + 1))  # each band has a bin of its own
    total = np.cumsum(power, 1)
    last = total.shape[1] - 1
    return np.log(total[:, np.minimum(whole[1:], last)] - total[:, np.minimum(whole[:-1], last)] + _LEAST)


def _path(clear: NDArray[np.float32], tick: Tick) -> Ints:
    """The row of PITCHES in each window: clear ones, by small steps (Viterbi)."""
    windows, count = clear.shape
    cost = (_STEP_COST * np.abs(np.arange(-_FAR, _FAR + 1))).astype(np.float32)
    leap = np.float32(1.5 * _FAR * _STEP_COST)
    back, every = np.zeros((windows, count), np.int16), np.arange(count)
    total = clear[0].copy()
    for t in range(1, windows):
        if t % 1024 == 0:
            tick()
        near = np.lib.stride_tricks.sliding_window_view(np.pad(total, _FAR, constant_values=-1e9), 2 * _FAR + 1) - cost
        came = near.argmax(1)
        best, came = near[every, came], every + came - _FAR
        top = int(total.argmax())
        far = total[top] - leap > best
        best[far], came[far] = total[top] - leap, top
        total, back[t] = best + clear[t], came
    path = np.zeros(windows, np.int64)
    path[-1] = total.argmax()
    for t in range(windows - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path


def _refined(clear: NDArray[np.float32], path: Ints) -> Array:
    """Hz: between the rows of PITCHES, by a parabola."""
    rows, middle = np.arange(len(path)), np.clip(path, 1, len(PITCHES) - 2)
    before, at, after = (clear[rows, middle + step].astype(np.float64) for step in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = np.where(bend < -1e-9, 0.5 * (before - after) / np.where(bend < -1e-9, bend, -1.0), 0.0)
    return np.asarray(PITCHES[middle] * np.exp2(np.clip(shift, -0.5, 0.5) / _STEPS))
