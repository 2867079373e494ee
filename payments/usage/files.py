"""A usage report's file, piece by piece: each piece begins where the one before ended, so that any may be the first.

One line of the file is one line of the report, also in CSV: what is malformed spoils nothing but itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.errors import Invalid
from payments.usage import lines
from payments.usage.lines import MOST_LINE, Fault, Form, Line, Reader

PIECE_LINES = 50_000
PIECE_BYTES = 16 << 20
BOM = b"\xef\xbb\xbf"


class EmptyUsageFile(Invalid):
    """There is no line in this usage report."""


@dataclass(frozen=True)
class Faulty:
    """A line that cannot be taken. `raw`: as it came, at most MOST_LINE bytes of it."""

    number: int
    field: str
    text: str
    raw: bytes


class Read(NamedTuple):
    """A line that can be taken, and the bytes it came in."""

    number: int
    raw: bytes
    line: Line


@dataclass(frozen=True)
class Place:
    """Where reading goes on: after `offset` bytes and `number` lines of the file."""

    offset: int
    number: int


@dataclass
class Piece:
    """Some lines of a file, those that can be taken and those that cannot. `ended`: they are the last."""

    start: Place
    end: Place
    ended: bool
    lines: list[Read] = field(default_factory=list)
    faulty: list[Faulty] = field(default_factory=list)


def begin(path: Path, form: Form) -> tuple[Place, tuple[str, ...]]:
    """Where the lines of a file begin, and the columns that its header names. Raises BadHeader, EmptyUsageFile."""
    with path.open("rb") as file:
        start = len(BOM) if file.read(len(BOM)) == BOM else 0
        file.seek(start)
        first = file.readline(MOST_LINE)
        if form == "ndjson":
            place, columns = Place(start, 0), tuple[str, ...]()
        else:
            place, columns = Place(file.tell(), 1), lines.header(first.rstrip(b"\r\n")) if first else ()
        file.seek(place.offset)
        if next(_raw(file, place.number), None) is None:
            raise EmptyUsageFile("there is no line in it; send one line for each use that is reported")
    return place, columns


def piece(
    path: Path,
    *,
    form: Form,
    columns: tuple[str, ...],
    start: Place,
    today: dt.date,
    most: int = PIECE_LINES,
) -> Piece:
    """The lines that follow `start`: so many `most`, and of 16 MiB at most."""
    reader = Reader(form, today, columns)
    found = Piece(start, start, ended=False)
    with path.open("rb") as file:
        file.seek(start.offset)
        for count, (number, raw, whole) in enumerate(_raw(file, start.number), 1):
            try:
                if not whole:
                    raise Fault("line", f"this line is longer than {MOST_LINE:,} bytes")
                found.lines.append(Read(number, raw, reader.read(raw)))
            except Fault as fault:
                found.faulty.append(Faulty(number, fault.field, fault.text, raw))
            found.end = Place(file.tell(), number)
            if count >= most or found.end.offset - start.offset >= PIECE_BYTES:
                return found
    found.ended = True
    return found


def _raw(file: BinaryIO, number: int) -> Iterator[tuple[int, bytes, bool]]:
    """Each line that is not blank: its number in the file, its bytes without their end, and whether that is all."""
    while raw := file.readline(MOST_LINE + 2):
        number += 1
        whole = raw.endswith(b"\n") or len(raw) <= MOST_LINE
        if not whole:
            while (more := file.readline(1 << 16)) and not more.endswith(b"\n"):
                pass
        text = raw.rstrip(b"\r\n")[:MOST_LINE]
        if text.strip():
            yield number, text, whole
