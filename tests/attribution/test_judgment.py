"""Several layers, one finding: what agrees, what contradicts, and when money may follow. No database."""

from __future__ import annotations

import pytest

from attribution.evidence import DERIVED, Evidence, Place, Region, Span
from attribution.judgment import MARKED, SAME, SIGNED, Look, Signs, judge
from attribution.manifest import Statement
from attribution.models import RecordedClaim
from core import ids
from tests.attribution.made import AT, claim

FILE = "f" * 64


def recorded() -> RecordedClaim:
    said = claim()
    return RecordedClaim(work=said.work, document=said.document(), file_sha256="0" * 64, recorded_at=AT)


A, B = recorded(), recorded()
NOTHING = Statement("none")


def signed(row: RecordedClaim) -> Statement:
    return Statement("trusted", row.document, "signed here, unchanged since")


def seen(
    row: RecordedClaim, *, layer: str = "fingerprint", sure: float = 0.99, here: Place | None = None, **more: bool
) -> Look:
    said = Evidence("fingerprint", sure, "its texture agrees", work=row.work, here=here)
    return Look(layer, (row.work,), row.work, row, sure, said, **more)


def marked(row: RecordedClaim) -> Look:
    return Look("mark", (row.work,), row.work, row, 0.95, Evidence("mark", 0.95, "the number hidden in it"))


