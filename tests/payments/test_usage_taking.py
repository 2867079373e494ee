"""Lines taken into the books: each once, in any order and any pieces, and every unit where the lines say."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from attribution.models import RecordedClaim
from core import ids, jobs
from payments import audit, ledger
from payments.models import Entry, Stream
from payments.usage import audit as usage
from payments.usage import matches, matching, reporting, taking
from payments.usage.files import Faulty, Piece, Place, Read
from payments.usage.lines import Line
from payments.usage.matches import Asking
from payments.usage.matching import Works
from payments.usage.models import UsageFault, UsageLine, UsageMatch, UsageReport, UsageTotal
from tests.payments import made
from tests.payments.books import AT

DAY = dt.date(2026, 2, 1)


def report(session: Session, reporter: str) -> UsageReport:
    row = UsageReport(id=ids.new("usg"), reporter=reporter, idempotency_key=ids.new("msg"), form="csv", columns=[])
    row.sha256, row.bytes, row.processor, row.state, row.place, row.number = "0" * 64, 1, "rehearsal", "taking", 0, 1
    row.batches = row.lines = row.taken = row.duplicates = row.held = row.faulty = row.flagged = 0
    row.earned = row.waiting = 0
    row.created_at = row.moved_at = AT
    session.add(row)
    session.flush()
    return row


def line(id: str, work: str, amount: int = 1_000_000, *, use: str = "publish", **changes: object) -> Line:
    said = Line(id, (f"work:{work}",), use, None, "DE", DAY, DAY, 3, amount)
    return said._replace(**changes)  # type: ignore[arg-type]


def take(session: Session, row: UsageReport, *lines: Line, ended: bool = False, faulty: int = 0) -> UsageReport:
    start = Place(row.place, row.number)
    end = Place(row.place + 100, row.number + len(lines) + faulty)
    piece = Piece(start, end, ended)
    piece.lines = [Read(start.number + n, said.id.encode(), said) for n, said in enumerate(lines, 1)]
    piece.faulty = [Faulty(end.number - n, "date", "no day", b"=1+1") for n in range(faulty)]
    return taking.take(session, report=row.id, piece=piece, works=Works(), at=AT)


def earned(session: Session, work: str) -> int:
    stream = session.get(Stream, (work, "exploitation", "USD/6"), populate_existing=True)
    return stream.received if stream else 0


def assert_lines_are_in_the_books(session: Session) -> None:
    """Each entry is the sum of its lines, each total that of its work's, and the ledger agrees with itself."""
    session.flush()
    assert usage.findings(session) == []
    assert audit.walk(session, report=lambda step, of, stage: None).findings == []


@pytest.fixture
def label(session: Session) -> str:
    return made.person(session, "Label")


@pytest.fixture
def works(session: Session) -> list[str]:
    """Two finished works that rest on one license, and a third on another creator's."""
    fan = made.person(session)
    one = made.license(session, fan=fan, licensor=made.creator(session))
    other = made.license(session, fan=fan, licensor=made.creator(session, "Eve Lund"), royalty_ppm=900_000, fan_ppm=0)
    return [made.work(session, fan=fan, parts=[(given, 1_000_000)]) for given in (one, one, other)]


def test_lines_of_one_work_become_one_entry_by_its_program(session: Session, label: str, works: list[str]) -> None:
    row = take(session, report(session, label), *(line(f"l{n}", works[n % 3], 10 + n) for n in range(9)), ended=True)
    assert (row.state, row.lines, row.taken, row.earned, row.batches) == ("done", 9, 9, sum(range(10, 19)), 1)
    assert [earned(session, work) for work in works] == [10 + 13 + 16, 11 + 14 + 17, 12 + 15 + 18]
    assert session.scalar(select(func.count()).select_from(Entry)) == 3
    assert_lines_are_in_the_books(session)


