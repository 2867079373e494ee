"""Making one claimed work: load, render, seal, store, finish. Everything slow happens between two transactions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution.claim import Licensed
from attribution.seal import Sealed
from attribution.tools import Tools
from core import db, encode
from core.blobs import BlobMissing, BlobStore
from core.clock import Clock
from core.errors import Conflict, HomageError, Unavailable
from core.keys import Keystore
from core.media import Media, Picture, Sound, extent
from core.shares import WHOLE
from core.tags import Tags
from creators.assets import AssetGone
from creators.models import Creator, Person
from creators.styles import StyleRevoked
from generation import claims, finishing, masks, renditions, studio, works
from generation.catalog import Catalog
from generation.engine import BadRequest, Cancelled, Engine, Exact, Ingredient, Rendering, Request
from generation.masks import Mask
from generation.models import Work, WorkLicense
from generation.preparations import Prepared, Store
from generation.works import Claimed, Made
from licensing import offers, terms
from licensing.licenses import Expired, Revoked
from licensing.models import License, Offer

LIMIT_SECONDS = 1800.0
log = structlog.get_logger()


MOMENT_MS = 10  # of the sections of a recording
MASKED_PREVIEW = 512  # pixels of the long side: what a mask leaves alone would else come at full size


@dataclass(frozen=True)
class Base:
    """The finished work that a job paints over."""

    map_blob: str
    height: int
    width: int


@dataclass(frozen=True)
class Job:
    """All that a rendering needs, read in one transaction."""

    work: str
    kind: str
    medium: str
    engine: str
    params: dict[str, Any]
    seed: int
    person: str
    person_name: str
    source_blob: str | None
    mask_blob: str | None
    backing_blob: str | None
    fader_mb: int | None
    tags: Tags
    base: Base | None
    styles: tuple[str, ...]
    licenses: tuple[Licensed, ...]  # one for each style; a preview has none
    weights: tuple[int, ...]
    regions: tuple[str | None, ...]  # one for each style
    sections: tuple[list[list[int]] | None, ...]  # one for each style
    max_copy_ppm: int  # the strictest of the terms
    training: str  # what all of the terms say of it
    rework: str | None


@dataclass(frozen=True, eq=False)
class Drawn:
    """What an engine made of a job, and what of."""

    job: Job
    engine: Engine
    prepared: list[Prepared]
    rendering: Rendering
    source: Media | None


class HandedBack(Cancelled):
    """The worker stops; the work waits in the queue for another."""


class CopiesTooMuch(Conflict):
    """The work holds a larger unchanged piece of one asset than the license allows."""


@dataclass(frozen=True)
class Workshop:
    """The ports that making a work needs."""

    sessions: db.Sessions
    blobs: BlobStore
    keys: Keystore
    catalog: Catalog
    tools: Tools
    clock: Clock
    lease: timedelta = timedelta(seconds=30)

    def make(self, held: Claimed, *, stopping: Callable[[], bool] = lambda: False) -> str:
        """Carry a claimed work to its end; the end state is returned. A stop is an end, not an error.

        Once `stopping()` is true the work goes back to the queue at its next step.
        """
        say = log.bind(work=held.work, attempt=held.attempt)
        say.info("phase", phase="claimed")
        try:
            self._make(held, say, stopping)
        except Exception as error:
            return self._ended(held, error, say)
        say.info("done")
        return "done"

    def _ended(self, held: Claimed, error: Exception, say: Any) -> str:
        """What a stopped making means for the work: given back, left, released, or nothing to us any more."""
        if isinstance(error, works.StaleAttempt):
            say.warning("dropped", reason=error.message)
            return "dropped"
        if isinstance(error, HandedBack | AssetGone):
            return self._hand_back(held, say, error.message)
        if isinstance(error, Unavailable | BlobMissing):  # this worker lacks something; another may have it
            say.warning("left to its lease", reason=error.message)
            return "left"
        if isinstance(error, HomageError):
            stopped = isinstance(error, Cancelled | Revoked | Expired | StyleRevoked)
            stopped = stopped and not isinstance(error, studio.TooSlow)
            return self._release(held, "cancelled" if stopped else "failed", error.message, say)
        if db.lost(error) or db.busy(error):
            raise error
        say.error("engine failed", exc_info=error)
        return self._release(held, "failed", f"the engine failed ({type(error).__name__})", say)

    def _make(self, held: Claimed, say: Any, stopping: Callable[[], bool]) -> None:
        def beat(stage: str, step: int, of: int) -> None:
            if stopping():
                raise HandedBack("the worker stops; another goes on with this work")
            with db.unit(self.sessions) as session:
                works.beat(session, held=held, lease=self.lease, stage=stage, step=step, of=of)

        every = min(0.5, self.lease.total_seconds() / 4)
        with studio.Pulse(beat, every=every, limit=LIMIT_SECONDS) as pulse:
            with db.unit(self.sessions) as session:
                job = _job(session, held)
            engine = self.catalog.get(job.engine)
            prepared = self._prepare(job, engine, pulse)
            request = self._request(job, engine, prepared)
            say.info("phase", phase="rendering")
            rendering = studio.render(engine, request, pulse=pulse, seconds=LIMIT_SECONDS)
            _refuse_large_copy(rendering, job)
            drawn = Drawn(job, engine, prepared, rendering, request.source)
            if job.kind == "preview":
                self._show(held, drawn, pulse)
            else:
                self._seal(held, drawn, pulse, say)

    def _seal(self, held: Claimed, drawn: Drawn, pulse: studio.Pulse, say: Any) -> None:
        say.info("phase", phase="sealing")
        pulse.at("sealing")
        rendering = drawn.rendering
        job, media = drawn.job, self._mixed(drawn)
        claim = claims.of(job, drawn.engine, drawn.prepared, rendering)
        at = self.clock.now()
        sealed = finishing.sealed(media, claim, source=drawn.source, tags=job.tags, at=at, tools=self.tools)
        map = self.blobs.put(rendering.provenance.map) if isinstance(rendering.provenance, Exact) else None
        made = Made(
            result=self.blobs.put(sealed.data),
            map=map,
            size=extent(media),
            facts=facts_of(rendering),
            renditions=renditions.at_once(sealed.media, rendering, claim, engine=drawn.engine, blobs=self.blobs),
        )
        pulse.check()
        say.info("phase", phase="finishing")
        self._finish(held, sealed, made)

    def _show(self, held: Claimed, drawn: Drawn, pulse: studio.Pulse) -> None:
        """A preview: marked all over, encrypted for the one who asked for it, never sealed."""
        pulse.at("marking")
        rendering, media = drawn.rendering, self._mixed(drawn)
        made = Made(
            result=self.blobs.put(self.keys.seal(drawn.job.person, finishing.preview(media))),
            map=None,
            size=extent(media),
            facts=facts_of(rendering),
            renditions={},
        )
        used = [share.asset for share in rendering.provenance.shares if share.share > 0]
        pulse.check()
        finish = partial(works.finish_preview, held=held, made=made, assets_used=used, at=self.clock.now())
        db.settled(self.sessions, finish)

    def _mixed(self, drawn: Drawn) -> Media:
        """What was rendered, over the same part of its backing where it has one."""
        job, media = drawn.job, drawn.rendering.media
        below = None if job.backing_blob is None else self._opened(job, job.backing_blob)
        if not isinstance(media, Sound) or not isinstance(drawn.source, Sound) or below is None:
            return media
        start = int(drawn.rendering.facts.get("start_ms", 0)) / 1000 if media.frames < drawn.source.frames else None
        return finishing.mixed(media, below, fader_mb=job.fader_mb or 0, start=start)

    def _finish(self, held: Claimed, sealed: Sealed, made: Made) -> None:
        at = self.clock.now()
        db.settled(self.sessions, partial(works.finish, held=held, sealed=sealed, made=made, at=at))

    def _hand_back(self, held: Claimed, say: Any, reason: str) -> str:
        try:
            db.settled(self.sessions, partial(works.hand_back, held=held))
        except works.StaleAttempt:
            return "dropped"
        say.info("handed back", reason=reason)
        return "queued"

    def _release(self, held: Claimed, state: str, reason: str, say: Any) -> str:
        say.info("released", state=state, reason=reason)
        try:
            at = self.clock.now()
            db.settled(self.sessions, partial(works.release, held=held, state=state, reason=reason, at=at))
        except works.StaleAttempt:
            return "dropped"
        return state

    def _prepare(self, job: Job, engine: Engine, pulse: studio.Pulse) -> list[Prepared]:
        store = Store(self.sessions, self.blobs, self.keys)

        def report(step: int, of: int, stage: str, preview: Media | None = None) -> None:
            pulse.at(stage, step, of)

        at = self.clock.now()
        return [store.prepared(style=x, engine=engine, at=at, report=report) for x in job.styles]

    def _request(self, job: Job, engine: Engine, prepared: list[Prepared]) -> Request:
        """What the engine is asked for, with the fan's files opened."""
        params = engine.Params.model_validate(job.params)
        source = None if job.source_blob is None else finishing.opened(self._opened(job, job.source_blob), job.medium)
        masked_preview = job.kind == "preview" and job.mask_blob is not None and job.base is None
        if isinstance(source, Picture) and masked_preview:
            source = encode.resize(source, min(MASKED_PREVIEW, max(source.width, source.height)))
        return Request(
            styles=tuple(
                Ingredient(style.data, job.weights[i], self._region(job, i, source)) for i, style in enumerate(prepared)
            ),
            params=engine.preview(params) if job.kind == "preview" else params,
            seed=job.seed,
            source=source,
            mask=_sized(self._mask(job, job.mask_blob), job.base or source),
            base=None if job.base is None else self.blobs.get(job.base.map_blob),
            max_copy=job.max_copy_ppm / WHOLE,
        )

    def _region(self, job: Job, number: int, source: Media | None) -> NDArray[np.bool_] | None:
        """Where, or when, a style may be used; None is everywhere."""
        sections = job.sections[number]
        if sections is None or not isinstance(source, Sound):
            return self._mask(job, job.regions[number])
        open_ = np.zeros((1, -(-source.milliseconds // MOMENT_MS)), np.bool_)
        for begin, end in sections:
            open_[0, begin // MOMENT_MS : -(-end // MOMENT_MS)] = True
        if not open_.any():
            seconds = source.milliseconds / 1000
            raise BadRequest(f"a style's sections begin after the recording's end at {seconds:.2f} s; move them")
        return open_

    def _mask(self, job: Job, blob: str | None) -> Mask | None:
        return None if blob is None else masks.read(self._opened(job, blob))

    def _opened(self, job: Job, blob: str) -> bytes:
        return self.keys.open(job.person, self.blobs.get(blob))


def _sized(mask: Mask | None, frame: Base | Media | None) -> Mask | None:
    """The mask at the size of what is painted over. Raises NothingToPaint."""
    if mask is None or not isinstance(frame, Base | Picture):
        return None
    return masks.stretched(mask, height=frame.height, width=frame.width)


def facts_of(rendering: Rendering) -> dict[str, Any]:
    """What the work's row says of its making; fractions in millionths."""
    provenance = rendering.provenance
    shares = {share.asset: share.share for share in provenance.shares}
    copy = math.ceil(provenance.largest_copy * 1_000_000) if isinstance(provenance, Exact) else None
    return {**rendering.facts, "shares": shares, "largest_copy_ppm": copy}


def _refuse_large_copy(rendering: Rendering, job: Job) -> None:
    copied = facts_of(rendering)["largest_copy_ppm"]
    if copied is not None and copied > job.max_copy_ppm:
        raise CopiesTooMuch(
            f"one unchanged piece is {copied / 10_000:.2f} % of the work, the license allows"
            f" {job.max_copy_ppm / 10_000:.2f} %; try another seed or a lower strength",
            largest_copy_ppm=copied,
        )


def _job(session: Session, held: Claimed) -> Job:
    work = session.get_one(Work, held.work)
    rows = [session.get_one(License, grant.license) for grant in work.grants if grant.license is not None]
    offered = [offer for grant in work.grants if (offer := _offer(session, grant)) is not None]
    granted = [offers.terms_of(offer) for offer in offered]
    return Job(
        work=work.id,
        kind=work.kind,
        medium=work.medium,
        engine=work.engine,
        params=work.params,
        seed=work.seed,
        person=work.person,
        person_name=session.get_one(Person, work.person).name,
        source_blob=work.source_blob,
        mask_blob=work.mask_blob,
        backing_blob=work.backing_blob,
        fader_mb=work.fader_mb,
        tags=Tags.read(work.tags or {}),
        base=_base(session, work),
        styles=tuple(grant.style for grant in work.grants),
        licenses=tuple(
            Licensed(
                license=license.id,
                style=license.style,
                licensor=license.licensor,
                licensor_name=session.get_one(Creator, license.licensor).name,
                terms=license.terms_hash,
            )
            for license in rows
        ),
        weights=tuple(grant.weight for grant in work.grants),
        regions=tuple(grant.region_blob for grant in work.grants),
        sections=tuple(grant.sections for grant in work.grants),
        max_copy_ppm=min((one.max_copy_ppm for one in granted), default=WHOLE),
        training=terms.training(granted),
        rework=work.rework,
    )


def _offer(session: Session, grant: WorkLicense) -> Offer | None:
    """What a style is used by; of a sample the offer that is open now, so that it shows what fans would get."""
    if grant.offer is not None:
        return session.get_one(Offer, grant.offer)
    return session.scalar(select(Offer).where(Offer.style == grant.style, Offer.closed_at.is_(None)))


def _base(session: Session, work: Work) -> Base | None:
    if work.rework is None:
        return None
    earlier = session.get_one(Work, work.rework)
    assert earlier.map_blob is not None
    assert earlier.height is not None
    assert earlier.width is not None
    return Base(earlier.map_blob, earlier.height, earlier.width)
