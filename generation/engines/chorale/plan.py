"""Deciding a work: whose frames stand behind each of the fan's, which pitch is wanted, where sounds begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.hearing.envelope import BAND_HZ
from core.hearing.features import FINEST, Codes, Features
from core.hearing.frames import Bools, Ints, Samples, Tick
from core.media import Sound
from generation.engine import BadRequest
from generation.engines.chorale import change, contour, intonation, passages, search, sections
from generation.engines.chorale import shares as sharing
from generation.engines.chorale.align import Alignment, align
from generation.engines.chorale.gains import parts
from generation.engines.chorale.maps import OFFSET_STEPS, ONSET_SECONDS, Header, Map, MappedAsset, Singer
from generation.engines.chorale.params import ChoraleParams, Setting, setting_of
from generation.engines.chorale.pool import Pool, pool_of, reach_of
from generation.engines.chorale.voice import Recording

_LEAST_ROWS = 200  # two seconds of an artist's sound
_BLOCK, _PIECE = 1 << 20, 1 << 12  # samples, and steps of 2.5 ms, looked at in one go
_RISE, _AUDIBLE = 12.0, -30.0  # dB: how much louder an onset is than what is before it, and how loud at least


@dataclass(frozen=True, eq=False)
class Wish:
    """One rendering: the part of the source, what is known of it, and who sings where with which weight.

    `voice`: the part's samples, or the voice that was found in it; `sung` [frames], `allowed` [voices, frames].
    """

    source: Sound
    start: int
    voice: Samples
    features: Features
    sung: Bools
    allowed: NDArray[np.bool_]
    voices: tuple[tuple[Recording, ...], ...]
    weights: tuple[int, ...]
    params: ChoraleParams
    seed: int


@dataclass(frozen=True, eq=False)
class _Fit:
    """One artist's part: rows of all usable frames of `recordings`, [kept frames, k]."""

    recordings: tuple[Recording, ...]
    near: Ints
    offsets: NDArray[np.int16]
    warp: int
    top: int
    reach: int
    pitch: Codes

    @property
    def spoken(self) -> list[intonation.Spoken]:
        """Of each recording, what may be learned from of its pitch."""
        return [(np.where(o.usable, o.features.pitch, 0).astype(np.uint16), o.features.level) for o in self.recordings]


def decide(wish: Wish, max_copy: float, tick: Tick) -> Map:
    """Everything about the work. Raises BadRequest where fan or artist give too little."""
    features, setting = wish.features, setting_of(wish.params.identity)
    fan = pool_of([features])
    if not len(fan.rows):
        raise BadRequest("nothing sounds in this recording; bring one with a voice in it")
    kept = parts(features.level, features.voiced) > 0
    most = int(max_copy * len(features))
    if most < 1:
        raise BadRequest("the license allows no passage of even 10 ms; ask for one that does")
    heard = sections.mine(sections.parts(wish.allowed), kept)
    there = [number for number, mine in enumerate(heard) if mine.any()]
    limits, voices = (wish.seed, most), [wish.voices[number] for number in there]
    fits = [_fit(fan, voices[i], heard[number], setting, limits, tick) for i, number in enumerate(there)]
    weights, allowed = tuple(wish.weights[number] for number in there), wish.allowed[there]
    wanted = _duet(features, fits, weights, allowed, wish.params)
    onsets = _onsets(wish.voice, wish.source.rate)
    singers, nears = zip(*(_singer(weight, fit) for weight, fit in zip(weights, fits, strict=True)), strict=True)
    header = Header(
        source=wish.source.sha256,
        rate=wish.source.rate,
        start=wish.start,
        samples=len(wish.voice),
        seed=wish.seed,
        strength=round(1000 * setting.strength),
        breath=round(100 * wish.params.breath),
        sign=_sign(wish.voice),
        kept=int(kept.sum()),
        onsets=len(onsets),
        whole_song=wish.params.whole_song,
        sections=not bool(allowed.all()),
        singers=list(singers),
    )
    offsets = tuple(fit.offsets for fit in fits)
    return _told(Map(header, features.pitch, wanted, kept, onsets, nears, offsets, wish.sung, allowed))


def _told(map: Map) -> Map:
    """The map with its shares in it."""
    shares = {one.asset: one.share for one in sharing.counted(map)}
    singers = [
        one.model_copy(update={"assets": [a.model_copy(update={"share": shares[a.id]}) for a in one.assets]})
        for one in map.header.singers
    ]
    return replace(map, header=map.header.model_copy(update={"singers": singers}))


def _fit(
    fan: Pool, recordings: Sequence[Recording], kept: Bools, setting: Setting, limits: tuple[int, int], tick: Tick
) -> _Fit:
    """`limits`: the seed, and how many frames a passage may have."""
    seed, most = limits
    good = tuple(one for one in recordings if one.usable.any())
    artist = pool_of([one.features for one in good], [one.usable for one in good])
    if len(artist.rows) < _LEAST_ROWS:
        raise BadRequest("the artist's recordings hold under two seconds of voice; a minute is a good beginning")
    found = align(fan, artist, setting.rounds, seed, tick)
    near = _nearest(found, kept, setting.k, np.cumsum([one.usable.sum() for one in good]), most, tick)
    top = int(min(fan.top, artist.top))
    target = change.shapes(artist.envelope[artist.rows], top)
    base = change.shapes(fan.envelope, top, found.warp)
    sung = replace(fan, rows=fan.rows[kept[fan.rows]])
    offsets = change.offsets(change.moved(near, kept, base, target, setting.strength), sung, artist, target)
    tick()
    reach = int(min(reach_of(fan, BAND_HZ), reach_of(artist, BAND_HZ)))
    steps = np.clip(np.round(offsets * OFFSET_STEPS), -32768, 32767).astype(np.int16)
    return _Fit(good, near, steps, round(100 * found.warp), top, reach, artist.pitch[artist.rows])


