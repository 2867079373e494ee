"""The doors to money: top up, see what one has and what became of it, report what a work earned."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from core.clock import Clock
from core.errors import NotFound
from core.web import Day, IdempotencyKey, Listed, Named, Page, Paged, Principal, Sessions, Unit, allowed, port
from payments import balances, checkout, reports, spreadsheet, statement, tried
from payments.processor import Processor
from payments.schemas import Balance, Checkout, CheckoutIn, ReportIn, ReportOut, StatementOut, money

router = APIRouter(tags=["money"])

Payer = Annotated[Principal, allowed("money")]
Reporter = Annotated[Principal, allowed("reports")]
Trying = Annotated[Principal, allowed("reports", tried_out=True)]  # also with a sandbox key
Time = Annotated[Clock, port("clock")]
By = Annotated[Processor, port("processor")]
HOUSE_ACCOUNTS = ("platform", "compute")


@router.post("/checkouts", status_code=201)
def begin_checkout(
    body: CheckoutIn, key: IdempotencyKey, who: Payer, sessions: Sessions, processor: By, clock: Time, answer: Response
) -> Checkout:
    """Buy credit. The same key goes on with the same top-up and never charges twice."""
    charge = checkout.top_up(sessions, processor, person=who.person, amount=money(body.amount), key=key, clock=clock)
    answer.headers["Location"] = f"/v1/checkouts/{charge.id}"
    return Checkout.of(charge)


@router.get("/checkouts")
def list_checkouts(who: Payer, session: Unit, page: Paged) -> Listed[Checkout]:
    """Your top-ups, the newest first."""
    rows = checkout.of_person(session, person=who.person, limit=page.limit + 1, before=_seen(page))
    return page.of(rows, lambda row: [row.id], Checkout.of)


@router.get("/checkouts/{id}")
def get_checkout(id: Annotated[str, Named("chg")], who: Payer, session: Unit) -> Checkout:
    """One of your top-ups."""
    return Checkout.of(checkout.find(session, charge=id, person=who.person))


@router.get("/balances")
def list_balances(who: Payer, session: Unit) -> list[Balance]:
    """What stands on your accounts: credit, your part of what your works earned, each profile's royalties."""
    return [Balance.of(found) for found in balances.of_person(session, person=who.person)]


@router.get(
    "/statements",
    response_model=StatementOut,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The statement"}},
)
def get_statement(
    who: Payer,
    session: Unit,
    owner: Annotated[str | None, Query(max_length=60, description="your own id or a profile's; else yours")] = None,
    since: Annotated[Day | None, Query(description="from this day on (UTC)")] = None,
    until: Annotated[Day | None, Query(description="before this day (UTC)")] = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> StatementOut | Response:
    """Every line of your accounts over a period, the sum of each kind of revenue, and what stands at the end."""
    named = owner or who.person
    if named not in _readable(session, who):
        raise NotFound(f"there are no accounts of yours under {named!r}; GET /v1/balances lists them", owner=named)
    found = statement.of_owner(session, owner=named, since=_midnight(since), until=_midnight(until))
    if form == "json":
        return StatementOut.of(found)
    headers = {"Content-Disposition": f'attachment; filename="{spreadsheet.name(found)}"'}
    return Response(spreadsheet.of_statement(found), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/reports", status_code=201)
def file_report(
    body: ReportIn, key: IdempotencyKey, who: Trying, session: Unit, processor: By, clock: Time, answer: Response
) -> ReportOut:
    """Report what a finished work earned; it is divided at once by the work's own program, once per reference."""
    said: dict[str, Any] = {"reporter": who.person, "key": key, "reference": body.reference, "work": body.work}
    said |= {"amount": money(body.amount)}
    if who.sandbox is not None:
        return ReportOut.of(*tried.file(**said, at=who.sandbox.at or clock.now()))
    report = reports.file(session, **said, processor=processor.name, at=clock.now())
    answer.headers["Location"] = f"/v1/reports/{report.id}"
    return ReportOut.of(report, reports.splits(session, reports=[report])[report.id])


@router.get("/reports")
def list_reports(who: Reporter, session: Unit, page: Paged) -> Listed[ReportOut]:
    """What you have reported, the newest first."""
    rows = reports.of_reporter(session, reporter=who.person, limit=page.limit + 1, before=_seen(page))
    splits = reports.splits(session, reports=rows)
    return page.of(rows, lambda row: [row.id], lambda row: ReportOut.of(row, splits[row.id]))


@router.get("/reports/{id}")
def get_report(id: Annotated[str, Named("rep")], who: Reporter, session: Unit) -> ReportOut:
    """One of your reports."""
    report = reports.find(session, report=id, reporter=who.person)
    return ReportOut.of(report, reports.splits(session, reports=[report])[report.id])


def _readable(session: Unit, who: Principal) -> set[str]:
    """Whose statements this caller may read."""
    own = {found.owner for found in balances.of_person(session, person=who.person)}
    return own | set(HOUSE_ACCOUNTS) if who.staff else own


def _seen(page: Page) -> str | None:
    """The id of the last item of the page before."""
    key = page.key(str)
    return key[0] if key else None


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
