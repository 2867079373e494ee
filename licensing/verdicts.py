"""Pure: a platform's question answered: is this file licensed, and may it be used so, there, on that day?

Attribution says what the file is; this adds what the licenses say. Three answers are kept apart: what the file is
(evidence, confidence), whether its license stands (standing), and whether this use is allowed (permission). What it is
composed from are facts, wherever they come from: the database (`licensing.grounds`), a snapshot, the sandbox.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from attribution.claim import Claim
from attribution.evidence import Evidence, Finding, Identification
from core.shares import WHOLE
from licensing import dues, policy
from licensing.dues import Division, NoTermsFor, Part
from licensing.policy import Decision, Permission, Reason
from licensing.terms import Terms
from licensing.territories import WORLD

Standing = Literal["licensed", "withdrawn", "unlicensed", "unknown"]
SURE = 0.9  # below this a file may be told from others, but no use is allowed on the strength of it
GONE = {"withdrawn", "revoked"}
WORST: tuple[Standing, ...] = ("unlicensed", "withdrawn", "unknown", "licensed")
UNSURE = {
    "derived": "it is composed like a work registered here, or has its tune, but it is no copy of it",
    "hint": "only the mark hidden in it names a work, and marks can be copied",
}
OPEN = {"contested", *UNSURE}  # whose it is is not settled, so neither is whom it owes


@dataclass(frozen=True)
class Question:
    """What is asked, completed: no medium is the work's own, no territory the whole world, no date today (UTC)."""

    use: str
    medium: str
    territory: str
    date: dt.date


@dataclass(frozen=True)
class Ground:
    """A license that a work rests on: its terms, their hash, and whether it stands itself, whatever is asked."""

    license: str
    terms: Terms
    terms_hash: str
    stands: Decision


@dataclass(frozen=True)
class Grounds:
    """The facts that verdicts are composed from.

    `licenses`: by id; one that is missing is unknown. `names`: of people and profiles by id, as they may be told now;
    of those that are missing, the recorded ones. `others`: further works in a file, by id, as if each were alone in it.
    `styles`: of assets by id, where only they tell which license an asset rests on. `claims`: those that were read
    already, by work.
    """

    licenses: Mapping[str, Ground] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Finding] = field(default_factory=dict)
    styles: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)

    def claim_of(self, finding: Finding) -> Claim | None:
        """The claim of what was found, read."""
        if finding.claim is None:
            return None
        known = self.claims.get(finding.work) if finding.work is not None else None
        return known or Claim.read(finding.claim)


NOTHING = Grounds()


@dataclass(frozen=True)
class Verdict:
    """The answer. `permission` and `question` are None unless a use was asked about; `shares` are millionths.

    `income`: how what the work earns is divided, where that is settled. `terms`: the hash of each license's.
    """

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
    income: Division | None
    terms: tuple[tuple[str, str], ...]

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
            "income": self.income.document() if self.income is not None else None,
            "terms": [{"license": license, "sha256": sha256} for license, sha256 in self.terms],
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


def compose(
    finding: Finding,
    grounds: Grounds,
    *,
    use: str | None = None,
    medium: str | None = None,
    territory: str | None = None,
    date: dt.date | None = None,
    at: dt.datetime,
) -> Verdict:
    """What a platform is told of what was found. Raises BadQuestion.

    Without a medium the work's own is meant; without a territory the use must be allowed everywhere; without a date,
    on the day (UTC) of `at`. Several licenses must all allow it, and so must several works in one file.
    """
    claim = grounds.claim_of(finding)
    question = None
    if use is not None:
        own = claim.medium if claim else "picture"
        question = Question(use, medium or own, territory or WORLD, date or _day(at))
        policy.check(use=use, medium=question.medium, territory=question.territory)
    standing, why, decision = _least(_works(finding, grounds), grounds, question, at)
    reasons = (*why.reasons, *(decision.reasons if decision else ()))
    licensors, licensee = _names(grounds, claim)
    known = [grounds.licenses[x.license] for x in (claim.licenses if claim else ()) if x.license in grounds.licenses]
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
        income=None if finding.identification in OPEN else _income(grounds, claim),
        terms=tuple((x.license, x.terms_hash) for x in known),
    )


def _works(finding: Finding, grounds: Grounds) -> list[Finding]:
    """Each work in the file, as if it were alone in it."""
    if finding.identification != "several":
        return [finding]
    alone = replace(finding, identification="matched")
    unknown = Finding("matched", finding.confidence)
    others = [grounds.others.get(id, unknown) for id in finding.others]
    return [alone, *(replace(x, identification="matched", confidence=finding.confidence) for x in others)]


