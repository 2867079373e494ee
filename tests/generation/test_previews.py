"""Previews: free, marked, for their owner alone; bound to consent like works; few at a time, gone after a day."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select

from app.auditing import audit_all
from attribution.models import RecordedClaim, StoredFingerprint
from core import db
from core.errors import NotFound
from core.media import Picture
from creators import assets, styles
from creators.models import Person
from generation import preview_mark, previews, works
from generation.engines.patchwork import Patchwork, PatchworkParams
from generation.models import Work, WorkLicense
from generation.previews import TooManyPreviews
from generation.tasks import sweep_all
from licensing import licenses, offers
from licensing.models import License, Offer
from payments.models import Entry
from tests.creators.studio import until_someone_waits
from tests.doors import Doors
from tests.fakes import Toy, texture
from tests.generation.test_routes import wish
from tests.generation.world import World
from tests.licensing.examples import TERMS

NOTHING = works.Made("0" * 64, None, {"width": 1, "height": 1}, {}, {})


def place(world: World, fan: Person, *offered: Offer, **changes: Any) -> Work:
    order = world.order(fan, *offered, idempotency_key="preview", **changes)
    with db.unit(world.sessions) as session:
        return previews.place(session, order=order, catalog=world.catalog, at=world.now)


def count(world: World, table: Any) -> int:
    with world.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_preview_costs_nothing_and_is_recorded_nowhere(world: World) -> None:
    offer, fan = world.artist(), world.fan(credit="0")
    work = place(world, fan, offer)
    assert world.make_all() == ["done"]
    made = world.work(work.id)
    assert (made.kind, made.state, made.price, made.map_blob) == ("preview", "done", 0, None)
    assert [count(world, table) for table in (License, RecordedClaim, Entry)] == [0, 0, 0]
    with world.sessions() as session:
        assert session.get(StoredFingerprint, work.id) is None


def test_a_preview_is_marked_and_encrypted_for_its_owner(world: World) -> None:
    fan = world.fan()
    work = place(world, fan, world.artist(), params={"steps": 9})
    seen: list[int] = []

    class Watching(Toy):
        def render(self, requests: Any, *, report: Any) -> Any:
            seen.extend(request.params.steps for request in requests)
            return super().render(requests, report=report)

    world.catalog.add("toy", Watching())
    world.make_all()
    stored = world.blobs.get(str(world.work(work.id).result_blob))
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(io.BytesIO(stored))
    assert Image.open(io.BytesIO(world.keys.open(fan.id, stored))).size == (128, 96)
    assert seen == [2]  # the wish made small by the engine itself
    assert world.work(work.id).params == {"steps": 9}


@pytest.mark.parametrize("shade", [0, 40, 128, 215, 255])
@pytest.mark.parametrize("size", [(384, 256), (120, 384), (64, 64), (16, 300)])
def test_the_mark_is_seen_on_every_shade_and_over_the_whole_area(shade: int, size: tuple[int, int]) -> None:
    plain = Picture(np.full((size[1], size[0], 3), shade, np.uint8))
    differs = np.abs(preview_mark.mark(plain).pixels.astype(int) - shade).max(axis=2)
    assert 0.02 < (differs > 25).mean() < 0.6
    if min(size) >= 64:
        corners = [differs[rows, columns] for rows in _halves(size[1]) for columns in _halves(size[0])]
        assert all((corner > 25).any() for corner in corners)
    assert preview_mark.mark(plain).sha256 == preview_mark.mark(plain).sha256


def _halves(side: int) -> tuple[slice, slice]:
    return slice(0, side // 2), slice(side // 2, side)


def test_patchwork_previews_are_as_wished_and_no_order_can_be_one() -> None:
    asked = PatchworkParams(strength=0.8, size=1024, palette="planes")
    small = Patchwork().preview(asked)
    assert small.model_dump() == asked.model_dump()
    assert Patchwork().preview(small) == small
    assert small != asked
    assert not isinstance(PatchworkParams.model_validate(small.model_dump()), type(small))


@pytest.mark.parametrize("when", ["before", "waiting", "running", "finishing"])
def test_a_preview_ends_with_consent(world: World, when: str) -> None:
    offer, fan = world.artist(), world.fan()
    style = world.style_of(offer)

    def revoke() -> None:
        with db.unit(world.sessions) as session:
            licenses.revoke_style(session, style=style.id, creator=style.creator, reason="no more", at=world.now)

    if when == "before":
        revoke()
        with pytest.raises(styles.StyleRevoked):
            place(world, fan, offer)
        return
    work = place(world, fan, offer)
    if when == "waiting":
        revoke()
        assert world.claim() == []
        sweep_all(world.sessions, at=world.now)
    elif when == "running":
        (held,) = world.claim()
        revoke()
        with pytest.raises(styles.StyleRevoked), db.unit(world.sessions) as session:
            works.beat(session, held=held, lease=timedelta(seconds=9), stage="toying")
        assert world.workshop.make(held) == "cancelled"
    else:
        (held,) = world.claim()
        revoke()
        with pytest.raises(styles.StyleRevoked), db.unit(world.sessions) as session:
            works.finish_preview(session, held=held, made=NOTHING, assets_used=(), at=world.now)
        return
    ended = world.work(work.id)
    assert (ended.state, ended.result_blob) == ("cancelled", None)
    assert "price" not in str(ended.reason)


def holding(world: World, offer: Offer, fan: Person) -> Callable[[], None]:
    """Let the fan hold a license from the offer, used for one finished work; how its creator takes it back."""
    work = world.place(world.order(fan, offer))
    assert world.make_all() == ["done"]
    license = world.license_of(work.id)

    def revoke() -> None:
        with db.unit(world.sessions) as session:
            licenses.revoke(session, license=license.id, by=license.licensor, reason="no more", at=world.now)

    return revoke


@pytest.mark.parametrize("when", ["waiting", "running", "finishing"])
def test_a_preview_ends_with_the_license_of_its_owner_alone(world: World, when: str) -> None:
    offer, fan, other = world.artist(), world.fan(), world.fan("Eve")
    revoke = holding(world, offer, fan)
    work = place(world, fan, offer)
    if when == "waiting":
        kept = place(world, other, offer)
        revoke()
        assert [one.work for one in world.claim(limit=9)] == [kept.id], "nobody else's preview is stopped"
        sweep_all(world.sessions, at=world.now)
    elif when == "running":
        (held,) = world.claim()
        revoke()
        with pytest.raises(licenses.Revoked), db.unit(world.sessions) as session:
            works.beat(session, held=held, lease=timedelta(seconds=9), stage="toying")
        assert world.workshop.make(held) == "cancelled"
    else:
        (held,) = world.claim()
        revoke()
        with pytest.raises(licenses.Revoked), db.unit(world.sessions) as session:
            works.finish_preview(session, held=held, made=NOTHING, assets_used=(), at=world.now)
        return
    ended = world.work(work.id)
    assert (ended.state, ended.result_blob) == ("cancelled", None)


def test_a_finishing_preview_waits_for_a_revocation_and_sees_it(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    holding(world, offer, fan)
    place(world, fan, offer)
    (held,) = world.claim()

    def finish() -> None:
        with db.unit(world.sessions) as session:
            works.finish_preview(session, held=held, made=NOTHING, assets_used=(), at=world.now)

    with ThreadPoolExecutor(1) as pool:
        with db.unit(world.sessions) as session:
            license = session.scalars(select(License)).one()
            licenses.revoke(session, license=license.id, by=license.licensor, reason="no more", at=world.now)
            finishing = pool.submit(finish)
            until_someone_waits(world.sessions)
        with pytest.raises(licenses.Revoked):
            finishing.result()
    assert world.work(held.work).state == "running"


def test_an_offer_after_the_revocation_may_be_tried_and_is_not_stopped_by_it(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    holding(world, offer, fan)()
    with pytest.raises(licenses.Revoked):
        place(world, fan, offer)
    world.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    with db.unit(world.sessions) as session:
        creator = world.style_of(offer).creator
        terms = replace(TERMS, max_copy_ppm=1_000_000, cap=9)
        newer = offers.publish(session, style=offer.style, creator=creator, terms=terms, at=world.now)
    work = place(world, fan, newer)
    assert sweep_all(world.sessions, at=world.now) == 0
    assert world.make_all() == ["done"]
    assert world.work(work.id).state == "done"


def test_nobody_who_was_erased_meanwhile_has_a_preview(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    with db.unit(world.sessions) as session:
        session.get_one(Person, fan.id).erased_at = world.now
    with pytest.raises(NotFound):
        place(world, fan, offer)
    assert count(world, Work) == 0


def test_an_asset_retired_meanwhile_is_in_no_preview(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    with db.unit(world.sessions) as session:
        first = assets.live(session, style=offer.style)[0]
        world.studio.take(session, world.style_of(offer), texture(7), "Another field")
    place(world, fan, offer)
    (held,) = world.claim()
    with db.unit(world.sessions) as session:
        assets.retire(session, asset=first.id, creator=first.creator, at=world.now)
    with pytest.raises(assets.AssetGone), db.unit(world.sessions) as session:
        works.finish_preview(session, held=held, made=NOTHING, assets_used=[first.id], at=world.now)


def test_who_lost_the_license_gets_no_preview_either(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    work = world.place(world.order(fan, offer))
    license = world.license_of(work.id)
    with db.unit(world.sessions) as session:
        licenses.revoke(session, license=license.id, by=license.licensor, reason="no more", at=world.now)
    with pytest.raises(licenses.Revoked):
        place(world, fan, offer)


def test_four_previews_at_once_and_sixty_an_hour(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    for _ in range(4):
        place(world, fan, offer)
    with pytest.raises(TooManyPreviews, match="not ready yet"):
        place(world, fan, offer)
    place(world, world.fan("Eve"), offer)
    with db.unit(world.sessions) as session:
        for work in session.scalars(select(Work).where(Work.person == fan.id)):
            work.state = "done"
            for number in range(14):
                copy = {c.name: getattr(work, c.name) for c in Work.__table__.columns}
                copy |= {"id": f"{work.id}{number}", "idempotency_key": f"{work.id}{number}"}
                copy["created_at"] = work.created_at - timedelta(minutes=20)
                session.add(Work(**copy))
    with pytest.raises(TooManyPreviews, match="within the hour") as refused:
        place(world, fan, offer)
    assert refused.value.facts["retry_after"] == 40 * 60
    world.clock.advance(timedelta(minutes=41))  # type: ignore[attr-defined]
    place(world, fan, offer)


def test_after_a_day_neither_row_nor_file_is_left(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    work, order = place(world, fan, offer), world.place(world.order(fan, offer))
    world.make_all()
    blob = str(world.work(work.id).result_blob)
    assert previews.sweep(world.sessions, blobs=world.blobs, at=world.now) == 0
    world.clock.advance(timedelta(hours=25))  # type: ignore[attr-defined]
    assert previews.sweep(world.sessions, blobs=world.blobs, at=world.now) == 1
    with world.sessions() as session:
        assert session.get(Work, work.id) is None
        assert session.scalar(select(WorkLicense).where(WorkLicense.work == work.id)) is None
    assert not world.blobs.has(blob)
    assert world.work(order.id).state == "done"
    assert previews.sweep(world.sessions, blobs=world.blobs, at=world.now) == 0


def test_a_preview_is_not_removed_while_it_is_being_made(world: World) -> None:
    place(world, world.fan(), world.artist())
    (held,) = world.claim()
    world.clock.advance(timedelta(hours=25))  # type: ignore[attr-defined]
    assert previews.sweep(world.sessions, blobs=world.blobs, at=world.now) == 0
    assert world.workshop.make(held) == "done"
    assert previews.sweep(world.sessions, blobs=world.blobs, at=world.now) == 1


def test_the_audit_knows_previews(doors: Doors) -> None:
    place(doors.world, doors.world.fan(), doors.world.artist())
    doors.world.make_all()
    audit = audit_all(doors.house)
    assert (audit.works, audit.findings) == (0, ())


def test_a_preview_over_http(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan(credit="0")
    client = doors.client(fan)
    answer = client.post("/v1/previews", json=wish(offer))
    assert (answer.status_code, answer.json()["kind"], answer.json()["price"]["amount"]) == (202, "preview", 0)
    url = answer.headers["location"]
    for seed in (1, 2, 3):
        assert client.post("/v1/previews", json=wish(offer, seed=seed)).status_code == 202
    refused = client.post("/v1/previews", json=wish(offer))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
    doors.world.make_all()
    shown = client.get(url).json()
    assert (shown["overlay"], shown["styles"][0]["license"], shown["largest_copy_ppm"]) == (None, None, 4)
    assert client.get(shown["thumbnail"]).headers["content-type"] == "image/jpeg"
    for form in ("png", "jpeg", "webp"):
        picture = client.get(f"{shown['file']}?format={form}")
        assert picture.headers["cache-control"] == "private, no-store"
        assert b"c2pa" not in picture.content
    assert [client.get(f"{url}/{part}").status_code for part in ("provenance", "overlay.png", "map")] == [404] * 3
    assert client.put(f"{url}/sharing", json={"shared": True}).status_code == 409
    assert doors.client(doors.world.fan("Eve")).get(url).status_code == 404
