"""Verdicts: what a platform is told, for every way a file can stand."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from attribution.claim import Claim
from attribution.verify import Evidence, Finding
from core import ids
from core.shares import WHOLE
from creators import styles
from licensing import grounds, licenses, offers
from licensing.models import License
from licensing.policy import BadQuestion
from licensing.terms import Terms
from licensing.verdicts import Verdict
from payments import income
from payments.waterfall import increments
from tests.creators import studio as people
from tests.creators.studio import AT, Studio
from tests.licensing.examples import TERMS
from tests.licensing.sealed import claim_on

KEYS = {
    "standing",
    "confidence",
    "permission",
    "reasons",
    "work",
    "licensors",
    "licensee",
    "shares",
    "evidence",
    "changed",
    "identification",
    "payable",
    "others",
    "income",
    "terms",
}
LATER = AT + dt.timedelta(days=30)
NOTHING = Finding(identification="none", confidence=0.0)


def granted(session: Session, studio: Studio, name: str, seed: int, terms: Terms = TERMS) -> License:
    style = studio.listed(session, name=name, seed=seed)
    offer = offers.publish(session, style=style.id, creator=style.creator, terms=terms, at=AT)
    return licenses.grant(session, offer=offer.id, licensee=people.person(session).id, at=AT)


def found(claim: Claim, identification: str = "proven", **facts: Any) -> Finding:
    said: dict[str, Any] = {
        "confidence": 0.999,
        "work": claim.work,
        "claim": claim.document(),
        "evidence": (Evidence("manifest", 0.999, "signed here"),),
    }
    return Finding(identification=identification, **{**said, **facts})


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def ask(session: Session, finding: Finding, **question: Any) -> tuple[str, str | None, list[str]]:
    verdict = grounds.answer(session, finding, **{"at": AT, **question})
    return verdict.standing, verdict.permission, codes(verdict)


@pytest.fixture
def row(session: Session, studio: Studio) -> License:
    return granted(session, studio, "Ada Marsh", 1)


@pytest.fixture
def claim(session: Session, row: License) -> Claim:
    return claim_on(session, row)


def test_a_live_work_under_a_standing_license_is_licensed(session: Session, claim: Claim) -> None:
    for identification in ("proven", "recovered", "matched"):
        assert ask(session, found(claim, identification)) == ("licensed", None, [])


def test_the_document_has_exactly_its_keys_and_is_json(session: Session, claim: Claim, row: License) -> None:
    verdict = grounds.answer(session, found(claim), use="sell", territory="DE", at=AT)
    document = json.loads(json.dumps(verdict.document()))
    assert set(document) == KEYS
    assert document["licensors"] == [{"creator": row.licensor, "name": "Ada Marsh"}]
    assert document["licensee"] == {"name": "Bob Reed"}
    assert document["work"] == claim.work
    assert sum(share["share"] for share in document["shares"]) == 1_000_000
    assert set(document["shares"][0]) == {"asset", "title", "licensor", "share"}
    said = {"layer": "manifest", "confidence": 0.999, "detail": "signed here"}
    assert document["evidence"] == [said | dict.fromkeys(("work", "here", "there"))]
    assert [set(reason) for reason in document["reasons"]] == [{"code", "clause", "license", "text"}]


def test_what_it_owes_is_what_the_ledger_will_divide(session: Session, studio: Studio) -> None:
    rows = [granted(session, studio, "Ada Marsh", 1), granted(session, studio, "Ida Lund", 2)]
    both = claim_on(session, *rows)
    verdict = grounds.answer(session, found(both), at=AT)
    assert verdict.income is not None
    assert verdict.terms == tuple((row.id, row.terms_hash) for row in rows)
    paid = increments(income.program_of(session, both), 0, WHOLE)
    owed = verdict.income
    assert paid.get("platform", 0) == owed.platform_ppm
    assert paid[f"person:{both.licensee}"] == owed.fan_ppm
    for creator, share in owed.licensors:
        assert abs(paid[f"creator:{creator}"] - share * owed.creators_ppm // WHOLE) <= 1
    assert grounds.answer(session, found(both, "contested"), at=AT).income is None


PERMISSIONS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"use": "print", "territory": "DE"}, "permit", []),
    ({"use": "print", "medium": "picture", "territory": "AT", "date": dt.date(2028, 12, 31)}, "permit", []),
    ({"use": "sell", "territory": "DE"}, "needs-report", ["report"]),
    ({"use": "print"}, "deny", ["territory"]),
    ({"use": "print", "territory": "FR"}, "deny", ["territory"]),
    ({"use": "stream", "territory": "DE"}, "deny", ["use"]),
    ({"use": "train", "territory": "DE"}, "deny", ["training-reserved"]),
    ({"use": "print", "territory": "DE", "date": dt.date(2029, 1, 1)}, "deny", ["expired"]),
    ({"use": "print", "territory": "DE", "date": dt.date(2025, 1, 1)}, "deny", ["not-yet"]),
]


def test_permission_follows_the_terms(session: Session, claim: Claim) -> None:
    for question, permission, why in PERMISSIONS:
        assert ask(session, found(claim), **question) == ("licensed", permission, why), question


def test_a_license_that_has_ended_no_longer_stands(session: Session, claim: Claim) -> None:
    after = dt.datetime(2029, 6, 1, tzinfo=dt.UTC)
    assert ask(session, found(claim), at=after) == ("unlicensed", None, ["expired"])
    assert ask(session, found(claim), use="print", territory="DE", at=after)[1] == "deny"
    then = ask(session, found(claim), use="print", territory="DE", date=dt.date(2028, 1, 1), at=after)
    assert then[:2] == ("unlicensed", "permit")  # what was done while it ran was allowed


def test_a_withdrawn_claim_is_withdrawn_whatever_is_asked(session: Session, claim: Claim) -> None:
    gone = found(claim, withdrawn_at=LATER, withdrawn_reason="enough")
    assert ask(session, gone) == ("withdrawn", None, ["withdrawn"])
    assert ask(session, gone, use="print", territory="DE") == ("withdrawn", "deny", ["withdrawn"])


def test_a_revoked_license_is_withdrawn(session: Session, claim: Claim, row: License) -> None:
    licenses.revoke(session, license=row.id, by=row.licensor, reason="enough", at=LATER)
    assert ask(session, found(claim), use="print", territory="DE") == ("withdrawn", "deny", ["revoked"])


def test_a_suspended_style_is_withdrawn(session: Session, claim: Claim, row: License) -> None:
    styles.suspend(session, style=row.style, creator=row.licensor, reason="enough", at=LATER)
    assert ask(session, found(claim)) == ("withdrawn", None, ["withdrawn"])


def test_a_retired_style_leaves_its_works_licensed(session: Session, claim: Claim, row: License) -> None:
    styles.retire(session, style=row.style, creator=row.licensor, at=LATER)
    assert ask(session, found(claim), use="print", territory="DE") == ("licensed", "permit", [])


def test_a_held_style_makes_its_works_contested(session: Session, claim: Claim, row: License) -> None:
    styles.hold(session, style=row.style, reason="a report", at=LATER)
    assert ask(session, found(claim), use="print", territory="DE") == ("unlicensed", "deny", ["contested"])


def test_contradicting_marks_are_unlicensed(session: Session, claim: Claim) -> None:
    contested = found(claim, "contested")
    assert ask(session, contested, use="print", territory="DE") == ("unlicensed", "deny", ["contested"])


def test_an_original_without_a_license_is_unlicensed(session: Session) -> None:
    original = replace(NOTHING, identification="matched", confidence=1.0)
    assert ask(session, original, use="print") == ("unlicensed", "deny", ["no-license"])


def test_what_nobody_registered_is_unknown(session: Session) -> None:
    assert ask(session, NOTHING) == ("unknown", None, [])
    assert ask(session, NOTHING, use="print") == ("unknown", "deny", ["no-license"])


def test_an_uncertain_match_allows_nothing(session: Session, claim: Claim) -> None:
    unsure = found(claim, "matched", confidence=0.5)
    assert ask(session, unsure, use="print", territory="DE") == ("licensed", "deny", ["low-confidence"])


def test_a_claim_of_an_unknown_license_is_unlicensed(session: Session, claim: Claim) -> None:
    lost = replace(claim, licenses=(replace(claim.licenses[0], license=ids.new("lic")),))
    assert ask(session, found(lost), use="print")[:2] == ("unlicensed", "deny")
    assert "no-license" in ask(session, found(lost))[2]


def test_of_several_licenses_the_least_permission_wins(session: Session, studio: Studio, row: License) -> None:
    wide = granted(session, studio, "Ida Lund", 2, replace(TERMS, territory="world", report_uses=frozenset()))
    both = found(claim_on(session, row, wide))
    assert ask(session, both, use="print", territory="DE") == ("licensed", "permit", [])
    assert ask(session, both, use="sell", territory="DE") == ("licensed", "needs-report", ["report"])
    assert ask(session, both, use="print", territory="FR") == ("licensed", "deny", ["territory"])
    assert [x["name"] for x in grounds.answer(session, both, at=AT).licensors] == ["Ada Marsh", "Ida Lund"]
    licenses.revoke(session, license=wide.id, by=wide.licensor, reason="enough", at=LATER)
    assert ask(session, both, use="print", territory="DE") == ("withdrawn", "deny", ["revoked"])


def test_a_question_in_unknown_words_is_refused(session: Session, claim: Claim) -> None:
    questions: list[dict[str, Any]] = [{"use": "eat"}, {"use": "print", "territory": "xx"}]
    for question in questions:
        for finding in (NOTHING, found(claim)):
            with pytest.raises(BadQuestion):
                grounds.answer(session, finding, at=AT, **question)
