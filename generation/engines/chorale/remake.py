"""Making a work from its map: the one way in which samples come about, for a rendering as for a replay of it.

Nothing is searched here and no sum depends on how many threads there are, so one build of numpy and scipy gives the
same samples, and another differs by a step of 24 bits at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from core.hearing.features import Codes, Features, Table, analyze
from core.hearing.frames import Array, Bools, Samples, Tick
from core.media import Sound
from generation.engine import BadRequest
from generation.engines.chorale import breath, change, gains, insides, psola, sections
from generation.engines.chorale.maps import OFFSET_STEPS, ONSET_SECONDS, Map, Singer
from generation.engines.chorale.voice import Recording, Voice

STEP = 2.0**-23  # of a sample: 24 bits
SILENCE = -120.0  # dB, where nobody sings
_LOUDER = np.float32(9 * np.log(10) / 10)  # inside a mix, where what is not the voice's would get louder with it
_PEAK = 0.99
_OFFSET = 2.0**-10  # of full scale: what is less is not heard
_AHEAD = 0.005  # seconds in which a limiter closes and opens
_BLOCK = 1 << 20  # samples

Known = tuple[Samples, Features]  # a voice, and what is known of it


def part_of(map: Map, source: Sound | None) -> Sound:
    """What of the source the work is of. Raises BadRequest for another source, or none."""
    header = map.header
    if source is None:
        raise BadRequest("the map filters the recording that it was made from; give that file too")
    if source.sha256 != header.source or source.rate != header.rate:
        raise BadRequest("this is not the recording that the map was made from; give the same file")
    if header.start + header.samples > len(source.samples):
        raise BadRequest("the map is of a later part than its recording has; it is broken")
    return cut(source, header.start, header.samples)


def cut(source: Sound, start: int, samples: int) -> Sound:
    """So many samples of a source, less their mean: an offset is no sound, but would be one where periods move."""
    part = source.samples[start : start + samples]
    offset = part.mean(0, dtype=np.float64)
    if np.abs(offset).max() > _OFFSET:
        return Sound(part - offset.astype(np.float32), source.rate)
    return source if len(part) == len(source.samples) else Sound(part.copy(), source.rate)


def targets(map: Map, voices: Sequence[Voice]) -> list[Table]:
    """For each singer the envelopes that its rows are of. Raises BadRequest where a recording is missing or another."""
    return tables(map, {one.sha256: one for voice in voices for one in voice.recordings})


def tables(map: Map, have: Mapping[str, Recording]) -> list[Table]:
    """The same from recordings by their hash."""
    return [_target(singer, have) for singer in map.header.singers]


def _target(singer: Singer, have: Mapping[str, Recording]) -> Table:
    found = []
    for asset in singer.assets:
        if asset.sha256 not in have:
            raise BadRequest(
                f"the map draws from recording {asset.id}, which the given styles do not hold; give the style it is in",
                asset=asset.id,
            )
        one = have[asset.sha256]
        if one.usable.sum() != asset.rows:
            raise BadRequest(f"recording {asset.id} was prepared otherwise than the map knows it", asset=asset.id)
        found.append(one.features.envelope[one.usable])
    return np.concatenate(found)


def perform(map: Map, tables: Sequence[Table], part: Sound, known: Known | None, tick: Tick) -> Sound:
    """The work. `tables`: of `targets`; `part`: of `part_of`; `known`: what is known of it already."""
    header = map.header
    voice, features = known if known is not None else listened(part, map.pitch, map.sung, header.whole_song, tick)
    tick()
    weights = np.array([singer.weight for singer in header.singers])[:, None] * map.parts
    share = (weights / weights.sum(0)).astype(np.float32)
    total = np.zeros_like(features.envelope)
    for number in range(len(header.singers)):
        total += share[number][:, None] * _change(map, number, tables[number], features)
        tick()
    h = gains.curve(total, features.envelope, features.level, features.voiced, features.top)
    if header.whole_song:
        h = np.minimum(h, _LOUDER)
    sung = psola.moved(voice, map.pitch, map.wanted, part.rate, header.sign, tick)
    if header.breath:
        sung = breath.added(sung, features, header.breath / 100, header.seed, part.rate, tick)
    onsets = np.round(map.onsets * (ONSET_SECONDS * part.rate)).astype(np.int64)
    sharp = gains.sharpened(sung, h, part.rate, onsets[onsets < len(sung)])
    apart = sung is not part.samples and sung is not voice and sung.flags.writeable
    out = sung if apart else np.empty_like(sung)  # half an hour in stereo is 600 MB: none to spare
    gains.filtered(sung, h, part.rate, tick, out)
    for one in sharp:
        one.blend(out)
    if header.whole_song:
        out += part.samples - voice
        return Sound(_finished(out, out, part.rate), part.rate)
    return Sound(_finished(out, part.samples, part.rate), part.rate)


def listened(part: Sound, pitch: Codes | None, sung: Bools, whole_song: bool, tick: Tick) -> Known:
    """The voice in a part, which is all of it but in a mix, and what is known of it. `pitch`: where that is known."""
    if not whole_song or pitch is None:
        return part.samples, analyze(part, pitch, tick)
    taken = insides.taken(part.samples, part.rate, insides.Found(pitch, sung), tick)
    features = analyze(Sound(taken.heard, part.rate), pitch, tick)
    return taken.voice, replace(features, level=np.where(sung, features.level, SILENCE))


def _change(map: Map, number: int, table: Table, features: Features) -> Table:
    singer = map.header.singers[number]
    own = change.shapes(features.envelope, singer.top)
    base = change.shapes(features.envelope, singer.top, singer.warp / 100)
    target = change.shapes(table, singer.top)
    kept = sections.mine(map.parts, map.kept)[number]
    out = change.moved(map.near[number], kept, base, target, map.header.strength / 1000)
    offset = (map.offsets[number] / OFFSET_STEPS).astype(np.float32)
    return change.applied(out, own, offset, features.voiced, singer.reach)


def _finished(out: Samples, source: Samples, rate: int) -> Samples:
    """As loud as the source on the whole, below full scale, in whole steps of 24 bits; in place."""
    before, after = _energy(source), _energy(out)
    gain = float(np.sqrt(before / after)) if after > 0 else 1.0
    limited = max(float(out.max()), -float(out.min())) * gain > _PEAK
    margin = 2 * max(1, round(_AHEAD * rate))
    behind = np.zeros((0, out.shape[1]))
    for a in range(0, len(out), _BLOCK):
        block = out[a : a + _BLOCK].astype(np.float64) * gain
        if limited:
            wide = np.concatenate([behind, block, out[a + _BLOCK :][:margin] * gain])
            held = _held(np.abs(wide).max(1), margin // 2)
            behind = block[-margin:].copy()
            block *= held[len(wide) - len(out[a + _BLOCK :][:margin]) - len(block) :][: len(block), None]
        out[a : a + _BLOCK] = np.clip(np.round(block / STEP) * STEP, -1.0, 1.0 - STEP)
    return out


def _held(tall: Array, ahead: int) -> Array:
    """Gains that keep peaks below full scale: they close before a peak and open after it, without a corner."""
    need = np.minimum(1.0, _PEAK / np.maximum(tall, _PEAK))
    return np.asarray(uniform_filter1d(minimum_filter1d(need, 2 * ahead + 1), 2 * ahead + 1))


def _energy(x: Samples) -> float:
    return float(sum(np.square(x[a : a + _BLOCK], dtype=np.float64).sum() for a in range(0, len(x), _BLOCK)))
