"""Many questions, a line of JSON each (NDJSON): read one after the other, answered in their order, in bounded memory.

A line that cannot be read or answered gets a problem of its own and keeps no other waiting. An id names one question
of its asker for a day: asked again it is answered anew, by what stands then, and another question under it is refused.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Annotated, BinaryIO

import structlog
from pydantic import Field, ValidationError
from sqlalchemy import DateTime, LargeBinary, Text, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from core import db
from core.errors import Conflict, HomageError, Invalid, NotFound, Unavailable
from core.uploads import Uploads
from licensing import questions
from licensing.desk import Answer, Desk
from licensing.models import AskedLine
from licensing.questions import Asked, QuestionIn

MOST_BYTES = 16 << 10  # of one line
MOST_ID = 100  # letters
TOGETHER = 200  # questions that are looked up together, at most
REMEMBERED = dt.timedelta(hours=24)
log = structlog.get_logger()

Uploaded = Callable[[Session, str], Path]  # the file of an upload of the asker's own
_ABOUT_FILES = (b'"url"', b'"upload"', b"\\u")  # any letter of a name may be escaped


class LineIn(QuestionIn):
    """A question in a batch, under an id of the asker's own; besides what questions may name, an upload."""

    id: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MOST_ID,
            pattern=r"^[\x21-\x7e]+$",
            description="your own name for this question; for a day it names no other",
        ),
    ]
    upload: Annotated[
        str | None, Field(max_length=40, description="the id of a finished upload of yours (POST /v1/uploads)")
    ] = None


class BadLine(Invalid):
    """The line is no question."""


class LineIdReused(Conflict):
    """This id named another question within the last day."""


class AnswersInterrupted(Unavailable):
    """The database does not answer now; ask this line again."""


@dataclass
class Line:
    """A line as it was read: a question, or what is wrong with it. `number` counts from 1."""

    number: int
    id: str | None = None
    asked: Asked | None = None
    problem: HomageError | None = None
    digest: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Answered:
    """A line with its answer, or with what is wrong."""

    line: Line
    answer: Answer | None


def counted(file: Path) -> tuple[int, int]:
    """How many lines are not blank, and how many of them may be about a file."""
    with file.open("rb") as opened:
        count = about_files = 0
        for piece in iter(lambda: opened.readline(MOST_BYTES), b""):
            count += bool(piece.strip())
            about_files += any(name in piece for name in _ABOUT_FILES)
    return count, about_files


def upload_of(uploads: Uploads, asker: str, session: Session, upload: str) -> Path:
    """Where a finished upload of the asker's lies. Raises NotFound, UploadIncomplete."""
    return uploads.file(session, upload=upload, person=asker)


def read(file: BinaryIO) -> Iterator[Line]:
    """Every line that is not blank."""
    number = 0
    while raw := file.readline(MOST_BYTES + 1):
        number += 1
        if len(raw) > MOST_BYTES and not raw.endswith(b"\n"):
            _skip_rest(file)
            yield Line(number, problem=BadLine(f"line {number} is longer than {MOST_BYTES >> 10} KiB; shorten it"))
        elif raw.strip():
            yield _line(number, raw)


def answered(desk: Desk, lines: Iterable[Line], *, asker: str, upload: Uploaded) -> Iterator[list[Answered]]:
    """The answers in the order of the lines, some at a time: what is known is told before a file is looked at."""
    coming = iter(lines)
    while chunk := list(islice(coming, TOGETHER)):
        done = 0
        try:
            _remember(desk, chunk, asker=asker)
            for some in _answers(desk, chunk, upload):
                done += len(some)
                yield some
        except (DBAPIError, PoolTimeout) as error:
            if not (isinstance(error, PoolTimeout) or db.lost(error) or db.busy(error)):
                raise
            log.warning("a batch's lines are not answered", reason=str(error)[:200])
            away = AnswersInterrupted("the database does not answer now; ask this line again, under the same id")
            yield [Answered(_with(line, line.problem or away), None) for line in chunk[done:]]


def forget(session: Session, *, before: dt.datetime) -> None:
    """Ids that named their questions long enough."""
    session.execute(delete(AskedLine).where(AskedLine.at < before))


