"""What a route may ask for: a unit of work, who is calling, the house's ports, a page of a list. Nothing here decides.

A route's signature shows its policy: `Anyone`, `Person`, `Staff`, or `Annotated[Principal, allowed("works")]`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Header, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema
from sqlalchemy.orm import Session

from core import db, ids
from core.errors import Forbidden, Invalid, Unauthenticated
from core.limits import Meter
from core.money import Money

SCOPES = {
    "styles": "register and manage your own styles, offers and licenses granted by you",
    "works": "preview, order and read your own works",
    "money": "top up, and read your balances and statements",
    "verify": "ask whether a file is licensed",
    "reports": "report what works earned",
    "webhooks": "be told of what happens",
}
MOST_ITEMS = 100
MOST_BODY = 1 << 17  # bytes of a request that brings no file: naming every fault of a larger one takes a second
MOST_FILE_BODY = (64 << 20) + (1 << 16)  # of one that brings a file: core.decode's limit, and the form around it
T = TypeVar("T")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NotForKeys(Forbidden):
    """Only a signed-in person may do this, no API key."""


class ScopeMissing(Forbidden):
    """The API key was not given the scope that this needs."""


class StaffOnly(Forbidden):
    """Only the house's own staff may do this."""


class BadCursor(Invalid):
    """The cursor is not one that a list gave out."""


class NotInSandbox(Forbidden):
    """A sandbox key asks about made-up works only."""


@dataclass(frozen=True)
class Sandbox:
    """What the caller's API key is for: trying out. `key`: its id; `at`: the time it is there, None now."""

    key: str
    at: datetime | None


@dataclass(frozen=True)
class Principal:
    """Who is calling. `scopes`: what an API key may do; None is a person's own session, which may do all they may.

    `sandbox`: where the key is one for trying out; only routes that know of it are reached with one.
    """

    person: str
    name: str
    staff: bool = False
    scopes: frozenset[str] | None = None
    session: str | None = None
    sandbox: Sandbox | None = None


def port(name: str) -> Any:
    """A port of the house, by its name there: `Annotated[BlobStore, port("blobs")]`."""

    async def find(request: Request) -> Any:  # async, here and below: what waits for nothing needs no thread
        return getattr(request.app.state.house, name)

    return Depends(find)


def _unit(request: Request) -> Iterator[Session]:
    with db.unit(request.app.state.house.sessions) as session:
        yield session


# Committed before the answer leaves: with FastAPI's default scope a commit that fails would follow a 201.
Unit = Annotated[Session, Depends(_unit, scope="function")]
Sessions = Annotated[db.Sessions, port("sessions")]


def _whoever(request: Request) -> Principal | None:
    request.state.principal = None
    found: Principal | None = request.app.state.authenticate(request)
    request.state.principal = found  # whose bucket the next request with these credentials is counted on
    return found


async def _for_real(who: Annotated[Principal | None, Depends(_whoever)]) -> Principal | None:
    if who is not None and who.sandbox is not None:
        raise NotInSandbox("this is a sandbox key, for questions about made-up works alone; use a real key here")
    return who


async def _metered(request: Request) -> Meter:
    meter: Meter = request.state.meter
    return meter


# What this request has cost so far; a route that turns out to be dearer says so.
Metered = Annotated[Meter, Depends(_metered)]


def allowed(scope: str | None, *others: str, tried_out: bool = False) -> Any:
    """Someone signed in, or an API key with one of these scopes; None admits no key.

    `tried_out`: also a sandbox key; the route sees to it that nothing real is read or written for one.
    Raises Unauthenticated, NotForKeys, ScopeMissing, NotInSandbox.
    """
    scopes = (scope, *others) if scope is not None else ()
    assert set(scopes) <= set(SCOPES)

    found = Depends(_whoever if tried_out else _for_real)

    def check(who: Principal | None = found) -> Principal:
        if who is None:
            raise Unauthenticated("this needs an account; sign in, or send an API key as a bearer token")
        if who.scopes is not None:
            if not scopes:
                raise NotForKeys("an API key cannot do this; sign in instead")
            if who.scopes.isdisjoint(scopes):
                wanted = " or ".join(map(repr, scopes))
                raise ScopeMissing(f"this API key has no scope {wanted}; make one that has it", scope=scopes[0])
        return who

    check.policy = "|".join(scopes) or "person"  # type: ignore[attr-defined]  # read by the authorization matrix
    return Depends(check)


