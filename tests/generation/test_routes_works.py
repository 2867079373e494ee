"""The doors to works: whose they are to see, their files and proofs, cancelling, sharing, withdrawal."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from attribution import manifest, notices, verify
from core import db, ids
from core.money import Money
from creators import erasing as creators_erasing
from creators.models import Creator, Person
from generation import erasing, renditions
from generation.models import Work
from licensing import grounds, licenses
from licensing.models import Offer
from payments import income
from tests.app.commands import homage
from tests.doors import Doors
from tests.fakes import within
from tests.generation.test_routes import order, wish


def made(doors: Doors, *offered: Offer, fan: Person | None = None, **changes: object) -> tuple[Person, dict[str, Any]]:
    """A finished work, and who ordered it."""
    fan = fan or doors.world.fan()
    placed = order(
        doors, fan, wish(*(offered or (doors.world.artist(),)), **changes), key=repr(sorted(changes)).replace(" ", "")
    )
    assert placed.status_code == 202, placed.text
    assert doors.world.make_all() == ["done"]
    return fan, doors.client(fan).get(f"/v1/works/{placed.json()['id']}").json()


def revoke(doors: Doors, work: str, reason: str = "not like this") -> None:
    license = doors.world.license_of(work)
    with db.unit(doors.house.sessions) as session:
        at = doors.world.now
        licenses.revoke(session, license=license.id, by=license.licensor, reason=reason, at=at)


def test_a_finished_work_says_what_there_is_of_it(doors: Doors) -> None:
    fan, work = made(doors)
    assert (work["state"], work["width"], work["height"], work["largest_copy_ppm"]) == ("done", 640, 427, 4)
    assert (work["shared"], work["withdrawn_at"], work["eta_seconds"]) == (False, None, None)
    client = doors.client(fan)
    for name in ("file", "thumbnail", "source", "overlay"):
        answer = client.get(work[name])
        assert answer.status_code == 200, name
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert max(Image.open(io.BytesIO(client.get(work["thumbnail"]).content)).size) == 512


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_every_form_of_a_work_is_proven_by_its_own_manifest(doors: Doors, form: str) -> None:
    fan, work = made(doors)
    answer = doors.client(fan).get(f"{work['file']}?format={form}&download=true")
    assert answer.headers["content-type"] == f"image/{form}"
    assert answer.headers["content-disposition"].startswith("attachment;")
    file = doors.root / "download"
    file.write_bytes(answer.content)
    with doors.house.sessions() as session:
        verdict = grounds.answer(
            session, verify.verify(within(session), file, tools=doors.house.tools), at=doors.world.now
        )
    assert (verdict.identification, verdict.work, verdict.changed) == ("proven", work["id"], False)


@pytest.mark.parametrize("form", ["jpeg", "webp"])
def test_a_form_that_was_changed_is_proven_no_more(doors: Doors, form: str) -> None:
    fan, work = made(doors)
    data = bytearray(doors.client(fan).get(f"{work['file']}?format={form}").content)
    data[len(data) // 2] ^= 1
    file = doors.root / "download"
    file.write_bytes(bytes(data))
    with doors.house.sessions() as session:
        finding = verify.verify(within(session), file, tools=doors.house.tools)
    # What follows one wrong bit may be another picture.
    assert finding.identification in ("recovered", "matched", "derived", "hint", "none")
    assert finding.changed is not False


def test_a_form_is_made_once_and_the_sealed_one_never_changes(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    fan, work = made(doors)
    client = doors.client(fan)
    first = client.get(f"{work['file']}?format=webp").content
    monkeypatch.setattr("attribution.manifest.sign", None)  # a second signing would fail
    assert client.get(f"{work['file']}?format=webp").content == first
    row = doors.world.work(work["id"])
    assert set(row.renditions) == {"thumbnail", "overlay", "webp"}
    assert client.get(work["file"]).content == doors.world.blobs.get(str(row.result_blob))


def test_a_form_that_is_made_while_its_owner_is_erased_stays_nowhere(doors: Doors) -> None:
    _, work = made(doors)
    row = doors.world.work(work["id"])
    with db.unit(doors.house.sessions) as session:
        erasing.forget(session, person=row.person)
    there = {path.name for path in doors.world.blobs.root.rglob("*") if path.is_file()}
    with pytest.raises(renditions.FormMissing):
        renditions.get(doors.house.workshop, work=row, form="webp")
    assert {path.name for path in doors.world.blobs.root.rglob("*") if path.is_file()} == there
    assert doors.world.work(work["id"]).renditions == {}


def test_what_was_made_before_there_were_other_forms_gets_them_when_asked(doors: Doors) -> None:
    fan, work = made(doors)
    client = doors.client(fan)
    before = {name: client.get(work[name]).content for name in ("thumbnail", "overlay")}
    with db.unit(doors.house.sessions) as session:
        session.get_one(Work, work["id"]).renditions = {}
    for blob in doors.world.work(work["id"]).renditions.values():
        doors.world.blobs.delete(blob)
    assert {name: client.get(work[name]).content for name in before} == before


def test_the_overlay_counts_what_the_claim_says(doors: Doors) -> None:
    one, other = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Ivo Brandt", seed=2)
    fan = doors.world.fan()
    body = wish(one, other)
    body["offers"][0]["weight"] = 3
    order(doors, fan, body)
    doors.world.make_all()
    work = doors.client(fan).get("/v1/works").json()["items"][0]
    shown = Image.open(io.BytesIO(doors.client(fan).get(work["overlay"]).content))
    parts = doors.client(fan).get(f"/v1/works/{work['id']}/provenance").json()["contributions"]
    assert (shown.mode, shown.size) == ("P", (640, 427))
    index = np.asarray(shown)
    assert [part["index"] for part in parts] == [0, 1]
    assert [round((index == part["index"]).mean(), 6) for part in parts] == [part["share"] / 1e6 for part in parts]
    colors = np.asarray(shown.convert("RGB")).reshape(-1, 3)
    for part in parts:
        found = {
            "#" + bytes(color.tolist()).hex() for color in np.unique(colors[index.ravel() == part["index"]], axis=0)
        }
        assert found == {part["color"]}


def test_the_map_is_what_its_engine_can_measure_again(doors: Doors) -> None:
    fan, work = made(doors)
    data = doors.client(fan).get(f"/v1/works/{work['id']}/map").content
    field = doors.house.catalog.get("toy").field(data, list(doors.world.work(work["id"]).facts["shares"]))
    assert field.shape == (427, 640)


def test_provenance_divides_the_money_to_the_unit(doors: Doors) -> None:
    one, other = doors.world.artist("Ada Marsh", seed=1), doors.world.artist("Ivo Brandt", seed=2)
    fan, work = made(doors, one, other)
    found = doors.client().get(f"/v1/works/{work['id']}/provenance")
    assert found.status_code == 404  # not shared
    found = doors.client(fan).get(f"/v1/works/{work['id']}/provenance").json()
    assert (found["exact"], found["engine"], found["claim"]["licensee"]) == (True, "toy 1", "Bob Reed")
    assert sum(part["share"] for part in found["contributions"]) == 1_000_000
    assert sum(line["amount"]["amount"] for line in found["paid"]) == 10_000_000
    licensed = {line["name"]: line["amount"]["amount"] for line in found["paid"] if line["role"] == "licensor"}
    assert {part["licensor"]["name"]: part["amount"]["amount"] for part in found["contributions"]} == licensed
    assert found["earned"] == []
    with db.unit(doors.house.sessions) as session:
        income.report(session, work=work["id"], amount=Money(1_000_000), reference="r1", at=doors.world.now)
    earned = doors.client(fan).get(f"/v1/works/{work['id']}/provenance").json()["earned"]
    assert {line["name"]: (line["role"], line["amount"]["amount"]) for line in earned}["Bob Reed"] == ("fan", 400_000)
    assert [ancestor["what"] for ancestor in found["lineage"]] == ["source", "style", "style", "asset", "asset"]
    said = " ".join(found["credentials"])
    assert "learned from nothing but the assets it is given" in said
    assert "do not know the signer" in said


def test_whoever_was_erased_is_no_longer_named_in_provenance(doors: Doors) -> None:
    fan, work = made(doors)
    client, url = doors.client(fan), f"/v1/works/{work['id']}/provenance"
    assert client.get(url).json()["claim"]["licenses"][0]["licensor"]["name"] == "Ada Marsh"
    with db.unit(doors.house.sessions) as session:
        creator = session.get_one(Creator, doors.world.license_of(work["id"]).licensor)
        creators_erasing.forget(session, person=creator.person, at=doors.world.now)
    answer = client.get(url)
    claim = answer.json()["claim"]
    assert (claim["licensee"], claim["licenses"][0]["licensor"]["name"]) == ("Bob Reed", "erased person")
    assert "Ada Marsh" not in answer.text
    with db.unit(doors.house.sessions) as session:
        creators_erasing.forget(session, person=fan.id, at=doors.world.now)
    answer = client.get(url)
    assert answer.json()["claim"]["licensee"] == "erased person"
    assert "Bob Reed" not in answer.text


def test_a_file_with_the_notice_is_another_form_of_the_work(doors: Doors) -> None:
    fan, work = made(doors)
    client = doors.client(fan)
    sealed = client.get(work["file"]).content
    assert client.get(f"{work['file']}?download=true").content == sealed  # a picture asks for no label by itself
    labeled = client.get(f"{work['file']}?notice=true")
    assert (labeled.status_code, labeled.headers["content-type"]) == (200, "image/png")
    assert labeled.content != sealed
    assert client.get(f"{work['file']}?notice=true").content == labeled.content
    assert set(doors.world.work(work["id"]).renditions) == {"thumbnail", "overlay", "png+notice"}
    assert client.get(work["file"]).content == sealed
    said = client.get(f"/v1/works/{work['id']}/provenance").json()["credentials"]
    assert said[0].startswith("Made with AI")
    file = doors.root / "labeled.png"
    file.write_bytes(labeled.content)
    assert manifest.read(file, chain=doors.house.chain).work == work["id"]


def test_a_kind_that_asks_for_a_notice_has_it_in_files_to_keep(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    fan, work = made(doors)
    client = doors.client(fan)
    monkeypatch.setitem(notices.RULES, "picture", notices.RULES["voice"])
    sealed, kept = client.get(work["file"]).content, client.get(f"{work['file']}?download=true").content
    assert sealed == client.get(f"{work['file']}?download=true&notice=false").content
    assert kept == client.get(f"{work['file']}?notice=true").content != sealed


def test_credits_name_whom_to_credit_and_what_to_disclose(doors: Doors) -> None:
    fan, work = made(doors)
    client, public, url = doors.client(fan), doors.client(), f"/v1/works/{work['id']}"
    found = client.get(f"{url}/credits").json()
    assert [(x["name"], x["role"], x["share"]) for x in found["contributors"]] == [
        ("Bob Reed", "producer", None),
        ("Ada Marsh", "artist", 1_000_000),
    ]
    assert len(found["contributors"][1]["licenses"]) == 1
    assert found["made_by_ai"] == [{"part": "image", "extent": "partial"}]
    assert (found["digital_source_type"].rpartition("/")[2], found["isrc"]) == ("composite", None)
    assert public.get(f"{url}/credits").status_code == 404
    client.put(f"{url}/sharing", json={"shared": True})
    assert public.get(f"{url}/credits").json() == found
    house = {"HOMAGE_VAR": str(doors.root), "HOMAGE_DATABASE__URL": doors.database}
    assert json.loads(homage("works", "credits", work["id"], "--json", **house).stdout) == found
    assert "by AI     image: partial" in homage("works", "credits", work["id"], **house).stdout
    missing = homage("works", "credits", ids.new("wrk"), **house)
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)


def test_nothing_is_recorded_of_what_is_not_finished(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    work = order(doors, fan, wish(offer)).json()["id"]
    client = doors.client(fan)
    for path, code in (
        ("provenance", "no-provenance"),
        ("credits", "no-provenance"),
        ("file", "form-missing"),
        ("map", "form-missing"),
    ):
        answer = client.get(f"/v1/works/{work}/{path}")
        assert (answer.status_code, answer.json()["type"]) == (404, f"/problems/{code}")


def test_works_are_listed_by_kind_and_state_the_newest_first(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    client = doors.client(fan)
    ids = [order(doors, fan, wish(offer, seed=n), key=str(n)).json()["id"] for n in range(3)]
    client.post(f"/v1/works/{ids[0]}/cancellation")
    preview = client.post("/v1/previews", json=wish(offer)).json()["id"]

    def listed(query: str) -> list[str]:
        return [work["id"] for work in client.get(f"/v1/works?{query}").json()["items"]]

    assert listed("") == [preview, *reversed(ids)]
    assert listed("kind=preview") == [preview]
    assert listed("kind=work&state=queued") == [ids[2], ids[1]]
    assert listed("state=cancelled&state=done") == [ids[0]]
    page = client.get("/v1/works?limit=3")
    assert 'rel="next"' in page.headers["link"]
    assert listed(f"limit=3&cursor={page.json()['next']}") == [ids[0]]
    assert doors.client(doors.world.fan("Eve")).get("/v1/works").json() == {"items": [], "next": None}


OWN = ("", "/file", "/thumbnail", "/overlay.png", "/provenance", "/credits", "/source", "/map", "/events")


def test_somebody_elses_work_is_not_there(doors: Doors) -> None:
    _, work = made(doors)
    stranger, nobody, url = doors.client(doors.world.fan("Eve")), doors.client(), f"/v1/works/{work['id']}"
    assert {path: stranger.get(f"{url}{path}").status_code for path in OWN} == dict.fromkeys(OWN, 404)
    assert stranger.post(f"{url}/cancellation").status_code == 404
    assert stranger.put(f"{url}/sharing", json={"shared": True}).status_code == 404
    assert {nobody.get(f"{url}{path}").status_code for path in OWN} <= {401, 404}


def test_a_shared_work_is_seen_by_all_without_what_is_private(doors: Doors) -> None:
    fan, work = made(doors, params={"steps": 4}, seed=9)
    client, public, url = doors.client(fan), doors.client(), f"/v1/works/{work['id']}"
    assert client.put(f"{url}/sharing", json={"shared": True}).json()["shared"] is True
    seen = public.get(url).json()
    assert (seen["own"], seen["by"], seen["source"], seen["params"], seen["seed"]) == (
        False,
        "Bob Reed",
        None,
        {},
        None,
    )
    assert seen["styles"][0]["license"] is None
    picture = public.get(seen["file"])
    assert picture.headers["cache-control"].startswith("public")
    assert public.get(seen["file"], headers={"If-None-Match": picture.headers["etag"]}).status_code == 304
    lineage = public.get(f"{url}/provenance").json()["lineage"]
    assert "source" not in [ancestor["what"] for ancestor in lineage]
    stranger = doors.client(doors.world.fan("Eve"))
    assert [stranger.get(f"{url}/{part}").status_code for part in ("source", "map", "events")] == [404] * 3
    client.put(f"{url}/sharing", json={"shared": False})
    assert public.get(url).status_code == 404


def test_a_withdrawn_work_says_so_and_its_file_is_its_owners_alone(doors: Doors) -> None:
    fan, work = made(doors)
    client, public, url = doors.client(fan), doors.client(), f"/v1/works/{work['id']}"
    client.put(f"{url}/sharing", json={"shared": True})
    revoke(doors, work["id"], "not in a car advertisement")
    seen = public.get(url).json()
    assert (seen["withdrawn_at"] is not None, seen["file"], seen["thumbnail"], seen["overlay"]) == (True, *[None] * 3)
    for name in ("file", "thumbnail", "overlay.png"):
        answer = public.get(f"{url}/{name}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/work-withdrawn")
    assert "not in a car advertisement" in public.get(f"{url}/provenance").json()["credentials"][-1]
    own = client.get(url).json()
    assert client.get(own["file"]).headers["cache-control"] == "private, no-store"
    assert client.put(f"{url}/sharing", json={"shared": False}).status_code == 200
    refused = client.put(f"{url}/sharing", json={"shared": True})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-shareable")


def test_cancelling_gives_the_money_back_at_once_while_it_waits(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    client = doors.client(fan)
    work = order(doors, fan, wish(offer)).json()["id"]
    answer = client.post(f"/v1/works/{work}/cancellation")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert answer.json()["reason"] == "cancelled by its owner; the price is back"
    assert doors.world.balance(f"credit:{fan.id}") == 20_000_000
    again = client.post(f"/v1/works/{work}/cancellation")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-ended")


def test_cancelling_what_runs_ends_it_at_its_next_step(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    work = order(doors, fan, wish(offer)).json()["id"]
    (held,) = doors.world.claim()
    answer = doors.client(fan).post(f"/v1/works/{work}/cancellation")
    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    assert doors.world.workshop.make(held) == "cancelled"
    assert doors.world.balance(f"credit:{fan.id}") == 20_000_000
