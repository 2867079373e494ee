"""`admin`: who may see what only the house's staff see."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from app.commands import show
from core.errors import Invalid

admin = typer.Typer(help="The house's staff.", no_args_is_help=True)


@admin.callback()
def _group() -> None:
    """Keeps `create` a command of its own while it is the only one."""


@admin.command("create")
def create(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="the address to sign in with")],
    *,
    name: Annotated[str, typer.Option(help="what others are shown, where the account is new")] = "Staff",
) -> None:
    """Make someone staff. A new account's password is asked for, or read as one line from standard input."""
    from app import logs, settings
    from app.identity import accounts, addresses, passwords
    from core import db

    address = addresses.normalized(email)
    logs.configure(settings.load().log)
    with show.existing_house() as house:
        with db.unit(house.sessions) as session:
            known = accounts.known_at(session, email=address)
        password_hash = None
        if known is None:
            password = _password()
            passwords.check(password, email=address, name=name)
            password_hash = passwords.hashed(password)
        with db.unit(house.sessions) as session:
            accounts.make_staff(session, email=address, name=name, password_hash=password_hash, at=house.clock.now())
    show.out(f"{address} {'is staff now; the password stays' if known else 'has an account now, and is staff'}")


def _password() -> str:
    """Typed twice unseen at a terminal, one line from anything else; never an argument, which others can see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Invalid("the two are not the same; begin again")
    return password
