"""One rendering: read the catalogues, listen to the source, decide, perform, and say who gave what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.media import Sound
from core.shares import WHOLE
from generation.engine import BadRequest, Exact, Rendering, Report, Request
from generation.engines.mosaic import extend, grains, levels, listening, maps, perform, plan, shares
from generation.engines.mosaic.catalogue import LEAST_RATE, Recording, unpack
from generation.engines.mosaic.grains import Ints
from generation.engines.mosaic.ground import Ground
from generation.engines.mosaic.maps import Codes, Header, Map, MappedAsset, Passages
from generation.engines.mosaic.params import MosaicParams
from generation.engines.mosaic.plan import Passage

_MOST_STYLES = 8
_LEAST_SECONDS, _MOST_SECONDS = 0.2, 1800.0

Styles = Sequence[tuple[Recording, ...]]
Tick = Callable[[], None]


@dataclass(frozen=True, eq=False)
class _Frame:
    """What a work is before its passages are known: rate, samples, and a mosaic's loudness and sharp beginnings."""

    rate: int
    samples: int
    levels: Codes
    sharp: Ints
    sharp_at: Ints


def make(request: Request, report: Report) -> Rendering:
    """Raises BadRequest, Cancelled."""
    params = MosaicParams.model_validate(request.params.model_dump())
    _check(request)
    styles = _styles(request)
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        report(done, done + 1, "laying")

    report(0, 1, "listening")
    if request.source is None:
        frame, passages = _extension(params, request, styles, tick)
    else:
        assert isinstance(request.source, Sound)
        frame, passages = _mosaic(_part(request.source, params), params, request, styles, tick)
    map = _map(request, frame, styles, passages)
    provenance, seconds = _provenance(map, request.max_copy)
    having = [one for style in styles for one in style]
    media = perform.perform(map, perform.named(map, having), tick)
    report(done + 1, done + 1, "laying")
    return Rendering(media, provenance, {"longest_copy_ms": round(1000 * seconds)})


def _provenance(map: Map, max_copy: float) -> tuple[Exact, float]:
    """And the longest copy in seconds."""
    copied = shares.longest_copy(map)
    part = min(1.0, copied / map.header.grains)
    if part > max_copy:
        raise BadRequest(
            f"the license allows {max_copy:.4f} of the work in one piece, and the recordings are too few to keep to it"
        )
    return Exact(maps.write_map(map), shares.counted(map), part), copied / grains.PER_SECOND


