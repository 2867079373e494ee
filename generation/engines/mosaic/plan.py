"""Deciding a mosaic: of which passages of a catalogue each grain of the source is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from generation.engines.mosaic import phase, search
from generation.engines.mosaic.grains import PER_SECOND, Bools, Ints
from generation.engines.mosaic.ground import Ground, Rows
from generation.engines.mosaic.listening import WINDOW, Table, heard, ratio, spectra
from generation.engines.mosaic.maps import JOINED

_LIKE, _MISSED, _STARTING = 24, 16, 24  # candidates by likeness, for what those miss, and attacks
_GOES_ON, _GOES_ON_SHARP, _ATTACK, _AGAIN = 8.0, 0.1, 4.0, 0.5  # how much each is preferred
_UNASKED = 0.02  # the same, of a passage in which a sound begins where none does in the source
_RECENT, _NEAR = 6, 0.15  # grains and seconds within which the same place counts as taken again
_FAR = 0.3  # seconds from where a passage that must end would have gone on
_DICE = (0.9, 1.1)  # what a seed changes
_LEAST = 3  # of 255 parts of the energy, below which a passage is not worth it
_BLOCK = 256  # grains that are compared at a time

Tick = Callable[[], None]


@dataclass(eq=False)
class Passage:
    """`at`: seconds of the recording; `parts`: of each grain's energy, 0 to 255."""

    recording: int
    shift: int
    first: int
    at: float
    parts: list[int] = field(default_factory=list)
    before: int = 0  # grains of the passages that it goes on with

    @property
    def run(self) -> int:
        """Grains in order so far."""
        return self.before + len(self.parts)

    @property
    def next(self) -> float:
        """Where it goes on."""
        return self.at + len(self.parts) * ratio(self.shift) / PER_SECOND


@dataclass(frozen=True, eq=False)
class Source:
    """What is to be rebuilt: samples as they are listened to, boundaries in them, what sounds and begins sharply."""

    x: Table
    rate: int
    bounds: Ints
    sounds: Bools
    sharp: Bools


@dataclass(frozen=True)
class Rules:
    """How many passages may sound at once, how many grains one may last, and the seed."""

    voices: int
    most: int
    seed: int


def decide(source: Source, ground: Ground, rules: Rules, tick: Tick) -> list[Passage]:
    """In the order in which they begin."""
    dice = np.random.default_rng(rules.seed)
    walk = _Walk(ground, rules)
    grains = np.flatnonzero(source.sounds)
    first = windows(source)
    for a in range(0, len(grains), _BLOCK):
        tick()
        some = grains[a : a + _BLOCK]
        wanted = search.unit(heard(spectra(source.x, source.rate, first[some]), source.rate, 0, ground.top))
        like = search.alike(wanted, ground.rows.table, _LIKE)
        missed = search.alike(search.unit(search.residual(wanted, ground.rows.table, like)), ground.rows.table, _MISSED)
        starting = search.alike(wanted[source.sharp[some]], ground.attacks.table, _STARTING)
        places = iter(starting)
        for i, grain in enumerate(some):
            rows = np.unique(np.concatenate([like[i], missed[i]]))
            attacks = next(places) if source.sharp[grain] else None
            walk.step(int(grain), wanted[i], rows, attacks, dice)
    return walk.done


