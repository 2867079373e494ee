"""Pure: one line of a usage report: what it says, or why it cannot be taken.

Boundary: the text of one line in, a `Line` out, or a `Fault` raised that names the field; no database, no file.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from pydantic_core import from_json

from core import ids
from core.errors import Invalid
from core.money import USD, Money
from creators.consent import MEDIA
from licensing.terms import USES
from licensing.territories import CODES, WORLD
from payments.entries import MOST_REPORTED

Form = Literal["csv", "ndjson"]
NAMES = ("work", "mark", "sha256", "iscc")  # what a work is named by, the surest first
FIELDS = ("id", *NAMES, "use", "medium", "territory", "date", "quantity", "amount", "asset")
OURS = ("line", "fault")  # what our own list of faulty lines adds, so that a mended one can be sent as it is
NEEDED = ("id", "use", "date")
MOST_LINE = 8192  # bytes
MOST_QUANTITY = 10**9
MOST_FAULTS = 10_000  # faulty lines that are kept of one report; others are counted
DECIMAL = "USD"
_ID = re.compile(r"[\x21-\x7e]{1,120}")
_WORK = re.compile(ids.pattern("wrk"))
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MARK = re.compile(r"[0-7][0-9a-f]{15}")
_ISCC = re.compile(r"ISCC:[A-Z2-7]{10,80}")
_WHOLE = re.compile(r"[0-9]{1,19}")
_PERIOD = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})(?:/([0-9]{4}-[0-9]{2}-[0-9]{2}))?)?")
_GUARDED = tuple(f"'{sign}" for sign in "=+-@\t\r")  # as `spreadsheet.text` writes them


class BadHeader(Invalid):
    """The first line does not name the columns of a usage report."""


class Fault(ValueError):
    """Why a line cannot be taken. `field`: which of FIELDS is at fault, or "line"."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


