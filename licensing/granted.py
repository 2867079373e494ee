"""Licenses as their two parties see them: with names, newest first, and for the licensor with what was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from attribution.models import RecordedClaim
from core import ids
from core.errors import NotFound
from creators.models import Creator, Person, Style
from licensing.models import License

Rows = Select[*tuple[Any, ...]]
After = tuple[Any, ...]
KEY = (datetime, str)


@dataclass(frozen=True)
class Granted:
    """A license with the names around it. `works`: how many works recorded here rest on it, withdrawn ones too."""

    license: License
    style: Style
    licensor: Creator
    licensee: Person
    works: int

    def key(self) -> list[Any]:
        """Its place in a list, of `KEY`."""
        return [self.license.granted_at, self.license.id]


def of_licensee(session: Session, *, person: str, limit: int, after: After | None = None) -> list[Granted]:
    """The licenses this person holds, the newest first."""
    return _page(session, _query().where(License.licensee == person), limit, after)


def of_licensor(session: Session, *, person: str, limit: int, after: After | None = None) -> list[Granted]:
    """The licenses that others hold to this person's styles: the uses of them."""
    return _page(session, _query().where(Creator.person == person), limit, after)


def one(session: Session, *, license: str, person: str) -> Granted:
    """A license that this person holds or gave. Raises NotFound."""
    party = (License.licensee == person) | (Creator.person == person)
    found = _page(session, _query().where(License.id == ids.check(license, "lic"), party), 1, None)
    if not found:
        raise NotFound(f"there is no license {license} of yours", id=license)
    return found[0]


def given(session: Session, *, license: str, person: str) -> License:
    """A license that this person gave. Raises NotFound."""
    row = one(session, license=license, person=person)
    if row.licensor.person != person:
        raise NotFound(f"there is no license {license} of yours to revoke", id=license)
    return row.license


def _query() -> Rows:
    works = select(func.count()).where(RecordedClaim.licenses.contains(array([License.id])))
    return (
        select(License, Style, Creator, Person, works.correlate(License).scalar_subquery())
        .join(Style, Style.id == License.style)
        .join(Creator, Creator.id == License.licensor)
        .join(Person, Person.id == License.licensee)
    )


def _page(session: Session, query: Rows, limit: int, after: After | None) -> list[Granted]:
    if after is not None:
        query = query.where(tuple_(License.granted_at, License.id) < tuple_(*after))
    query = query.order_by(License.granted_at.desc(), License.id.desc()).limit(limit)
    rows: Sequence[Any] = session.execute(query).all()
    return [Granted(*row) for row in rows]