def _least(
    works: Sequence[Finding], grounds: Grounds, question: Question | None, at: dt.datetime
) -> tuple[Standing, Decision, Decision | None]:
    """Of several works in one file, the worst standing and the least permission."""
    standings, whys, decisions = [], [], []
    for work in works:
        claim = grounds.claim_of(work)
        standing, why = _standing(work, claim, grounds, at)
        standings.append(standing)
        whys.append(why)
        if question is not None:
            decisions.append(_decide(work, claim, grounds, question, why))
    return min(standings, key=WORST.index), policy.least(whys), policy.least(decisions) if decisions else None


def _standing(finding: Finding, claim: Claim | None, grounds: Grounds, at: dt.datetime) -> tuple[Standing, Decision]:
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
    why = policy.least(_stands(grounds, x.license, at) for x in claim.licenses)
    if why.permission == "permit":
        return "licensed", why
    return ("withdrawn" if GONE & {reason.code for reason in why.reasons} else "unlicensed"), why


def _stands(grounds: Grounds, license: str, at: dt.datetime) -> Decision:
    ground = grounds.licenses.get(license)
    if ground is None:
        return policy.deny("no-license", "license", f"license {license} is not known here", license=license)
    terms = ground.terms
    window = policy.evaluate(terms, use=None, medium=terms.medium, territory=WORLD, date=_day(at), license=license)
    return policy.least([ground.stands, window])


def _decide(finding: Finding, claim: Claim | None, grounds: Grounds, question: Question, why: Decision) -> Decision:
    """Every license must allow the use on that day; what ended the standing itself speaks against any use."""
    if finding.identification in UNSURE:
        return policy.deny("low-confidence", "identification", UNSURE[finding.identification])
    if claim is None:
        return policy.least([why] if why.reasons else [])
    lasting = tuple(reason for reason in why.reasons if reason.code not in ("expired", "not-yet"))
    decisions = [_allows(grounds, x.license, question) for x in claim.licenses]
    if lasting:
        decisions.append(Decision("deny", lasting))
    if finding.confidence < SURE:
        text = f"the file was not recognized surely enough; a confidence of {SURE} is needed"
        decisions.append(policy.deny("low-confidence", "confidence", text))
    return policy.least(decisions)


def _allows(grounds: Grounds, license: str, question: Question) -> Decision:
    ground = grounds.licenses.get(license)
    return policy.evaluate(ground.terms, license=license, **vars(question)) if ground else policy.least([])


def _names(grounds: Grounds, claim: Claim | None) -> tuple[tuple[dict[str, str], ...], dict[str, str] | None]:
    """Licensors and licensee by the names they may be told by."""
    if claim is None:
        return (), None
    licensors = licensors_of(claim)
    now = {**licensors, claim.licensee: claim.licensee_name, **grounds.names}
    licensee = None if claim.own else {"name": now[claim.licensee]}
    return tuple({"creator": id, "name": now[id]} for id in licensors), licensee


def licensors_of(claim: Claim) -> dict[str, str]:
    """Whom the work rests on, by creator id, with the names that were recorded."""
    if claim.own:
        return {x.licensor: claim.licensee_name for x in claim.contributions}
    return {x.licensor: x.licensor_name for x in claim.licenses}


def _income(grounds: Grounds, claim: Claim | None) -> Division | None:
    """How what the work earns is divided; None where that cannot be told, or there is no work."""
    if claim is None:
        return None
    if claim.own:
        return dues.divided([Part(x.licensor, x.share, WHOLE, 0) for x in claim.contributions])
    try:
        shares = dues.by_license(claim, styles=grounds.styles)
        given = [(x, grounds.licenses[x.license].terms) for x in claim.licenses]
    except (NoTermsFor, KeyError):
        return None
    return dues.divided([Part(x.licensor, shares[x.license], y.royalty_ppm, y.fan_ppm) for x, y in given])


def _shares(claim: Claim | None) -> tuple[dict[str, str | int], ...]:
    return tuple(
        {"asset": x.asset, "title": x.title, "licensor": x.licensor, "share": x.share}
        for x in (claim.contributions if claim else ())
    )


def _two_digits(confidence: float) -> float:
    return math.floor(confidence * 100 + 1e-9) / 100


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(dt.UTC).date()
