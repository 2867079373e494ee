"""Reworks: a part of a finished work made anew; the rest, and whose it is, stays to the last sample."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.auditing import audit_all
from attribution import registry, verify
from core import db
from creators import assets
from creators.models import Person
from generation.models import Work
from licensing import licenses
from licensing.models import Offer
from tests.doors import Doors
from tests.fakes import Toy, texture, within
from tests.generation.test_masks import Watching, bring, half, watched
from tests.generation.test_routes import order, wish


@dataclass
class Case:
    """A fan's finished work in one style, and another style to paint over it with."""

    doors: Doors
    fan: Person
    one: Offer
    other: Offer
    work: dict[str, Any]
    mask: str

    def wish(self, *offered: Offer, **changes: object) -> dict[str, Any]:
        body = wish(*(offered or (self.one, self.other)), source=None, mask=self.mask, rework=self.work["id"], seed=8)
        return {**body, **changes}

    def order(self, *offered: Offer, key: str = "again", **changes: object) -> Any:
        return order(self.doors, self.fan, self.wish(*offered, **changes), key=key)

    def show(self, work: str) -> dict[str, Any]:
        found: dict[str, Any] = self.doors.client(self.fan).get(f"/v1/works/{work}").json()
        return found

    def pixels(self, work: dict[str, Any]) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(self.doors.client(self.fan).get(work["file"]).content)))


def case(doors: Doors, *, source: str | None = None) -> Case:
    fan = doors.world.fan(credit="40.00")
    one, other = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Ivo Brandt", seed=2)
    first = order(doors, fan, wish(one, source=source), key="first").json()
    assert doors.world.make_all() == ["done"]
    found = Case(doors, fan, one, other, {}, bring(doors, fan, half()))
    found.work = found.show(first["id"])
    return found


@pytest.mark.parametrize("source", ["starter:flower", None], ids=["from a picture", "composed"])
def test_a_rework_changes_its_mask_alone_and_is_a_work_of_its_own(doors: Doors, source: str | None) -> None:
    it = case(doors, source=source)
    answer = it.order()
    assert (answer.status_code, answer.json()["rework"]) == (202, it.work["id"])
    assert doors.world.make_all() == ["done"]
    made = it.show(answer.json()["id"])
    assert (made["width"], made["height"]) == (it.work["width"], it.work["height"])
    before, after, middle = it.pixels(it.work), it.pixels(made), made["width"] // 2
    off = np.sqrt(((before.astype(float) - after) ** 2).mean(axis=(0, 2)))
    assert off[:middle].mean() < 3.1 < 10 < off[middle:].mean(), "nothing but the marks of both works"
    assert it.show(it.work["id"]) == it.work, "the earlier work stays as it was"
    assert (made["source"] is None) == (source is None)
    _papers(it, made, source=source)


def _papers(it: Case, made: dict[str, Any], *, source: str | None) -> None:
    """What stands behind a rework: its shares, files, seal and books, as of any work."""
    client = it.doors.client(it.fan)
    record = client.get(f"/v1/works/{made['id']}/provenance").json()
    assert sum(x["share"] for x in record["contributions"]) == 1_000_000
    assert len(record["contributions"]) == 2
    assert any("repaints a part of an earlier work" in said for said in record["credentials"])
    assert [x["what"] for x in record["lineage"]][:1] == (["source"] if source else ["style"])
    for form in ("file?format=jpeg", "thumbnail", "overlay.png", "map"):
        assert client.get(f"/v1/works/{made['id']}/{form}").status_code == 200
    file = it.doors.root / "made.png"
    file.write_bytes(client.get(made["file"]).content)
    with it.doors.house.sessions() as session:
        found = verify.verify(within(session), file, tools=it.doors.world.tools)
    assert found.claim is not None
    assert (found.identification, found.claim["work"], found.claim["reworks"]) == ("proven", made["id"], it.work["id"])
    audit = audit_all(it.doors.house)
    assert (audit.measured, audit.findings) == (2, ())
    it.doors.world.assert_books_balance()


def test_a_rework_is_paid_and_licensed_as_any_order(doors: Doors) -> None:
    it = case(doors)
    again = it.order().json()
    assert again["price"]["amount"] == 10_000_000
    assert len({style["license"] for style in again["styles"]}) == 2
    assert it.order().json()["id"] == again["id"], "the same key and wish give the same work"
    assert it.order(rework=None, source="starter:china").json()["type"] == "/problems/key-reused"
    assert doors.world.balance(f"credit:{it.fan.id}") == 40_000_000 - 5_000_000 - 10_000_000


def test_a_rework_of_a_rework_needs_every_style_that_is_in_it(doors: Doors) -> None:
    it = case(doors)
    again = it.order().json()
    doors.world.make_all()
    refused = it.order(it.one, rework=again["id"], key="third")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/bad-request")
    assert (refused.json()["style"], "add its offer" in refused.json()["detail"]) == (it.other.style, True)
    third = it.order(it.other, it.one, rework=again["id"], key="third", mask=bring(doors, it.fan, ~half())).json()
    assert doors.world.make_all() == ["done"]
    middle = it.work["width"] // 2
    assert np.array_equal(it.pixels(it.show(again["id"]))[:, middle:], it.pixels(it.show(third["id"]))[:, middle:])
    assert audit_all(doors.house).findings == ()


