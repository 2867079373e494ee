"""Accounts: opened by a mailed token, entered by a password, never telling a stranger which addresses are known.

Hashing a password is slow, so it happens between transactions. A sign-up with a known address does the same work, takes
the same time and gets the same answer as any other; only the mail is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.identity import addresses, attempts, letters, passwords, sessions, tokens
from app.identity.models import Account, Reset, SignUp
from core import db
from core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from creators import profiles
from creators.models import Person

if TYPE_CHECKING:
    from app.house import House

CONFIRM_WITHIN, RESET_WITHIN = timedelta(hours=24), timedelta(hours=1)
log = structlog.get_logger()


class WrongCredentials(Unauthenticated):
    """There is no account with this address and password."""


class WrongPassword(Forbidden):
    """This is not the account's password."""


class LinkEnded(Invalid):
    """The link was used before, or is too old."""


class PasswordNeeded(Unauthenticated):
    """The link was opened elsewhere than where it was asked for: the password chosen there is needed."""


@dataclass(frozen=True)
class Asker:
    """Who asks, before they are known: the client's network address and what its browser calls itself."""

    client: str
    agent: str


def sign_up(house: House, *, email: str, name: str, password: str, asker: Asker) -> tuple[str, letters.Letter | None]:
    """Mail a link that opens the account, or a word that there is one; None for the mail if the address has had enough.

    With it a secret for the browser that asks, by which `confirm` knows it again. Raises BadAddress, BadName,
    WeakPassword, TooManyAttempts.
    """
    browser, browser_hash = tokens.fresh()
    email, name = addresses.normalized(email), profiles.named(name)
    passwords.check(password, email=email, name=name)
    at = house.clock.now()
    with db.unit(house.sessions) as session:
        if not attempts.mail(session, email=email, client=asker.client, at=at):
            return browser, None
    password_hash = passwords.hashed(password)
    with db.unit(house.sessions) as session:
        person = _person_at(session, email)
        if person is not None:
            letter = letters.known(url=house.post.url, name=person.name)
        else:
            token, token_hash = tokens.fresh()
            row = SignUp(token_hash=token_hash, email=email, name=name, password_hash=password_hash)
            row.browser_hash, row.created_at, row.expires_at = browser_hash, at, at + CONFIRM_WITHIN
            session.add(row)
            letter = letters.confirm(url=house.post.url, name=name, token=token)
        house.post.put(session, to=email, letter=letter, at=at)
    return browser, letter


def confirm(
    house: House, *, token: str, browser: str | None, password: str | None, asker: Asker
) -> tuple[str, Account]:
    """Open the account that a mailed token stands for, and a first session; its token.

    Whoever reads the mail need not be who chose the password: a stranger may have signed up with another's address. So
    it takes the browser that signed up, or the password chosen there; a refusal leaves the link as it is.

    Raises LinkEnded, PasswordNeeded, WrongPassword, TooManyAttempts.
    """
    at = house.clock.now()
    with db.unit(house.sessions) as session:
        row = _pending(session, token, at)
        known = browser is not None and tokens.hash_of(browser) == row.browser_hash
        if known or password is None:
            guess: Sequence[int] = ()
        else:
            instead = "sign up again with a password of yours, which works at once"
            guess = attempts.guess(session, email=row.email, client=asker.client, at=at, instead=instead)
    if not known:
        _prove_choice(row, password, asker)
    with db.unit(house.sessions) as session:
        opened = _open_pending(session, token=token, asker=asker, at=at)
        if guess:  # under the address's lock: two that are right at once would wait for each other's rows
            attempts.right(session, email=row.email, rows=guess)
        return opened


def _pending(session: Session, token: str, at: datetime) -> SignUp:
    row = session.get(SignUp, tokens.hash_of(token))
    if row is None or row.expires_at <= at:
        raise LinkEnded("this link was used before, or is older than a day; sign in, or sign up again")
    return row


