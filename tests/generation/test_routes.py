"""The studio's doors: engines, starters, quotes, previews and orders, over HTTP."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from core import db, encode
from creators.models import Person
from licensing import licenses, offers
from licensing.models import Offer
from tests.doors import Doors
from tests.fakes import texture
from tests.licensing.examples import TERMS

STARTER = "starter:flower"


def wish(*offered: Offer, **changes: object) -> dict[str, Any]:
    return {"offers": [{"offer": offer.id} for offer in offered], "engine": "toy", "source": STARTER, **changes}


def order(doors: Doors, fan: Person, body: dict[str, Any], *, key: str = "order-1") -> Any:
    return doors.client(fan).post("/v1/works", json=body, headers={"Idempotency-Key": key})


def upload(doors: Doors, fan: Person, data: bytes) -> str:
    """A finished upload of theirs; its id."""
    uploads, at = doors.house.uploads, doors.house.clock.now()
    with db.unit(doors.house.sessions) as session:
        made = uploads.create(session, person=fan.id, length=len(data), name="a.png", described="", at=at)
    part = uploads.begin(made, offset=0)
    part.write(data)
    part.end(whole=True)
    return made.id


def test_engines_say_what_they_are_and_describe_their_form(doors: Doors) -> None:
    (toy,) = doors.client().get("/v1/engines").json()
    assert (toy["name"], toy["version"], toy["learned_from"]) == ("toy", "1", "nothing but the assets it is given")
    assert toy["params"]["properties"]["steps"]["maximum"] == 10_000
    assert "source" in toy["accepts"]


def test_an_engine_that_cannot_start_hides_no_other(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.engines.patchwork.Patchwork.card", None)
    doors.house.catalog.allowed = ("patchwork", "toy")
    assert [engine["name"] for engine in doors.client().get("/v1/engines").json()] == ["toy"]


def test_starters_are_shown_with_their_credit(doors: Doors) -> None:
    client = doors.client()
    for starter in client.get("/v1/starters").json():
        picture = client.get(starter["url"])
        kind, license = ("audio/flac", "CC0") if starter["medium"] == "sound" else ("image/jpeg", "CC BY 2.0")
        assert (picture.status_code, picture.headers["content-type"]) == (200, kind)
        assert license in starter["credit"]
        again = client.get(starter["url"], headers={"If-None-Match": picture.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get("/v1/starters/lena/picture").status_code == 404


def test_a_quote_is_what_the_order_then_costs_and_pays(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    body = {"offers": [{"offer": offer.id}], "engine": "toy"}
    quote = doors.client(fan).post("/v1/quotes", json=body).json()
    assert (quote["enough"], quote["credit"]["amount"], quote["predicted"]) == (True, 20_000_000, False)
    assert {(line["name"], line["amount"]["amount"]) for line in quote["lines"]} == {
        ("Computing", 20_000),
        ("This platform", 747_000),
        ("Ada Marsh", 4_233_000),
    }
    assert (quote["uses"], quote["report_uses"]) == (["print", "publish", "sell"], ["sell"])
    assert (quote["territory"], quote["ends_on"]) == (["AT", "DE"], "2029-01-01")
    assert quote["exploitation"] == {"creators_ppm": 500_000, "fan_ppm": 400_000, "platform_ppm": 100_000}
    work = order(doors, fan, wish(offer)).json()
    assert work["price"] == quote["price"]
    doors.world.make_all()
    paid = doors.client(fan).get(f"/v1/works/{work['id']}/provenance").json()["paid"]
    assert paid == quote["lines"]


def test_a_quote_for_several_styles_is_predicted_and_as_strict_as_the_strictest(doors: Doors) -> None:
    world = doors.world
    one = world.artist("Ada Marsh", seed=1, territory=frozenset({"DE", "FR"}), max_copy_ppm=40_000)
    other = world.artist(
        "Ivo Brandt", seed=2, uses=frozenset({"publish", "sell"}), royalty_ppm=700_000, fan_ppm=100_000
    )
    body = {"offers": [{"offer": one.id, "weight": 3}, {"offer": other.id}], "engine": "toy"}
    quote = doors.client().post("/v1/quotes", json=body).json()
    assert (quote["predicted"], quote["credit"], quote["enough"]) == (True, None, None)
    amounts = {line["name"]: line["amount"]["amount"] for line in quote["lines"]}
    assert (amounts["Ada Marsh"], amounts["Ivo Brandt"]) == (6_362_250, 2_120_750)
    assert sum(amounts.values()) == quote["price"]["amount"] == 10_000_000
    assert (quote["uses"], quote["territory"], quote["max_copy_ppm"]) == (["publish", "sell"], ["DE"], 40_000)
    assert quote["exploitation"] == {"creators_ppm": 550_000, "fan_ppm": 325_000, "platform_ppm": 125_000}


def test_a_replaced_offer_is_quoted_only_to_who_holds_it(doors: Doors) -> None:
    old, fan = doors.world.artist(), doors.world.fan()
    order(doors, fan, wish(old))
    style = doors.world.style_of(old)
    with db.unit(doors.house.sessions) as session:
        at = doors.world.now
        new = offers.publish(session, style=style.id, creator=style.creator, terms=TERMS, at=at)
    body = {"offers": [{"offer": old.id}], "engine": "toy"}
    refused = doors.client(doors.world.fan("Eve")).post("/v1/quotes", json=body)
    assert (refused.status_code, refused.json()["current"]) == (409, new.id)
    assert doors.client(fan).post("/v1/quotes", json=body).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"offers": []}, 422, "invalid-request"),
        ({"offers": [{"offer": "off_nothing"}]}, 404, "not-found"),
        ({"engine": "steam"}, 404, "unknown-engine"),
        ({"params": {"steps": 0}}, 422, "bad-request"),
        ({"params": {"wings": 2}}, 422, "bad-request"),
        ({"params": {"steps": "\u0000"}}, 422, "invalid-request"),
        ({"seed": 2**32}, 422, "invalid-request"),
        ({"source": "upl_00000000000000000000000000"}, 404, "not-found"),
        ({"source": "starter:lena"}, 404, "no-photograph"),
        ({"source": "../../etc/passwd"}, 422, "invalid-request"),
    ],
)
def test_what_cannot_be_made_is_refused_and_costs_nothing(
    doors: Doors, change: dict[str, Any], status: int, code: str
) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    answer = order(doors, fan, wish(offer, **change))
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")
    assert doors.world.balance(f"credit:{fan.id}") == 20_000_000


def test_an_order_holds_the_price_and_says_where_the_work_is(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    answer = order(doors, fan, wish(offer, params={"steps": 3}, seed=7))
    work = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/works/{work['id']}")
    assert (work["state"], work["kind"], work["ahead"], work["own"], work["by"]) == (
        "queued",
        "work",
        0,
        True,
        "Bob Reed",
    )
    assert (work["seed"], work["params"], work["file"]) == (7, {"steps": 3}, None)
    (style,) = work["styles"]
    assert (style["name"], style["creator"]["name"], style["offer"]) == ("Marsh light", "Ada Marsh", offer.id)
    assert doors.world.balance(f"hold:{work['id']}") == 5_000_000
    assert doors.client(fan).get(answer.headers["location"]).json() == work


def test_the_same_key_orders_once(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    first, again = (order(doors, fan, wish(offer)) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    other = order(doors, fan, wish(offer, seed=1))
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert doors.world.balance(f"credit:{fan.id}") == 15_000_000


def test_a_whole_number_is_one_however_it_is_written(doors: Doors) -> None:
    offer = doors.world.artist()
    for weight, status in ((2, 200), (2.0, 200), (2.5, 422), ("2", 422), (True, 422), (0, 422)):
        body = {"offers": [{"offer": offer.id, "weight": weight}], "engine": "toy"}
        assert doors.client().post("/v1/quotes", json=body).status_code == status, weight


def test_an_order_needs_a_key(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    answer = doors.client(fan).post("/v1/works", json=wish(offer))
    assert answer.status_code == 422
    assert "idempotency-key" in answer.json()["detail"].lower()


def test_without_credit_there_is_neither_work_nor_license(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan(credit="1.00")
    answer = order(doors, fan, wish(offer))
    assert answer.status_code == 402
    assert (answer.json()["have"], answer.json()["need"]) == (1_000_000, 5_000_000)
    assert doors.client(fan).get("/v1/works").json()["items"] == []
    with doors.house.sessions() as session:
        assert not licenses.held(session, offer=offer.id, licensee=fan.id)


def test_an_upload_is_read_once_and_serves_many_orders(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    picture = texture(8, height=60, width=90)
    name = upload(doors, fan, encode.png(picture))
    one = order(doors, fan, wish(offer, source=name)).json()
    monkeypatch.setattr("core.decode.picture", None)  # a second decoding would fail
    other = order(doors, fan, wish(offer, source=name, seed=2), key="order-2").json()
    assert doors.client(fan).post("/v1/previews", json=wish(offer, source=name)).status_code == 202
    assert doors.world.make_all() == ["done", "done", "done"]
    client = doors.client(fan)
    assert {client.get(f"/v1/works/{work['id']}").json()["width"] for work in (one, other)} == {90}
    assert client.get(one["source"]).content == encode.png(picture)


def test_an_upload_of_somebody_else_or_that_is_no_picture_is_refused(doors: Doors) -> None:
    offer, fan, other = doors.world.artist(), doors.world.fan(), doors.world.fan("Eve")
    mine = upload(doors, fan, encode.png(texture(8)))
    assert order(doors, other, wish(offer, source=mine)).status_code == 404
    noise = upload(doors, fan, b"no picture at all")
    answer = order(doors, fan, wish(offer, source=noise))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/undecodable")


def test_a_work_composed_from_styles_alone_needs_no_source(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    work = order(doors, fan, wish(offer, source=None)).json()
    assert work["source"] is None
    assert doors.world.make_all() == ["done"]
    lineage = doors.client(fan).get(f"/v1/works/{work['id']}/provenance").json()["lineage"]
    assert [ancestor["what"] for ancestor in lineage] == ["style", "asset"]


@pytest.mark.parametrize("path", ["/v1/works", "/v1/previews"])
def test_nobody_and_a_key_without_the_scope_make_nothing(doors: Doors, path: str) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    headers = {"Idempotency-Key": "k"}
    assert doors.client().post(path, json=wish(offer), headers=headers).status_code == 401
    key = doors.client(fan, scopes=frozenset({"money"}))
    assert key.post(path, json=wish(offer), headers=headers).status_code == 403


TORCHLESS = """
import sys
from pathlib import Path
from tests.doors import Doors
from tests.generation.world import World
doors = Doors(Path(sys.argv[1]), sys.argv[2])
doors.house.catalog.allowed = ("patchwork",)
offer, fan = doors.world.artist(), doors.world.fan()
client = doors.client(fan)
body = {"offers": [{"offer": offer.id}], "engine": "patchwork"}
wish = {**body, "source": "starter:china"}
answers = [
    client.get("/v1/engines"),
    client.post("/v1/quotes", json=body),
    client.post("/v1/previews", json=wish),
    client.post("/v1/works", json=wish, headers={"Idempotency-Key": "k"}),
]
client.get("/v1/works")
print([answer.status_code for answer in answers], [x for x in ("torch", "sklearn") if x in sys.modules])
doors.close()
"""


def test_the_server_never_loads_torch(doors: Doors) -> None:
    command = [sys.executable, "-c", TORCHLESS, str(doors.root), doors.database]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[200, 200, 202, 202] []"