def _staff(who: Annotated[Principal, allowed(None)]) -> Principal:
    if not who.staff:
        raise StaffOnly("only the house's staff may see this; homage admin create makes someone staff")
    return who


_staff.policy = "staff"  # type: ignore[attr-defined]
Anyone = Annotated[Principal | None, Depends(_for_real)]
Asker = Annotated[Principal | None, Depends(_whoever)]  # anyone, also with a sandbox key
Person = Annotated[Principal, allowed(None)]
Staff = Annotated[Principal, Depends(_staff)]


class Named:
    """In a type, `Annotated[str, Named("wrk")]`: an id of this kind. A malformed one names nothing: it is NotFound."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(lambda id: ids.check(id, self.prefix), handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": ids.pattern(self.prefix)}


IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="your own name for this request, such as a UUID: sent again, it is done once and answered alike",
    ),
]


def _a_day(value: Any) -> Any:
    """Pydantic alone would take the number 0 for a day in 1970."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("write a day like 2026-05-01")


Day = Annotated[date, BeforeValidator(_a_day)]


class In(BaseModel):
    """Base of what a route takes: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """Base of what a route gives: every field is always there, so none has a default."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Amount(Out):
    """Money on the wire: whole units of an asset; `USD/6` counts millionths of a dollar."""

    amount: int
    asset: str

    @classmethod
    def of(cls, money: Money) -> Amount:
        return cls(amount=money.amount, asset=money.asset)


class Listed(Out, Generic[T]):
    """A page of a list. `next`: the cursor of the page after it, or null at the end."""

    items: list[T]
    next: str | None


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for. `after`: the sort key of the last item of the page before, or None."""

    request: Request
    response: Response
    limit: int
    after: list[Any] | None

    def key(self, *kinds: type) -> tuple[Any, ...] | None:
        """`after` as what this list is sorted by, each a datetime, an int or a str. Raises BadCursor for any other."""
        if self.after is None:
            return None
        try:
            return tuple(_part(part, kind) for part, kind in zip(self.after, kinds, strict=True))
        except ValueError as error:
            raise BadCursor("this cursor belongs to another list; take `next` of the page before, as it is") from error

    def of(self, rows: Sequence[Any], key: Callable[[Any], list[Any]], show: Callable[[Any], T]) -> Listed[T]:
        """The page from `limit + 1` rows, with its `Link` header (RFC 8288)."""
        shown, more = rows[: self.limit], len(rows) > self.limit
        following = encode_cursor(key(shown[-1])) if more else None
        if following:
            url = self.request.url.include_query_params(cursor=following)
            self.response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return Listed(items=[show(row) for row in shown], next=following)


async def page(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="at most so many items")] = 24,
    cursor: Annotated[
        str | None, Query(max_length=400, description="`next` of the page before; opaque, take it as it is")
    ] = None,
) -> Page:
    return Page(request, response, limit, decode_cursor(cursor) if cursor else None)


Paged = Annotated[Page, Depends(page)]


def _part(value: Any, kind: type) -> Any:
    """One part of a sort key, in the shape that the database takes; ValueError for any other."""
    if kind is datetime:
        moment = datetime.fromisoformat(str(value))
        if moment.tzinfo is not None:
            return moment
    elif kind is int and type(value) is int:
        if abs(value) < 1 << 63:
            return value
    elif kind is str and isinstance(value, str) and value.isprintable():
        return value
    raise ValueError(f"{value!r} is no {kind.__name__}")


def encode_cursor(key: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BadCursor("this cursor came from no list; take `next` of the page before, as it is") from error
    if not isinstance(key, list) or not all(isinstance(part, str | int) for part in key):
        raise BadCursor("this cursor came from no list; take `next` of the page before, as it is")
    return key
