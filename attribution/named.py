"""What is recorded under hashes, codes and numbers that were told, many at once; no file is shown, none is decoded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from attribution import judgment, looks
from attribution.evidence import SAME, Evidence, Finding
from attribution.models import RecordedClaim, StoredFingerprint
from core import db

Kind = Literal["work", "sha256", "iscc", "mark"]
CODED = 0.5  # by an ISCC alone: look-alikes share it, so it says which work it may be, and allows nothing
PATTERNS: Mapping[Kind, re.Pattern[str]] = {
    "work": re.compile(r"wrk_[0-9a-z]{26}"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "iscc": re.compile(r"ISCC:[A-Z2-7]{16,60}"),
    "mark": re.compile(r"[0-9a-f]{16}"),
}


@dataclass(frozen=True)
class Name:
    """A work's number; the SHA-256 of a sealed file or of samples; an ISCC; or a mark's number, 16 hex digits."""

    kind: Kind
    value: str


def found(session: Session, names: Sequence[Name]) -> list[Finding]:
    """What each name says, in their order: at most five queries, however many there are."""
    by_kind: dict[Kind, set[str]] = defaultdict(set)
    for name in names:
        by_kind[name.kind].add(name.value)
    answers = {
        **{Name("work", x): y for x, y in _by_number(session, by_kind["work"]).items()},
        **{Name("mark", x): y for x, y in _by_mark(session, by_kind["mark"]).items()},
        **{Name("iscc", x): y for x, y in _by_code(session, by_kind["iscc"]).items()},
        **{Name("sha256", x): y for x, y in _by_hash(session, by_kind["sha256"]).items()},
    }
    return [answers[name] for name in names]


def one(session: Session, kind: Kind, value: str) -> Finding:
    """What one name says."""
    return found(session, [Name(kind, value)])[0]


def _by_number(session: Session, works: set[str]) -> dict[str, Finding]:
    rows = {row.work: row for row in _claims(session, db.among(RecordedClaim.work, works), works)}
    return {work: _numbered(rows.get(work), work) for work in works}


def _by_mark(session: Session, numbers: set[str]) -> dict[str, Finding]:
    known = {
        f"{row.mark:016x}": row for row in _claims(session, db.among(RecordedClaim.mark, _whole(numbers)), numbers)
    }
    return {number: _numbered(known.get(number), f"the mark {number}") for number in numbers}


def _whole(numbers: Iterable[str]) -> list[int]:
    """As the database counts: what is beyond 63 bits is nobody's."""
    return [int(number, 16) for number in numbers if int(number, 16) < 1 << 63]


def _numbered(row: RecordedClaim | None, said: str) -> Finding:
    if row is None:
        return _nothing("number", f"no work is recorded here as {said}; no file was shown")
    seen = f"recorded here as {row.work}; no file was shown, so none is said to be this work"
    evidence = Evidence("number", 1.0, seen, work=row.work)
    return replace(judgment.found("named", 1.0, row, (evidence,), changed=None), payable=True)


def _by_code(session: Session, codes: set[str]) -> dict[str, Finding]:
    known: dict[str, list[RecordedClaim]] = defaultdict(list)
    for row in _claims(session, db.among(RecordedClaim.iscc, codes), codes):
        known[row.iscc].append(row)
    return {code: _coded(known[code]) for code in codes}


def _coded(rows: list[RecordedClaim]) -> Finding:
    if not rows:
        return _nothing("code", "nothing registered here has this ISCC; no file was shown")
    said = Evidence("code", CODED, "an ISCC that what looks or sounds alike has too; ask by the file to be sure")
    look = looks.told("code", [row.work for row in rows], CODED, said, claims=rows)
    assert look.claim is not None
    return judgment.found("named", look.confidence, look.claim, (look.evidence,), changed=None)


def _by_hash(session: Session, hashes: set[str]) -> dict[str, Finding]:
    """The hash names a file or samples exactly, wherever they are."""
    answers: dict[str, Finding] = {}
    for row in _claims(session, db.among(RecordedClaim.file_sha256, hashes), hashes):
        said = Evidence("hash", SAME, "the hash of the file as it was sealed here; the file itself was not shown")
        sealed = replace(judgment.found("recovered", SAME, row, (said,), changed=False), payable=True)
        answers.setdefault(row.file_sha256, sealed)
    subjects = _subjects(session, hashes - set(answers))
    works = {subject for group in subjects.values() for subject in group if subject.startswith("wrk_")}
    rows = {row.work: row for row in _claims(session, db.among(RecordedClaim.work, works), works)}
    for sha256 in hashes - set(answers):
        answers[sha256] = _sampled(subjects.get(sha256, []), rows)
    return answers


def _subjects(session: Session, hashes: set[str]) -> dict[str, list[str]]:
    """The ids of what is registered with these samples, the earliest first (ids sort by time)."""
    if not hashes:
        return {}
    columns = StoredFingerprint.samples_sha256, StoredFingerprint.subject
    query = select(*columns).where(db.among(columns[0], hashes)).order_by(columns[1])
    subjects: dict[str, list[str]] = defaultdict(list)
    for sha256, subject in session.execute(query):
        subjects[sha256].append(subject)
    return subjects


def _sampled(subjects: list[str], rows: Mapping[str, RecordedClaim]) -> Finding:
    if not subjects:
        return _nothing("hash", "nothing registered here has this hash")
    said = Evidence("hash", SAME, "the hash of samples registered here; the file itself was not shown")
    claims = sorted((rows[x] for x in subjects if x in rows), key=lambda row: (row.recorded_at, row.work))
    look = looks.told("samples", subjects, SAME, said, claims=claims)
    if look.claim is None:
        return Finding("matched", look.confidence, evidence=(look.evidence,))
    named = judgment.found("recovered", look.confidence, look.claim, (look.evidence,), changed=None)
    return replace(named, payable=look.grounds == 1)


def _claims(session: Session, which: ColumnElement[bool], asked: set[str]) -> Sequence[RecordedClaim]:
    """The earliest first."""
    if not asked:
        return []
    return session.scalars(
        select(RecordedClaim).where(which).order_by(RecordedClaim.recorded_at, RecordedClaim.work)
    ).all()


def _nothing(layer: Literal["number", "code", "hash"], said: str) -> Finding:
    return Finding("none", 0.0, evidence=(Evidence(layer, 0.0, said),))
