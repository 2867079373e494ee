"""Who may do what: every route of the API, asked by everyone, about their own things and about others'.

Routes and their policies are read from the app itself; what cannot be read (whose a thing is) is said in `CELLS`, and a
route with a thing in its path that is missing there fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response

from app.identity import accounts
from app.main import routers
from attribution.models import KeptManifest
from core import db
from core.networks import Network
from creators import proofs
from creators.models import Asset, Creator, Style
from tests.creators import studio
from tests.doors import PASSWORD, Doors
from tests.fakes import tone
from tests.generation.world import World

CALLERS = ("nobody", "fan", "creator", "platform", "staff")
KEY = {"Idempotency-Key": "matrix-1"}
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True)
class Cell:
    """What a route is asked about. `thing` fills the path; `owners` may do it; `public`: everyone may."""

    thing: str
    owners: tuple[str, ...] = ()
    public: bool = False
    json: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    params: dict[str, str] = field(default_factory=dict)


TERMS = {
    "version": 1,
    "uses": ["publish"],
    "report_uses": [],
    "medium": "picture",
    "territory": "world",
    "starts_on": "2026-01-01",
    "ends_on": "2027-01-01",
    "cap": None,
    "price": {"amount": 5_000_000, "asset": "USD/6"},
    "royalty_ppm": 500_000,
    "fan_ppm": 500_000,
    "max_copy_ppm": 50_000,
    "attribution": "",
}
CONSENT = {
    "legal_name": "Ada Marsh",
    "is_author": True,
    "holds_rights": True,
    "adult": True,
    "uses": "Pictures that fans make from their own photographs.",
    "expires_on": "2030-01-01",
    "ai_training": "notAllowed",
}
WEBHOOK = {"name": "Mine", "url": "https://example.org/homage", "kinds": ["work.withdrawn"]}
TOY = {"engine": "toy"}
MINE = ("creator",)
FANS = ("fan",)

# A route that is not here is about no thing: whoever may call it may do it.
CELLS: dict[tuple[str, str], tuple[Cell, ...]] = {
    ("DELETE", "/me/sessions/{id}"): (Cell("session", FANS),),
    ("DELETE", "/me/keys/{id}"): (Cell("key", FANS),),
    ("GET", "/outbox/{id}"): (Cell("message", ("staff",)),),
    ("GET", "/styles/{style}"): (
        Cell("style", MINE, public=True),
        Cell("singing", MINE, public=True),
        Cell("draft", MINE),
    ),
    ("GET", "/me/styles/{style}"): (Cell("style", MINE), Cell("draft", MINE)),
    ("PATCH", "/styles/{style}"): (Cell("draft", MINE, json={"name": "Dusk"}),),
    ("POST", "/styles/{style}/publication"): (Cell("style", MINE), Cell("draft", MINE)),
    ("DELETE", "/styles/{style}/publication"): (Cell("style", MINE),),
    ("POST", "/styles/{style}/retirement"): (Cell("style", MINE),),
    ("DELETE", "/consents/{consent}"): (Cell("consent", MINE),),
    ("POST", "/styles/{style}/consents"): (Cell("style", MINE, json=CONSENT),),
    ("POST", "/styles/{style}/assets"): (Cell("style", MINE, json={"upload": "{creators_upload}", "title": "A"}),),
    ("DELETE", "/assets/{asset}"): (Cell("asset", MINE),),
    ("PUT", "/assets/{asset}/left-out"): (Cell("asset", MINE, json={"areas": []}),),
    ("GET", "/styles/{style}/inspection"): (Cell("style", MINE), Cell("draft", MINE)),
    ("GET", "/assets/{asset}/thumbnail"): (Cell("asset", MINE, public=True), Cell("draft_asset", MINE)),
    ("GET", "/assets/{asset}/excerpt"): (Cell("recording", MINE, public=True),),
    ("GET", "/assets/{asset}/original"): (Cell("asset", MINE),),
    ("GET", "/styles/{style}/offers"): (Cell("style", MINE, public=True), Cell("draft", MINE)),
    ("POST", "/styles/{style}/voice-proofs"): (Cell("singing", MINE),),
    ("GET", "/styles/{style}/voice-proofs"): (Cell("singing", MINE),),
    ("PUT", "/voice-proofs/{proof}/take"): (Cell("proof", MINE, json={"upload": "{creators_upload}"}),),
    ("GET", "/voice-proofs/{proof}/take"): (Cell("proof", ("staff",)),),
    ("PUT", "/voice-proofs/{proof}/ruling"): (
        Cell("proof", ("staff",), json={"passed": False, "because": "another voice"}),
    ),
    ("POST", "/styles/{style}/offers"): (Cell("style", MINE, json=TERMS),),
    ("GET", "/styles/{style}/preset"): (
        Cell("style", MINE, public=True, params=TOY),
        Cell("draft", MINE, params=TOY),
    ),
    ("PUT", "/styles/{style}/preset"): (Cell("draft", MINE, json={**TOY, "name": "own"}),),
    ("DELETE", "/styles/{style}/preset"): (Cell("style", MINE, params=TOY),),
    ("POST", "/styles/{style}/samples"): (Cell("style", MINE, json=TOY), Cell("draft", MINE, json=TOY)),
    ("GET", "/offers/{offer}"): (Cell("offer", public=True),),
    ("GET", "/offers/{offer}/deed"): (Cell("offer", public=True),),
    ("GET", "/licenses/{license}"): (Cell("license", ("fan", "creator")),),
    ("DELETE", "/licenses/{license}"): (Cell("license", MINE),),
    ("GET", "/starters/{name}/picture"): (Cell("starter", public=True),),
    ("GET", "/works/{id}"): (Cell("work", FANS), Cell("shared", FANS, public=True), Cell("preview", FANS)),
    ("GET", "/works/{id}/events"): (Cell("work", FANS), Cell("shared", FANS)),
    ("POST", "/works/{id}/cancellation"): (Cell("work", FANS), Cell("shared", FANS)),
    ("GET", "/works/{id}/file"): (Cell("work", FANS), Cell("shared", FANS, public=True), Cell("preview", FANS)),
    ("GET", "/works/{id}/thumbnail"): (Cell("work", FANS), Cell("shared", FANS, public=True)),
    ("GET", "/works/{id}/overlay.png"): (Cell("work", FANS), Cell("shared", FANS, public=True)),
    ("GET", "/works/{id}/source"): (Cell("work", FANS), Cell("shared", FANS)),
    ("GET", "/works/{id}/map"): (Cell("work", FANS), Cell("shared", FANS)),
    ("GET", "/works/{id}/provenance"): (Cell("work", FANS), Cell("shared", FANS, public=True)),
    ("GET", "/works/{id}/credits"): (Cell("work", FANS), Cell("shared", FANS, public=True)),
    ("PUT", "/works/{id}/sharing"): (Cell("work", FANS, json={"shared": False}),),
    ("GET", "/snapshots/{name}"): (Cell("snapshot", public=True),),
    ("GET", "/checkouts/{id}"): (Cell("checkout", FANS),),
    ("GET", "/reports/{id}"): (Cell("report", ("platform",)),),
    ("GET", "/verifications/batches/{id}"): (Cell("batch", ("platform",)),),
    ("GET", "/verifications/batches/{id}/answers"): (Cell("batch", ("platform",)),),
    ("DELETE", "/verifications/batches/{id}"): (Cell("batch", ("platform",)),),
    ("GET", "/usage/{id}"): (Cell("usage", ("platform",)),),
    ("GET", "/usage/{id}/lines"): (Cell("usage", ("platform",)),),
    ("GET", "/usage/{id}/faults"): (Cell("usage", ("platform",)),),
    ("PUT", "/usage/matches/{match}/decision"): (Cell("match", ("platform", "staff"), json={"confirm": True}),),
    ("GET", "/works/{id}/usage"): (Cell("work", ("fan", "creator")), Cell("shared", ("fan", "creator"))),
    ("GET", "/claims/{work}"): (Cell("work", public=True),),
    ("GET", "/sandbox/samples/{name}.png"): (Cell("sample", public=True),),
    ("GET", "/oembed"): (Cell("shared", public=True, params={"url": "http://127.0.0.1:8000/works/{shared}"}),),
    ("GET", "/c2pa/manifests/{id}"): (Cell("manifest", public=True),),
    ("GET", "/c2pa/manifests/{id}/receipts"): (Cell("manifest", public=True),),
    ("POST", "/c2pa/manifests/{id}/receipts"): (Cell("manifest", public=True, json={}),),
    ("GET", "/webhooks/{id}"): (Cell("webhook", FANS),),
    ("PATCH", "/webhooks/{id}"): (Cell("webhook", FANS, json={"name": "Other"}),),
    ("DELETE", "/webhooks/{id}"): (Cell("webhook", FANS),),
    ("POST", "/webhooks/{id}/secret"): (Cell("webhook", FANS),),
    ("POST", "/webhooks/{id}/test"): (Cell("webhook", FANS),),
    ("GET", "/webhooks/{id}/deliveries"): (Cell("webhook", FANS),),
    ("GET", "/webhooks/{id}/deliveries/{delivery}"): (Cell("webhook", FANS),),
    ("POST", "/webhooks/{id}/replays"): (Cell("webhook", FANS, json={"delivery": "{delivery}"}),),
    ("POST", "/uploads"): (Cell("upload", CALLERS, headers={**TUS, "Upload-Length": "1"}),),
    ("PATCH", "/uploads/{upload}"): (
        Cell("open_upload", FANS, headers={**TUS, "Upload-Offset": "0"}, content=b"half"),
    ),
    ("HEAD", "/uploads/{upload}"): (Cell("upload", FANS, headers=TUS),),
    ("GET", "/uploads/{upload}"): (Cell("upload", FANS),),
    ("DELETE", "/uploads/{upload}"): (Cell("upload", FANS, headers=TUS),),
}


def private_to_others(caller: str) -> set[str]:
    """The things that this caller may not even hear of."""
    cells = [cell for row in CELLS.values() for cell in row if cell.owners and set(cell.owners) != set(CALLERS)]
    known = {cell.thing for row in CELLS.values() for cell in row if cell.public or caller in cell.owners}
    return {cell.thing for cell in cells} - known


@dataclass(frozen=True)
class Route:
    """One operation. `policy`: public, person, staff, or the scopes that an API key needs."""

    method: str
    path: str
    policy: str

    def gate(self, caller: str, scopes: frozenset[str]) -> int | None:
        """The status with which a caller is refused before anything is looked at, or None."""
        if self.policy == "public":
            return None
        if caller == "nobody":
            return 401
        if caller == "platform" and not scopes & set(self.policy.split("|")):
            return 403
        return 403 if self.policy == "staff" and caller != "staff" else None


def routes() -> Iterator[Route]:
    for router in routers():
        for route in router.routes:
            assert isinstance(route, APIRoute)
            policies = set(_policies(route.dependant)) - (
                {"person"} if "staff" in set(_policies(route.dependant)) else set()
            )
            assert len(policies) <= 1, f"{route.path} has several policies: {policies}"
            for method in sorted(route.methods):
                yield Route(method, route.path, next(iter(policies), "public"))


def _policies(dependant: Dependant) -> Iterator[str]:
    policy = getattr(dependant.call, "policy", None)
    if policy is not None:
        yield policy
    for below in dependant.dependencies:
        yield from _policies(below)


@dataclass(frozen=True)
class Scene:
    """Everybody with their things: `things` fills paths and bodies, `clients` calls as somebody."""

    things: dict[str, str]
    clients: dict[str, TestClient]
    scopes: frozenset[str]

    def call(self, caller: str, route: Route, cell: Cell | None) -> Response:
        path = route.path.replace("{delivery}", self.things["delivery"])
        for part in ("style", "asset", "consent", "offer", "license", "id", "work", "name", "upload", "proof", "match"):
            path = path.replace(f"{{{part}}}", self.things[cell.thing] if cell else "")
        body = cell.json if cell else None
        if isinstance(body, dict):
            body = {k: v.format(**self.things) if isinstance(v, str) else v for k, v in body.items()}
        headers = {**KEY, **(cell.headers if cell else {}), "sec-fetch-site": "same-origin"}
        more: dict[str, Any] = {"json": body} if body is not None else {}
        if cell and cell.content is not None:
            more = {"content": cell.content}
            headers["content-type"] = "application/offset+octet-stream"
        if cell and cell.params:
            more["params"] = {k: v.format(**self.things) for k, v in cell.params.items()}
        return self.clients[caller].request(route.method, f"/v1{path}", headers=headers, **more)


def scene(doors: Doors) -> Scene:
    """A creator with a listed style and a draft, a fan with works, a platform with a key: each with a real account."""
    doors.house.network = Network(resolve=lambda *_: ("93.184.215.14",))  # no name is looked up
    clients = {name: doors.account(f"{name}@example.org", name=name.title()) for name in CALLERS[1:]}
    ids = {name: client.get("/v1/me").json()["person"] for name, client in clients.items()}
    things = {**_creators(doors, ids["creator"]), "starter": doors.client().get("/v1/starters").json()[0]["name"]}
    things["sample"] = "licensed"
    things["snapshot"] = doors.house.snapshots.add(partial(db.unit, doors.house.sessions), at=studio.AT).name
    things |= _fans(doors, clients["fan"], ids["fan"], things["offer"])
    things["creators_upload"] = upload(clients["creator"], b"no picture")
    scopes = frozenset({"verify", "reports"})
    made = clients["platform"].post("/v1/me/keys", json={"name": "Pages", "scopes": sorted(scopes)}).json()
    clients["platform"] = doors.client()
    clients["platform"].headers["authorization"] = f"Bearer {made['key']}"
    earned = {"work": things["work"], "amount": {"amount": 1_000_000, "asset": "USD/6"}}
    things["report"] = clients["platform"].post("/v1/reports", json=earned, headers=KEY).json()["id"]
    things["batch"] = batch(clients["platform"])
    things |= usage(clients["platform"], things["work"])
    with db.unit(doors.house.sessions) as session:
        things["manifest"] = session.get_one(KeptManifest, things["work"]).label
        accounts.make_staff(session, email="staff@example.org", name="Staff", password_hash=None, at=studio.AT)
    clients["nobody"] = doors.client()
    things["message"] = clients["staff"].get("/v1/outbox").json()["items"][0]["id"]
    return Scene(things, clients, scopes)


def usage(platform: TestClient, work: str) -> dict[str, str]:
    """A usage report with a line that is held, and a word of its reporter's on what a reference of theirs is."""
    body = f"id,sha256,use,date,quantity\nl1,{'ab' * 32},publish,2026-01-01,1\n"
    made = platform.post("/v1/usage", content=body, headers={**KEY, "Content-Type": "text/csv"})
    match = platform.post("/v1/usage/matches", json={"reference": f"mark:{5:016x}", "work": work})
    return {"usage": made.json()["id"], "match": match.json()["id"]}


