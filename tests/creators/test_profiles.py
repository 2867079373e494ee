"""People and profiles."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from core import ids
from core.errors import NotFound
from creators import profiles
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
