"""A platform's question answered: is this file licensed, and may it be used so, there, on that day?

Attribution says what the file is; this adds what the licenses say, and writes nothing. Three answers are kept apart:
what the file is (evidence, confidence), whether its license stands (standing), and whether this use is allowed
(permission).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy.orm import Session

from attribution import judgment
from attribution.claim import Claim
from attribution.evidence import Evidence, Finding, Identification
from attribution.models import RecordedClaim
from creators import erasing
from licensing import licenses, policy
from licensing.models import License
from licensing.policy import Decision, Permission, Reason
from licensing.territories import WORLD

Standing = Literal["licensed", "withdrawn", "unlicensed", "unknown"]
SURE = 0.9  # below this a file may be told from others, but no use is allowed on the strength of it
GONE = {"withdrawn", "revoked"}
WORST: tuple[Standing, ...] = ("unlicensed", "withdrawn", "unknown", "licensed")
UNSURE = {
    "derived": "it is composed like a work registered here, or has its tune, but it is no copy of it",
    "hint": "only the mark hidden in it names a work, and marks can be copied",
}


@dataclass(frozen=True)
class Question:
    """What is asked, completed: no medium is the work's own, no territory the whole world, no date today (UTC)."""

    use: str
    medium: str
    territory: str
    date: dt.date


@dataclass(frozen=True)
class Verdict:
    """The answer. `permission` and `question` are None unless a use was asked about; `shares` are millionths."""

    identification: Identification
    standing: Standing
    confidence: float
    permission: Permission | None
    reasons: tuple[Reason, ...]
    work: str | None
    licensors: tuple[dict[str, str], ...]
    licensee: dict[str, str] | None
    shares: tuple[dict[str, str | int], ...]
    evidence: tuple[Evidence, ...]
    changed: bool | None
    question: Question | None
    payable: bool
    others: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The answer as plain JSON values."""
        return {
            "identification": self.identification,
            "standing": self.standing,
            "confidence": self.confidence,
            "permission": self.permission,
            "reasons": [vars(reason) for reason in self.reasons],
            "work": self.work,
            "licensors": list(self.licensors),
            "licensee": self.licensee,
            "shares": list(self.shares),
            "evidence": [x.document() for x in self.evidence],
            "changed": self.changed,
            "payable": self.payable,
            "others": list(self.others),
        }


def coarse(verdict: Verdict) -> Verdict:
    """The verdict for all but staff: no figure by which a changed file could be tried until it no longer matches.

    Confidence has two digits, rounded down; details are words.
    """
    rough = tuple(
        replace(x, confidence=_two_digits(x.confidence), detail=x.rough if x.rough is not None else x.detail)
        for x in verdict.evidence
    )
    return replace(verdict, confidence=_two_digits(verdict.confidence), evidence=rough)


def coarsest(verdict: Verdict) -> Verdict:
    """The verdict where one work's changed copies are asked about again and again: whose it is, and no figure."""
    vague = tuple(
        Evidence(x.layer, _one_step(x.confidence), "too often asked about to say more") for x in verdict.evidence
    )
    return replace(verdict, confidence=_one_step(verdict.confidence), evidence=vague)


def _one_step(confidence: float) -> float:
    """Sure enough for a use to be allowed, or not."""
    return SURE if confidence >= SURE else 0.0


def answer(
    session: Session,
    finding: Finding,
    *,
    use: str | None = None,
    medium: str | None = None,
    territory: str | None = None,
    date: dt.date | None = None,
    at: dt.datetime,
) -> Verdict:
    """What a platform is told of a file that `attribution.verify` looked at. Raises BadQuestion.

    Without a medium the work's own is meant; without a territory the use must be allowed everywhere; without a date,
    on the day (UTC) of `at`. Several licenses must all allow it.
    """
    claim = Claim.read(finding.claim) if finding.claim is not None else None
    question = None
    if use is not None:
        own = claim.medium if claim else "picture"
        question = Question(use, medium or own, territory or WORLD, date or _day(at))
        policy.check(use=use, medium=question.medium, territory=question.territory)
    standing, why, decision = _least(session, _works(session, finding), question, at)
    reasons = (*why.reasons, *(decision.reasons if decision else ()))
    licensors, licensee = _names(session, claim)
    return Verdict(
        identification=finding.identification,
        standing=standing,
        confidence=finding.confidence,
        permission=decision.permission if decision else None,
        reasons=tuple(dict.fromkeys(reasons)),
        work=finding.work,
        licensors=licensors,
        licensee=licensee,
        shares=_shares(claim),
        evidence=finding.evidence,
        changed=finding.changed,
        question=question,
        payable=finding.payable,
        others=finding.others,
    )


