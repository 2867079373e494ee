"""Making a work from its map: the one way in which samples come about, for a rendering as for a replay of it.

Nothing is searched here and no sum depends on how many threads there are, so one build of numpy and soxr gives the same
samples, and another differs by a step of 24 bits at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import soxr
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from core.encode_sound import rounded
from core.media import Sound
from generation.engine import BadRequest
from generation.engines.mosaic import grains, levels
from generation.engines.mosaic.catalogue import Recording
from generation.engines.mosaic.grains import Array, Samples
from generation.engines.mosaic.listening import speed
from generation.engines.mosaic.maps import Map

_BEYOND = 64  # samples on either side that resampling looks at
_QUIET = 1e-4  # RMS below which nothing is made louder
_FULL = 255  # of a part
_PEAK, _AHEAD = 0.99, 0.005  # seconds in which a limiter closes and opens
_BLOCK = 1 << 20
_SOME = 256  # passages between two ticks

Tick = Callable[[], None]


def named(map: Map, have: Sequence[Recording]) -> list[Recording]:
    """Those that the map names. Raises BadRequest where one is missing or another."""
    known = {one.sha256: one for one in have}
    for asset in map.header.assets:
        if asset.sha256 not in known:
            raise BadRequest(
                f"the map draws from recording {asset.id}, which the given styles do not hold; give the style it is in",
                asset=asset.id,
            )
        if known[asset.sha256].rate != asset.rate:
            raise BadRequest(f"recording {asset.id} was prepared otherwise than the map knows it", asset=asset.id)
    return [known[asset.sha256] for asset in map.header.assets]


def perform(map: Map, having: Sequence[Recording], tick: Tick) -> Sound:
    """The work. `having`: of `named`."""
    header = map.header
    out = np.zeros((header.samples, header.channels), np.float32)
    loud = 0.0
    for style, weight in enumerate(header.weights):
        layer = out if len(header.weights) == 1 else np.zeros_like(out)
        _lay(map, style, having, layer, tick)
        part = float(np.sqrt(weight / sum(header.weights)))
        if header.kind == "mosaic":
            levels.follow(layer, map.levels, header.rate, part)
        elif layer is not out:  # layers are as loud as the first, and then as they weigh
            loud = loud or levels.rms(layer)
            layer *= np.float32(part * loud / max(levels.rms(layer), _QUIET))
        if layer is not out:
            out += layer
        tick()
    return Sound(_finished(out, header.rate), header.rate)


def _lay(map: Map, style: int, having: Sequence[Recording], out: Samples, tick: Tick) -> None:
    """Add up one style's passages, in place."""
    p, header = map.passages, map.header
    bounds, sharp, starts = map.bounds, map.is_sharp, p.starts
    mine = np.flatnonzero(np.array([asset.style for asset in header.assets])[p.asset] == style)
    parts = [p.part[starts[i] : starts[i] + p.length[i]] for i in mine]
    whole = np.full(header.grains, 0 if header.kind == "mosaic" else _FULL)
    if header.kind == "mosaic":
        for i, part in zip(mine, parts, strict=True):
            whole[p.first[i] : p.first[i] + len(part)] += part
    for number, (i, part) in enumerate(zip(mine, parts, strict=True)):
        if number % _SOME == 0:
            tick()
        a, b = int(p.first[i]), int(p.first[i]) + len(part)
        start = int(bounds[a])
        low = max(0, start - _half(sharp[a], header.rate))
        high = min(header.samples, int(bounds[b]) + _half(sharp[b], header.rate))
        one = having[p.asset[i]]
        at = (2 * int(p.at[i]) * header.rate + one.rate) // (2 * one.rate)
        x = _taken(one.at(header.rate), (at, int(p.shift[i])), low - start, high - start)
        gain = np.sqrt(part / np.maximum(whole[a:b], 1))
        if header.kind == "mosaic":
            gain /= _loudness(x, bounds[a : b + 1] - low)
        gain = np.pad(gain, 1)
        nearest, up = grains.blend(bounds, sharp, header.rate, low, high)
        nearest = np.clip(nearest - a, 0, b - a)
        out[low:high] += x * (gain[nearest] * (1 - up) + gain[nearest + 1] * up)[:, None]


def _half(sharp: bool, rate: int) -> int:
    """How far a blend reaches to either side of its boundary, at least."""
    return round(grains.SHARP * rate) if sharp else rate // grains.PER_SECOND // 2 + 1


def _taken(x: Samples, place: tuple[int, int], first: int, last: int) -> Array:
    """float64 [last - first, channels]: what of a transposed recording comes to lie at samples `first` to `last`.

    `place`: the sample of the recording that comes to lie at 0, and the transposition. Zeros beyond the recording.
    """
    at, shift = place
    if shift == 0:
        return _cut(x, at + first, at + last)
    by = speed(shift)
    low = (at * by.denominator + first * by.numerator) // by.denominator - _BEYOND
    high = at - (-last * by.numerator // by.denominator) + _BEYOND
    out = soxr.resample(_cut(x, low, high), by.numerator, by.denominator, quality="HQ")
    begin = round((at + first * by - low) / by)
    return np.asarray(out[begin : begin + last - first])


def _cut(x: Samples, low: int, high: int) -> Array:
    """Samples `low` to `high`, with zeros where there are none."""
    part = x[min(max(low, 0), len(x)) : min(max(high, 0), len(x))].astype(np.float64)
    before = min(max(-low, 0), high - low)
    return np.pad(part, ((before, high - low - before - len(part)), (0, 0)))


def _loudness(x: Array, bounds: grains.Ints) -> Array:
    """RMS of each grain, [grains]; never nothing."""
    power = np.add.reduceat((x**2).mean(1), np.minimum(bounds[:-1], len(x) - 1)) / np.maximum(np.diff(bounds), 1)
    return np.maximum(np.sqrt(power), _QUIET)


def _finished(out: Samples, rate: int) -> Samples:
    """Below full scale, in whole steps of 24 bits; in place."""
    limited = float(np.abs(out).max()) > _PEAK
    margin = 2 * max(1, round(_AHEAD * rate))
    behind = np.zeros((0, out.shape[1]))
    for a in range(0, len(out), _BLOCK):
        block = out[a : a + _BLOCK].astype(np.float64)
        if limited:
            after = out[a + _BLOCK :][:margin]
            wide = np.concatenate([behind, block, after])
            held = _held(np.abs(wide).max(1), margin // 2)
            behind = block[-margin:].copy()
            block *= held[len(wide) - len(after) - len(block) :][: len(block), None]
        out[a : a + _BLOCK] = rounded(block)
    return out


def _held(tall: Array, ahead: int) -> Array:
    """Gains that keep peaks below full scale: they close before a peak and open after it, without a corner."""
    need = np.minimum(1.0, _PEAK / np.maximum(tall, _PEAK))
    return np.asarray(uniform_filter1d(minimum_filter1d(need, 2 * ahead + 1), 2 * ahead + 1))
