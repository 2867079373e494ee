"""Doors of accounts: signing up, in and out, one's own account, its sessions and keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from app.house import House
from app.identity import accounts, departures, keys, sessions
from app.identity.authentication import (
    Asking,
    OwnPages,
    SecureOrigin,
    give_cookie,
    mark_browser,
    marked,
    take_cookie,
    unmark_browser,
)
from app.identity.models import Account
from app.identity.schemas import (
    Asked,
    ConfirmIn,
    KeyIn,
    KeyMade,
    KeyOut,
    Me,
    NameIn,
    NewPasswordIn,
    PasswordIn,
    PasswordsIn,
    RehearsedMail,
    ResetIn,
    SessionOut,
    SignInIn,
    SignUpIn,
    SignUpOut,
)
from core import clock
from core.web import Anyone, Named, Person, Unit, port
from creators import models

router = APIRouter(tags=["people"])


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


InHouse = Annotated[House, Depends(_house)]
Clock = Annotated[clock.Clock, port("clock")]
SessionId = Annotated[str, Named("ses")]
KeyId = Annotated[str, Named("key")]
IN = [OwnPages, SecureOrigin]


@router.post("/sign-up", status_code=202, dependencies=IN)
def sign_up(body: SignUpIn, request: Request, response: Response, house: InHouse, asker: Asking) -> SignUpOut:
    """Ask for an account: a link is mailed that opens it. The answer is the same for every address.

    It sets a cookie by which this browser may open the link without the password.
    """
    browser, letter = accounts.sign_up(house, email=body.email, name=body.name, password=body.password, asker=asker)
    mark_browser(request, response, browser)
    shown = RehearsedMail.model_validate(letter) if letter and house.post.rehearses else None
    return SignUpOut(email=body.email, rehearsed_mail=shown)


@router.post("/sign-up/confirm", dependencies=IN)
def confirm_sign_up(
    body: ConfirmIn, request: Request, response: Response, house: InHouse, asker: Asking, session: Unit
) -> Me:
    """Open the account by the mailed token, and sign in.

    In another browser than the one that signed up, it takes the password chosen there; without it the answer is
    `password-needed`.
    """
    token, account = accounts.confirm(
        house, token=body.token, browser=marked(request), password=body.password, asker=asker
    )
    give_cookie(request, response, token)
    unmark_browser(request, response)
    return me(session, account)


@router.post("/sign-in", dependencies=IN)
def sign_in(body: SignInIn, request: Request, response: Response, house: InHouse, asker: Asking, session: Unit) -> Me:
    """Sign in: the answer sets the session's cookie."""
    token, account = accounts.sign_in(house, email=body.email, password=body.password, asker=asker)
    give_cookie(request, response, token)
    return me(session, account)


@router.post("/sign-out", status_code=204, dependencies=[OwnPages])
def sign_out(who: Anyone, request: Request, response: Response, session: Unit) -> None:
    """End this session. Signing out twice is signing out."""
    if who is not None and who.session is not None:
        sessions.end(session, id=who.session, person=who.person)
    take_cookie(request, response)


@router.post("/password-resets", status_code=202, dependencies=IN)
def ask_password_reset(body: ResetIn, house: InHouse, asker: Asking) -> Asked:
    """Mail a link by which another password can be chosen. The answer is the same for every address."""
    accounts.ask_reset(house, email=body.email, asker=asker)
    return Asked(email=body.email)


@router.post("/password-resets/confirm", dependencies=IN)
def confirm_password_reset(
    body: NewPasswordIn, request: Request, response: Response, house: InHouse, asker: Asking, session: Unit
) -> Me:
    """Choose another password by the mailed token. Every session ends, and one begins here."""
    token, account = accounts.reset(house, token=body.token, password=body.password, asker=asker)
    give_cookie(request, response, token)
    return me(session, account)


@router.get("/me")
def get_me(who: Person, session: Unit) -> Me:
    """Who is signed in."""
    return me(session, accounts.get(session, person=who.person))


@router.patch("/me")
def change_me(body: NameIn, who: Person, session: Unit) -> Me:
    """Be called otherwise from now on; what was signed before keeps the old name."""
    return me(session, accounts.rename(session, person=who.person, name=body.name))


@router.post("/me/password", status_code=204)
def change_password(body: PasswordsIn, who: Person, house: InHouse, asker: Asking) -> None:
    """Choose another password. Every other session ends."""
    accounts.change_password(
        house, person=who.person, current=body.current, new=body.new, asker=asker, session=who.session
    )


@router.delete("/me", status_code=204)
def erase_me(
    body: PasswordIn, who: Person, request: Request, response: Response, house: InHouse, asker: Asking
) -> None:
    """Erase the account, for good. Refused while money, works or listed styles are open; the answer says which."""
    departures.leave(house, person=who.person, password=body.password, asker=asker)
    take_cookie(request, response)


@router.get("/me/sessions")
def list_sessions(who: Person, session: Unit, time: Clock) -> list[SessionOut]:
    """Where one is signed in, the last used first."""
    rows = sessions.listed(session, person=who.person, at=time.now())
    return [SessionOut.of(row, current=who.session) for row in rows]


@router.delete("/me/sessions", status_code=204)
def end_sessions(who: Person, request: Request, response: Response, session: Unit) -> None:
    """Sign out everywhere, here too."""
    sessions.end_all(session, person=who.person)
    take_cookie(request, response)


@router.delete("/me/sessions/{id}", status_code=204)
def end_session(id: SessionId, who: Person, session: Unit) -> None:
    """Sign one browser out."""
    sessions.end(session, id=id, person=who.person)


@router.get("/me/keys")
def list_keys(who: Person, session: Unit) -> list[KeyOut]:
    """One's API keys, the newest first, without the keys themselves."""
    return [KeyOut.model_validate(row) for row in keys.listed(session, person=who.person)]


@router.post("/me/keys", status_code=201)
def make_key(body: KeyIn, who: Person, session: Unit, time: Clock) -> KeyMade:
    """Make an API key. It is shown in this answer and never again; send it as `Authorization: Bearer`."""
    key, row = keys.make(
        session, person=who.person, name=body.name, scopes=body.scopes, sandbox=body.sandbox, at=time.now()
    )
    return KeyMade.of(row, key)


@router.delete("/me/keys/{id}", status_code=204)
def revoke_key(id: KeyId, who: Person, session: Unit) -> None:
    """End an API key, at once."""
    keys.revoke(session, id=id, person=who.person)


def me(session: Session, account: Account) -> Me:
    person = session.get_one(models.Person, account.person)
    return Me(person=person.id, name=person.name, email=account.email, staff=account.staff, joined_at=person.created_at)
