"""May it be done? Asked before anything is made or used: of offers, of licenses one is a party to, or of a work.

The same rules answer as in a verdict; several must all allow it. Nothing is written, and nothing is granted by it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from attribution import named
from creators import styles
from licensing import granted, grounds, licenses, offers, policy
from licensing.policy import Decision, Reason
from licensing.terms import Terms
from licensing.territories import WORLD
from licensing.verdicts import Question


@dataclass(frozen=True)
class Intent:
    """What somebody has in mind. `use` None: to make `quantity` works; else that use, of each work."""

    use: str | None
    medium: str | None
    territory: str | None
    date: dt.date | None
    quantity: int

    def of(self, terms: Terms, *, at: dt.datetime) -> Question | None:
        """Completed as a verdict's question is; None for making works, which has no place."""
        if self.use is None:
            return None
        day = self.date or at.astimezone(dt.UTC).date()
        return Question(self.use, self.medium or terms.medium, self.territory or WORLD, day)


@dataclass(frozen=True)
class Evaluated:
    """The least permission, with all reasons; which terms it rests on, by offer or license, and their hash."""

    permission: policy.Permission
    reasons: tuple[Reason, ...]
    terms: tuple[tuple[str, str], ...]


def of_offers(session: Session, ids: Sequence[str], intent: Intent, *, at: dt.datetime) -> Evaluated:
    """As if a license were taken up from each of these offers now. Raises NotFound, BadQuestion."""
    rows = [offers.get(session, offer=id) for id in ids]
    decisions = []
    for row in rows:
        terms = offers.terms_of(row)
        style = styles.get(session, style=row.style).state
        stands = policy.standing(row.id, state="active", style=style)
        closed = row.closed_at is not None or style in ("draft", "retired")
        shut = policy.deny("closed", "offer", f"offer {row.id} is no longer open", license=row.id)
        decisions += [*([shut] if closed else []), stands, allows(terms, intent, row.id, used=0, at=at)]
    return told(decisions, [(row.id, row.terms_hash) for row in rows])


def of_licenses(session: Session, ids: Sequence[str], intent: Intent, *, person: str, at: dt.datetime) -> Evaluated:
    """Under licenses that this person holds or gave. Raises NotFound, BadQuestion."""
    rows = [granted.one(session, license=id, person=person).license for id in ids]
    decisions = []
    for row in rows:
        terms = licenses.terms_of(row)
        decisions += [licenses.standing(session, license=row), allows(terms, intent, row.id, used=row.used, at=at)]
    return told(decisions, [(row.id, row.terms_hash) for row in rows])


def of_work(session: Session, work: str, intent: Intent, *, at: dt.datetime) -> Evaluated:
    """Of a finished work, as a verdict about its number says. Raises BadQuestion."""
    verdict = grounds.answer(
        session,
        named.one(session, "work", work),
        use=intent.use,
        medium=intent.medium,
        territory=intent.territory,
        date=intent.date,
        at=at,
    )
    return Evaluated(verdict.permission or "deny", verdict.reasons, verdict.terms)


def allows(terms: Terms, intent: Intent, id: str, *, used: int, at: dt.datetime) -> Decision:
    """What terms say; `id`: of the offer or license they are of, under which so many works were made."""
    asked = intent.of(terms, at=at)
    if asked is not None:
        return policy.evaluate(terms, license=id, **vars(asked))
    day = intent.date or at.astimezone(dt.UTC).date()
    medium = intent.medium or terms.medium
    making = policy.evaluate(terms, use=None, medium=medium, territory=WORLD, date=day, license=id)
    if terms.cap is None or used + intent.quantity <= terms.cap:
        return making
    text = f"{terms.cap} works may be made under it, {used} were; {intent.quantity} more are too many"
    return policy.least([making, policy.deny("quota", "cap", text, license=id)])


def told(decisions: Sequence[Decision], rest: Sequence[tuple[str, str]]) -> Evaluated:
    """The least of the decisions, resting on these."""
    least = policy.least(decisions)
    return Evaluated(least.permission, tuple(dict.fromkeys(least.reasons)), tuple(rest))