def test_however_lines_are_cut_into_pieces_everybody_gets_the_same(
    session: Session, label: str, works: list[str]
) -> None:
    fan = session.get_one(RecordedClaim, works[0]).document["licensee"]
    said = [line(f"l{n}", works[n % 2], 1 + n % 5) for n in range(12)]
    whole = report(session, label)
    take(session, whole, *said, ended=True)
    once = ledger.balance(session, f"person:{fan}").amount
    pieces = report(session, made.person(session, "Other"))
    for start in range(0, 12, 5):
        take(session, pieces, *said[start : start + 5])
    both = ledger.balance(session, f"person:{fan}").amount
    assert abs(both - 2 * once) <= 2  # a unit of each work, as one payment of all would give
    assert earned(session, works[0]) == 2 * sum(x.amount for x in said[::2])
    assert_lines_are_in_the_books(session)


def test_a_line_is_taken_once_whichever_report_it_comes_in(session: Session, label: str, works: list[str]) -> None:
    first = take(session, report(session, label), line("a", works[0]), line("b", works[0]), line("a", works[0]))
    assert (first.taken, first.duplicates) == (2, 1)
    again = take(session, report(session, label), line("b", works[0]), line("c", works[0]))
    assert (again.taken, again.duplicates) == (1, 1)
    assert earned(session, works[0]) == 3_000_000
    assert take(session, report(session, made.person(session, "Eve")), line("a", works[0])).taken == 1
    assert_lines_are_in_the_books(session)


def test_the_same_id_with_other_content_is_faulty(session: Session, label: str, works: list[str]) -> None:
    row = take(session, report(session, label), line("a", works[0]), line("a", works[0], 5))
    again = take(session, report(session, label), line("a", works[1]), line("b", works[1]))
    assert [(x.taken, x.faulty) for x in (row, again)] == [(1, 1), (1, 1)]
    assert {x.field for x in session.scalars(select(UsageFault))} == {"id"}
    assert_lines_are_in_the_books(session)


def test_a_piece_that_was_taken_is_not_taken_again(session: Session, label: str, works: list[str]) -> None:
    row = report(session, label)
    piece = Piece(Place(0, 1), Place(100, 2), True, [Read(2, b"", line("a", works[0]))])
    for _ in range(2):
        taking.take(session, report=row.id, piece=piece, works=Works(), at=AT)
    assert (row.taken, row.duplicates, earned(session, works[0])) == (1, 0, 1_000_000)


def test_what_names_no_known_work_is_held_and_posts_nothing(session: Session, label: str, works: list[str]) -> None:
    unknown, several = line("a", ids.new("wrk")), line("b", works[0])
    several = several._replace(references=(f"work:{works[0]}", f"work:{works[2]}"))
    row = take(session, report(session, label), unknown, several, line("c", works[0]))
    assert (row.taken, row.held, row.earned, row.waiting) == (1, 2, 1_000_000, 2_000_000)
    held = session.execute(select(UsageLine.line_id, UsageLine.reason).where(UsageLine.state == "held")).all()
    assert dict(held) == {"a": matching.UNKNOWN, "b": matching.SEVERAL}
    assert_lines_are_in_the_books(session)


def test_a_work_is_found_by_whatever_names_it(session: Session, label: str) -> None:
    fan = made.person(session)
    given = made.license(session, fan=fan, licensor=made.creator(session))
    codes = {"file_sha256": "ab" * 32, "iscc": "ISCC:EEAXYZ2345", "mark": 0xAB, "mark_epoch": "2026-1"}
    work = made.work(session, fan=fan, parts=[(given, 1_000_000)], **codes)
    named = ("mark:00000000000000ab", f"sha256:{'ab' * 32}", f"work:{work}")
    lines = [line(f"l{n}", work, references=(name,)) for n, name in enumerate(named)]
    row = take(session, report(session, label), *lines)
    assert (row.taken, row.held, earned(session, work)) == (3, 0, 3_000_000)


