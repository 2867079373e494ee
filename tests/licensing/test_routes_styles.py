"""Styles for everyone: which are shown, in which order, at what cost, and which is nearest to a picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, update

from core import db, encode, ids
from core.money import Money
from creators import styles
from creators.models import Asset, Consent, Style
from licensing import licenses
from tests.creators import studio
from tests.creators.studio import AT
from tests.doors import Doors
from tests.fakes import texture
from tests.licensing.sealed import record


@contextmanager
def statements(doors: Doors) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(doors.house.engine, "before_cursor_execute", note)
    yield seen
    event.remove(doors.house.engine, "before_cursor_execute", note)


def found(doors: Doors, query: str = "") -> list[str]:
    """The creators' names on a page, in its order."""
    answer = doors.client().get(f"/v1/styles?{query}")
    assert answer.status_code == 200, answer.text
    return [card["creator"]["name"] for card in answer.json()["items"]]


def walk(doors: Doors, query: str) -> list[str]:
    """Everything, page by page, by the `Link` headers."""
    seen, url = [], f"/v1/styles?{query}"
    while url:
        answer = doors.client().get(url)
        seen += [card["id"] for card in answer.json()["items"]]
        assert (answer.json()["next"] is None) == ("link" not in answer.headers)
        url = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    return seen


