"""Reports with a sandbox key: checked and divided as a first one about samples is, then thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from core import ids
from core.errors import Invalid
from core.money import Money
from core.shares import WHOLE
from licensing.dues import Part
from licensing.sandbox import pictures, samples
from licensing.sandbox.samples import Sample
from payments import entries, reports
from payments.income import NotFinished
from payments.models import Report
from payments.processor import REHEARSAL
from payments.usage import files, matching, taking
from payments.usage.files import Piece, Read
from payments.usage.matching import Known, Named, Works
from payments.usage.models import UsageReport
from payments.usage.reporting import AT_ONCE, Sent
from payments.waterfall import Program, increments


class UsageTooLongForSandbox(Invalid):
    """In the sandbox a usage report has up to 1,000 lines."""


def file(
    *, reporter: str, key: str, reference: str | None, work: str, amount: Money, at: datetime
) -> tuple[Report, Sequence[tuple[str, int]]]:
    """The report that nobody keeps, and who would get how much, as accounts and units. Raises NotFinished,
    NotReportable."""
    named = reference or key
    reports.check(amount, named)
    sample = samples.of_work(work)
    if sample is None:
        raise NotFinished(f"work {work} is no sample of the sandbox; GET /v1/sandbox/samples lists them", work=work)
    row = Report(id=ids.new("rep"), reporter=reporter, idempotency_key=key, reference=named, work=work, entry="")
    row.amount, row.asset, row.processor, row.created_at = amount.amount, amount.asset, REHEARSAL, at
    return row, [(to, units) for to, units in increments(_program(sample), 0, amount.amount).items() if units]


def usage(sent: Sent, *, id: str, at: datetime) -> UsageReport:
    """The usage report that nobody keeps: its lines read, and counted by the samples they name; the file is removed.

    Raises BadHeader, EmptyUsageFile, UsageTooLongForSandbox.
    """
    path = sent.file.path
    try:
        start, columns = files.begin(path, sent.form)
        today = at.astimezone(UTC).date()
        piece = files.piece(path, form=sent.form, columns=columns, start=start, today=today, most=AT_ONCE + 1)
    finally:
        path.unlink(missing_ok=True)
    if not piece.ended:
        raise UsageTooLongForSandbox(f"in the sandbox a usage report has up to {AT_ONCE:,} lines; send less at once")
    row = UsageReport(id=id, reporter=sent.reporter, form=sent.form, bytes=sent.file.bytes, sha256=sent.file.sha256)
    row.processor, row.state, row.created_at, row.finished_at = REHEARSAL, "done", at, at
    _count(row, piece, at)
    return row


def _count(row: UsageReport, piece: Piece, at: datetime) -> None:
    first: dict[str, Read] = {}
    again = [read for read in piece.lines if first.setdefault(read.line.id, read) is not read]
    row.duplicates = sum(read.line.digest == first[read.line.id].line.digest for read in again)
    row.faulty = len(piece.faulty) + len(again) - row.duplicates
    works, named = _works(at), _references()
    judged = [taking.judged(read, *matching.work_of(read.line.references, named), works) for read in first.values()]
    taken = [one for one in judged if one.work is not None]
    row.taken, row.held = len(taken), len(judged) - len(taken)
    row.flagged = sum(one.reason is not None for one in taken)
    row.earned = sum(one.line.amount for one in taken)
    row.waiting = sum(one.line.amount for one in judged) - row.earned
    row.lines = row.taken + row.duplicates + row.held + row.faulty


def _works(at: datetime) -> Works:
    """What the lines' uses are judged by."""
    known = {
        sample.work: Known("picture", (sample.terms,) if sample.terms is not None else (), _program(sample))
        for sample in samples.SAMPLES.values()
    }
    ended = [sample.work for sample in samples.SAMPLES.values() if sample.end is not None and at >= samples.ENDED_AT]
    return Works(known, dict.fromkeys(ended, samples.ENDED_AT.date()))


def _references() -> dict[str, Named]:
    """The works that lines may name, by each way to name them."""
    there = [sample for sample in samples.SAMPLES.values() if sample.found != "none"]
    return {
        reference: Named(frozenset({sample.work}))
        for sample in there
        for reference in (
            f"work:{sample.work}",
            f"mark:{sample.mark}",
            f"sha256:{pictures.sha256(sample.name)}",
        )
    }


def _program(sample: Sample) -> Program:
    """How what the sample earns is divided."""
    claim, terms = samples.claim_of(sample), sample.terms
    divided = (terms.royalty_ppm, terms.fan_ppm) if terms is not None else (WHOLE, 0)
    parts = [Part(f"creator:{x.licensor}", x.share, *divided) for x in claim.contributions]
    return entries.income_program(parts, fan=f"person:{claim.licensee}")
