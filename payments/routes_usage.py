"""The doors of usage reports: send a file, see what became of its lines, and say what held ones are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from core import db, ids
from core.clock import Clock
from core.spool import Spool, WrongMediaType
from core.web import IdempotencyKey, Listed, Named, Page, Paged, Principal, Sandbox, Sessions, Unit, allowed, port
from payments import tried
from payments.processor import Processor
from payments.schemas_usage import (
    HeldUsageOut,
    UsageDecisionIn,
    UsageFaultOut,
    UsageLineOut,
    UsageMatchIn,
    UsageMatchOut,
    UsageOut,
    UsageTotalOut,
)
from payments.usage import listing, matches, reporting
from payments.usage.lines import Form
from payments.usage.matches import Asking
from payments.usage.models import UsageReport
from payments.usage.reporting import FORMS, Sent

router = APIRouter(tags=["usage"])


@dataclass(frozen=True)
class Desk:
    """What taking a file in needs; its methods are for threads, each with a short transaction of its own."""

    person: str
    sessions: db.Sessions
    spool: Spool
    processor: Processor
    clock: Clock
    sandbox: Sandbox | None

    def check_room(self) -> None:
        if self.sandbox is not None:
            return
        with db.unit(self.sessions) as session:
            reporting.check_room(session, reporter=self.person)

    def accept(self, sent: Sent, id: str) -> UsageReport:
        if self.sandbox is not None:
            return tried.usage(sent, id=id, at=self.sandbox.at or self.clock.now())
        return reporting.accept(self.sessions, sent, id=id, at=self.clock.now())


def _desk(
    who: Annotated[Principal, allowed("reports", tried_out=True)],
    sessions: Sessions,
    spool: Annotated[Spool, port("spool")],
    processor: Annotated[Processor, port("processor")],
    clock: Annotated[Clock, port("clock")],
) -> Desk:
    return Desk(who.person, sessions, spool, processor, clock, who.sandbox)


Reporter = Annotated[Principal, allowed("reports")]
Somebody = Annotated[Principal, allowed("reports", "works", "styles")]
Time = Annotated[Clock, port("clock")]
AtDesk = Annotated[Desk, Depends(_desk)]
ReportId = Annotated[str, Named("usg")]
LINES: dict[str, Any] = {
    "schema": {"type": "string", "description": "one line for each use; docs/money.md has the fields"}
}
BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/csv": LINES, "application/x-ndjson": LINES}}
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The lines, page by page or as a file",
        "content": {kind: {"schema": {"type": "string"}} for kind in ("text/csv", "application/x-ndjson")},
    }
}


@router.post(
    "/usage", status_code=201, openapi_extra=BODY, responses={202: {"model": UsageOut, "description": "Being taken"}}
)
async def send_usage(request: Request, key: IdempotencyKey, desk: AtDesk, answer: Response) -> UsageOut:
    """Report what works were used for and earned, a line each; over 1,000 lines are taken in the background (202)."""
    form, id = _form(request), ids.new("usg")
    await run_sync(desk.check_room)
    most = reporting.MOST_LINES + (form == "csv")
    file = await desk.spool.receive(request.stream(), name=id, person=desk.person, most_breaks=most)
    report = await run_sync(desk.accept, Sent(desk.person, key, form, file, desk.processor.name), id)
    answer.headers["Location"] = f"/v1/usage/{report.id}"
    answer.status_code = 201 if report.state == "done" else 202
    return UsageOut.of(report)


@router.get("/usage")
def list_usage(who: Reporter, session: Unit, page: Paged) -> Listed[UsageOut]:
    """Your usage reports, the newest first."""
    rows = reporting.of_reporter(session, reporter=who.person, limit=page.limit + 1, before=_seen(page))
    return page.of(rows, lambda row: [row.id], UsageOut.of)


@router.get("/usage/held")
def list_held(
    who: Somebody,
    session: Unit,
    page: Paged,
    reference: Annotated[str | None, Query(max_length=200, description="only what is held under this one")] = None,
) -> Listed[HeldUsageOut]:
    """What anybody's lines name that is no work known here: yours may be among it."""
    after = page.key(str, str)
    rows = matches.held(session, limit=page.limit + 1, after=after and (after[0], after[1]), reference=reference)
    return page.of(rows, lambda found: [found.reference, found.reporter], HeldUsageOut.of)