def windows(source: Source) -> Ints:
    """[grains]: where to listen for each, around its middle, but not across a sharp boundary if that can be."""
    size = round(WINDOW * source.rate)
    middle = (source.bounds[1:] + source.bounds[:-1]) // 2
    sharp = np.concatenate([[-(10**9)], source.bounds[:-1][source.sharp], [10**9]])
    before = sharp[np.searchsorted(sharp, middle, side="right") - 1]
    after = sharp[np.searchsorted(sharp, middle, side="right")]
    first = np.minimum(middle - size // 2, after - size)
    return np.asarray(np.maximum(first, before))


class _Walk:
    """From grain to grain: what sounds now, and what has been used a moment ago."""

    def __init__(self, ground: Ground, rules: Rules) -> None:
        self.done: list[Passage] = []
        self._ground, self._rules = ground, rules
        self._now: list[Passage] = []
        self._grain = -1
        self._recent: list[tuple[int, int, int, float]] = []  # grain, recording, shift, at

    def step(self, grain: int, wanted: Table, rows: Ints, attacks: Ints | None, dice: np.random.Generator) -> None:
        """Choose for one grain. `rows`, `attacks`: candidates; there are attacks where it begins sharply."""
        if grain != self._grain + 1:
            self._now = []
        self._grain = grain
        self._recent = [one for one in self._recent if one[0] > grain - _RECENT]
        going, tables, bonus = self._going(attacks is None)
        places: list[tuple[Rows, int]] = []
        for those, chosen, likes in ((self._ground.rows, rows, 1.0), (self._ground.attacks, attacks, _ATTACK)):
            chosen = self._allowed(those, chosen)
            if not len(chosen):
                continue
            tables.append(those.table[chosen])
            bonus.append(self._liked(those, chosen, likes) * dice.uniform(*_DICE, len(chosen)).astype(np.float32))
            places += [(those, int(row)) for row in chosen]
        if not tables:
            self._now = []
            return
        best, energy = search.sparse(wanted, np.concatenate(tables), np.concatenate(bonus), self._rules.voices)
        parts = np.round(255 * energy / max(float(energy.max()), 1e-12)).astype(int)
        now = []
        for which, part in zip(best, parts, strict=True):
            if part < _LEAST:
                continue
            if which < len(going):
                one = going[which]
            else:
                one = self._begun(grain, *places[which - len(going)], smooth=attacks is None)
            one.parts.append(int(part))
            now.append(one)
            self._recent.append((grain, one.recording, one.shift, one.next))
        self._now = now

    def _going(self, smooth: bool) -> tuple[list[Passage], list[Table], list[Table]]:
        """The passages that can go on, what they would sound like, and how much that is preferred."""
        heard = [(one, self._ground.heard(one.recording, one.shift, one.next)) for one in self._now]
        on = [(one, row) for one, row in heard if row is not None and one.run < self._rules.most]
        if not on:
            return [], [], []
        bonus = np.array([self._lasting(one, smooth) for one, _ in on], np.float32)
        return [one for one, _ in on], [np.stack([row for _, row in on])], [bonus]

    def _lasting(self, one: Passage, smooth: bool) -> float:
        if not smooth:
            return _GOES_ON_SHARP
        return _UNASKED if self._ground.begins(one.recording, one.shift, one.next) else _GOES_ON

    def _begun(self, grain: int, those: Rows, row: int, *, smooth: bool) -> Passage:
        recording, shift, at = int(those.recording[row]), int(those.shift[row]), float(those.at[row])
        if smooth and self._now:
            loudest = max(self._now, key=lambda one: one.parts[-1])
            going = (loudest.recording, loudest.shift, loudest.next)
            at, _ = phase.aligned(self._ground.recordings, going, (recording, shift, at))
        before = [
            one.run
            for one in self._now
            if (one.recording, one.shift) == (recording, shift) and abs(at - one.next) < JOINED and one.first < grain
        ]
        one = Passage(recording, shift, grain, at, before=max(before, default=0))
        self.done.append(one)
        return one

    def _liked(self, those: Rows, chosen: Ints, likes: float) -> Table:
        """How much candidates are preferred: less what was used lately."""
        out = np.full(len(chosen), likes, np.float32)
        recording, shift, at = those.recording[chosen], those.shift[chosen], those.at[chosen]
        if self._recent:
            _, used, moved, place = (np.array(column) for column in zip(*self._recent, strict=True))
            again = (recording[:, None] == used) & (shift[:, None] == moved) & (np.abs(at[:, None] - place) < _NEAR)
            out *= np.float32(_AGAIN) ** again.sum(1)
        return out

    def _allowed(self, those: Rows, chosen: Ints | None) -> Ints:
        """Those that do not go on where a passage has become as long as it may."""
        if chosen is None:
            return np.zeros(0, np.int64)
        good = np.ones(len(chosen), np.bool_)
        for one in self._now:
            if one.run >= self._rules.most:
                near = np.abs(those.at[chosen] - one.next) < _FAR
                good &= (those.recording[chosen] != one.recording) | ~near
        return chosen[good]
