"""One rendering: read the voices, listen to the source, decide, perform, and say who gave what."""

from __future__ import annotations

import numpy as np

from core.hearing.frames import PER_SECOND, Bools, Tick, count
from core.media import Sound
from generation.engine import BadRequest, Exact, Rendering, Report, Request
from generation.engines.chorale import insides, maps, remake, sections, shares
from generation.engines.chorale.params import ChoraleParams
from generation.engines.chorale.plan import Wish, decide
from generation.engines.chorale.voice import Recording, unpack

_MOST_STYLES = 8
_LEAST_SECONDS, _MOST_SECONDS = 0.2, 1800.0
_LOUD, _LEAD = 0.1, 0.3  # part of the loudest level at which an excerpt begins, and seconds it begins before


def sing(request: Request, report: Report) -> Rendering:
    """Raises BadRequest, Cancelled, and Invalid for samples that are no numbers."""
    params = ChoraleParams.model_validate(request.params.model_dump())
    source = _source(request)
    start, part = _part(source, params)
    steps = 24 + count(len(part.samples), part.rate) // 40
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        report(min(done, steps - 1), steps, "singing")

    sung, known = _listened(part, params, tick)
    frames = count(len(part.samples), part.rate)
    whole, first = count(len(source.samples), source.rate), start * PER_SECOND // source.rate
    wish = Wish(
        source=source,
        start=start,
        voice=known[0],
        features=known[1],
        sung=sung,
        allowed=sections.allowed([one.region for one in request.styles], whole, first, frames),
        voices=_voices(request),
        weights=tuple(one.weight for one in request.styles),
        params=params,
        seed=request.seed,
    )
    map = decide(wish, request.max_copy, tick)
    tables = remake.tables(map, {one.sha256: one for voice in wish.voices for one in voice})
    media = remake.perform(map, tables, part, known, tick)
    copied = shares.longest_copy(map)
    report(steps, steps, "singing")
    return Rendering(
        media,
        Exact(maps.write_map(map), shares.counted(map), copied / map.header.frames),
        {"longest_copy_ms": round(1000 * copied / PER_SECOND), "start_ms": round(1000 * start / source.rate)},
    )


def _listened(part: Sound, params: ChoraleParams, tick: Tick) -> tuple[Bools, remake.Known]:
    """Where it is sung, the voice, and what is known of it."""
    if not params.whole_song:
        everywhere = np.ones(count(len(part.samples), part.rate), np.bool_)
        return everywhere, remake.listened(part, None, everywhere, False, tick)
    if params.transpose == "semitones" or params.breath:
        raise BadRequest("inside a whole song neither pitch nor breath can be changed; bring the vocal and its backing")
    found = insides.found(part.samples, part.rate, tick)
    if not (found.pitch > 0).any():
        raise BadRequest("no voice was found in this song; bring the vocal and its backing as two recordings")
    return found.sung, remake.listened(part, found.pitch, found.sung, True, tick)


def _source(request: Request) -> Sound:
    if not isinstance(request.source, Sound):
        raise BadRequest("chorale needs a recording to sing: bring a vocal")
    if request.mask is not None or request.base is not None:
        raise BadRequest("chorale makes the whole recording: it knows no mask and no rework")
    if not 1 <= len(request.styles) <= _MOST_STYLES:
        raise BadRequest(f"chorale sings with 1 to {_MOST_STYLES} voices, not {len(request.styles)}")
    seconds = len(request.source.samples) / request.source.rate
    if not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        raise BadRequest(f"the recording lasts {seconds:.1f} seconds; chorale takes 0.2 seconds to 30 minutes")
    return request.source


def _part(source: Sound, params: ChoraleParams) -> tuple[int, Sound]:
    """The excerpt that is wanted, from its first sample on, or all."""
    n, rate = len(source.samples), source.rate
    length = round(params.length * rate)
    if not 0 < length < n:
        return 0, remake.cut(source, 0, n)
    start = round(params.start * rate) if params.start >= 0 else _beginning(source)
    start = max(0, min(start, n - length))
    return start, remake.cut(source, start, length)


def _beginning(source: Sound) -> int:
    """A little before the first loud sound."""
    frames = count(len(source.samples), source.rate)
    edges = np.arange(frames) * source.rate // PER_SECOND
    power = np.add.reduceat(np.square(source.samples - source.samples.mean(0)).sum(1, dtype=np.float64), edges)
    loud = np.flatnonzero(power > np.percentile(power, 95) * _LOUD**2)
    first = int(edges[loud[0]]) if len(loud) else 0
    return max(0, first - round(_LEAD * source.rate))


def _voices(request: Request) -> tuple[tuple[Recording, ...], ...]:
    """Each style's recordings; one that two styles hold counts for the first."""
    seen: set[str] = set()
    found = []
    for style in request.styles:
        own = tuple(one for one in unpack(style.prepared).recordings if one.sha256 not in seen)
        if not own:
            raise BadRequest("two of the styles hold the same recordings; ask for one of them")
        seen.update(one.sha256 for one in own)
        found.append(own)
    return tuple(found)
