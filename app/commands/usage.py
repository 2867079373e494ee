"""`report`: what works were used for and earned, a line each, from one file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import files, options, show
from core.errors import Invalid, NotFound
from core.money import Money

if TYPE_CHECKING:
    from app.house import House
    from payments.usage.lines import Form
    from payments.usage.models import UsageReport
    from payments.usage.reporting import Sent

FORMS: dict[str, Form] = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
BLOCK = 1 << 20


def report(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="one line for each use: .csv, .ndjson or .jsonl")],
    *,
    by: Annotated[str, typer.Option(metavar="PERSON", help="who reports: an account's address, or its per_…")],
    key: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="this report's name; the same file is the same report without one"),
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="where to write the lines that could not be taken, to be mended")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Report what works were used for and earned. Each line counts once, by its id; exit code 1 when any is faulty."""
    from payments.usage import listing

    form = _form(file)
    if faults is not None:
        files.writable(faults, [file.suffix], keep=[file])
    with show.existing_house() as house, show.progress("report") as bar:
        row = _taken(house, file, form, person=_person(house, by), key=key, bar=bar)
        if faults is not None and row.faulty:
            with faults.open("w", encoding="utf-8", newline="") as out:
                out.writelines(listing.mended(house.sessions, report=row))
    if as_json:
        from payments.schemas_usage import UsageOut

        show.document(UsageOut.of(row).model_dump(mode="json"))
    else:
        _tell(row)
    if row.faulty or row.reason:
        raise typer.Exit(1)


def _form(file: Path) -> Form:
    if file.suffix.lower() not in FORMS:
        raise Invalid(f"{file.name!r} ends in none of {', '.join(FORMS)}; name the file as what it is")
    return FORMS[file.suffix.lower()]


def _person(house: House, by: str) -> str:
    """Whose report it is. Raises NotFound."""
    from app.identity import accounts, addresses
    from core import db
    from creators.models import Person

    with db.unit(house.sessions) as session:
        if by.startswith("per_"):
            found = session.get(Person, by)
            person = found.id if found is not None else None
        else:
            account = accounts.known_at(session, email=addresses.normalized(by))
            person = account.person if account is not None else None
    if person is None:
        raise NotFound(f"nobody is known as {by!r} here; give an account's address, or its per_…")
    return person


def _taken(house: House, file: Path, form: Form, *, person: str, key: str | None, bar: show.Bar) -> UsageReport:
    """The report, every line of it taken: by this process, whatever a worker does meanwhile."""
    from core import db, ids
    from payments.usage import reporting
    from payments.usage.models import UsageReport

    id = ids.new("usg")
    sent = _sent(house, file, form, person=person, key=key, id=id)
    size = sent.file.bytes
    row = reporting.accept(house.sessions, sent, id=id, at=house.clock.now())
    while row.state == "taking":
        bar(row.place, size, "lines")
        reporting.advance(house.sessions, house.spool, report=row.id, at=house.clock.now())
        with db.unit(house.sessions) as session:
            row = session.get_one(UsageReport, row.id)
    return row


def _sent(house: House, file: Path, form: Form, *, person: str, key: str | None, id: str) -> Sent:
    import asyncio

    from payments.usage import reporting
    from payments.usage.reporting import Sent

    async def blocks() -> AsyncIterator[bytes]:
        with file.open("rb") as opened:
            while block := opened.read(BLOCK):
                yield block

    processor = house.processor.name
    most = reporting.MOST_LINES + (form == "csv")
    came = asyncio.run(house.spool.receive(blocks(), name=id, person=person, most_breaks=most))
    return Sent(person, key or f"sha256:{came.sha256}", form, came, processor)


def _tell(row: UsageReport) -> None:
    counts = ("taken", "duplicates", "held", "faulty", "flagged")
    show.out(f"{row.id}  lines {row.lines:,}  " + "  ".join(f"{name} {getattr(row, name):,}" for name in counts))
    show.out(f"earned {Money(row.earned)}, waiting {Money(row.waiting)} (rehearsed: no real money moved)")
    if row.reason:
        show.out(f"failed: {row.reason}")