def _prove_choice(row: SignUp, password: str | None, asker: Asker) -> None:
    if password is None:
        raise PasswordNeeded(
            "this browser did not ask for the link; give the password that was chosen when it was asked for, or sign up"
            " again if that was not you"
        )
    if not passwords.matches(row.password_hash, password):
        log.warning("confirmation failed", address=addresses.mark(row.email), client=asker.client)
        raise WrongPassword(
            "this is not the password that was chosen when the link was asked for; if that was not you, sign up again"
        )


def _open_pending(session: Session, *, token: str, asker: Asker, at: datetime) -> tuple[str, Account]:
    row = _pending(session, token, at)
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"account:{row.email}", 0))))
    gone = session.scalars(delete(SignUp).where(SignUp.email == row.email).returning(SignUp.token_hash)).all()
    if row.token_hash not in gone or _person_at(session, row.email) is not None:
        raise LinkEnded("this link was used before; sign in")
    person = profiles.open_person(session, name=row.name, at=at)
    account = _open(session, person=person, email=row.email, password_hash=row.password_hash, at=at)
    secret, opened = sessions.begin(session, person=person.id, agent=asker.agent, at=at)
    log.info("account opened", person=person.id, session=opened.id, client=asker.client)
    return secret, account


def sign_in(house: House, *, email: str, password: str, asker: Asker) -> tuple[str, Account]:
    """A new session's token and the account. Raises WrongCredentials, TooManyAttempts, BadAddress."""
    email, at = addresses.normalized(email), house.clock.now()
    with db.unit(house.sessions) as session:
        guess = attempts.guess(session, email=email, client=asker.client, at=at)
        account = session.scalar(select(Account).where(Account.email == email))
    kept = account.password_hash if account else None
    if not passwords.matches(kept, password) or account is None:
        log.warning("sign-in failed", address=addresses.mark(email), client=asker.client)
        raise WrongCredentials("no account has this address and password; check both, or reset the password")
    renewed = passwords.hashed(password) if passwords.outdated(account.password_hash) else None
    with db.unit(house.sessions) as session:
        row = session.get(Account, account.person, with_for_update=True)
        if row is None or row.password_hash != kept:
            raise WrongCredentials("the password was changed meanwhile; sign in with the new one")
        row.password_hash = renewed or row.password_hash
        attempts.right(session, email=email, rows=guess)
        secret, opened = sessions.begin(session, person=row.person, agent=asker.agent, at=at)
    log.info("signed in", person=account.person, session=opened.id, client=asker.client)
    return secret, account


def prove(house: House, *, person: str, password: str, asker: Asker) -> Account:
    """Someone signed in shows that they know the password. Raises WrongPassword, TooManyAttempts, NotFound."""
    with db.unit(house.sessions) as session:
        account = get(session, person=person)
        guess = attempts.guess(session, email=account.email, client=asker.client, at=house.clock.now())
    if not passwords.matches(account.password_hash, password):
        log.warning("wrong password", person=person, client=asker.client)
        raise WrongPassword("this is not your password; nothing was changed")
    with db.unit(house.sessions) as session:
        attempts.right(session, email=account.email, rows=guess)
    return account


def change_password(house: House, *, person: str, current: str, new: str, asker: Asker, session: str | None) -> None:
    """Another password; every session but this one ends. Raises WrongPassword, WeakPassword, TooManyAttempts."""
    account = prove(house, person=person, password=current, asker=asker)
    with db.unit(house.sessions) as db_session:
        name = db_session.get_one(Person, person).name
    passwords.check(new, email=account.email, name=name)
    password_hash = passwords.hashed(new)
    with db.unit(house.sessions) as db_session:
        _set_password(db_session, house, person=person, password_hash=password_hash, but=session)
    log.info("password changed", person=person, client=asker.client)


def ask_reset(house: House, *, email: str, asker: Asker) -> None:
    """Mail a link for another password, if there is such an account; nobody is told. Raises TooManyAttempts."""
    email, at = addresses.normalized(email), house.clock.now()
    with db.unit(house.sessions) as session:
        if not attempts.mail(session, email=email, client=asker.client, at=at):
            return
        person = _person_at(session, email)
        if person is None:
            return
        token, token_hash = tokens.fresh()
        session.add(Reset(token_hash=token_hash, person=person.id, created_at=at, expires_at=at + RESET_WITHIN))
        letter = letters.reset(url=house.post.url, name=person.name, token=token)
        house.post.put(session, to=email, letter=letter, at=at)
    log.info("password reset asked for", person=person.id, client=asker.client)


