"""Assets: one owner for each picture, originals kept losslessly and readable only with their creator's key."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import db, encode, ids
from core.errors import NotFound
from core.keys import KeyErased
from core.media import Picture
from creators import assets, styles
from creators.assets import LastAsset
from creators.models import Asset, Style
from creators.profiles import BadName
from creators.styles import NotPublishable
from tests.creators.studio import AT, Studio, declare, draft, until_someone_waits
from tests.fakes import texture


def load(session: Session, studio: Studio, style: Style) -> list[tuple[str, str, Picture]]:
    """(id, title, original) of what can be learned from."""
    rows = assets.live(session, style=style.id)
    return [(row.id, row.title, assets.original(row, blobs=studio.blobs, keys=studio.keys)) for row in rows]


def retire(session: Session, asset: Asset) -> Asset:
    return assets.retire(session, asset=asset.id, creator=asset.creator, at=AT)


def resaved(picture: Picture) -> Picture:
    """The same picture to an eye, other samples: a little brighter."""
    return Picture(np.clip(picture.pixels.astype(int) + 3, 0, 255).astype(np.uint8))


def test_an_original_comes_back_sample_for_sample(session: Session, studio: Studio) -> None:
    style, pictures = draft(session), [texture(1), texture(2)]
    taken = [studio.take(session, style, p, f"Field {i}") for i, p in enumerate(pictures)]
    loaded = load(session, studio, style)
    assert {(id, title, p.sha256) for id, title, p in loaded} == {
        (row.id, row.title, p.sha256) for row, p in zip(taken, pictures, strict=True)
    }
    assert [(row.width, row.height) for row in taken] == [(128, 96)] * 2
    assert style.version == 2


def test_what_is_stored_is_encrypted_for_its_creator(session: Session, studio: Studio) -> None:
    style = draft(session)
    row = studio.take(session, style, texture(1))
    stored = studio.blobs.get(row.blob)
    assert encode.png(texture(1)) not in stored
    assert studio.keys.open(style.creator, stored) == encode.png(texture(1))
    studio.keys.destroy(style.creator)
    with pytest.raises(KeyErased):
        load(session, studio, style)


@pytest.mark.parametrize("copy", [lambda p: p, resaved])
def test_a_copy_of_another_creators_work_is_held(session: Session, studio: Studio, copy) -> None:  # type: ignore[no-untyped-def]
    original = texture(1, height=256, width=320)
    ada, eve = draft(session), draft(session, name="Eve Moss")
    studio.take(session, ada, original, "Ada's secret field")
    declare(session, eve)
    row = studio.take(session, eve, copy(original), "Mine")
    assert row.state == "held"
    assert load(session, studio, eve) == []
    studio.take(session, eve, texture(2, height=256, width=320), "Really mine")
    with pytest.raises(NotPublishable, match="retire what is not yours") as caught:
        styles.publish(session, style=eve.id, creator=eve.creator, at=AT)
    for private in ("Ada", "secret", ada.id, ada.creator):
        assert private not in caught.value.message
    retire(session, row)
    assert styles.publish(session, style=eve.id, creator=eve.creator, at=AT).state == "listed"


def test_a_held_copy_never_holds_up_its_original(session: Session, studio: Studio) -> None:
    original = texture(1, height=256, width=320)
    ada, eve = draft(session), draft(session, name="Eve Moss")
    first = studio.take(session, ada, original)
    studio.take(session, eve, resaved(original))
    again = studio.take(session, ada, resaved(original))
    assert (again.state, again.merged_into) == ("merged", first.id)


@pytest.mark.parametrize("copy", [lambda p: p, resaved])
def test_ones_own_copies_are_merged_into_the_earliest(session: Session, studio: Studio, copy) -> None:  # type: ignore[no-untyped-def]
    original = texture(1, height=256, width=320)
    style = draft(session)
    first = studio.take(session, style, original)
    for _ in range(2):
        later = studio.take(session, style, copy(original))
        assert (later.state, later.merged_into) == ("merged", first.id)
    assert [id for id, _, _ in load(session, studio, style)] == [first.id]
    assert style.version == 1


def test_a_retired_work_stays_its_creators_and_may_come_back(session: Session, studio: Studio) -> None:
    ada, eve = draft(session), draft(session, name="Eve Moss")
    first = studio.take(session, ada, texture(1))
    for _ in range(2):
        assert retire(session, first).state == "retired"
    assert load(session, studio, ada) == []
    assert ada.version == 2
    assert studio.take(session, eve, texture(1)).state == "held"
    assert studio.take(session, ada, texture(1)).state == "live"


def test_a_listed_style_keeps_its_last_work(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    only = session.scalars(select(Asset)).one()
    with pytest.raises(LastAsset):
        retire(session, only)
    studio.take(session, style, texture(2))
    assert retire(session, only).state == "retired"


def test_strangers_can_neither_add_nor_retire(session: Session, studio: Studio) -> None:
    ada, eve = draft(session), draft(session, name="Eve Moss")
    row = studio.take(session, ada, texture(1))
    upload = studio.store(texture(2), creator=eve.creator)
    with pytest.raises(NotFound):
        assets.take(session, style=ada.id, upload=upload, title="x", at=AT)
    for asset in (row.id, ids.new("ast")):
        with pytest.raises(NotFound):
            assets.retire(session, asset=asset, creator=eve.creator, at=AT)
    assert row.state == "live"


def test_a_title_is_one_line(session: Session, studio: Studio) -> None:
    with pytest.raises(BadName):
        studio.take(session, draft(session), texture(1), "two\nlines")


def test_of_two_creators_who_upload_the_same_at_once_one_is_live(sessions: db.Sessions, studio: Studio) -> None:
    with db.unit(sessions) as session:
        rivals = [draft(session, name=name) for name in ("Ada Marsh", "Eve Moss")]
    together = threading.Barrier(len(rivals))

    def upload(style: Style) -> None:
        with db.unit(sessions) as session:
            together.wait(timeout=20)
            studio.take(session, style, texture(1))

    threads = [threading.Thread(target=upload, args=(style,)) for style in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with db.unit(sessions) as session:
        assert sorted(session.scalars(select(Asset.state))) == ["held", "live"]


def test_the_second_upload_waits_for_the_first_to_commit(sessions: db.Sessions, studio: Studio) -> None:
    """The interleaving that matters, forced: the rival screens only when the first is visible."""
    with db.unit(sessions) as session:
        ada, eve = draft(session), draft(session, name="Eve Moss")
    done = threading.Event()

    def rival() -> None:
        with db.unit(sessions) as session:
            studio.take(session, eve, texture(1))
        done.set()

    with db.unit(sessions) as session:
        studio.take(session, ada, texture(1))
        thread = threading.Thread(target=rival)
        thread.start()
        until_someone_waits(sessions)
        assert not done.is_set()
    thread.join(timeout=30)
    with db.unit(sessions) as session:
        assert dict(session.execute(select(Asset.creator, Asset.state)).all()) == {
            ada.creator: "live",
            eve.creator: "held",
        }


def test_the_database_itself_refuses_two_live_copies(session: Session, studio: Studio) -> None:
    studio.listed(session)
    row = session.scalars(select(Asset)).one()
    facts = {name: getattr(row, name) for name in inspect(Asset).column_attrs.keys()}  # noqa: SIM118  # no dict
    session.add(Asset(**{**facts, "id": ids.new("ast")}))
    with pytest.raises(IntegrityError, match="ux_assets_live"):
        session.flush()
