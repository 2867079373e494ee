"""What fans bring is kept while a work rests on it, and forgotten where none was made."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from generation import sources
from generation.models import Source
from generation.sources import KEPT, Sources
from tests.doors import Doors
from tests.generation.test_routes import order, wish

STARTER = "starter:china"


def brought(doors: Doors, person: str, *, late: timedelta = timedelta(0)) -> Source:
    house = doors.house
    found = Sources(house.sessions, house.blobs, house.keys, house.uploads)
    return found.bring(person=person, origin=STARTER, at=house.clock.now() + late)


def sweep(doors: Doors, *, late: timedelta) -> int:
    return sources.sweep(doors.house.sessions, blobs=doors.house.blobs, at=doors.house.clock.now() + late)


def test_a_picture_that_nothing_was_made_from_is_forgotten_with_its_file(doors: Doors) -> None:
    fan = doors.world.fan()
    source = brought(doors, fan.id)
    assert sweep(doors, late=KEPT - timedelta(minutes=1)) == 0
    assert sweep(doors, late=KEPT + timedelta(minutes=1)) == 1
    assert not doors.house.blobs.has(source.blob)
    assert doors.house.blobs.has(brought(doors, fan.id).blob), "it is read again where it is asked for again"


def test_a_picture_that_is_asked_for_again_is_kept_for_that(doors: Doors) -> None:
    source = brought(doors, doors.world.fan().id)
    assert brought(doors, source.person, late=KEPT).blob == source.blob
    assert sweep(doors, late=KEPT + timedelta(minutes=1)) == 0


def test_what_a_work_was_made_from_stays_though_it_was_cancelled(doors: Doors) -> None:
    fan, stranger = doors.world.fan(), doors.world.fan("Eve Moss")
    answer = order(doors, fan, wish(doors.world.artist(), source=STARTER))
    work = answer.json()["id"]
    assert doors.client(fan).post(f"/v1/works/{work}/cancellation").status_code == 202
    brought(doors, stranger.id)
    assert sweep(doors, late=KEPT + timedelta(minutes=1)) == 1, "the stranger's"
    with doors.house.sessions() as session:
        assert session.scalars(select(Source.person)).all() == [fan.id]
    assert doors.client(fan).get(f"/v1/works/{work}/source").status_code == 200
