"""People and profiles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from core import db, ids
from core.errors import NotFound
from creators import profiles
from creators.models import Person
from tests.creators import studio
from tests.creators.studio import AT


def test_a_profile_is_found_by_its_owner_only(session: Session) -> None:
    ada, bob = studio.person(session, "Ada Marsh"), studio.person(session, "Bob Reed")
    profile = profiles.open_profile(session, person=ada.id, name="  Marsh Studio ", at=AT)
    assert profile.name == "Marsh Studio"
    assert profiles.get(session, creator=profile.id, person=ada.id) is profile
    with pytest.raises(NotFound):
        profiles.get(session, creator=profile.id, person=bob.id)


def test_a_name_is_one_printable_line(session: Session) -> None:
    for name in ("", "  ", "a\nb", "x" * 201, "a\u202eb"):
        with pytest.raises(profiles.BadName):
            profiles.open_person(session, name=name, at=AT)


def test_a_profile_needs_a_person(session: Session) -> None:
    for person in ("per_nobody", ids.new("per"), ids.new("cre")):
        with pytest.raises(NotFound):
            profiles.open_profile(session, person=person, name="Ada", at=AT)


def test_a_profile_waits_for_an_erasure_and_sees_it(sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        ada = studio.person(session, "Ada Marsh").id

    def open_profile() -> None:
        with db.unit(sessions) as session:
            profiles.open_profile(session, person=ada, name="Marsh Studio", at=AT)

    with ThreadPoolExecutor(1) as pool:
        with db.unit(sessions) as session:
            row = session.get_one(Person, ada, with_for_update=True)
            opening = pool.submit(open_profile)
            studio.until_someone_waits(sessions)
            row.erased_at = AT
        with pytest.raises(NotFound):
            opening.result()
    with sessions() as session:
        assert profiles.of_person(session, person=ada) == []
