"""Reports with a sandbox key: checked and divided as a first report about a sample is, then thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core import ids
from core.money import Money
from core.shares import WHOLE
from licensing.dues import Part
from licensing.sandbox import samples
from payments import entries, reports
from payments.income import NotFinished
from payments.models import Report
from payments.processor import REHEARSAL
from payments.waterfall import increments


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
    claim, terms = samples.claim_of(sample), sample.terms
    divided = (terms.royalty_ppm, terms.fan_ppm) if terms is not None else (WHOLE, 0)
    parts = [Part(f"creator:{x.licensor}", x.share, *divided) for x in claim.contributions]
    program = entries.income_program(parts, fan=f"person:{claim.licensee}")
    return row, [(to, units) for to, units in increments(program, 0, amount.amount).items() if units]
