"""What a route may ask for: a unit of work, who is calling, the house's ports, a page of a list. Nothing here decides.

A route's signature shows its policy: `Anyone`, `Person`, `Staff`, or `Annotated[Principal, allowed("works")]`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from core import db
from core.errors import Forbidden, HomageError, Invalid
from core.money import Money

SCOPES = {
    "styles": "register and manage your own styles, offers and licenses granted by you",
    "works": "preview, order and read your own works",
    "money": "top up, and read your balances and statements",
    "verify": "ask whether a file is licensed",
    "reports": "report what works earned",
}
MOST_ITEMS = 100
T = TypeVar("T")


class Unauthenticated(HomageError):
    """Sign in, or send an API key, to do this."""


class NotForKeys(Forbidden):
    """Only a signed-in person may do this, no API key."""


class ScopeMissing(Forbidden):
    """The API key was not given the scope that this needs."""


class StaffOnly(Forbidden):
    """Only the house's own staff may do this."""


class BadCursor(Invalid):
    """The cursor is not one that a list gave out."""


@dataclass(frozen=True)
class Principal:
    """Who is calling. `scopes`: what an API key may do; None is a person's own session, which may do all they may."""

    person: str
    name: str
    staff: bool = False
    scopes: frozenset[str] | None = None
    session: str | None = None


def port(name: str) -> Any:
    """A port of the house, by its name there: `Annotated[BlobStore, port("blobs")]`."""

    def find(request: Request) -> Any:
        return getattr(request.app.state.house, name)

    return Depends(find)


def _unit(request: Request) -> Iterator[Session]:
    with db.unit(request.app.state.house.sessions) as session:
        yield session


# Committed before the answer leaves: with FastAPI's default scope a commit that fails would follow a 201.
Unit = Annotated[Session, Depends(_unit, scope="function")]
Sessions = Annotated[db.Sessions, port("sessions")]


def _whoever(request: Request) -> Principal | None:
    found: Principal | None = request.app.state.authenticate(request)
    return found


def allowed(scope: str | None) -> Any:
    """Someone signed in, or an API key with this scope; None admits no key. Raises Unauthenticated, ScopeMissing."""
    assert scope is None or scope in SCOPES

    def check(who: Annotated[Principal | None, Depends(_whoever)]) -> Principal:
        if who is None:
            raise Unauthenticated("this needs an account; sign in, or send an API key as a bearer token")
        if who.scopes is not None:
            if scope is None:
                raise NotForKeys("an API key cannot do this; sign in instead")
            if scope not in who.scopes:
                raise ScopeMissing(f"this API key has no scope {scope!r}; make one that has it", scope=scope)
        return who

    check.policy = scope or "person"  # type: ignore[attr-defined]  # read by the authorization matrix
    return Depends(check)


def _staff(who: Annotated[Principal, allowed(None)]) -> Principal:
    if not who.staff:
        raise StaffOnly("only the house's staff may see this; homage admin create makes someone staff")
    return who


Anyone = Annotated[Principal | None, Depends(_whoever)]
Person = Annotated[Principal, allowed(None)]
Staff = Annotated[Principal, Depends(_staff)]


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

    def of(self, rows: Sequence[Any], key: Callable[[Any], list[Any]], show: Callable[[Any], T]) -> Listed[T]:
        """The page from `limit + 1` rows, with its `Link` header (RFC 8288)."""
        shown, more = rows[: self.limit], len(rows) > self.limit
        following = encode_cursor(key(shown[-1])) if more else None
        if following:
            url = self.request.url.include_query_params(cursor=following)
            self.response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return Listed(items=[show(row) for row in shown], next=following)


def page(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="at most so many items")] = 24,
    cursor: Annotated[
        str | None, Query(max_length=400, description="`next` of the page before; opaque, take it as it is")
    ] = None,
) -> Page:
    return Page(request, response, limit, decode_cursor(cursor) if cursor else None)


Paged = Annotated[Page, Depends(page)]


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