def test_a_code_that_look_alikes_share_pays_nobody_until_its_reporter_confirms(session: Session, label: str) -> None:
    fan = made.person(session)
    given = made.license(session, fan=fan, licensor=made.creator(session))
    codes = ("ISCC:EEAXYZ2345", "ISCC:EEAXYZ2346")
    work, other = (made.work(session, fan=fan, parts=[(given, 1_000_000)], iscc=code) for code in codes)
    alike, others = (f"iscc:{code}" for code in codes)
    said = {
        "alone": (alike,),
        "beside": (f"work:{work}", alike),
        "against": (f"work:{work}", others),
        "unknown": (f"sha256:{'cd' * 32}", alike),
    }
    row = take(session, report(session, label), *(line(id, work, references=named) for id, named in said.items()))
    held = session.execute(select(UsageLine.line_id, UsageLine.reason).where(UsageLine.state == "held")).all()
    only, several = matching.CODE_ONLY, matching.SEVERAL
    assert dict(held) == {"alone": only, "unknown": only, "against": several}
    assert (row.taken, row.held, earned(session, work)) == (1, 3, 1_000_000)
    for reference in (alike, f"work:{work}"):  # a look-alike's owner does not decide by what the registry has
        asked = {"reporter": label, "reference": reference, "work": work, "at": AT}
        assert matches.propose(session, who=Asking(fan), **asked).state == "open"  # type: ignore[arg-type]
    assert earned(session, work) == 1_000_000
    match = matches.propose(session, who=Asking(label), reporter=label, reference=alike, work=work, at=AT)
    assert (match.state, earned(session, work)) == ("confirmed", 2_000_000)
    take(session, report(session, label), line("later", work, references=(alike,)))
    assert (earned(session, work), earned(session, other)) == (3_000_000, 0)
    assert_lines_are_in_the_books(session)


def test_a_match_that_was_refused_is_not_confirmed_by_its_proposer(session: Session, label: str) -> None:
    fan = made.person(session)
    given = made.license(session, fan=fan, licensor=made.creator(session))
    reference = f"sha256:{'ab' * 32}"
    take(session, report(session, label), line("a", ids.new("wrk"), references=(reference,)))
    work = made.work(session, fan=fan, parts=[(given, 1_000_000)], file_sha256="ab" * 32)
    match = UsageMatch(id=ids.new("mtc"), reporter=label, reference=reference, work=work, proposer=fan, state="open")
    match.created_at = AT
    session.add(match)
    session.flush()
    matches.decide(session, who=Asking(label), match=match.id, confirm=False, at=AT)
    asked = {"reporter": label, "reference": reference, "work": work, "at": AT}
    assert matches.propose(session, who=Asking(fan), **asked).state == "refused"  # type: ignore[arg-type]
    assert earned(session, work) == 0


def test_what_the_terms_do_not_cover_is_owed_and_flagged(session: Session, label: str, works: list[str]) -> None:
    session.execute(
        update(RecordedClaim)
        .where(RecordedClaim.work == works[1])
        .values(withdrawn_at=AT - timedelta(days=60), withdrawn_reason="revoked")
    )
    late = dt.date(2029, 5, 1)
    lines = [
        line("fine", works[0]),
        line("place", works[0], territory="FR"),
        line("use", works[0], use="train"),
        line("late", works[0], first_on=late, last_on=late),
        line("gone", works[1]),
    ]
    row = take(session, report(session, label), *lines)
    said = dict(session.execute(select(UsageLine.line_id, UsageLine.reason)).all())
    assert said == {
        **{"fine": None, "place": "territory", "use": "training-reserved", "late": "expired"},
        "gone": "withdrawn",
    }
    assert (row.taken, row.flagged, row.earned) == (5, 4, 5_000_000)


