"""What of someone's money is still open, so that nobody loses any by leaving. Money itself is never erased."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.money import Money
from payments import statement
from payments.models import Account, Charge, Posting

_WHAT_NOW = {
    "credit": "spend it, or ask the house to pay it back",
    "person": "ask the house to pay it out",
    "creator": "ask the house to pay it out",
}


def open_ones(session: Session, *, person: str, creators: Sequence[str]) -> list[str]:
    """In words, what still stands on a person's accounts and their profiles', and payments that are not decided."""
    names = [name for owner in (person, *creators) for name in statement.accounts_of(session, owner)]
    standing = session.execute(
        select(Account.name, Account.asset, func.sum(Posting.amount))
        .join(Posting, Posting.account == Account.id)
        .where(Account.name.in_(names))
        .group_by(Account.name, Account.asset)
        .having(func.sum(Posting.amount) > 0)
        .order_by(Account.name)
    )
    money = []
    for name, asset, amount in standing:
        kind = name.partition(":")[0]
        what = "of credit is left" if kind == "credit" else "earned has not been paid out"
        money.append(f"{Money(int(amount), asset)} {what}, {_WHAT_NOW[kind]}")
    waiting = session.scalar(
        select(func.count()).where(Charge.person == person, Charge.state == "pending", Charge.asked_at.is_not(None))
    )
    return [*money, *([f"{waiting} payments are not decided yet, wait for them"] if waiting else [])]
