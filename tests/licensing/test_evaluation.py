"""Asked before anything is made: offers, licenses and works answer by the rules that verdicts follow."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core import db
from creators import styles
from licensing import licenses
from licensing.models import License
from tests.doors import Doors
from tests.licensing.test_verification_routes import Made

USE = {"use": "publish", "territory": "DE", "date": "2026-05-01"}


@pytest.fixture
def made(doors: Doors) -> Made:
    return Made(doors, cap=3)


def ask(client: Any, **said: Any) -> tuple[str, list[str]]:
    answer = client.post("/v1/licenses/evaluate", json={**USE, **said})
    assert answer.status_code == 200, answer.text
    return answer.json()["permission"], [x["code"] for x in answer.json()["reasons"]]


def row(doors: Doors, made: Made) -> License:
    with db.unit(doors.house.sessions) as session:
        return session.scalars(select(License)).one()


def test_an_offer_a_license_and_a_work_say_the_same_as_a_verdict(doors: Doors, made: Made) -> None:
    license = row(doors, made)
    fan = doors.client(license.licensee)
    for more in ({}, {"use": "train"}, {"date": "2020-01-01"}, {"medium": "sound"}):
        asked = {**USE, **more}
        verdict = doors.client().post("/v1/verifications", json={"work": made.work, **asked}).json()
        expected = (verdict["permission"], [x["code"] for x in verdict["reasons"]])
        for client, named in ((doors.client(), {"offers": [license.offer]}), (fan, {"licenses": [license.id]})):
            assert ask(client, **named, **more) == expected, (more, named)
        assert ask(doors.client(), work=made.work, **more) == expected


def test_making_works_is_asked_without_a_use_and_counts_against_the_cap(doors: Doors, made: Made) -> None:
    license = row(doors, made)
    fan = doors.client(license.licensee)
    with db.unit(doors.house.sessions) as session:
        licenses.use_up(session, license=license.id)
    make = {"use": None, "territory": None, "licenses": [license.id]}
    assert ask(fan, **make, quantity=2) == ("permit", [])
    assert ask(fan, **make, quantity=3) == ("deny", ["quota"])
    assert ask(fan, **{**make, "licenses": [], "offers": [license.offer]}, quantity=3) == ("permit", [])


def test_what_ended_is_denied_with_the_reason(doors: Doors, made: Made) -> None:
    license = row(doors, made)
    with db.unit(doors.house.sessions) as session:
        style = styles.get(session, style=license.style)
        licenses.revoke_style(session, style=style.id, creator=style.creator, reason="enough", at=doors.world.now)
    assert ask(doors.client(), offers=[license.offer]) == ("deny", ["withdrawn"])
    assert ask(doors.client(license.licensee), licenses=[license.id])[1] == ["revoked"]
    assert ask(doors.client(), work=made.work) == ("deny", ["withdrawn"])


def test_a_license_is_told_to_its_parties_alone(doors: Doors, made: Made) -> None:
    license = row(doors, made)
    body = {**USE, "licenses": [license.id]}
    assert doors.client().post("/v1/licenses/evaluate", json=body).status_code == 401
    stranger = doors.client(doors.world.fan("Nora Bell", credit="0"))
    assert stranger.post("/v1/licenses/evaluate", json=body).status_code == 404
    assert doors.creator(license.licensor).post("/v1/licenses/evaluate", json=body).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"offers": ["off_00000000000000000000000000"], "work": "wrk_00000000000000000000000000"},
        {"work": "wrk_00000000000000000000000000", "use": None},
        {"work": "nothing"},
        {"offers": ["off_00000000000000000000000000"], "use": "juggle"},
        {"offers": ["off_00000000000000000000000000"], "territory": "ZZ"},
        {"offers": ["off_00000000000000000000000000"], "quantity": 0},
        {"offers": ["off_00000000000000000000000000"] * 21},
    ],
    ids=["nothing", "two", "no-use", "no-work", "use", "territory", "quantity", "many"],
)
def test_an_unclear_intent_is_a_problem(doors: Doors, said: dict[str, Any]) -> None:
    answer = doors.client().post("/v1/licenses/evaluate", json={**USE, **said})
    assert answer.status_code == 422, answer.text