def test_a_card_shows_look_price_and_what_is_allowed(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh", price=Money.parse("4.20"))
    with db.unit(doors.house.sessions) as session:
        license = licenses.grant(session, offer=offer.id, licensee=studio.person(session).id, at=AT)
        record(session, doors.world.studio, license)
    [card] = doors.client().get("/v1/styles").json()["items"]
    assert card["creator"]["name"] == "Ada Marsh"
    assert card["offer"] == {
        "id": offer.id,
        "number": 1,
        "price": {"amount": 4_200_000, "asset": "USD/6"},
        "uses": ["print", "publish", "sell"],
        "territory": ["AT", "DE"],
        "ends_on": "2029-01-01",
        "royalty_ppm": 500_000,
        "fan_ppm": 400_000,
        "cap": None,
    }
    assert card["works_made"] == 1
    assert card["listed_at"] == "2026-03-01T12:00:00Z"
    [look] = card["looks"]
    assert (look["title"], look["width"], look["height"]) == ("A field", 128, 96)
    assert doors.client().get(look["url"]).status_code == 200


def test_only_what_can_be_licensed_today_is_shown(doors: Doors) -> None:
    kept = doors.world.artist("Ada Marsh")
    ended = doors.world.artist("Old Offer", seed=2, ends_on=date(2026, 3, 2))
    early = doors.world.artist("Not Yet", seed=3, starts_on=date(2028, 1, 1))
    revoked, withdrawn, expired = (doors.world.artist(f"Gone {n}", seed=n) for n in (4, 5, 6))
    with db.unit(doors.house.sessions) as session:
        doors.world.studio.listed(session, name="No Offer", seed=7)
        studio.draft(session, name="A Draft")
        rows = {offer.id: styles.get(session, style=offer.style) for offer in (revoked, withdrawn, expired)}
        creator = rows[revoked.id].creator
        licenses.revoke_style(session, style=revoked.style, creator=creator, reason="no", at=AT)
        session.execute(update(Consent).where(Consent.style == withdrawn.style).values(withdrawn_at=AT, reason="no"))
        session.execute(update(Consent).where(Consent.style == expired.style).values(expires_at=AT))
    assert found(doors) == ["Ada Marsh"]
    assert doors.client().get(f"/v1/styles/{revoked.style}").status_code == 404
    for offer in (kept, ended, early):
        assert doors.client().get(f"/v1/styles/{offer.style}").status_code == 200


def test_search_and_filters(doors: Doors) -> None:
    doors.world.artist("Ada Marsh", seed=1, price=Money.parse("2.00"))
    doors.world.artist(
        "Bo 100% Lind", seed=2, price=Money.parse("5.00"), uses=frozenset({"publish"}), report_uses=frozenset()
    )
    doors.world.artist("Cy_Berg", seed=3, price=Money.parse("30.00"))
    assert found(doors, "q=ADA") == ["Ada Marsh"]
    assert sorted(found(doors, "q=marsh light")) == ["Ada Marsh", "Bo 100% Lind", "Cy_Berg"]
    assert found(doors, "q=%25") == ["Bo 100% Lind"]
    assert found(doors, "q=_") == ["Cy_Berg"]
    assert found(doors, "q=nobody") == []
    assert found(doors, "sort=price&use=sell") == ["Ada Marsh", "Cy_Berg"]
    assert found(doors, "sort=price&max_price=5000000") == ["Ada Marsh", "Bo 100% Lind"]
    assert found(doors, "sort=price") == ["Ada Marsh", "Bo 100% Lind", "Cy_Berg"]


@pytest.mark.parametrize("bad", ["use=steal", "sort=best", "max_price=-1", "limit=0", "limit=101", "q=%00", "seed=x"])
def test_what_is_asked_wrongly_is_told(doors: Doors, bad: str) -> None:
    answer = doors.client().get(f"/v1/styles?{bad}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


@pytest.mark.parametrize("query", ["sort=new", "sort=price", "sort=random&seed=3", "sort=random&seed=4&q=a"])
def test_pages_together_are_the_whole_list(doors: Doors, query: str) -> None:
    for seed in range(7):
        doors.world.artist(f"Ada {seed}", seed=seed, price=Money(seed // 2 * 1_000_000))
    whole = [card["id"] for card in doors.client().get(f"/v1/styles?{query}&limit=100").json()["items"]]
    assert len(whole) == 7
    for limit in (1, 2, 7):
        assert walk(doors, f"{query}&limit={limit}") == whole


def test_another_seed_is_another_order_and_the_same_seed_the_same(doors: Doors) -> None:
    for seed in range(6):
        doors.world.artist(f"Ada {seed}", seed=seed)
    orders = [tuple(found(doors, f"sort=random&seed={seed}")) for seed in (1, 1, 2, 3)]
    assert orders[0] == orders[1]
    assert len(set(orders)) == 3


def test_a_cursor_of_another_list_is_refused(doors: Doors) -> None:
    for seed in range(3):
        doors.world.artist(f"Ada {seed}", seed=seed)
    cursor = doors.client().get("/v1/styles?sort=price&limit=1").json()["next"]
    for query in (f"sort=new&cursor={cursor}", "cursor=nonsense", "cursor=W10"):
        answer = doors.client().get(f"/v1/styles?{query}")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-cursor")


def test_a_page_costs_two_queries_however_long_it_is(doors: Doors) -> None:
    for seed in range(4):
        doors.world.artist(f"Ada {seed}", seed=seed)
    doors.client().get("/v1/styles")
    for limit in (1, 4):
        with statements(doors) as asked:
            assert len(doors.client().get(f"/v1/styles?limit={limit}").json()["items"]) == limit
        assert len([text for text in asked if text.startswith("SELECT")]) == 2


def test_a_card_has_six_looks_and_the_style_all_its_works(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh", seed=0)
    with db.unit(doors.house.sessions) as session:
        style = session.get_one(Style, offer.style)
        for seed in range(1, 9):
            doors.world.studio.take(session, style, texture(seed), f"Field {seed}")
        session.execute(update(Asset).where(Asset.title == "Field 8").values(thumbnail=None))
    [card] = doors.client().get("/v1/styles").json()["items"]
    whole = doors.client().get(f"/v1/styles/{offer.style}").json()
    assert (len(card["looks"]), len(whole["looks"]), len(whole["assets"])) == (6, 6, 8)
    assert [look["asset"] for look in card["looks"]] == [asset["id"] for asset in whole["assets"]][:6]
    assert whole["version"] == 9
    assert whole["ai_training"] == "notAllowed"
    assert whole["terms"]["attribution"] == "in the style of Ada Marsh"


def test_a_style_that_is_not_listed_is_its_creators_to_see(doors: Doors) -> None:
    with db.unit(doors.house.sessions) as session:
        style = studio.draft(session)
    mine = doors.creator(style.creator).get(f"/v1/styles/{style.id}").json()
    assert (mine["state"], mine["offer"], mine["terms"], mine["listed_at"]) == ("draft", None, None, None)
    answers = [doors.client().get(f"/v1/styles/{id}") for id in (style.id, ids.new("sty"), "sty_1")]
    assert {answer.status_code for answer in answers} == {404}
    told = {answer.json()["detail"].split("sty_")[0] for answer in answers[:2]}
    assert len(told) == 1


def test_the_nearest_style_is_found_by_its_look(doors: Doors) -> None:
    offers = {seed: doors.world.artist(f"Ada {seed}", seed=seed) for seed in range(3)}
    for seed, offer in offers.items():
        photo = encode.jpeg(encode.resize(texture(seed), 100), quality=70)
        answer = doors.client().post("/v1/styles/nearest", files={"file": ("x.jpg", photo, "image/jpeg")})
        assert answer.status_code == 200, answer.text
        assert answer.json()[0]["style"]["id"] == offer.style
        assert [near["rank"] for near in answer.json()] == [1, 2, 3]
        distances = [near["distance"] for near in answer.json()]
        assert distances == sorted(distances)


def test_what_a_style_learns_later_counts_and_what_leaves_the_list_does_not(doors: Doors) -> None:
    ada, eve = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Eve Moss", seed=2)

    def nearest() -> list[str]:
        files = {"file": ("x.png", encode.png(texture(9)), "image/png")}
        return [near["style"]["id"] for near in doors.client().post("/v1/styles/nearest", files=files).json()]

    assert sorted(nearest()) == sorted([ada.style, eve.style])
    with db.unit(doors.house.sessions) as session:
        style = session.get_one(Style, eve.style)
        doors.world.studio.take(session, style, texture(9), "The very field")
        doors.world.studio.take(session, style, texture(10), "Another")
    assert nearest()[0] == eve.style
    with db.unit(doors.house.sessions) as session:
        licenses.revoke_style(session, style=eve.style, creator=style.creator, reason="no", at=AT)
    assert nearest() == [ada.style]


def test_no_picture_is_near_to_nothing(doors: Doors) -> None:
    files = {"file": ("x.png", encode.png(texture(9)), "image/png")}
    assert doors.client().post("/v1/styles/nearest", files=files).json() == []
    broken = doors.client().post("/v1/styles/nearest", files={"file": ("x.png", b"no picture", "image/png")})
    assert (broken.status_code, broken.json()["type"]) == (422, "/problems/undecodable")