def test_a_work_that_cannot_take_more_holds_its_lines_and_spoils_no_others(
    session: Session, label: str, works: list[str]
) -> None:
    most = 2**63 - 1 - 10**6
    first = report(session, label)
    huge = [line("huge", works[0], most)]  # beyond what a line may say, as very many lines would sum to
    take(session, first, *huge)
    row = take(session, report(session, label), line("a", works[0], 10**6 + 1), line("b", works[2]))
    assert (row.taken, row.held, row.earned, row.waiting) == (1, 1, 1_000_000, 10**6 + 1)
    assert earned(session, works[0]) == most
    assert session.scalars(select(UsageLine.reason).where(UsageLine.state == "held")).all() == [matching.REFUSED]
    assert_lines_are_in_the_books(session)


def test_a_work_whose_terms_are_not_those_of_its_claim_holds_its_lines(session: Session, label: str) -> None:
    fan = made.person(session)
    given = made.license(session, fan=fan, licensor=made.creator(session))
    other = replace(given, terms=replace(given.terms, royalty_ppm=1))
    row = take(session, report(session, label), line("a", made.work(session, fan=fan, parts=[(other, 1_000_000)])))
    assert (row.taken, row.held) == (0, 1)
    assert session.scalars(select(UsageLine.reason)).all() == [matching.NO_TERMS]


def test_faulty_lines_are_kept_up_to_a_number_and_all_counted(
    session: Session, label: str, works: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MOST_FAULTS", 3)
    row = report(session, label)
    take(session, row, faulty=2)
    take(session, row, line("a", works[0]), faulty=4)
    assert (row.faulty, row.taken, row.lines) == (6, 1, 7)
    assert session.scalars(select(UsageFault.number).order_by(UsageFault.number)).all() == [2, 3, 5]


def test_counts_alone_post_nothing(session: Session, label: str, works: list[str]) -> None:
    row = take(session, report(session, label), *(line(f"l{n}", works[0], 0, use="stream") for n in range(3)))
    assert (row.taken, row.earned) == (3, 0)
    assert session.scalar(select(func.count()).select_from(Entry)) == 0
    total = session.get_one(UsageTotal, (works[0], "stream"))
    assert (total.lines, total.quantity, total.amount) == (3, 9, 0)
    assert Counter(session.scalars(select(UsageLine.state))) == {"taken": 3}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            "UPDATE usage_lines SET amount = amount + 1 WHERE line_id = 'a'",
            ("entry income:usg_", "total", "usage report"),
        ),
        ("DELETE FROM usage_lines WHERE line_id = 'b'", ("entry income:usg_", "total", "usage report")),
        ("UPDATE usage_totals SET quantity = 0", ("total of publish", "total of publish")),
        ("UPDATE usage_reports SET earned = earned + 1", ("usage report",)),
        ("UPDATE usage_lines SET batch = 2 WHERE line_id = 'a'", ("entry income:usg_", "entry income:usg_")),
    ],
)
def test_the_audit_names_what_was_changed_by_hand(
    session: Session, label: str, works: list[str], change: str, named: tuple[str, ...]
) -> None:
    take(session, report(session, label), line("a", works[0]), line("b", works[2]), line("c", ids.new("wrk")))
    assert usage.findings(session) == []
    session.execute(text(change))
    found = usage.findings(session)
    assert len(found) == len(named)
    assert all(part in finding for part, finding in zip(named, found, strict=True))


def test_who_leaves_takes_along_what_was_faulty_and_waits_for_what_is_taken(
    session: Session, label: str, works: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "defer", lambda *_, **__: None)
    row = take(session, report(session, label), line("a", works[0]), faulty=2)
    assert reporting.unfinished(session, person=label) == 1
    take(session, row, ended=True)
    assert reporting.unfinished(session, person=label) == 0
    reporting.forget(session, person=label)
    assert session.scalars(select(UsageFault)).all() == []
    assert (row.idempotency_key, row.columns) == (row.id, [])
    assert usage.findings(session) == []