def _mosaic(
    part: Sound, params: MosaicParams, request: Request, styles: Styles, tick: Tick
) -> tuple[_Frame, list[list[Passage]]]:
    rate = min(part.rate, max(one.rate for style in styles for one in style))
    samples = -(-part.frames * rate // part.rate)
    loud = levels.of(part.samples, part.rate)
    n = grains.ticks(samples, rate)
    loud = np.pad(loud, (0, max(0, n - len(loud))), mode="edge")[:n]
    x, heard_at = listening.mono(part)
    sharp, at = grains.moved(listening.onsets(x, heard_at) * rate // heard_at, samples, rate)
    frame = _Frame(rate, samples, loud, sharp, at)
    bounds = grains.bounds(samples, rate, sharp, at)
    sounds = np.add.reduceat(loud > 0, np.arange(len(bounds) - 1) * grains.TICKS)
    if not sounds.any():
        raise BadRequest("nothing sounds in this recording; bring one that is not silent")
    is_sharp = np.zeros(len(sounds), np.bool_)
    is_sharp[sharp] = True
    source = plan.Source(x, heard_at, bounds * heard_at // rate, sounds > 0, is_sharp)
    most = int(request.max_copy * len(sounds))
    if most < 1:
        raise BadRequest("the license allows no passage of even 20 ms; ask for one that does")
    shifts = listening.SHIFTS if params.transpose else (0,)
    top = min(part.rate, rate) / 2
    found = []
    for style in styles:
        tick()
        rules = plan.Rules(params.voices, most, request.seed)
        found.append(plan.decide(source, Ground(style, shifts, top), rules, tick))
    return frame, found


def _extension(
    params: MosaicParams, request: Request, styles: Styles, tick: Tick
) -> tuple[_Frame, list[list[Passage]]]:
    rate = max(one.rate for style in styles for one in style)
    samples = round(params.seconds * rate)
    n = grains.count(samples, rate)
    most = int(request.max_copy * n)
    nothing = np.zeros(0, np.int64)
    frame = _Frame(rate, samples, np.zeros(0, np.uint8), nothing, nothing)
    return frame, [extend.decide(style, n, most, request.seed, tick) for style in styles]


def _map(request: Request, frame: _Frame, styles: Styles, passages: Sequence[list[Passage]]) -> Map:
    """Only recordings that are drawn from are named, by style; passages in the order in which they begin."""
    used = [sorted({one.recording for one in some}) for some in passages]
    assets = [(number, styles[number][which]) for number, some in enumerate(used) for which in some]
    place = {(n, which): i for i, (n, which) in enumerate((n, w) for n, some in enumerate(used) for w in some)}
    every = sorted(
        ((number, one) for number, some in enumerate(passages) for one in some), key=lambda pair: pair[1].first
    )
    if not all(used):
        raise BadRequest("one of the styles has nothing that fits this recording; leave it out")
    laid = Passages(
        np.array([place[number, one.recording] for number, one in every], np.int64),
        np.array([one.shift for _, one in every], np.int64),
        np.array([one.first for _, one in every], np.int64),
        np.array([len(one.parts) for _, one in every], np.int64),
        np.array([round(one.at * styles[number][one.recording].rate) for number, one in every], np.int64),
        np.array([part for _, one in every for part in one.parts], np.int64),
    )
    names = [MappedAsset(id=r.id, sha256=r.sha256, style=n, rate=r.rate, share=0) for n, r in assets]
    header = Header(
        kind="extension" if request.source is None else "mosaic",
        rate=frame.rate,
        channels=max(one.channels for _, one in assets),
        samples=frame.samples,
        source=None if request.source is None else request.source.sha256,
        seed=request.seed,
        weights=[style.weight for style in request.styles],
        sharp=len(frame.sharp),
        passages=len(every),
        parts=len(laid.part),
        assets=names,
    )
    map = Map(header, frame.levels, frame.sharp, frame.sharp_at, laid)
    told = {one.asset: one.share for one in shares.counted(map)}
    named = [one.model_copy(update={"share": told.get(one.id, WHOLE)}) for one in names]
    return Map(header.model_copy(update={"assets": named}), map.levels, map.sharp, map.sharp_at, laid)


def _check(request: Request) -> None:
    if request.mask is not None or request.base is not None or any(s.region is not None for s in request.styles):
        raise BadRequest("mosaic makes the whole recording: it knows no mask, region or rework")
    if not 1 <= len(request.styles) <= _MOST_STYLES:
        raise BadRequest(f"mosaic draws from 1 to {_MOST_STYLES} catalogues, not {len(request.styles)}")
    if request.source is None:
        return
    if not isinstance(request.source, Sound):
        raise BadRequest("mosaic rebuilds recordings; this is a picture")
    if request.source.rate < LEAST_RATE:
        raise BadRequest(f"the recording has under {LEAST_RATE} samples a second; bring the original")
    if not _LEAST_SECONDS <= request.source.seconds <= _MOST_SECONDS:
        raise BadRequest(
            f"the recording lasts {request.source.seconds:.1f} seconds; mosaic takes 0.2 seconds to 30 minutes"
        )


def _part(source: Sound, params: MosaicParams) -> Sound:
    """The excerpt that is wanted, or all."""
    length = round(params.length * source.rate)
    if not 0 < length < source.frames:
        return source
    start = max(0, min(round(params.start * source.rate), source.frames - length))
    return Sound(source.samples[start : start + length].copy(), source.rate)


def _styles(request: Request) -> list[tuple[Recording, ...]]:
    """Each style's recordings; one that two styles hold counts for the first."""
    seen: set[str] = set()
    found = []
    for style in request.styles:
        own = tuple(one for one in unpack(style.prepared).recordings if one.sha256 not in seen and one.usable.any())
        if not own:
            raise BadRequest("two of the styles hold the same recordings; ask for one of them")
        seen.update(one.sha256 for one in own)
        found.append(own)
    return found