def _creators(doors: Doors, person: str) -> dict[str, str]:
    world = doors.world
    offer, heard = world.artist(), world.artist("Alma Quist", work=tone())
    with db.unit(doors.house.sessions) as session:
        singing = session.get_one(Style, heard.style)
        proof = proofs.of_style(session, style=singing.id)[0]
        proof.take = world.blobs.put(world.keys.seal(proof.creator, b"a take"))
        session.get_one(Creator, singing.creator).person = person
        style = session.get_one(Style, offer.style)
        session.get_one(Creator, style.creator).person = person
        draft = studio.styles.register(session, creator=style.creator, name="Dawn", medium="picture", at=studio.AT)
        sketch = world.studio.take(session, draft, studio.texture(9), "A sketch")
        asset = session.query(Asset).filter_by(style=style.id).one()
        assert style.consent is not None
        return {
            "style": style.id,
            "draft": draft.id,
            "asset": asset.id,
            "draft_asset": sketch.id,
            "singing": singing.id,
            "proof": proof.id,
            "recording": session.query(Asset).filter_by(style=singing.id).one().id,
            "consent": style.consent,
            "offer": offer.id,
        }


def _fans(doors: Doors, client: TestClient, person: str, offer: str) -> dict[str, str]:
    topped = client.post("/v1/checkouts", json={"amount": {"amount": 20_000_000, "asset": "USD/6"}}, headers=KEY)
    things = {"checkout": topped.json()["id"], "upload": upload(client, b"some bytes"), "open_upload": _open(client)}
    client.post("/v1/sign-in", json={"email": "fan@example.org", "password": PASSWORD})
    sessions = client.get("/v1/me/sessions").json()
    things["session"] = next(one["id"] for one in sessions if not one["current"])
    things["key"] = client.post("/v1/me/keys", json={"name": "Mine", "scopes": ["works"]}).json()["id"]
    order = {"offers": [{"offer": offer, "weight": 1}], "engine": "toy", "params": {}, "seed": 1}
    order["source"] = f"starter:{client.get('/v1/starters').json()[0]['name']}"
    for name, address in (("work", "works"), ("shared", "works"), ("preview", "previews")):
        answer = client.post(f"/v1/{address}", json=order, headers={"Idempotency-Key": name})
        assert answer.status_code == 202, answer.text
        things[name] = answer.json()["id"]
    make_all(doors.world, doors)
    client.put(f"/v1/works/{things['shared']}/sharing", json={"shared": True})
    things["license"] = client.get("/v1/licenses").json()["items"][0]["id"]
    return things | webhook(client)


