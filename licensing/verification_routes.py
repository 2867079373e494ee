"""The doors for platforms and anyone who holds a file: what is it, whose, and may it be used so?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends

from attribution import named, registry
from core.clock import Clock
from core.web import Asker, Metered, Named, Principal, Unit, port
from licensing import grounds
from licensing.desk import Desk
from licensing.questions import JSON, Asked, QuestionIn, asked
from licensing.verification_schemas import ClaimOut, HouseOut, VerdictOut
from licensing.window import Windows

router = APIRouter(tags=["verifications"])
BY_NAME = {"requestBody": {"content": {JSON: {"schema": QuestionIn.model_json_schema()}}}}


async def desk(who: Asker, meter: Metered, of: Annotated[Callable[..., Desk], port("desk")]) -> Desk:
    """The desk of this request."""
    return of(meter, all_of_it=_sees_all(who), sandbox=who.sandbox if who is not None else None)


AtDesk = Annotated[Desk, Depends(desk)]


@router.post("/verifications", openapi_extra=BY_NAME)
async def verify_file(
    question: Annotated[Asked, Depends(asked)],
    desk: AtDesk,
    windows: Annotated[Windows, port("windows")],
    house: Annotated[HouseOut, port("about")],
) -> VerdictOut:
    """Ask about a file, a hash, a code, a number or an address. Nothing is written, and the file is not kept."""
    found = await windows.answer(desk, question)
    return VerdictOut.of(found.verdict, question, house=house, at=found.at, signed=found.signed)


@router.get("/claims/{work}")
def get_claim(work: Annotated[str, Named("wrk")], session: Unit, clock: Annotated[Clock, port("clock")]) -> ClaimOut:
    """A finished work's claim as it was recorded, and where the work stands today."""
    row = registry.find(session, work=work)
    return ClaimOut.of(row, grounds.answer(session, named.one(session, "work", work), at=clock.now()))


def _sees_all(who: Principal | None) -> bool:
    """Staff see how evidence was weighed; anyone can make a key, and could climb on the figures."""
    return who is not None and who.staff