def _works(session: Session, finding: Finding) -> list[Finding]:
    """Each work in the file, as if it were alone in it."""
    if finding.identification != "several":
        return [finding]
    alone = [replace(finding, identification="matched")]
    for id in finding.others:
        row = session.get(RecordedClaim, id)
        if row is None:
            alone.append(Finding("matched", finding.confidence))
        else:
            alone.append(judgment.found("matched", finding.confidence, row, (), changed=True))
    return alone


def _least(
    session: Session, works: Sequence[Finding], question: Question | None, at: dt.datetime
) -> tuple[Standing, Decision, Decision | None]:
    """Of several works in one file, the worst standing and the least permission."""
    standings, whys, decisions = [], [], []
    for work in works:
        claim = Claim.read(work.claim) if work.claim is not None else None
        standing, why = _standing(session, work, claim, at)
        standings.append(standing)
        whys.append(why)
        if question is not None:
            decisions.append(_decide(session, work, claim, question, why))
    return min(standings, key=WORST.index), policy.least(whys), policy.least(decisions) if decisions else None


def _standing(session: Session, finding: Finding, claim: Claim | None, at: dt.datetime) -> tuple[Standing, Decision]:
    """Where the file stands on the day of `at`, and why it does not stand as licensed."""
    if finding.identification == "none" or finding.identification in UNSURE:
        return "unknown", Decision("permit")
    if finding.identification == "contested":
        return "unlicensed", policy.deny("contested", "identification", "the file's signs name different works")
    if claim is None or (claim.own and finding.withdrawn_at is None):
        text = "the file is a registered original; nobody holds a license to the original itself"
        return "unlicensed", policy.deny("no-license", "license", text)
    if finding.withdrawn_at is not None:
        text = f"the work was withdrawn on {_day(finding.withdrawn_at)}: {finding.withdrawn_reason}"
        return "withdrawn", policy.deny("withdrawn", "claim", text)
    why = policy.least(_stands(session, x.license, at) for x in claim.licenses)
    if why.permission == "permit":
        return "licensed", why
    return ("withdrawn" if GONE & {reason.code for reason in why.reasons} else "unlicensed"), why


def _stands(session: Session, license: str, at: dt.datetime) -> Decision:
    row = session.get(License, license, populate_existing=True)
    if row is None:
        return policy.deny("no-license", "license", f"license {license} is not known here", license=license)
    terms = licenses.terms_of(row)
    window = policy.evaluate(terms, use=None, medium=terms.medium, territory=WORLD, date=_day(at), license=license)
    return policy.least([licenses.standing(session, license=row), window])


def _decide(session: Session, finding: Finding, claim: Claim | None, question: Question, why: Decision) -> Decision:
    """Every license must allow the use on that day; what ended the standing itself speaks against any use."""
    if finding.identification in UNSURE:
        return policy.deny("low-confidence", "identification", UNSURE[finding.identification])
    if claim is None:
        return policy.least([why] if why.reasons else [])
    lasting = tuple(reason for reason in why.reasons if reason.code not in ("expired", "not-yet"))
    decisions = [_allows(session, x.license, question) for x in claim.licenses]
    if lasting:
        decisions.append(Decision("deny", lasting))
    if finding.confidence < SURE:
        text = f"the file was not recognized surely enough; a confidence of {SURE} is needed"
        decisions.append(policy.deny("low-confidence", "confidence", text))
    return policy.least(decisions)


def _allows(session: Session, license: str, question: Question) -> Decision:
    row = session.get(License, license)
    if row is None:
        return policy.least([])
    return policy.evaluate(licenses.terms_of(row), license=license, **vars(question))


def _names(session: Session, claim: Claim | None) -> tuple[tuple[dict[str, str], ...], dict[str, str] | None]:
    """Licensors and licensee by the names they were recorded under, until they were erased."""
    if claim is None:
        return (), None
    licensors = {x.licensor: x.licensor_name for x in claim.licenses}
    if claim.own:
        licensors = {x.licensor: claim.licensee_name for x in claim.contributions}
    now = erasing.names_now(session, said={**licensors, claim.licensee: claim.licensee_name})
    licensee = None if claim.own else {"name": now[claim.licensee]}
    return tuple({"creator": id, "name": now[id]} for id in licensors), licensee


def _shares(claim: Claim | None) -> tuple[dict[str, str | int], ...]:
    return tuple(
        {"asset": x.asset, "title": x.title, "licensor": x.licensor, "share": x.share}
        for x in (claim.contributions if claim else ())
    )


def _two_digits(confidence: float) -> float:
    return math.floor(confidence * 100 + 1e-9) / 100


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(dt.UTC).date()