def webhook(client: TestClient) -> dict[str, str]:
    """A webhook, and a delivery that waits to be made to it."""
    made = client.post("/v1/webhooks", json=WEBHOOK).json()["id"]
    return {"webhook": made, "delivery": client.post(f"/v1/webhooks/{made}/test").json()["id"]}


def make_all(world: World, doors: Doors) -> None:
    while held := world.claim():
        for one in held:
            assert doors.house.workshop.make(one) == "done"


def _open(client: TestClient) -> str:
    answer = client.post("/v1/uploads", headers={**TUS, "Upload-Length": "10"})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rpartition("/")[2]


def batch(client: TestClient) -> str:
    """The id of a batch that is answered in the background."""
    lines = b"".join(b'{"id":"%d","sha256":"%064d"}\n' % (i, i) for i in range(1_001))
    headers = {"Content-Type": "application/x-ndjson"}
    id: str = client.post("/v1/verifications/batch", content=lines, headers=headers).json()["id"]
    return id


def upload(client: TestClient, data: bytes) -> str:
    """The id of a finished upload."""
    answer = client.post(
        "/v1/uploads",
        headers={**TUS, "Upload-Length": str(len(data)), "Content-Type": "application/offset+octet-stream"},
        content=data,
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rpartition("/")[2]