@router.post("/usage/matches", status_code=201)
def propose_match(body: UsageMatchIn, who: Somebody, session: Unit, clock: Time) -> UsageMatchOut:
    """Say which work a reference is. The reporter, or staff, confirms; your own references count at once."""
    reporter = body.reporter or who.person
    return UsageMatchOut.of(
        matches.propose(
            session, who=_asking(who), reporter=reporter, reference=body.reference, work=body.work, at=clock.now()
        )
    )


@router.get("/usage/matches")
def list_matches(who: Somebody, session: Unit, page: Paged) -> Listed[UsageMatchOut]:
    """What you proposed, and what others say of your references, the newest first."""
    rows = matches.of_person(session, who=_asking(who), limit=page.limit + 1, before=_seen(page))
    return page.of(rows, lambda row: [row.id], UsageMatchOut.of)


@router.put("/usage/matches/{match}/decision")
def decide_match(
    match: Annotated[str, Named("mtc")], body: UsageDecisionIn, who: Reporter, session: Unit, clock: Time
) -> UsageMatchOut:
    """Confirm or refuse what is said of a reference of yours; lines that are held under it are then taken."""
    return UsageMatchOut.of(
        matches.decide(session, who=_asking(who), match=match, confirm=body.confirm, at=clock.now())
    )


@router.get("/usage/{id}")
def get_usage(id: ReportId, who: Reporter, session: Unit) -> UsageOut:
    """One of your usage reports, and how far it is."""
    return UsageOut.of(reporting.find(session, report=id, reporter=who.person))


@router.get("/usage/{id}/lines", response_model=Listed[UsageLineOut], responses=FILE)
def list_usage_lines(
    id: ReportId,
    who: Reporter,
    sessions: Sessions,
    page: Paged,
    state: Annotated[listing.State, Query(description="flagged: taken, though the terms do not cover it")] = "held",
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="csv has all of them")] = "json",
) -> Listed[UsageLineOut] | Response:
    """The lines of a report that are held, taken or flagged, in the order of the file."""
    report = _report(sessions, who, id)
    if form == "csv":
        return _file(listing.sheet(sessions, report=id, state=state), "csv", f"{report.id}-{state}")
    with db.unit(sessions) as session:
        rows = listing.lines_of(session, report=id, state=state, limit=page.limit + 1, after=_number(page))
    return page.of(rows, lambda row: [row.number], UsageLineOut.of)


@router.get("/usage/{id}/faults", response_model=Listed[UsageFaultOut], responses=FILE)
def list_usage_faults(
    id: ReportId,
    who: Reporter,
    sessions: Sessions,
    page: Paged,
    form: Annotated[
        Literal["json", "file"], Query(alias="format", description="file: to mend and send again")
    ] = "json",
) -> Listed[UsageFaultOut] | Response:
    """The lines of a report that could not be taken, with what is wrong; the first 10,000 are kept."""
    report = _report(sessions, who, id)
    if form == "file":
        kind: Form = "csv" if report.form == "csv" else "ndjson"
        return _file(listing.mended(sessions, report=report), kind, f"{report.id}-faulty")
    with db.unit(sessions) as session:
        rows = listing.faults_of(session, report=id, limit=page.limit + 1, after=_number(page))
    return page.of(rows, lambda row: [row.number], UsageFaultOut.of)


@router.get("/works/{id}/usage")
def get_work_usage(
    id: Annotated[str, Named("wrk")], who: Annotated[Principal, allowed("works", "styles")], session: Unit
) -> list[UsageTotalOut]:
    """How much a work of yours was used, by use: of all taken lines of all reporters."""
    return [UsageTotalOut.of(row) for row in matches.totals(session, work=id, person=who.person)]


def _form(request: Request) -> Form:
    """The form that the body says it has. Raises WrongMediaType."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity")
    if kind not in FORMS or encoding != "identity":
        raise WrongMediaType("send the lines as text/csv or application/x-ndjson, in UTF-8, and not compressed")
    return FORMS[kind]


def _report(sessions: db.Sessions, who: Principal, id: str) -> UsageReport:
    with db.unit(sessions) as session:
        return reporting.find(session, report=id, reporter=who.person)


def _file(rows: Any, form: Form, name: str) -> StreamingResponse:
    kind = "text/csv" if form == "csv" else "application/x-ndjson"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return StreamingResponse(rows, media_type=f"{kind}; charset=utf-8", headers=headers)


def _asking(who: Principal) -> Asking:
    return Asking(who.person, who.staff)


def _seen(page: Page) -> str | None:
    """The id of the last item of the page before."""
    key = page.key(str)
    return key[0] if key else None


def _number(page: Page) -> int | None:
    """The number of the last line of the page before."""
    key = page.key(int)
    return key[0] if key else None
