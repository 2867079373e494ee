"""Usage reports computed again from their lines: each entry that lines became, each total, and each report's counts."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_ENTRIES = text("""
WITH sums AS (
    SELECT 'income:' || report || ':' || batch || ':' || work AS reference, sum(amount) AS amount
    FROM usage_lines WHERE state = 'taken' AND amount > 0 GROUP BY report, batch, work
), posted AS (
    SELECT reference, CAST(facts ->> 'after' AS numeric) - CAST(facts ->> 'before' AS numeric) AS amount
    FROM entries WHERE kind = 'exploitation' AND starts_with(reference, 'income:usg_')
)
SELECT reference, coalesce(sums.amount, 0), coalesce(posted.amount, 0) FROM sums FULL JOIN posted USING (reference)
WHERE sums.amount IS DISTINCT FROM posted.amount ORDER BY reference
""")
_TOTALS = text("""
WITH sums AS (
    SELECT work, use, count(*) AS lines, sum(quantity) AS quantity, sum(amount) AS amount
    FROM usage_lines WHERE state = 'taken' GROUP BY work, use
)
SELECT work, use FROM sums FULL JOIN usage_totals t USING (work, use)
WHERE (sums.lines, sums.quantity, sums.amount) IS DISTINCT FROM (t.lines, t.quantity, t.amount) ORDER BY work, use
""")
_REPORTS = text("""
SELECT coalesce(r.id, l.report) FROM usage_reports r FULL JOIN (
    SELECT report, count(*) FILTER (WHERE state = 'taken') AS taken, count(*) FILTER (WHERE state = 'held') AS held,
        count(*) FILTER (WHERE state = 'taken' AND reason IS NOT NULL) AS flagged,
        sum(amount) FILTER (WHERE state = 'taken') AS earned, sum(amount) FILTER (WHERE state = 'held') AS waiting
    FROM usage_lines GROUP BY report
) l ON l.report = r.id
WHERE (r.taken, r.held, r.flagged, r.earned, r.waiting) IS DISTINCT FROM (coalesce(l.taken, 0), coalesce(l.held, 0),
    coalesce(l.flagged, 0), coalesce(l.earned, 0), coalesce(l.waiting, 0)) ORDER BY 1
""")


def findings(session: Session) -> list[str]:
    """One line for each that differs; call it in a transaction that sees one moment (REPEATABLE READ)."""
    entries = [
        f"entry {reference}: its lines sum to {int(lines):,} units, it posted {int(posted):,}"
        for reference, lines, posted in session.execute(_ENTRIES)
    ]
    totals = [f"work {work}: its total of {use} is not that of its lines" for work, use in session.execute(_TOTALS)]
    reports = [f"usage report {id}: its counts are not those of its lines" for id in session.scalars(_REPORTS)]
    return [*entries, *totals, *reports]
