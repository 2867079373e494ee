"""The door for who asks before anything is made: may it be done?"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from core.clock import Clock
from core.errors import Invalid, Unauthenticated
from core.web import Asker, Day, In, Out, Unit, port
from licensing import evaluation, policy
from licensing.evaluation import Evaluated, Intent
from licensing.questions import Medium, Place, Use, number
from licensing.sandbox import evaluation as sandbox
from licensing.schemas import LicenseId, OfferId
from licensing.territories import WORLD
from licensing.verification_schemas import ReasonOut

router = APIRouter(tags=["licensing"])
MOST = 20
Time = Annotated[Clock, port("clock")]


class UnclearIntent(Invalid):
    """It is not clear what is to be done under which terms."""


class IntentIn(In):
    """What is in mind: under all of these offers, all of these licenses of one's own, or with a finished work.

    Without a use, works are to be made: `quantity` of them.
    """

    offers: Annotated[tuple[OfferId, ...], Field(max_length=MOST)] = ()
    licenses: Annotated[tuple[LicenseId, ...], Field(max_length=MOST)] = ()
    work: Annotated[str | None, Field(max_length=500, description="the number of a work, or its page's address")] = None
    use: Use = None
    medium: Medium = None
    territory: Place = None
    date: Annotated[Day | None, Field(description="the day of use; else today (UTC)")] = None
    quantity: Annotated[int, Field(ge=1, le=1_000_000, description="how many works are to be made")] = 1

    def intent(self) -> Intent:
        """Raises BadQuestion, UnclearIntent."""
        if sum(map(bool, (self.offers, self.licenses, self.work))) != 1:
            raise UnclearIntent("name offers, or licenses, or a work: exactly one of the three")
        if self.work is not None and self.use is None:
            raise UnclearIntent("a finished work is there to be used: say for which use")
        place = self.territory if self.territory in (None, WORLD) else self.territory.upper()
        policy.check(use=self.use, medium=self.medium or "picture", territory=place or WORLD)
        return Intent(self.use, self.medium, place, self.date, self.quantity)


class TermsRef(Out):
    """An offer or license, and the hash of its terms."""

    id: str
    sha256: str


class EvaluationOut(Out):
    """Whether it may be done on that day: permit; needs-report, where each use must be reported; or deny.

    Each reason names its clause and the offer or license. It grants nothing: terms are asked again when it is done.
    """

    permission: Literal["permit", "needs-report", "deny"]
    reasons: list[ReasonOut]
    terms: list[TermsRef]
    at: dt.datetime

    @classmethod
    def of(cls, found: Evaluated, *, at: dt.datetime) -> EvaluationOut:
        return cls(
            permission=found.permission,
            reasons=[ReasonOut.model_validate(reason) for reason in found.reasons],
            terms=[TermsRef(id=id, sha256=sha256) for id, sha256 in found.terms],
            at=at,
        )


@router.post("/licenses/evaluate")
def evaluate_use(body: IntentIn, session: Unit, who: Asker, clock: Time) -> EvaluationOut:
    """Ask before making or using anything: would it be allowed? Answered by the same rules as a verdict."""
    intent, at = body.intent(), clock.now()
    if who is not None and who.sandbox is not None:
        return _of_samples(body, intent, at=who.sandbox.at or at)
    if body.offers:
        return EvaluationOut.of(evaluation.of_offers(session, body.offers, intent, at=at), at=at)
    if body.work is not None:
        return EvaluationOut.of(evaluation.of_work(session, number(body.work), intent, at=at), at=at)
    if who is None:
        raise Unauthenticated("whose licenses are these? sign in, or send an API key; offers can be asked about by all")
    found = evaluation.of_licenses(session, body.licenses, intent, person=who.person, at=at)
    return EvaluationOut.of(found, at=at)


def _of_samples(body: IntentIn, intent: Intent, *, at: dt.datetime) -> EvaluationOut:
    work = number(body.work) if body.work is not None else None
    ids = (*body.offers, *body.licenses)
    return EvaluationOut.of(sandbox.evaluated(ids, work, intent, at=at), at=at)