def forget_asker(session: Session, *, asker: str) -> None:
    """All ids of somebody's."""
    session.execute(delete(AskedLine).where(AskedLine.asker == asker))


def _skip_rest(file: BinaryIO) -> None:
    while (rest := file.readline(MOST_BYTES)) and not rest.endswith(b"\n"):
        pass


def _line(number: int, raw: bytes) -> Line:
    try:
        said = LineIn.model_validate_json(raw)
    except ValidationError as error:
        return Line(number, id=_id_in(raw), problem=_faults(number, error))
    digest = hashlib.sha256(said.model_dump_json(exclude={"id"}).encode()).digest()[:16]
    try:
        asked = questions.read(said, upload=said.upload)
    except HomageError as error:
        return Line(number, id=said.id, problem=error, digest=digest)
    return Line(number, id=said.id, asked=asked, digest=digest)


def _id_in(raw: bytes) -> str | None:
    """The id that a faulty line gives, if it is one."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    id = said.get("id") if isinstance(said, dict) else None
    return id[:MOST_ID] if isinstance(id, str) and id.isprintable() else None  # half a surrogate cannot be sent back


def _faults(number: int, error: ValidationError) -> BadLine:
    faults = error.errors(include_url=False, include_input=False)
    said = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'line'}: {fault['msg']}" for fault in faults[:5])
    return BadLine(f"line {number} is no question: {said[:500]}")


def _remember(desk: Desk, lines: Sequence[Line], *, asker: str) -> None:
    """Note each id with its question, and refuse those that name another."""
    fresh = {line.id: line for line in reversed(lines) if line.id is not None and line.asked is not None}
    if not fresh:
        return
    now = desk.noted_at()
    names = sorted(fresh)
    columns = [AskedLine.asker, AskedLine.id, AskedLine.question, AskedLine.at]
    rows = select(
        literal(asker),
        func.unnest(literal(names, ARRAY(Text))),
        func.unnest(literal([fresh[name].digest for name in names], ARRAY(LargeBinary))),
        literal(now, DateTime(timezone=True)),
    )
    adding = insert(AskedLine).from_select(columns, rows)
    adding = adding.on_conflict_do_update(
        index_elements=[AskedLine.asker, AskedLine.id],
        set_={"question": adding.excluded.question, "at": adding.excluded.at},
        where=AskedLine.at < now - REMEMBERED,
    )
    mine = select(AskedLine.id, AskedLine.question).where(AskedLine.asker == asker, db.among(AskedLine.id, names))
    with db.unit(desk.sessions) as session:
        session.execute(adding)
        known: dict[str, bytes] = dict(session.execute(mine).all())
    for line in lines:
        if line.id in known and line.asked is not None and known[line.id] != line.digest:
            line.problem = LineIdReused(f"id {line.id!r} named another question within a day; send a new id")


def _answers(desk: Desk, lines: Sequence[Line], upload: Uploaded) -> Iterator[list[Answered]]:
    """By name together, as long as no file is between them: what stands is looked up when it is told, not hours ago."""
    for about_file, some in groupby(lines, key=_about_file):
        if about_file:
            yield from ([_by_file(desk, line, upload)] for line in some)
        else:
            yield _by_name(desk, list(some))


def _about_file(line: Line) -> bool:
    return line.problem is None and line.asked is not None and line.asked.name is None


def _by_name(desk: Desk, lines: Sequence[Line]) -> list[Answered]:
    named = {line.number: line.asked for line in lines if line.problem is None and line.asked is not None}
    answers = dict(zip(named, desk.named(list(named.values())), strict=True)) if named else {}
    return [Answered(line, answers.get(line.number)) for line in lines]


def _by_file(desk: Desk, line: Line, upload: Uploaded) -> Answered:
    asked = line.asked
    assert asked is not None
    try:
        if asked.upload is None:
            return Answered(line, desk.answer(asked))
        with db.unit(desk.sessions) as session:
            file = upload(session, asked.upload)
        return Answered(line, desk.answer(asked, file=file))
    except HomageError as error:
        return Answered(_with(line, error), None)
    except FileNotFoundError:  # swept, or deleted by its owner, since
        return Answered(_with(line, NotFound(f"upload {asked.upload} is gone; send it again")), None)


def _with(line: Line, problem: HomageError) -> Line:
    line.problem = problem
    return line
