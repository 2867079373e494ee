"""Questions in bulk on the wire: each line's answer, and how far a batch is."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from core.web import Out
from licensing.lines import Answered
from licensing.models import Batch
from licensing.verification_schemas import HouseOut, VerdictOut


class LineProblem(Out):
    """What is wrong with a line, as a problem document (RFC 9457) says it; GET /problems has what types mean."""

    type: str
    title: str
    detail: str


class LineOut(Out):
    """A line's answer, in the order of the questions: a verdict, or a problem. `line` counts from 1."""

    id: str | None
    line: int
    verdict: VerdictOut | None
    problem: LineProblem | None

    @classmethod
    def of(cls, found: Answered, *, house: HouseOut) -> LineOut:
        line, answer = found.line, found.answer
        if answer is None or line.asked is None:
            assert line.problem is not None
            title = (type(line.problem).__doc__ or "").strip().splitlines()[0]
            said = LineProblem(type=f"/problems/{line.problem.code}", title=title, detail=line.problem.message)
            return cls(id=line.id, line=line.number, verdict=None, problem=said)
        told = VerdictOut.of(answer.verdict, line.asked, house=house, at=answer.at, signed=answer.signed)
        return cls(id=line.id, line=line.number, verdict=told, problem=None)


class BatchOut(Out):
    """A batch that is answered in the background. `answered` lines of at most `lines`; `reason` where it failed.

    `answers`: where they are, once it is done.
    """

    id: str
    state: Literal["queued", "answering", "done", "failed", "cancelled"]
    lines: int
    answered: int
    bytes: int
    created_at: dt.datetime
    finished_at: dt.datetime | None
    reason: str | None
    answers: str | None

    @classmethod
    def of(cls, row: Batch) -> BatchOut:
        known = ("id", "state", "lines", "answered", "bytes", "created_at", "finished_at", "reason")
        where = f"/v1/verifications/batches/{row.id}/answers" if row.state == "done" else None
        return cls(**{name: getattr(row, name) for name in known}, answers=where)
