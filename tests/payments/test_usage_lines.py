"""Lines of usage reports: what they say, in either form, and which field is at fault where they say nothing usable."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new
from core.money import Money
from payments import spreadsheet
from payments.usage import files, lines
from payments.usage.files import EmptyUsageFile, Place
from payments.usage.lines import FIELDS, BadHeader, Fault, Line, Reader

TODAY = dt.date(2026, 6, 1)
WORK = new("wrk")
SAID = {"id": "p/1", "work": WORK, "use": "stream", "territory": "DE", "date": "2026-05-01", "quantity": 7}
MONEY = {"amount": 1_250_000, "asset": "USD/6"}


def read(**changes: Any) -> Line:
    return Reader("ndjson", TODAY).read(json.dumps({**SAID, **MONEY, **changes}).encode())


def as_csv(**changes: Any) -> Line:
    said = {**SAID, **MONEY, **changes}
    return Reader("csv", TODAY, tuple(said)).read(",".join(map(str, said.values())).encode())


def test_both_forms_say_the_same() -> None:
    day = dt.date(2026, 5, 1)
    line = Line("p/1", (f"work:{WORK}",), "stream", None, "DE", day, day, 7, 1_250_000)
    assert read() == as_csv() == line
    assert read().digest == as_csv().digest != read(quantity=8).digest


@pytest.mark.parametrize(
    ("amount", "asset", "units"),
    [
        ("1.25", "USD", 1_250_000),
        ("125", "USD", 125_000_000),
        ("125", "USD/6", 125),
        ("0.000001", "USD", 1),
        ("", "", 0),
        ("1000000", "USD", 10**12),
    ],
)
def test_the_asset_says_how_an_amount_is_written(amount: str, asset: str, units: int) -> None:
    assert as_csv(amount=amount, asset=asset).amount == units
    assert read(amount=amount, asset=asset).amount == units


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ("2026-05-01", "2026-05-01", "2026-05-01"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-05-01/2026-05-07", "2026-05-01", "2026-05-07"),
        ("2026-06-02", "2026-06-02", "2026-06-02"),
    ],
)
def test_a_day_a_month_or_a_period(date: str, first: str, last: str) -> None:
    line = read(date=date)
    assert (line.first_on.isoformat(), line.last_on.isoformat()) == (first, last)


def test_a_work_may_be_named_in_several_ways_the_surest_first() -> None:
    line = read(sha256="AB" * 32, iscc="eeaaaaaaaaaa", mark="00000000000000AB")
    assert line.references == (f"work:{WORK}", "mark:00000000000000ab", f"sha256:{'ab' * 32}", "iscc:ISCC:EEAAAAAAAAAA")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("id", {"id": ""}),
        ("id", {"id": "two words"}),
        ("id", {"id": "x" * 121}),
        ("id", {"id": "p\x00"}),
        ("work", {"work": None}),
        ("work", {"work": "wrk_1"}),
        ("mark", {"mark": "12"}),
        ("mark", {"mark": "8000000000000000"}),
        ("sha256", {"sha256": "ab"}),
        ("iscc", {"iscc": "ISCC:!"}),
        ("use", {"use": "listen"}),
        ("medium", {"medium": "film"}),
        ("territory", {"territory": "de"}),
        ("date", {"date": "2026-06-03"}),
        ("date", {"date": "2026-13"}),
        ("date", {"date": "2026-05-07/2026-05-01"}),
        ("date", {"date": "yesterday"}),
        ("date", {"date": ""}),
        ("quantity", {"quantity": -1}),
        ("quantity", {"quantity": 10**9 + 1}),
        ("quantity", {"quantity": 1.5}),
        ("quantity", {"quantity": 0, "amount": 0}),
        ("quantity", {"quantity": True}),
        ("amount", {"amount": -1}),
        ("amount", {"amount": 10**12 + 1}),
        ("amount", {"amount": 1.25}),
        ("amount", {"amount": "1.25"}),
        ("amount", {"amount": "1.2500001", "asset": "USD"}),
        ("amount", {"amount": "1e3", "asset": "USD"}),
        ("amount", {"amount": 10**400}),
        ("asset", {"asset": None}),
        ("asset", {"asset": "EUR"}),
        ("line", {"plays": 1}),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value)[:40],
)
def test_the_field_at_fault_is_named(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Fault) as fault:
        read(**changes)
    assert fault.value.field == field


@pytest.mark.parametrize("raw", [b"[1]", b"{", b"[" * 8000, b'{"id": NaN}', b"\xff\xfe", b"null", b'{"id": {"a": 1}}'])
def test_what_is_no_object_is_at_fault_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(Fault):
        Reader("ndjson", TODAY).read(raw)


@pytest.mark.parametrize("raw", [b'"a', b'a,"b"c', b"a,b,c", b"a", b"a,b\rc", b'a,"b\x00'])
def test_a_malformed_line_of_csv_is_at_fault(raw: bytes) -> None:
    with pytest.raises(Fault):
        Reader("csv", TODAY, ("id", "use")).read(raw)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=60))
def test_any_text_is_a_line_or_a_fault(text: str) -> None:
    for reader in (Reader("ndjson", TODAY), Reader("csv", TODAY, FIELDS[:3])):
        with pytest.raises(Fault):
            reader.read(text.encode())


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40))
def test_what_a_spreadsheet_was_kept_from_running_reads_back_as_it_was(id: str) -> None:
    shown = spreadsheet.text(id).replace('"', '""')
    assert lines.cells(f'"{shown}"', ("id",)) == {"id": id.removeprefix("'") if id[:2] in lines._GUARDED else id}


@given(st.integers(0, 10**12))
def test_an_amount_is_exact_in_either_form(units: int) -> None:
    said = spreadsheet.decimal(Money(units))
    assert read(amount=said, asset="USD").amount == read(amount=units).amount == units


@pytest.mark.parametrize(
    "first",
    [
        "id,work,use,date",
        "id,use,date,quantity",
        "work,use,date,quantity",
        "id,work,use,date,quantity,plays",
        "\x00",
        "",
    ],
)
def test_a_header_that_names_no_usage_report_is_refused(tmp_path: Path, first: str) -> None:
    file = tmp_path / "usage.csv"
    file.write_text(f"{first}\na,b,c,d,e\n")
    with pytest.raises((BadHeader, EmptyUsageFile)):
        files.begin(file, "csv")


@pytest.mark.parametrize(
    ("form", "data"), [("csv", b""), ("csv", b"id,work,use,date,quantity\r\n\r\n"), ("ndjson", b"\xef\xbb\xbf\n \n")]
)
def test_a_file_without_a_line_is_refused(tmp_path: Path, form: Any, data: bytes) -> None:
    (tmp_path / "usage").write_bytes(data)
    with pytest.raises(EmptyUsageFile):
        files.begin(tmp_path / "usage", form)


def test_pieces_end_where_the_next_begin_and_a_bad_line_spoils_only_itself(tmp_path: Path) -> None:
    good = [json.dumps({**SAID, "id": f"p/{n}"}).encode() for n in range(5)]
    bad = [b"x" * 10_000_000, b'{"id": "', b"\x00\xff", b'"open quote, and', b" "]
    file = tmp_path / "usage"
    file.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(x for pair in zip(good, bad, strict=True) for x in pair))
    place, columns = files.begin(file, "ndjson")
    seen, faulty = [], []
    for _ in range(9):
        piece = files.piece(file, form="ndjson", columns=columns, start=place, today=TODAY, most=2)
        seen += [(read.number, read.line.id) for read in piece.lines]
        faulty += [(one.number, len(one.raw)) for one in piece.faulty]
        place = piece.end
        if piece.ended:
            break
    assert seen == [(1 + 2 * n, f"p/{n}") for n in range(5)]
    assert faulty == [(2, lines.MOST_LINE), (4, 8), (6, 2), (8, 16)]
    assert (place, piece.ended) == (Place(file.stat().st_size - 1, 9), True)