def reset(house: House, *, token: str, password: str, asker: Asker) -> tuple[str, Account]:
    """Set the password by a mailed token; every session ends and one begins. Raises LinkEnded, WeakPassword."""
    at, token_hash = house.clock.now(), tokens.hash_of(token)
    with db.unit(house.sessions) as session:
        account = _account_of_reset(session, token_hash, at)
        name = session.get_one(Person, account.person).name
    passwords.check(password, email=account.email, name=name)
    password_hash = passwords.hashed(password)
    with db.unit(house.sessions) as session:
        account = _account_of_reset(session, token_hash, at)
        attempts.forgive(session, email=account.email)
        _set_password(session, house, person=account.person, password_hash=password_hash, but=None)
        secret, opened = sessions.begin(session, person=account.person, agent=asker.agent, at=at)
    log.info("password reset", person=account.person, session=opened.id, client=asker.client)
    return secret, account


def get(session: Session, *, person: str) -> Account:
    """A person's account. Raises NotFound."""
    row = session.get(Account, person)
    if row is None:
        raise NotFound("you have no account here to sign in with")
    return row


def rename(session: Session, *, person: str, name: str) -> Account:
    """Call a person otherwise from now on; what was signed before keeps the old name. Raises BadName, NotFound."""
    account = get(session, person=person)
    session.get_one(Person, person).name = profiles.named(name)
    session.flush()
    return account


def known_at(session: Session, *, email: str) -> Account | None:
    return session.scalar(select(Account).where(Account.email == addresses.normalized(email)))


def make_staff(session: Session, *, email: str, name: str, password_hash: str | None, at: datetime) -> Account:
    """Make the account at this address staff, or open one that is. Raises BadAddress, BadName, NotFound."""
    account = known_at(session, email=email)
    if account is None:
        if password_hash is None:
            raise NotFound(f"nobody has an account at {email}; give a password to open one")
        person = profiles.open_person(session, name=name, at=at)
        account = _open(session, person=person, email=addresses.normalized(email), password_hash=password_hash, at=at)
    account.staff = True
    session.flush()
    log.warning("made staff", person=account.person)
    return account


def tidy(session: Session, *, at: datetime) -> None:
    """Forget the links that have ended."""
    session.execute(delete(SignUp).where(SignUp.expires_at <= at))
    session.execute(delete(Reset).where(Reset.expires_at <= at))


def _open(session: Session, *, person: Person, email: str, password_hash: str, at: datetime) -> Account:
    account = Account(person=person.id, email=email, password_hash=password_hash, staff=False, created_at=at)
    session.add(account)
    session.flush()
    return account


def _set_password(session: Session, house: House, *, person: str, password_hash: str, but: str | None) -> None:
    account = get(session, person=person)
    account.password_hash = password_hash
    session.execute(delete(Reset).where(Reset.person == person))  # a link that was asked for before opens nothing now
    sessions.end_all(session, person=person, but=but)
    letter = letters.changed(url=house.post.url, name=session.get_one(Person, person).name)
    house.post.put(session, to=account.email, letter=letter, at=house.clock.now())


def _account_of_reset(session: Session, token_hash: str, at: datetime) -> Account:
    row = session.get(Reset, token_hash)
    account = session.get(Account, row.person, with_for_update=True) if row is not None else None
    if row is None or account is None or row.expires_at <= at or not _still_there(session, token_hash):
        raise LinkEnded("this link was used before, or is older than an hour; ask for another")
    return account


def _still_there(session: Session, token_hash: str) -> bool:
    """Asked while the account is held: of two that use one link at once, the second finds it gone."""
    return session.scalar(select(Reset.token_hash).where(Reset.token_hash == token_hash)) is not None


def _person_at(session: Session, email: str) -> Person | None:
    return session.scalar(select(Person).join(Account, Account.person == Person.id).where(Account.email == email))