def test_a_preview_of_a_rework_has_its_base_and_its_full_size(doors: Doors) -> None:
    it, toy = case(doors), watched(doors)
    answer = doors.client(it.fan).post("/v1/previews", json=it.wish())
    assert (answer.status_code, answer.json()["rework"]) == (202, it.work["id"])
    assert doors.world.make_all() == ["done"]
    (asked,) = toy.asked
    map = doors.client(it.fan).get(f"/v1/works/{it.work['id']}/map").content
    assert asked.base == map
    assert asked.mask is not None
    assert asked.mask.shape == (it.work["height"], it.work["width"])
    assert it.show(answer.json()["id"])["width"] == it.work["width"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mask": None}, "needs a mask"),
        ({"source": "starter:china"}, "send no source"),
    ],
)
def test_a_rework_is_a_mask_over_the_earlier_work_and_nothing_else(
    doors: Doors, change: dict[str, Any], words: str
) -> None:
    answer = case(doors).order(**change)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-request")
    assert words in answer.json()["detail"]


def test_what_is_somebody_elses_unfinished_or_a_preview_is_not_reworked(doors: Doors) -> None:
    it = case(doors)
    eve = doors.world.fan("Eve")
    mine = {**it.wish(), "mask": bring(doors, eve, half())}
    assert order(doors, eve, mine).status_code == 404
    waiting = order(doors, it.fan, wish(it.one, source=None), key="waiting").json()["id"]
    tried = doors.client(it.fan).post("/v1/previews", json=wish(it.one)).json()["id"]
    for work, words in ((waiting, "a work that is queued"), (tried, "a preview that is queued")):
        refused = it.order(rework=work)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-reworkable")
        assert words in refused.json()["detail"]


def test_what_another_engine_made_or_nobody_measured_is_not_reworked(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = case(doors)
    newer = Toy()
    monkeypatch.setattr(newer, "card", replace(Toy.card, version="2"), raising=False)
    doors.house.catalog.add("toy", newer)
    assert "made by toy 1, this order asks for toy 2" in it.order().json()["detail"]
    doors.house.catalog.add("toy", Toy())
    with db.unit(doors.house.sessions) as session:
        session.get_one(Work, it.work["id"]).map_blob = None
    assert "only estimated" in it.order().json()["detail"]
    monkeypatch.setattr(Toy, "card", replace(Toy.card, accepts=Toy.card.accepts - {"rework"}))
    assert "cannot paint over a finished work" in it.order().json()["detail"]


def test_a_withdrawn_work_and_one_with_a_picture_taken_back_are_not_reworked(doors: Doors) -> None:
    it, world = case(doors), doors.world
    style = world.style_of(it.one)
    with db.unit(world.sessions) as session:
        first = assets.live(session, style=style.id)[0].id
        world.studio.take(session, style, texture(7), "Another field")
        assets.retire(session, asset=first, creator=style.creator, at=world.now)
    assert "took back a picture" in it.order().json()["detail"]
    license = world.license_of(it.work["id"])
    with db.unit(world.sessions) as session:
        licenses.revoke(session, license=license.id, by=license.licensor, reason="no more", at=world.now)
    refused = it.order()
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-reworkable")
    assert "withdrew the license" in refused.json()["detail"]


def test_a_picture_taken_back_while_a_rework_waits_ends_it_and_the_price_comes_back(doors: Doors) -> None:
    it, world = case(doors), doors.world
    style, again = world.style_of(it.one), it.order().json()
    with db.unit(world.sessions) as session:
        first = assets.live(session, style=style.id)[0].id
        world.studio.take(session, style, texture(7), "Another field")
        assets.retire(session, asset=first, creator=style.creator, at=world.now)
    assert world.make_all() == ["failed"]
    assert "holds an asset that is not here" in it.show(again["id"])["reason"]
    assert world.balance(f"credit:{it.fan.id}") == 40_000_000 - 5_000_000


def test_a_work_withdrawn_while_its_rework_waits_ends_that_and_the_price_comes_back(doors: Doors) -> None:
    it, world = case(doors), doors.world
    again = it.order().json()
    with db.unit(world.sessions) as session:
        license = world.license_of(it.work["id"])
        registry.withdraw(session, licenses=[license.id], reason="no more", at=world.now)
    assert world.make_all() == ["cancelled"]
    assert "withdrew the license that the earlier work rests on" in it.show(again["id"])["reason"]
    assert world.balance(f"credit:{it.fan.id}") == 40_000_000 - 5_000_000


def test_others_who_see_a_shared_rework_are_not_told_of_the_earlier_work(doors: Doors) -> None:
    it = case(doors)
    again = it.order().json()["id"]
    doors.world.make_all()
    doors.client(it.fan).put(f"/v1/works/{again}/sharing", json={"shared": True})
    assert doors.client().get(f"/v1/works/{again}").json()["rework"] is None


def test_what_the_engine_noticed_is_said_of_the_work(doors: Doors) -> None:
    class Noticing(Watching):
        def render(self, requests: Any, *, report: Any) -> Any:
            return [replace(made, facts={"faces": 2}) for made in super().render(requests, report=report)]

    doors.world.catalog.add("toy", Noticing())
    assert case(doors).work["notes"] == ["2 faces were found and painted with the portrait settings."]
