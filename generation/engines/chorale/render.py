"""One rendering: read the voices, listen to the source, decide, perform, and say who gave what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.hearing.frames import PER_SECOND, Bools, Tick, count
from core.media import Sound
from core.shares import WHOLE
from generation.engine import BadRequest, Estimate, Exact, Provenance, Rendering, Report, Request, Share
from generation.engines.chorale import foretelling, insides, maps, remake, sections, shares
from generation.engines.chorale.gains import parts
from generation.engines.chorale.params import ChoraleParams, Foretelling
from generation.engines.chorale.plan import Wish, decide
from generation.engines.chorale.voice import Recording, unpack

_MOST_STYLES = 8
_APART = 50_000  # millionths by which shares may differ from the weights unsaid
_ENOUGH = 8000  # samples a second that tell where it is loud
_LEAST_SECONDS, _MOST_SECONDS = 0.2, 1800.0
_ROUGH = "rough: the voice was found within the mix, and is changed as far as it was found"
_UNSURE = (
    "rough, and unsure: little tells when somebody sings in this mix, or whether anybody does; "
    "listen closely, or bring the vocal and its backing"
)
_LOUD, _LEAD = 0.1, 0.3  # part of the loudest level at which an excerpt begins, and seconds it begins before


def sing(request: Request, report: Report) -> Rendering:
    """Raises BadRequest, Cancelled, and Invalid for samples that are no numbers."""
    params = ChoraleParams.model_validate(request.params.model_dump())
    source = _source(request)
    start, part = _part(source, params)
    frames = count(len(part.samples), part.rate)
    steps = 24 + frames // 40
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        report(min(done, steps - 1), steps, "singing")

    sung, known, sure = _listened(part, params, tick)
    whole, first = count(len(source.samples), source.rate), start * PER_SECOND // source.rate
    allowed = sections.allowed([one.region for one in request.styles], whole)
    wish = Wish(
        source=source,
        start=start,
        voice=known[0],
        features=known[1],
        sung=sung,
        allowed=allowed[:, np.minimum(np.arange(first, first + frames), whole - 1)],
        voices=_voices(request),
        weights=tuple(one.weight for one in request.styles),
        params=params,
        seed=request.seed,
    )
    map = decide(wish, request.max_copy, tick)
    tables = remake.tables(map, {one.sha256: one for voice in wish.voices for one in voice})
    media = remake.perform(map, tables, part, known, tick)
    copied, counted = shares.longest_copy(map), shares.counted(map)
    facts = {
        "longest_copy_ms": round(1000 * copied / PER_SECOND),
        "start_ms": round(1000 * start / source.rate),
        **_told(wish, counted, sure),
    }
    provenance: Provenance = Exact(maps.write_map(map), counted, copied / map.header.frames)
    shown = isinstance(request.params, Foretelling) and not params.whole_song
    if shown and len(part.samples) < len(source.samples):
        foretold = _foretold(wish, allowed, tick) or counted
        provenance = Estimate(foretold, foretelling.METHOD, foretelling.INTERVAL)
    report(steps, steps, "singing")
    return Rendering(media, provenance, facts)


def _foretold(wish: Wish, allowed: NDArray[np.bool_], tick: Tick) -> tuple[Share, ...] | None:
    """The shares of the whole recording, from moments of it; None where nothing sounds in those."""
    some, frames = foretelling.moments(wish.source)
    everywhere = np.ones(len(frames), np.bool_)
    voice, features = remake.listened(some, None, everywhere, False, tick)
    if not features.active.any() or not (parts(features.level, features.voiced) > 0).any():
        return None
    there = foretelling.there(allowed, frames)
    return shares.counted(
        decide(replace(wish, voice=voice, features=features, sung=everywhere, allowed=there, start=0), 1.0, tick)
    )


def _told(wish: Wish, counted: Sequence[Share], sure: bool) -> dict[str, int | str]:
    """What the buyer should know: how rough a whole song is, and why shares are others than the weights."""
    facts: dict[str, int | str] = {}
    if wish.params.whole_song:
        facts["whole_song"] = _ROUGH if sure else _UNSURE
        facts["sung_percent"] = round(100 * float(wish.sung.mean()))
    share = {one.asset: one.share for one in counted}
    for voice, weight in zip(wish.voices, wish.weights, strict=True):
        part = sum(share.get(one.id, 0) for one in voice)
        if abs(part - WHOLE * weight / sum(wish.weights)) > _APART:
            facts["mix_reason"] = "shares differ from the weights: each voice earns for the moments in which it sings"
    return facts


def _listened(part: Sound, params: ChoraleParams, tick: Tick) -> tuple[Bools, remake.Known, bool]:
    """Where it is sung, the voice, and what is known of it; and whether it is sure that it was found."""
    if not params.whole_song:
        everywhere = np.ones(count(len(part.samples), part.rate), np.bool_)
        return everywhere, remake.listened(part, None, everywhere, False, tick), True
    if params.transpose == "semitones" or params.breath:
        raise BadRequest("inside a whole song neither pitch nor breath can be changed; bring the vocal and its backing")
    found, sure = insides.found(part.samples, part.rate, tick)
    if not (found.pitch > 0).any():
        raise BadRequest("no voice was found in this song; bring the vocal and its backing as two recordings")
    return found.sung, remake.listened(part, found.pitch, found.sung, True, tick), sure


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
    step = max(1, source.rate // _ENOUGH)
    samples = source.samples[::step, 0]  # a few of one channel: it only has to be loud, and songs are long
    frames = count(len(samples), source.rate // step)
    edges = np.arange(frames) * (source.rate // step) // PER_SECOND
    power = np.add.reduceat(np.square(samples - samples.mean(), dtype=np.float64), edges)
    loud = np.flatnonzero(power > np.percentile(power, 95) * _LOUD**2)
    first = step * int(edges[loud[0]]) if len(loud) else 0
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