class Line(NamedTuple):
    """What one line says. `references`: `kind:value` of what names the work, the surest first.

    medium: None is the work's own. territory: WORLD where none is named. first_on, last_on: days in UTC, both of them
    in the period. quantity: plays, downloads or sales. amount: units of USD/6 that the work earned by it.
    """

    id: str
    references: tuple[str, ...]
    use: str
    medium: str | None
    territory: str
    first_on: dt.date
    last_on: dt.date
    quantity: int
    amount: int

    @property
    def digest(self) -> bytes:
        """16 bytes that are the same for lines that say the same, in whatever form they came."""
        said = (*self.references, *map(str, self[2:]))
        return hashlib.blake2b("\n".join((self.id, *said)).encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Reader:
    """Reads the lines of one file. `columns`: of CSV, in the order of its header. `today`: no use is later."""

    form: Form
    today: dt.date
    columns: tuple[str, ...] = ()

    def read(self, raw: bytes) -> Line:
        """The line in these bytes, without its end. Raises Fault."""
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise Fault("line", "this is not UTF-8") from error
        said = cells(text, self.columns) if self.form == "csv" else _members(text)
        return _line(said, self.today)


def header(first: bytes) -> tuple[str, ...]:
    """The columns that the first line of a CSV file names. Raises BadHeader."""
    try:
        names = tuple(name.strip() for name in _split(first.decode()))
    except (UnicodeDecodeError, Fault) as error:
        raise BadHeader("the first line is not CSV in UTF-8; save the file as CSV, UTF-8, with commas") from error
    unknown = [name for name in names if name not in (*FIELDS, *OURS)]
    missing = [name for name in NEEDED if name not in names]
    checks = (
        (unknown, f"there is no column {', '.join(map(repr, unknown))[:200]}; there are {', '.join(FIELDS)}"),
        (len(set(names)) < len(names), "a column is named twice; name each once"),
        (missing, f"the columns {', '.join(missing)} are missing; the first line names them, with commas between"),
        (not set(names) & set(NAMES), f"no column names the work; have one of {', '.join(NAMES)}"),
        (not {"quantity", "amount"} & set(names), "there is neither quantity nor amount; have one of them, or both"),
    )
    fault = next((words for wrong, words in checks if wrong), None)
    if fault:
        raise BadHeader(f"this is no usage report: {fault}", columns=[name[:60] for name in names[:40]])
    return names


def _split(text: str) -> list[str]:
    """The cells of one line (RFC 4180, but for line breaks within cells: no field of ours has any)."""
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise Fault("line", f"this is not CSV: {error}; a cell is on one line, and quotes in it are doubled") from error


def cells(text: str, columns: Sequence[str]) -> dict[str, str]:
    """What a line of CSV says, by column; empty cells say nothing. Raises Fault."""
    given = _split(text)
    if len(given) != len(columns):
        raise Fault("line", f"this has {len(given)} cells, the first line names {len(columns)} columns")
    if "'" in text:
        given = [cell[1:] if cell.startswith(_GUARDED) else cell for cell in given]
    return {name: cell.strip(" ") for name, cell in zip(columns, given, strict=True) if cell}


def _members(text: str) -> dict[str, str]:
    try:
        found = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise Fault("line", f"this is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise Fault("line", "this is no JSON object; have one on each line")
    unknown = [name for name in found if name not in FIELDS and name not in OURS]
    if unknown:
        raise Fault("line", f"there is no field {unknown[0][:60]!r}; there are {', '.join(FIELDS)}")
    return {name: _text(name, value) for name, value in found.items() if value is not None and name not in OURS}


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if type(value) is int and abs(value) < 10**19:
        return str(value)
    raise Fault(name, f"{name} is a text or a whole number, never a fraction and nothing else")


def _line(said: Mapping[str, str], today: dt.date) -> Line:
    id, use = said.get("id", ""), said.get("use", "")
    if not _ID.fullmatch(id):
        raise Fault("id", "id is your own name for the line: 1 to 120 printable ASCII signs without spaces")
    references = tuple(_references(said))
    if not references:
        raise Fault("work", f"nothing names the work; give one of {', '.join(NAMES)}")
    if use not in USES:
        raise Fault("use", f"{use[:40]!r} is no use; it is one of {', '.join(USES)}")
    medium, territory = said.get("medium") or None, said.get("territory") or WORLD
    if medium is not None and medium not in MEDIA:
        raise Fault("medium", f"{medium[:40]!r} is no medium; it is one of {', '.join(MEDIA)}")
    if territory != WORLD and territory not in CODES:
        raise Fault("territory", f"{territory[:40]!r} is no territory; write an ISO 3166 code such as DE, or {WORLD}")
    first, last = _period(said.get("date", ""))
    if last > today + dt.timedelta(days=1):  # where the day has begun already
        raise Fault("date", f"{last} has not come yet; report what has been")
    quantity, amount = _quantity(said.get("quantity", "")), _amount(said)
    if not quantity and not amount:
        raise Fault("quantity", "this counts nothing: quantity and amount are both 0")
    return Line(id, references, use, medium, territory, first, last, quantity, amount)


def reference(kind: str, value: str) -> str:
    """What names a work, in its one spelling: `sha256:…`, `iscc:ISCC:…`, `mark:00…`, `work:wrk_…`. Raises Fault."""
    spelled, right, words = _SPELLINGS[kind]
    found = spelled(value)
    if not right(found):
        raise Fault(kind, words)
    return f"{kind}:{found}"


def _references(said: Mapping[str, str]) -> Iterator[str]:
    for kind in NAMES:
        if value := said.get(kind):
            yield reference(kind, value)


_SPELLINGS: dict[str, tuple[Callable[[str], str], Callable[[str], object], str]] = {
    "work": (str, _WORK.fullmatch, "work is the id of a work here: wrk_ and 26 letters"),
    "mark": (str.lower, _MARK.fullmatch, "mark is the number hidden in the work: 16 hexadecimal digits"),
    "sha256": (str.lower, _SHA256.fullmatch, "sha256 is 64 hexadecimal digits, of the sealed file or its samples"),
    "iscc": (
        lambda text: f"ISCC:{text.upper().removeprefix('ISCC:')}",
        _ISCC.fullmatch,
        "iscc is a code of ISO 24138, like ISCC:EEA…",
    ),
}


@lru_cache(maxsize=4096)
def _period(text: str) -> tuple[dt.date, dt.date]:
    """The first and the last day of a day, a month, or a period of both its days."""
    found = _PERIOD.fullmatch(text)
    try:
        if found is None:
            raise ValueError("no such form")
        year, month, day, until = found.groups()
        first = dt.date(int(year), int(month), int(day or 1))
        if day is None:
            return first, first.replace(day=monthrange(first.year, first.month)[1])
        last = dt.date.fromisoformat(until) if until else first
    except ValueError as error:
        words = f"{text[:40]!r} is no day or period; write 2026-05-01, 2026-05 or 2026-05-01/2026-05-07"
        raise Fault("date", words) from error
    if last < first:
        raise Fault("date", f"this period ends on {last}, before it begins")
    return first, last


def _quantity(text: str) -> int:
    if not text:
        return 0
    if not _WHOLE.fullmatch(text) or int(text) > MOST_QUANTITY:
        raise Fault("quantity", f"quantity is a whole number from 0 to {MOST_QUANTITY:,}")
    return int(text)


def _amount(said: Mapping[str, str]) -> int:
    """Units of USD/6. The asset says how the number is written: `USD/6` whole units, `USD` a decimal."""
    text, asset = said.get("amount", ""), said.get("asset", "")
    if asset not in ("", USD, DECIMAL):
        raise Fault("asset", f"{asset[:40]!r} is not reported; it is {USD} for whole units or {DECIMAL} for decimals")
    if not text:
        return 0
    if not asset:
        raise Fault("asset", f"an amount needs its asset: {USD} for whole units, or {DECIMAL} for a decimal like 1.25")
    try:
        units = Money.parse(text).amount if asset == DECIMAL else _units(text)
    except Invalid as error:
        raise Fault("amount", error.message) from error
    if not 0 <= units <= MOST_REPORTED.amount:
        raise Fault("amount", f"one line is from 0 up to {MOST_REPORTED}; what was taken is never taken back by a line")
    return units


def _units(text: str) -> int:
    if not _WHOLE.fullmatch(text.removeprefix("-")):
        raise Fault("amount", f"{text[:40]!r} is no whole number of {USD}; decimals have the asset {DECIMAL}")
    return int(text)
