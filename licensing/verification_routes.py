"""The doors for platforms and anyone who holds a file: what is it, whose, and may it be used so?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from attribution import named, registry
from attribution.tools import Tools
from core.clock import Clock
from core.limits import Hourly, Turns
from core.networks import Network
from core.signatures import Signer
from core.web import Anyone, Metered, Named, Principal, Sessions, Unit, port
from licensing import grounds
from licensing.desk import Desk
from licensing.questions import JSON, Asked, QuestionIn, asked
from licensing.verification_schemas import ClaimOut, HouseOut, VerdictOut

router = APIRouter(tags=["verifications"])
BY_NAME = {"requestBody": {"content": {JSON: {"schema": QuestionIn.model_json_schema()}}}}


async def desk(  # noqa: PLR0913  # what a desk stands on, port by port
    who: Anyone,
    request: Request,
    sessions: Sessions,
    tools: Annotated[Tools, port("tools")],
    turns: Annotated[Turns, port("verifying")],
    clock: Annotated[Clock, port("clock")],
    meter: Metered,
    near_copies: Annotated[Hourly, port("near_copies")],
    network: Annotated[Network, port("network")],
    signer: Annotated[Signer, port("verdict_keys")],
    issuer: Annotated[str, port("address")],
) -> Desk:
    """The desk of this request."""
    return Desk(sessions, tools, turns, clock, meter, near_copies, network, signer, issuer, all_of_it=_sees_all(who))


AtDesk = Annotated[Desk, Depends(desk)]


@router.post("/verifications", openapi_extra=BY_NAME)
def verify_file(question: Annotated[Asked, Depends(asked)], desk: AtDesk, request: Request) -> VerdictOut:
    """Ask about a file, a hash, a code, a number or an address. Nothing is written, and the file is not kept."""
    found = desk.answer(question)
    house = HouseOut(name=request.app.title, version=request.app.version)
    return VerdictOut.of(found.verdict, question, house=house, at=desk.clock.now(), signed=found.signed)


@router.get("/claims/{work}")
def get_claim(work: Annotated[str, Named("wrk")], session: Unit, clock: Annotated[Clock, port("clock")]) -> ClaimOut:
    """A finished work's claim as it was recorded, and where the work stands today."""
    row = registry.find(session, work=work)
    return ClaimOut.of(row, grounds.answer(session, named.one(session, "work", work), at=clock.now()))


def _sees_all(who: Principal | None) -> bool:
    """Staff see how evidence was weighed; anyone can make a key, and could climb on the figures."""
    return who is not None and who.staff
