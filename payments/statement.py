"""An owner's accounts over a period: every line, sums per kind of revenue, what stood before and after.

A person has two accounts: prepaid credit, and what their works earned. A creator's royalties are on the creator's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core import ids
from core.errors import Invalid, NotFound
from core.money import USD
from creators.models import Creator, Person
from payments import entries
from payments.models import Account, Entry, Posting


class BadPeriod(Invalid):
    """The period ends before it begins."""


@dataclass(frozen=True)
class Line:
    """`amount` units onto the account (negative: off it). kind: of the entry, `-reversal` included."""

    at: datetime
    kind: str
    amount: int
    work: str | None
    account: str


@dataclass(frozen=True)
class Statement:
    """A period [since, until) of an owner's accounts; None is from the beginning, or to this moment. Units of `asset`.

    totals: per kind of entry, in the order of entries.KINDS, reversals deducted: fee and exploitation stay apart.
    opening + the totals = closing. balances: the same at the end, account by account (a person's credit and earnings).
    """

    owner: str
    asset: str
    since: datetime | None
    until: datetime | None
    opening: int
    lines: tuple[Line, ...]
    balances: dict[str, int]

    @property
    def totals(self) -> dict[str, int]:
        sums: dict[str, int] = {}
        for line in self.lines:
            kind = entries.base(line.kind)
            sums[kind] = sums.get(kind, 0) + line.amount
        return {kind: sums[kind] for kind in entries.KINDS if kind in sums}

    @property
    def closing(self) -> int:
        return self.opening + sum(line.amount for line in self.lines)

    def document(self) -> dict[str, Any]:
        """The statement as plain JSON values; times in ISO 8601, UTC."""
        return {
            "owner": self.owner,
            "asset": self.asset,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "opening": self.opening,
            "lines": [{**vars(line), "at": line.at.isoformat()} for line in self.lines],
            "totals": self.totals,
            "closing": self.closing,
            "balances": self.balances,
        }


def of_owner(
    session: Session, *, owner: str, since: datetime | None = None, until: datetime | None = None, asset: str = USD
) -> Statement:
    """The statement of a creator (`cre_…`), a person (`per_…`), `platform` or `compute`. Raises NotFound, BadPeriod."""
    if since is not None and until is not None and since > until:
        raise BadPeriod(f"the period ends on {until:%Y-%m-%d}, before it begins on {since:%Y-%m-%d}")
    names = accounts_of(session, owner)
    query = (
        select(Entry.at, Entry.kind, Posting.amount, Entry.work, Account.name)
        .join(Entry, Entry.seq == Posting.entry)
        .join(Account, Account.id == Posting.account)
        .where(Account.name.in_(names), Account.asset == asset)
        .order_by(Entry.at, Entry.seq, Account.name)
    )
    opening = 0
    if since is not None:
        opening = int(session.scalar(_sum(names, asset).where(Entry.at < since)) or 0)
        query = query.where(Entry.at >= since)
    if until is not None:
        query = query.where(Entry.at < until)
    lines = tuple(Line(*row) for row in session.execute(query))
    ends = _sum(names, asset).add_columns(Account.name).group_by(Account.name)
    if until is not None:
        ends = ends.where(Entry.at < until)
    found = {name: int(amount) for amount, name in session.execute(ends)}
    return Statement(owner, asset, since, until, opening, lines, {name: found.get(name, 0) for name in names})


def accounts_of(session: Session, owner: str) -> tuple[str, ...]:
    """The names of an owner's accounts. Raises NotFound."""
    if owner in (entries.PLATFORM, entries.COMPUTE):
        return (owner,)
    if owner.startswith("cre_") and session.get(Creator, ids.check(owner, "cre")) is not None:
        return (f"creator:{owner}",)
    if owner.startswith("per_") and session.get(Person, ids.check(owner, "per")) is not None:
        return (f"credit:{owner}", f"person:{owner}")
    raise NotFound(
        f"nobody here is {owner[:60]!r}; name a creator (cre_…), a person (per_…), platform or compute",
        owner=owner[:60],
    )


def _sum(names: tuple[str, ...], asset: str) -> Select[int]:
    return (
        select(func.sum(Posting.amount))
        .join(Entry, Entry.seq == Posting.entry)
        .join(Account, Account.id == Posting.account)
        .where(Account.name.in_(names), Account.asset == asset)
    )
