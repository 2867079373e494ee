"""What works of older houses lack is made in the background, once, and one that cannot be opened stops nothing."""

from __future__ import annotations

from sqlalchemy import select, update

from core import db
from creators import tasks
from creators.models import Asset
from tests.creators.studio import Studio, draft
from tests.fakes import texture


def seen(sessions: db.Sessions) -> dict[str, tuple[str | None, bytes | None]]:
    with sessions() as session:
        return {row.title: (row.thumbnail, row.look) for row in session.scalars(select(Asset))}


def test_older_works_get_the_same_thumbnail_and_look(sessions: db.Sessions, studio: Studio) -> None:
    with db.unit(sessions) as session:
        ada, eve = draft(session), draft(session, name="Eve Moss")
        for seed in (1, 2):
            studio.take(session, ada, texture(seed), f"Field {seed}")
        studio.take(session, eve, texture(3), "Erased")
    before = seen(sessions)
    with db.unit(sessions) as session:
        session.execute(update(Asset).values(thumbnail=None, look=None))
    studio.keys.destroy(eve.creator)
    made = [tasks.look_at_all(sessions, blobs=studio.blobs, keys=studio.keys) for _ in range(2)]
    assert made == [2, 0]
    assert seen(sessions) == before | {"Erased": (None, None)}


def test_a_retired_work_is_left_alone(sessions: db.Sessions, studio: Studio) -> None:
    with db.unit(sessions) as session:
        studio.take(session, draft(session), texture(1))
        session.execute(update(Asset).values(thumbnail=None, look=None, state="retired"))
    assert tasks.look_at_all(sessions, blobs=studio.blobs, keys=studio.keys) == 0