CASES = {
    "signature, fingerprint and mark agree": (Signs(signed(A), A, (seen(A),), marked(A)), "proven", A, SIGNED, True),
    "signature and samples agree": (Signs(signed(A), A, (seen(A, layer="samples"),)), "proven", A, SIGNED, True),
    "fingerprint and mark agree": (Signs(NOTHING, None, (seen(A),), marked(A)), "recovered", A, SAME, True),
    "the very samples": (Signs(NOTHING, None, (seen(A, layer="samples", sure=SAME),)), "recovered", A, SAME, True),
    "composition and mark agree": (
        Signs(NOTHING, None, (seen(A, copy=False, sure=DERIVED),), marked(A)),
        "recovered",
        A,
        1 - (1 - DERIVED) * 0.05,
        True,
    ),
    "a mark over another picture of the same photograph": (
        Signs(NOTHING, None, (seen(A, copy=False, own=False, sure=DERIVED),), marked(A)),
        "hint",
        A,
        MARKED,
        False,
    ),
    "fingerprint alone": (Signs(NOTHING, None, (seen(A),)), "matched", A, 0.99, False),
    "mark alone": (Signs(NOTHING, None, (), marked(A)), "hint", A, MARKED, False),
    "composition alone": (Signs(NOTHING, None, (seen(A, copy=False, sure=0.995),)), "derived", A, DERIVED, False),
    "signature against fingerprint": (Signs(signed(A), A, (seen(B),)), "contested", B, 0.99, False),
    "signature against fingerprint and mark": (Signs(signed(A), A, (seen(B),), marked(B)), "contested", B, 0.99, False),
    "signature and fingerprint against a mark": (
        Signs(signed(A), A, (seen(A),), marked(B)),
        "proven",
        A,
        SIGNED,
        False,
    ),
    "fingerprint against a mark": (Signs(NOTHING, None, (seen(A),), marked(B)), "matched", A, 0.99, False),
    "signature over what nobody knows": (Signs(signed(A), A), "contested", A, 0.0, False),
    "signature of what cannot be compared": (Signs(signed(A), A, comparable=False), "proven", A, SIGNED, False),
    "signature and mark agree, and no texture is left": (Signs(signed(A), A, (), marked(A)), "proven", A, SIGNED, True),
    "signature and mark against fingerprint": (
        Signs(signed(A), A, (seen(B),), marked(A)),
        "contested",
        B,
        0.99,
        False,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_layers_are_brought_to_one_finding(case: str) -> None:
    signs, identification, row, confidence, payable = CASES[case]
    finding = judge(signs, sha256=FILE)
    assert (finding.identification, finding.work, finding.payable) == (identification, row.work, payable)
    assert finding.confidence == pytest.approx(min(SIGNED, confidence), abs=1e-3)


def test_nothing_is_nothing() -> None:
    assert judge(Signs(NOTHING, None), sha256=FILE).identification == "none"


def test_a_mark_of_another_work_is_told_and_stops_money() -> None:
    """Somebody copied a mark into the file, or put the file's picture over a marked one."""
    finding = judge(Signs(NOTHING, None, (seen(A),), marked(B)), sha256=FILE)
    assert finding.others == (B.work,)
    assert [evidence.layer for evidence in finding.evidence] == ["fingerprint", "mark"]


@pytest.mark.parametrize(
    ("first", "second"),
    [(Region(0, 0, 0.4, 1), Region(0.6, 0, 1, 1)), (Span(0, 30), Span(30, 60))],
)
def test_works_in_different_places_are_several(first: Place, second: Place) -> None:
    finding = judge(Signs(NOTHING, None, (seen(A, here=first), seen(B, here=second)), marked(A)), sha256=FILE)
    assert (finding.identification, finding.work, finding.others) == ("several", A.work, (B.work,))
    assert not finding.payable


@pytest.mark.parametrize(
    ("first", "second"),
    [(Region(0, 0, 0.6, 1), Region(0.1, 0, 0.7, 1)), (Span(0, 30), Span(5, 30)), (Region(0, 0, 1, 1), None)],
)
def test_works_in_one_place_are_one(first: Place, second: Place | None) -> None:
    finding = judge(Signs(NOTHING, None, (seen(A, here=first), seen(B, here=second))), sha256=FILE)
    assert (finding.identification, finding.work, finding.others) == ("matched", A.work, ())


def test_a_claim_that_is_not_the_recorded_one_is_contested() -> None:
    quoted = Statement("trusted", {**A.document, "licensee_name": "Eve Moss"})
    finding = judge(Signs(quoted, A, (seen(A),), marked(A)), sha256=FILE)
    assert (finding.identification, finding.payable) == ("contested", False)
    assert "another claim" in finding.evidence[0].detail


def test_a_registered_original_has_no_claim_and_pays_nobody() -> None:
    asset = ids.new("ast")
    look = Look("samples", (asset,), asset, None, SAME, Evidence("samples", SAME, "sample for sample"))
    finding = judge(Signs(NOTHING, None, (look,)), sha256=FILE)
    assert (finding.identification, finding.claim, finding.payable, finding.changed) == ("matched", None, False, False)


@pytest.mark.parametrize("named", [A, B])
def test_of_works_that_look_the_same_the_mark_tells_which(named: RecordedClaim) -> None:
    """Else one would be told under the other's licenses, or as withdrawn because the other is."""
    both = (A.work, B.work)
    for chosen in (A, B):
        alike = Evidence("fingerprint", 0.4975, "its texture agrees; 2 works look the same", work=chosen.work)
        look = Look("fingerprint", both, chosen.work, chosen, 0.4975, alike, grounds=2)
        finding = judge(Signs(NOTHING, None, (look,), marked(named)), sha256=FILE)
        assert (finding.identification, finding.work, finding.claim) == ("recovered", named.work, named.document)
        assert (finding.payable, finding.others) == (True, ())
        assert finding.confidence == pytest.approx(SAME, abs=1e-3)


def test_the_very_file_that_was_sealed_is_proven_whatever_its_form_has_left() -> None:
    finding = judge(Signs(signed(A), A), sha256=A.file_sha256)
    assert (finding.identification, finding.work, finding.payable) == ("proven", A.work, True)


def test_of_several_grounds_no_money_follows() -> None:
    look = Look("samples", (A.work, B.work), A.work, A, SAME / 2, Evidence("samples", SAME / 2, "alike"), grounds=2)
    assert not judge(Signs(NOTHING, None, (look,)), sha256=FILE).payable
