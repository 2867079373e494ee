"""What works of older houses lack is made in the background, once, and one that cannot be opened stops nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from attribution import registry
from attribution.features import agreement, points
from attribution.models import StoredFingerprint
from attribution.segments.models import StoredFeatures
from core import db
from creators import tasks
from creators.models import Asset
from tests.creators.studio import Studio, draft
from tests.fakes import texture


def seen(sessions: db.Sessions) -> dict[str, tuple[object, ...]]:
    with sessions() as session:
        return {row.title: (row.thumbnail, row.look, row.findings) for row in session.scalars(select(Asset))}


def test_older_works_get_the_same_thumbnail_and_look(sessions: db.Sessions, studio: Studio) -> None:
    with db.unit(sessions) as session:
        ada, eve = draft(session), draft(session, name="Eve Moss")
        for seed in (1, 2):
            studio.take(session, ada, texture(seed), f"Field {seed}")
        studio.take(session, eve, texture(3), "Erased")
    before = seen(sessions)
    with db.unit(sessions) as session:
        session.execute(update(Asset).values(thumbnail=None, look=None, findings=None))
    studio.keys.destroy(eve.creator)
    made = [tasks.look_at_all(sessions, blobs=studio.blobs, keys=studio.keys) for _ in range(2)]
    assert made == [2, 0]
    assert seen(sessions) == before | {"Erased": (None, None, None)}
    assert {findings[0]["code"] for *_, findings in before.values()} == {"tiny"}  # type: ignore[index]


def test_older_fingerprints_get_the_points_that_new_ones_have(sessions: db.Sessions, studio: Studio) -> None:
    def stored() -> dict[str, points.Points]:
        with sessions() as session:
            return {row.subject: points.unpack(row.data or b"") for row in session.scalars(select(StoredFeatures))}

    with db.unit(sessions) as session:
        studio.take(session, draft(session), texture(1, height=300, width=400))
    new = stored()
    with db.unit(sessions) as session:
        session.execute(delete(StoredFeatures))
    walk = tasks.Walk()
    assert [tasks.mark_all(sessions, walk) for _ in range(2)] == [1, 0]
    older = stored()
    with sessions() as session:
        assert list(session.scalars(select(StoredFingerprint.subject))) == list(older) == list(new)
    for subject, found in older.items():  # computed from the stored sheet, a small JPEG
        assert len(agreement.nearest(found.codes, new[subject].codes)[0]) > len(found) / 4


def test_a_process_walks_through_what_is_registered_once(
    sessions: db.Sessions, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.unit(sessions) as session:
        ada = draft(session)
        for seed in range(3):
            studio.take(session, ada, texture(seed, height=64, width=96), f"Field {seed}")
        session.execute(delete(StoredFeatures))
    monkeypatch.setattr(tasks, "MOST_AT_ONCE", 2)
    walk = tasks.Walk()
    assert [tasks.mark_all(sessions, walk) for _ in range(3)] == [2, 1, 0]
    with db.unit(sessions) as session:
        assert walk.reached == session.scalar(select(func.max(StoredFingerprint.subject)))
        session.execute(delete(StoredFeatures))
    assert tasks.mark_all(sessions, walk) == 0  # it looks at none of them again
    with db.unit(sessions) as session:
        pages = list[tuple[int, str]]()
        while not pages or pages[-1][0]:
            pages.append(registry.mark_older(session, after=pages[-1][1] if pages else "", most=2, within=1))
    assert [done for done, _ in pages] == [1, 1, 1, 0]
    assert [reached for _, reached in pages] == sorted(reached for _, reached in pages)


def test_a_retired_work_is_left_alone(sessions: db.Sessions, studio: Studio) -> None:
    with db.unit(sessions) as session:
        studio.take(session, draft(session), texture(1))
        session.execute(update(Asset).values(thumbnail=None, look=None, state="retired"))
    assert tasks.look_at_all(sessions, blobs=studio.blobs, keys=studio.keys) == 0
