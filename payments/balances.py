"""What stands on the accounts of one person: prepaid credit, what their works earned, and each of their profiles."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.money import USD, Money
from creators.models import Creator, Person
from payments.models import Account, Posting


@dataclass(frozen=True)
class Standing:
    """kind: credit, earned (a fan's part of what works brought) or creator. owner: whose, and under which name."""

    kind: str
    owner: str
    name: str
    balance: Money


def of_person(session: Session, *, person: str) -> list[Standing]:
    """Every account of this person's, with 0 on those that were never used."""
    own = session.get_one(Person, person)
    profiles = session.scalars(select(Creator).where(Creator.person == person).order_by(Creator.id)).all()
    accounts = {f"credit:{person}": ("credit", person, own.name), f"person:{person}": ("earned", person, own.name)}
    accounts |= {f"creator:{profile.id}": ("creator", profile.id, profile.name) for profile in profiles}
    sums = (
        select(Account.name, func.sum(Posting.amount))
        .join(Posting, Posting.account == Account.id)
        .where(Account.name.in_(accounts), Account.asset == USD)
        .group_by(Account.name)
    )
    found = {name: int(amount) for name, amount in session.execute(sums)}
    return [Standing(*said, Money(found.get(name, 0))) for name, said in accounts.items()]
