"""Sheets of samples: for a style's own creator alone, before it is offered, and for as long as its consent stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.auditing import audit_all
from attribution.models import RecordedClaim
from core import db, encode
from creators import styles
from creators.models import Creator, Style
from creators.styles import StyleRevoked
from generation import previews, samples, works
from generation.engine import BadRequest
from generation.models import Work
from generation.preparations import NothingToLearnFrom
from generation.samples import Sheet, TooManySamples
from generation.tasks import sweep_all
from licensing import licenses
from tests.creators import studio
from tests.doors import Doors
from tests.fakes import Toy, texture
from tests.generation.test_previews import NOTHING
from tests.generation.test_previews import place as preview
from tests.generation.test_routes import upload
from tests.generation.world import World


def draft(world: World, *, empty: bool = False) -> Style:
    """A style that is not public, without consent or an offer."""
    with db.unit(world.sessions) as session:
        style = studio.draft(session)
        if not empty:
            world.studio.take(session, style, texture(9))
        return style


def owner(world: World, style: Style) -> str:
    with world.sessions() as session:
        return session.get_one(Creator, style.creator).person


def place(world: World, style: Style, **changes: Any) -> list[Work]:
    sheet = Sheet(owner(world, style), style.id, "toy", None, None)
    with db.unit(world.sessions) as session:
        made = samples.place(session, sheet=replace(sheet, **changes), catalog=world.catalog, at=world.now)
    return [work for _, work in made]


def revoke(world: World, style: Style) -> None:
    with db.unit(world.sessions) as session:
        licenses.revoke_style(session, style=style.id, creator=style.creator, reason="no more", at=world.now)


def test_a_draft_is_shown_in_every_preset_to_its_creator_alone(doors: Doors) -> None:
    style, fan = draft(doors.world), doors.world.fan()
    url, creator = f"/v1/styles/{style.id}/samples", doors.creator(style.creator)
    answer = creator.post(url, json={"engine": "toy", "source": "starter:flower"})
    assert answer.status_code == 202
    assert [one["preset"]["name"] for one in answer.json()] == ["brisk", "patient"]
    works = [one["work"] for one in answer.json()]
    assert [(w["kind"], w["params"]["steps"], w["price"]["amount"]) for w in works] == [
        ("preview", s, 0) for s in (1, 3)
    ]
    assert [(s["style"], s["offer"], s["license"]) for s in works[0]["styles"]] == [(style.id, None, None)]
    assert doors.world.make_all() == ["done", "done"]
    shown = creator.get(f"/v1/works/{works[0]['id']}").json()
    assert creator.get(shown["file"]).headers["cache-control"] == "private, no-store"
    assert doors.client(fan).get(f"/v1/works/{works[0]['id']}").status_code == 404
    assert doors.client(fan).post(url, json={"engine": "toy"}).status_code == 404
    assert doors.client(fan, scopes=frozenset({"works"})).post(url, json={"engine": "toy"}).status_code == 403
    assert audit_all(doors.house).findings == ()
    with doors.house.sessions() as session:
        assert session.scalars(select(RecordedClaim)).all() == []


@pytest.mark.parametrize("when", ["before", "waiting", "running", "finishing"])
@pytest.mark.parametrize("public", [False, True], ids=["draft", "listed"])
def test_samples_end_with_the_style(world: World, when: str, public: bool) -> None:
    style = world.style_of(world.artist()) if public else draft(world)
    if when == "before":
        revoke(world, style)
        with pytest.raises(StyleRevoked):
            place(world, style)
        return
    stopped = place(world, style)[0].id
    if when == "waiting":
        revoke(world, style)
        assert world.claim() == []
        assert sweep_all(world.sessions, at=world.now) == 2
    elif when == "running":
        (held,) = world.claim()
        revoke(world, style)
        with pytest.raises(StyleRevoked), db.unit(world.sessions) as session:
            works.beat(session, held=held, lease=timedelta(seconds=9), stage="toying")
        assert world.workshop.make(held) == "cancelled"
        stopped = held.work
    else:
        (held,) = world.claim()
        revoke(world, style)
        with pytest.raises(StyleRevoked), db.unit(world.sessions) as session:
            works.finish_preview(session, held=held, made=NOTHING, assets_used=(), at=world.now)
        return
    assert (world.work(stopped).state, world.work(stopped).result_blob) == ("cancelled", None)


def test_a_draft_that_is_published_meanwhile_goes_on(world: World) -> None:
    style = draft(world)
    place(world, style)
    with db.unit(world.sessions) as session:
        studio.declare(session, session.merge(style))
        styles.publish(session, style=style.id, creator=style.creator, at=world.now)
    assert world.make_all() == ["done", "done"]


def test_samples_copy_no_more_than_the_open_offer_allows(world: World) -> None:
    seen: list[float] = []

    class Watching(Toy):
        def render(self, requests: Any, *, report: Any) -> Any:
            seen.extend(request.max_copy for request in requests)
            return super().render(requests, report=report)

    world.catalog.add("toy", Watching())
    place(world, world.style_of(world.artist(max_copy_ppm=250_000)))
    place(world, draft(world))
    assert world.make_all() == ["done"] * 4
    assert sorted(seen) == [0.25, 0.25, 1.0, 1.0]


def test_five_sheets_an_hour_beside_ones_previews_and_behind_everyones(world: World) -> None:
    offer = world.artist()
    style = world.style_of(offer)
    for _ in range(samples.MOST_SHEETS):
        place(world, style)
        world.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]
    with pytest.raises(TooManySamples, match="5 sheets of samples within the hour") as refused:
        place(world, style)
    assert refused.value.facts["retry_after"] == 50 * 60
    with world.sessions() as session:
        previews.refuse_too_many(session, person=owner(world, style), at=world.now)
    tried = preview(world, world.fan(), offer)
    assert [held.work for held in world.claim()] == [tried.id], "whoever wants to order goes first"
    world.clock.advance(timedelta(minutes=51))  # type: ignore[attr-defined]
    place(world, style)


def test_what_no_sample_can_be_made_of_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NothingToLearnFrom, match="add a work of yours"):
        place(world, draft(world, empty=True))
    style = draft(world)
    monkeypatch.setattr(Toy, "card", replace(Toy.card, accepts=frozenset({"source"})))
    with pytest.raises(BadRequest, match="needs a picture to start from"):
        place(world, style)
    monkeypatch.setattr(Toy, "card", replace(Toy.card, presets=()))
    with pytest.raises(BadRequest, match="has no presets"):
        place(world, style)


def test_samples_are_gone_after_a_day(world: World) -> None:
    place(world, draft(world))
    assert world.make_all() == ["done", "done"]
    world.clock.advance(timedelta(hours=25))  # type: ignore[attr-defined]
    assert previews.sweep(world.sessions, blobs=world.blobs, at=world.now) == 2


def test_somebody_elses_picture_is_no_source_of_samples(doors: Doors) -> None:
    style, fan = draft(doors.world), doors.world.fan()
    body = {"engine": "toy", "source": upload(doors, fan, encode.png(texture(3)))}
    assert doors.creator(style.creator).post(f"/v1/styles/{style.id}/samples", json=body).status_code == 404
