"""The doors for platforms and anyone who holds a file: what is it, whose, and may it be used so?"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, UploadFile

from attribution import named, registry, verify
from attribution.tools import Tools
from attribution.verify import Finding, Looking, Seen
from core import db
from core.clock import Clock
from core.limits import Hourly, Meter, Turns
from core.web import Anyone, Metered, Named, Principal, Sessions, Unit, port
from licensing import grounds, verdicts
from licensing.verdicts import Verdict
from licensing.verification_schemas import Asked, ClaimOut, HouseOut, VerdictOut, asked

router = APIRouter(tags=["verifications"])
FILE_COSTS = 10  # units of the caller's minute; everything else here costs one
NEAR_COPIES = 20  # of one work, asked about by file within an hour; one more is answered coarsely
FURTHER_COSTS = 50  # units, for each of those
log = structlog.get_logger()


@dataclass(frozen=True)
class Desk:
    """Where questions are answered. No transaction is open while a file is decoded, or its mark read."""

    sessions: db.Sessions
    tools: Tools
    turns: Turns
    clock: Clock
    meter: Meter
    near_copies: Hourly

    def answer(self, asked: Asked, *, all_of_it: bool) -> Verdict:
        """`all_of_it`: with every figure. Raises TooManyRequests, AllBusy, Undecodable, TooLarge, BadQuestion."""
        if asked.file is None:
            verdict = self._verdict(asked, None)
            return verdict if all_of_it else verdicts.coarse(verdict)
        self.meter.costs(FILE_COSTS * (2 if asked.closer else 1))
        with self.turns.turn():
            seen = _look_at(asked.file, self.tools)
            verdict = self._verdict(asked, seen)
        if all_of_it:
            return verdict
        return verdicts.coarsest(verdict) if self._too_often(verdict, seen) else verdicts.coarse(verdict)

    def _too_often(self, verdict: Verdict, seen: Seen) -> bool:
        """Whether this is one more of many changed copies of a work: so a file is changed until nobody knows it."""
        if verdict.work is None or not verdict.changed:
            return False
        count = self.near_copies.count(verdict.work, seen.sha256)
        if count <= NEAR_COPIES:
            return False
        log.warning("many changed copies of a work are asked about", work=verdict.work, count=count)
        self.meter.costs(FURTHER_COSTS)
        return True

    def _verdict(self, asked: Asked, seen: Seen | None) -> Verdict:
        use = {name: getattr(asked, name) for name in ("use", "medium", "territory", "date")}
        units = partial(db.unit, self.sessions)
        finding = verify.identify(units, seen, tools=self.tools, closer=asked.closer) if seen is not None else None
        with units() as session:
            return grounds.answer(session, finding or _find(session, asked), **use, at=self.clock.now())


async def desk(
    sessions: Sessions,
    tools: Annotated[Tools, port("tools")],
    turns: Annotated[Turns, port("verifying")],
    clock: Annotated[Clock, port("clock")],
    meter: Metered,
    near_copies: Annotated[Hourly, port("near_copies")],
) -> Desk:
    """The desk of this request."""
    return Desk(sessions, tools, turns, clock, meter, near_copies)


@router.post("/verifications")
def verify_file(
    question: Annotated[Asked, Depends(asked)], desk: Annotated[Desk, Depends(desk)], who: Anyone, request: Request
) -> VerdictOut:
    """Ask about a file, a work's number or a hash. Nothing is written, and the file is not kept."""
    shown = desk.answer(question, all_of_it=_sees_all(who))
    house = HouseOut(name=request.app.title, version=request.app.version)
    return VerdictOut.of(shown, question, house=house, at=desk.clock.now())


@router.get("/claims/{work}")
def get_claim(work: Annotated[str, Named("wrk")], session: Unit, clock: Annotated[Clock, port("clock")]) -> ClaimOut:
    """A finished work's claim as it was recorded, and where the work stands today."""
    row = registry.find(session, work=work)
    return ClaimOut.of(row, grounds.answer(session, named.one(session, "work", work), at=clock.now()))


def _find(session: Unit, asked: Asked) -> Finding:
    if asked.work is not None:
        return named.one(session, "work", asked.work)
    assert asked.sha256 is not None
    return named.one(session, "sha256", asked.sha256)


def _look_at(file: UploadFile, tools: Tools) -> Seen:
    """What is in an uploaded file; the copy that the decoder opens is gone afterwards."""
    with tempfile.NamedTemporaryFile(prefix="homage-") as copy:
        shutil.copyfileobj(file.file, copy)
        copy.flush()
        return Looking(Path(copy.name), chain=tools.chain, name=file.filename or "the file").result()


def _sees_all(who: Principal | None) -> bool:
    """Staff see how evidence was weighed; anyone can make a key, and could climb on the figures."""
    return who is not None and who.staff
