"""Continuing recordings to any length: long passages, each left where another place of the catalogue sounds alike.

Places are compared by what is heard around them, for most of a second before and after; where there is a pulse, that
keeps it, since only places in the same beat sound alike all around, and a jump by whole beats is preferred besides.
After Schödl and others, "Video Textures" (2000), with the wave aligned at each join.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from generation.engine import BadRequest
from generation.engines.mosaic import guard, phase
from generation.engines.mosaic.catalogue import Recording
from generation.engines.mosaic.grains import PER_SECOND, Array, Bools, Ints
from generation.engines.mosaic.listening import RATE, Table, bank, spectra
from generation.engines.mosaic.plan import Passage

FADE = 4  # grains in which one passage gives way to the next
_AROUND = (-40, -26, -16, -9, -4, 0, 4, 9, 16, 26, 40)  # grains around a place that tell what it sounds like
_BANDS = 24
_LEAST, _MOST = 2.0, 12.0  # seconds in one piece, where recordings and licenses allow
_SHORTEST = 0.4  # the least that makes sense
_AWAY = 1.0  # seconds that a jump goes at least
_TRIED = 48  # places to leave from that are compared
_AGAIN, _RECENT = 0.3, 8  # dislike of a place for each of so many joins that lately led near it
_OFF_BEAT = 0.5  # dislike of a jump by half a beat
_DICE = 0.15  # what a seed changes, in spreads of the comparison

Tick = Callable[[], None]


@dataclass(frozen=True, eq=False)
class _Places:
    """Every grain of all recordings, one after another. `table` [places, features]; `beat`: grains, 0 without a pulse.

    `left`: grains until nothing more may be taken.
    """

    table: Table
    recording: Ints
    grain: Ints
    left: Ints
    usable: Bools
    beat: float


def decide(recordings: Sequence[Recording], grains: int, most: int, seed: int, tick: Tick) -> list[Passage]:
    """Passages for so many grains, none longer than `most`. Raises BadRequest where that cannot be."""
    places = _places(recordings, tick)
    whole = min(most, int(places.left.max(initial=0))) - FADE
    if whole < _SHORTEST * PER_SECOND:
        raise BadRequest(
            f"the pieces to continue this with may last {max(0, whole) / PER_SECOND:.2f} seconds, by the license or by"
            f" what the recordings hold; {_SHORTEST} are the least"
        )
    least = min(int(_LEAST * PER_SECOND), whole // 2)
    longest = max(least + 1, min(int(_MOST * PER_SECOND), whole))
    if most >= grains + FADE:
        longest = max(longest, min(whole, grains))
    dice = np.random.default_rng(seed)
    now = int(np.flatnonzero(places.left > least + FADE)[0])
    out: list[Passage] = []
    landed: list[int] = []
    start, moved, rising = 0, 0.0, np.zeros(0)
    while True:
        tick()
        room = int(min(longest, places.left[now] - FADE))
        if start + room >= grains:
            out.append(_passage(places, now, moved, (start, grains), (rising, np.zeros(0))))
            return out
        leave, land = _jump(places, now, (least, room), landed, dice)
        landed = [*landed, land][-_RECENT:]
        n = leave - now
        at, likeness = _aligned(recordings, places, leave, land, moved)
        falling, risen = _fades(likeness)
        out.append(_passage(places, now, moved, (start, min(start + n + FADE, grains)), (rising, falling)))
        start, now, moved, rising = start + n, land, at, risen


def _passage(places: _Places, now: int, moved: float, span: tuple[int, int], fades: tuple[Array, Array]) -> Passage:
    """From place `now`, moved by some seconds, for grains `span`; silent where nothing may be taken."""
    first, last = span
    n = last - first
    gain = np.ones(n)
    gain[: len(fades[0])] = fades[0][:n]
    if len(fades[1]):
        gain[n - FADE :] = np.minimum(gain[n - FADE :], fades[1][-min(FADE, n) :])
    good = places.usable[now : now + n]
    good = np.pad(good, (0, n - len(good)))
    parts = np.where(good, np.round(255 * gain**2), 0).astype(int)
    at = max(0.0, int(places.grain[now]) / PER_SECOND + moved)
    return Passage(int(places.recording[now]), 0, first, at, [int(part) for part in parts])


def _fades(likeness: float) -> tuple[Array, Array]:
    """Gains of the leaving and the coming passage: as loud together as one alone, however alike their waves are."""
    up = (np.arange(FADE) + 0.5) / FADE
    whole = np.sqrt((1 - up) ** 2 + up**2 + 2 * max(0.0, likeness) * up * (1 - up))
    return (1 - up) / whole, up / whole


def _aligned(
    recordings: Sequence[Recording], places: _Places, leave: int, land: int, moved: float
) -> tuple[float, float]:
    """By how many seconds the landing is moved so that waves fit, and how well they do."""
    middle = FADE / 2 / PER_SECOND
    on = (int(places.recording[leave]), 0, int(places.grain[leave]) / PER_SECOND + moved + middle)
    new = (int(places.recording[land]), 0, int(places.grain[land]) / PER_SECOND + middle)
    at, likeness = phase.aligned(recordings, on, new)
    return at - new[2], likeness


def _jump(
    places: _Places, now: int, span: tuple[int, int], landed: Sequence[int], dice: np.random.Generator
) -> tuple[int, int]:
    """The place to leave, `span` grains from now, and the place to go on at. Raises BadRequest where there is none."""
    least, most = span
    leaves = now + np.unique(np.linspace(min(least, most), most, _TRIED).astype(np.int64))
    cost = _distances(places.table[leaves], places.table)
    away = np.abs(np.arange(len(places.grain)) - leaves[:, None])
    if places.beat:
        beats = (np.arange(len(places.grain)) - leaves[:, None]) / places.beat
        same = places.recording[leaves][:, None] == places.recording
        cost += _OFF_BEAT * same * (1 - np.cos(2 * np.pi * beats)) / 2
    for place in landed:
        cost += _AGAIN * np.exp(-(((np.arange(len(places.grain)) - place) / PER_SECOND) ** 2))
    cost += _DICE * dice.random(cost.shape)
    cost[:, ~places.usable | (places.left < least + FADE)] = np.inf
    cost[away < min(_AWAY * PER_SECOND, least)] = np.inf
    best = int(np.argmin(cost))
    if not np.isfinite(cost.flat[best]):
        raise BadRequest("these recordings are too short to be continued; give one of some seconds at least")
    return int(leaves[best // cost.shape[1]]), best % cost.shape[1]


def _distances(asked: Table, among: Table) -> Array:
    square = (asked**2).sum(1)[:, None] + (among**2).sum(1)[None]
    return np.asarray(np.sqrt(np.maximum(square - 2 * (asked @ among.T), 0.0)), dtype=np.float64)


def _places(recordings: Sequence[Recording], tick: Tick) -> _Places:
    tables, numbers, grains, lefts, usables, fluxes = [], [], [], [], [], []
    for number, one in enumerate(recordings):
        tick()
        n = one.frames * PER_SECOND // one.rate
        logs = _logs(one, n)
        at = np.arange(n)
        usable = one.usable[np.minimum(at * guard.PER_SECOND // PER_SECOND, len(one.usable) - 1)]
        tables.append(logs)
        numbers.append(np.full(n, number))
        grains.append(at)
        lefts.append(n - at)
        usables.append(usable)
        fluxes.append(np.maximum(0, np.diff(logs, axis=0, prepend=logs[:1])).mean(1))
    spread = np.concatenate(tables).std(0).mean() + 1e-6
    around = [
        np.concatenate([logs[np.clip(np.arange(len(logs)) + k, 0, len(logs) - 1)] for k in _AROUND], axis=1)
        for logs in tables
        if len(logs)
    ]
    table = np.concatenate(around) / np.float32(spread * np.sqrt(len(_AROUND) * _BANDS))
    recording, grain, left, usable = (np.concatenate(x) for x in (numbers, grains, lefts, usables))
    return _Places(table.astype(np.float32), recording, grain, left, usable, _beat(fluxes))


def _logs(one: Recording, n: int) -> Table:
    """[n, _BANDS]: ln of power around each grain's beginning."""
    x, rate = one.ear
    first = (np.arange(n) * rate // PER_SECOND).astype(np.int64) - round(0.0465 * rate)
    wide = bank(rate, 0, min(RATE, rate) / 2)
    power = np.empty((n, _BANDS), np.float32)
    for a in range(0, n, 1024):
        fine = spectra(x, rate, first[a : a + 1024]) @ wide.T
        power[a : a + 1024] = np.add.reduceat(fine, np.arange(_BANDS) * fine.shape[1] // _BANDS, axis=1)
    return np.asarray(np.log(power + max(1e-12, float(power.max(initial=0)) * 1e-6)), dtype=np.float32)


def _beat(fluxes: Sequence[Array]) -> float:
    """Grains from beat to beat, of 0.25 to 2 seconds, where onsets come regularly; 0 where they do not."""
    low, high = PER_SECOND // 4, 2 * PER_SECOND
    longest = max(fluxes, key=len)
    if len(longest) < 4 * high:
        return 0.0
    x = longest - longest.mean()
    size = 1 << (2 * len(x) - 1).bit_length()
    lag = np.fft.irfft(np.abs(np.fft.rfft(x, size)) ** 2, size)[: high + 2]
    lag = lag / (lag[0] + 1e-12)
    best = low + int(np.argmax(lag[low : high + 1]))
    if lag[best] < 0.2:
        return 0.0
    a, b, c = lag[best - 1], lag[best], lag[best + 1]
    return float(best + 0.5 * (a - c) / min(a - 2 * b + c, -1e-9))
