"""What the doors of accounts take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.identity.models import ApiKey, Message, SignedIn
from app.identity.passwords import FEWEST_LETTERS, MOST_LETTERS
from core.web import In, Out

Email = Annotated[str, Field(max_length=254, description="an e-mail address", examples=["ada@example.org"])]
Name = Annotated[str, Field(max_length=200, description="what others are shown; one line", examples=["Ada Marsh"])]
NewPassword = Annotated[
    str, Field(max_length=4 * MOST_LETTERS, description=f"{FEWEST_LETTERS} to {MOST_LETTERS} letters of any kind")
]
Password = Annotated[str, Field(max_length=4 * MOST_LETTERS)]
Token = Annotated[str, Field(max_length=100, description="what stands behind #token= in a mailed link")]
Scope = Literal["styles", "works", "money", "verify", "reports", "webhooks"]


class SignUpIn(In):
    """Someone asks for an account."""

    email: Email
    name: Name
    password: NewPassword


class RehearsedMail(Out):
    """The mail that this request caused, shown because the house is tried out without a mail server."""

    subject: str
    text: str
    link: str | None


class Asked(Out):
    """A mail goes to this address, whether or not it is known here."""

    email: str


class SignUpOut(Asked):
    """The same; `rehearsed_mail` is null in every house with a mail server."""

    rehearsed_mail: RehearsedMail | None


class ConfirmIn(In):
    """A mailed link is opened. `password`: the one chosen at sign-up, which another browser than that one must give."""

    token: Token
    password: Password | None = None


class SignInIn(In):
    """Someone signs in."""

    email: Email
    password: Password


class ResetIn(In):
    """Someone has forgotten their password."""

    email: Email


class NewPasswordIn(In):
    """A mailed link is opened, and another password chosen."""

    token: Token
    password: NewPassword


class NameIn(In):
    """Another name."""

    name: Name


class PasswordsIn(In):
    """The password, and another one."""

    current: Password
    new: NewPassword


class PasswordIn(In):
    """The password, once more."""

    password: Password


class Me(Out):
    """Who is signed in."""

    person: str
    name: str
    email: str
    staff: bool
    joined_at: datetime


class SessionOut(Out):
    """A browser that is signed in. `current`: the one that asks."""

    id: str
    created_at: datetime
    seen_at: datetime
    agent: str
    current: bool

    @classmethod
    def of(cls, row: SignedIn, *, current: str | None) -> SessionOut:
        return cls(
            id=row.id, created_at=row.created_at, seen_at=row.seen_at, agent=row.agent, current=row.id == current
        )


class KeyIn(In):
    """A key is asked for. `name`: what its owner knows it by. `sandbox`: for trying out, with made-up works alone."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=6)]
    sandbox: bool = False


class KeyOut(Out):
    """An API key, without the key itself."""

    id: str
    name: str
    scopes: list[str]
    prefix: str
    sandbox: bool
    created_at: datetime
    used_at: datetime | None


class KeyMade(KeyOut):
    """A new API key. `key` is shown this once and never again."""

    key: str

    @classmethod
    def of(cls, row: ApiKey, key: str) -> KeyMade:
        return cls(**KeyOut.model_validate(row).model_dump(), key=key)


class MessageOut(Out):
    """A mail that has not been sent. `failure`: what the mail server said when it refused it."""

    id: str
    to: str
    subject: str
    created_at: datetime
    failure: str | None


class MessageWhole(MessageOut):
    """The same with what it says, which is null where there is a mail server: then it is only for whom it is to."""

    text: str | None
    link: str | None

    @classmethod
    def of(cls, row: Message, *, sent: bool) -> MessageWhole:
        said = MessageOut.model_validate(row).model_dump()
        return cls(**said, text=None if sent else row.text, link=None if sent else row.link)


class AboutOut(Out):
    """What a page must know of the house before anyone signs in.

    `secure_sign_in`: whether signing in is possible at the origin that asks (https, or this very machine).
    """

    name: str
    version: str
    env: Literal["dev", "production"]
    mail: Literal["smtp", "outbox"]
    payments: str
    secure_sign_in: bool
    engines: list[str]