def _nearest(found: Alignment, kept: Bools, k: int, ends: Ints, most: int, tick: Tick) -> Ints:
    """Ascending rows behind each kept frame, in passages of `most` frames at most."""
    k = min(k, len(found.among))
    near = search.nearest(found.asked[kept], found.among, k, tick)[0]
    if passages.longest(near, kept, ends) > most:
        wide = search.nearest(found.asked[kept], found.among, min(4 * k, len(found.among)), tick)[0]
        near = passages.broken(wide, k, kept, ends, most)
        if passages.longest(near, kept, ends) > most:
            raise BadRequest(
                f"the license allows passages of {10 * most} ms, and the artist's recordings are too few to keep to it"
            )
    return np.sort(near, axis=1)


def _counts(fit: _Fit) -> list[int]:
    """How many lookups each recording answered."""
    ends = np.cumsum([one.usable.sum() for one in fit.recordings])
    owner = np.searchsorted(ends, fit.near.ravel(), side="right")
    return [int(n) for n in np.bincount(owner, minlength=len(fit.recordings))]


def _singer(weight: int, fit: _Fit) -> tuple[Singer, Ints]:
    """Only recordings that are drawn from are named; rows are counted among those."""
    counts = _counts(fit)
    rows = np.array([int(one.usable.sum()) for one in fit.recordings])
    starts = np.cumsum(rows) - rows
    used = np.array(counts) > 0
    moved = starts - np.cumsum(np.where(used, 0, rows))  # a used one's start once the unused are gone
    owner = np.searchsorted(np.cumsum(rows), fit.near, side="right")
    near = fit.near - starts[owner] + moved[owner]
    assets = [
        MappedAsset(id=one.id, sha256=one.sha256, rows=int(n), share=0)
        for one, n, is_used in zip(fit.recordings, rows, used, strict=True)
        if is_used
    ]
    return Singer(
        weight=weight, warp=fit.warp, k=fit.near.shape[1], top=fit.top, reach=fit.reach, assets=assets
    ), np.asarray(near)


def _duet(
    features: Features,
    fits: Sequence[_Fit],
    weights: Sequence[int],
    allowed: NDArray[np.bool_],
    params: ChoraleParams,
) -> Codes:
    """The wanted pitch, in each section that of those who sing there."""
    out = np.zeros_like(features.pitch)
    kinds, which = sections.patterns(allowed.astype(np.int64))
    for number, kind in enumerate(kinds.T):
        who = np.flatnonzero(kind).tolist()
        wanted = _wanted(features, [fits[one] for one in who], [weights[one] for one in who], params)
        out[which == number] = wanted[which == number]
    return out


def _wanted(features: Features, fits: Sequence[_Fit], weights: Sequence[int], params: ChoraleParams) -> Codes:
    codes, melody = features.pitch, setting_of(params.identity).melody
    if params.transpose == "keep" or params.whole_song:
        return codes
    if params.transpose == "semitones":
        return contour.shifted(codes, params.semitones * FINEST // 12)
    song = params.delivery == "song" or (params.delivery == "auto" and contour.sings(codes))
    if song:
        heaviest = fits[int(np.argmax(weights))].pitch  # half an octave is no key: the main artist says which
        return contour.shifted(codes, FINEST * contour.octaves(codes, heaviest))
    each = [intonation.spoken((codes, features.level), fit.spoken, melody).astype(np.float64) for fit in fits]
    mean = np.average(each, axis=0, weights=weights)
    return np.where(codes > 0, np.maximum(np.round(mean), 1), 0).astype(np.uint16)


def _sign(x: Samples) -> Literal[-1, 1]:
    """Which way the peaks of a voice point."""
    cubes = sum(float((x[a : a + _BLOCK].mean(1, dtype=np.float64) ** 3).sum()) for a in range(0, len(x), _BLOCK))
    return -1 if cubes < 0 else 1


def _onsets(x: Samples, rate: int) -> Ints:
    """Where a sound begins abruptly, in steps of 2.5 ms."""
    hop = ONSET_SECONDS * rate
    edges = np.round(np.arange(int(len(x) / hop) + 1) * hop).astype(np.int64)
    if len(edges) < 10:
        return np.zeros(0, np.int64)
    power = np.empty(len(edges) - 1)
    for a in range(0, len(power), _PIECE):
        some = edges[a : a + _PIECE + 1]
        part = np.square(x[some[0] : some[-1]].mean(1, dtype=np.float64))
        power[a : a + _PIECE] = np.add.reduceat(part, some[:-1] - some[0])
    level = 10 * np.log10(power / np.diff(edges) + 1e-12)
    level -= np.percentile(level, 95)
    before = np.maximum.reduce([np.roll(level, back) for back in range(3, 9)])
    rises = (level - before > _RISE) & (level > _AUDIBLE)
    rises[:9] = False
    at = np.flatnonzero(rises)
    return at[np.r_[True, np.diff(at) > 12]] if len(at) else at
