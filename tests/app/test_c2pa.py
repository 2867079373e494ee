"""C2PA's Soft Binding Resolution API 2.4, asked as other programs ask it: shapes, statuses, and a file made whole."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import c2pa
import pytest
from PIL import Image
from sqlalchemy import create_engine
from starlette.requests import Request

from attribution import routes_bindings
from attribution.bindings import AssetUnknown
from attribution.definition import ISCC, MARKS
from attribution.models import KeptManifest, RecordedClaim
from attribution.recovery import FURTHER_COSTS, NEAR_COPIES, Recovery, Wanted
from core import canonical, db, encode
from core.decode import picture_of
from core.limits import Buckets, Hourly, Meter, Quota
from core.networks import PUBLIC
from core.signatures import RECEIPT, verified
from licensing import licenses
from tests.conftest import copy
from tests.core.receivers import ok, receiving
from tests.core.test_fetching import self_signed
from tests.doors import HERE, Doors
from tests.fakes import texture
from tests.licensing import sealed

BASE = "/v1/c2pa"


class Work:
    """A recorded work: its sealed file, the manifest that was in it, and a copy that lost it."""

    def __init__(self, doors: Doors) -> None:
        with db.unit(doors.house.sessions) as session:
            offer, fan = doors.world.artist(), doors.world.fan("Bob Reed", credit="0")
            license = licenses.grant(session, offer=offer.id, licensee=fan.id, at=doors.world.now)
            file = sealed.record(session, doors.world.studio, license)
            self.id = file.stem
            kept = session.get_one(KeptManifest, self.id)
            self.manifest, self.label = kept.data, kept.label
            claim = session.get_one(RecordedClaim, self.id)
            self.iscc, self.mark = claim.iscc, f"{claim.mark:016x}"
        self.file = file.read_bytes()
        self.stripped = self.saved("PNG")
        self.root = doors.world.tools.chain.usable().root

    def saved(self, kind: str, **options: Any) -> bytes:
        out = io.BytesIO()
        Image.fromarray(picture_of(self.file).pixels).save(out, kind, **options)
        return out.getvalue()


@pytest.fixture(scope="module")
def doors(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """One house for all tests here: they only ask."""
    with copy(server, template, f"c2pa_{template}") as database:
        doors = Doors(tmp_path_factory.mktemp("house"), database)
        yield doors
        doors.close()


@pytest.fixture(scope="module")
def work(doors: Doors) -> Work:
    return Work(doors)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def by_content(client: Any, data: bytes, kind: str = "image/png", **params: str) -> Any:
    return client.post(f"{BASE}/matches/byContent", content=data, headers={"content-type": kind}, params=params)


def found(answer: Any) -> list[tuple[str, int]]:
    assert answer.status_code == 200, answer.text
    return [(one["manifestId"], one["similarityScore"]) for one in answer.json()["matches"]]


def test_a_file_without_its_manifest_is_given_it_back(doors: Doors, work: Work) -> None:
    client = doors.client()
    whole = [(work.label, 100)]
    for alg, value in ((ISCC, work.iscc), (MARKS["picture"], work.mark)):
        asked = {"alg": alg, "value": in_base64(value)}
        assert found(client.get(f"{BASE}/matches/byBinding", params=asked)) == whole
        assert found(client.post(f"{BASE}/matches/byBinding", json={**asked, "later": 1})) == whole
        assert found(by_content(client, work.stripped, alg=alg)) == whole
    assert found(by_content(client, work.stripped)) == whole
    assert found(by_content(client, work.file)) == whole
    assert found(by_content(client, work.saved("JPEG", quality=85), "image/jpeg")) == [(work.label, 90)]
    given = client.get(f"{BASE}/manifests/{work.label}", params={"returnActiveManifest": "true"})
    assert given.headers["content-type"] == "application/c2pa"
    assert given.headers["access-control-allow-origin"] == "*"
    assert given.content == work.manifest == client.get(f"{BASE}/manifests/{work.label}").content
    settings = {"trust": {"user_anchors": work.root}, "verify": {"verify_trust": True}}
    context = c2pa.Context(c2pa.Settings.from_dict(settings))
    with c2pa.Reader("image/png", io.BytesIO(work.file), manifest_data=given.content, context=context) as reader:
        assert reader.get_validation_state() == "Trusted"


def test_what_is_not_ours_matches_nothing(doors: Doors, work: Work) -> None:
    """A hint, which the caller found by means of their own, is looked up beside what is found here."""
    client = doors.client()
    strange = encode.png(texture(7, height=200, width=240))
    for alg in ({}, {"alg": MARKS["picture"]}):
        assert found(by_content(client, strange, **alg)) == []
    assert found(by_content(client, work.stripped, alg=MARKS["sound"])) == []
    hint = {"alg": ISCC, "hintAlg": MARKS["picture"], "hintValue": in_base64(work.mark)}
    assert found(by_content(client, strange, **hint)) == [(work.label, 100)]
    assert found(by_content(client, strange, **{**hint, "hintAlg": "com.adobe.trustmark.P"})) == []


def test_it_says_what_it_can_do_and_where(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    client = doors.client(base_url="http://house.example")
    answer = client.get("/.well-known/c2pa-soft-binding-resolution")
    told, headers = answer.json(), answer.headers
    assert (headers["access-control-allow-origin"], headers["cross-origin-resource-policy"]) == ("*", "cross-origin")
    assert told["apiEndpoint"] == "http://house.example/v1/c2pa"
    able = client.get(told["capabilitiesEndpoint"]).json()
    assert able == {
        "c2paSpecificationVersion": "2.4.0",
        "supportedCapabilities": ["queryByContent", "queryByReference"],
    }
    assert told["c2paSpecificationVersion"] == able["c2paSpecificationVersion"]
    assert client.get(told["statusEndpoint"]).json()["status"] == "ok"
    with monkeypatch.context() as patched:
        patched.setattr(doors.house, "sessions", db.sessions(create_engine("postgresql+psycopg://x@127.0.0.1:1/x")))
        assert client.get(told["statusEndpoint"]).json()["status"] == "down"
    marks = [{"alg": MARKS["picture"]}, {"alg": MARKS["sound"]}]
    assert client.get(f"{BASE}/services/supportedAlgorithms").json() == {
        "watermarks": marks,
        "fingerprints": [{"alg": ISCC}],
    }


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"alg": ISCC}, 400, "invalid-request"),
        ({"alg": ISCC, "value": "!!"}, 400, "bad-binding"),
        ({"alg": "com.adobe.trustmark.P", "value": "AAAA"}, 400, "unknown-algorithm"),
        ({"alg": ISCC, "value": in_base64("ISCC:EEAVOUHG2YBFKTLX"), "maxResults": "0"}, 400, "invalid-request"),
        ({"alg": ISCC, "value": "A" * 2001}, 414, "binding-too-long"),
    ],
)
def test_what_cannot_be_asked_has_the_specifications_status(
    doors: Doors, asked: dict[str, str], status: int, code: str
) -> None:
    answer = doors.client().get(f"{BASE}/matches/byBinding", params=asked)
    assert (answer.status_code, answer.json()["status"], answer.json()["type"]) == (status, status, f"/problems/{code}")


def test_what_is_no_file_and_no_manifest_is_refused(doors: Doors) -> None:
    client = doors.client()
    for data, kind, status, code in (
        (b"no picture", "image/png", 415, "asset-unknown"),
        (b"", "image/png", 415, "asset-unknown"),
        (b"--x--", "multipart/form-data; boundary=x", 415, "asset-unknown"),
    ):
        answer = by_content(client, data, kind)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}"), answer.text
    assert by_content(client, b"x", hintAlg=ISCC).json()["type"] == "/problems/bad-binding"
    assert by_content(client, b"x", alg="x").status_code == 400
    for label in ("urn:c2pa:none", "%00", "a" * 3000):
        assert client.get(f"{BASE}/manifests/{label}").status_code == 404
    assert client.delete(f"{BASE}/manifests/urn:c2pa:none").status_code == 405
    assert client.post(f"{BASE}/manifests", content=b"x").status_code == 404  # sealing alone stores any


def test_a_file_that_drips_in_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes_bindings, "MOST_SECONDS", 0.05)

    async def drip() -> dict[str, Any]:
        await anyio.sleep(0.005)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def receive() -> None:
        request = Request({"type": "http", "headers": [(b"content-type", b"image/png")]}, drip)
        with anyio.fail_after(5):
            async for _ in routes_bindings.sent(request):
                raise AssertionError("it never ends")

    with pytest.raises(AssetUnknown, match="did not come to its end"):
        anyio.run(receive)


def test_a_mark_is_not_tried_until_it_is_gone(doors: Doors, work: Work, tmp_path: Path) -> None:
    """Changed copies of one work become dear, as everywhere that files are asked about."""
    house, meter = doors.house, Meter(Buckets(), "somebody", Quota("default", 600))
    recovery = Recovery(house.sessions, house.tools, house.verifying, house.downloading, PUBLIC, meter, Hourly())
    file = tmp_path / "copy.jpg"
    for number in range(NEAR_COPIES):
        recovery.near_copies.count(work.id, str(number))
    for data, spent in ((work.file, 0), (work.saved("JPEG", quality=90), FURTHER_COSTS)):
        file.write_bytes(data)
        assert recovery.by_file(file, Wanted(None, None, 10))[0].manifest == work.label
        assert meter.spent == spent


def test_a_receipt_holds_for_its_manifest_and_these_bytes(doors: Doors, work: Work) -> None:
    """Anyone can check it by the published keys; a changed or foreign one is told as such."""
    client = doors.client()
    there = f"{BASE}/manifests/{work.label}/receipts"
    given = client.get(there).json()
    assert (given["@type"], given["verified"], "error" in given) == ("org.c2pa.manifest-receipt", True, False)
    assert given["repository"] == {"uri": f"{HERE}{BASE}", "manifestId": work.label}
    keys = client.get(given["anchor"]["parameters"]["keys"]).json()
    said = json.loads(verified(given["anchor"]["proof"]["value"], keys, typ=RECEIPT).payload)
    assert (said["manifestId"], said["sha256"]) == (work.label, hashlib.sha256(work.manifest).hexdigest())
    assert client.post(there, json=given).json() == given
    signer, now = doors.house.receipt_keys, doors.house.clock.now()
    for repository, proof, why in (
        (
            {**given["repository"], "manifestId": "urn:c2pa:other"},
            given["anchor"]["proof"]["value"],
            "another manifest",
        ),
        (given["repository"], "a.b.c", "does not hold"),
        (given["repository"], signer.sign(canonical.dumps({**said, "sha256": "0" * 64}), at=now), "other bytes"),
        (given["repository"], signer.sign(b"[]", at=now), "does not say"),
    ):
        anchor = {**given["anchor"], "proof": {"alg": "EdDSA", "value": proof}}
        answer = client.post(there, json={**given, "repository": repository, "anchor": anchor}).json()
        assert (answer["verified"], why in answer["error"]) == (False, True), answer
    assert client.post(there, json={**given, "@type": "receipt"}).status_code == 400
    assert client.get(f"{BASE}/manifests/urn:c2pa:none/receipts").status_code == 404
    signer.rotate(now)
    assert client.post(there, json=given).json()["verified"] is True


def test_a_file_elsewhere_is_downloaded(
    doors: Doors, work: Work, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From public addresses alone, and no more of it than was announced."""
    client = doors.client()
    asked = {"referenceUrl": "https://files.example/a.png", "assetLength": len(work.stripped)}
    refused = client.post(f"{BASE}/matches/byReference", json={**asked, "referenceUrl": "https://127.0.0.1/a.png"})
    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/address-refused")
    certificate = self_signed(tmp_path, "example.test")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr("core.fetching._trust", lambda: trusting)
    with receiving(ok(work.stripped, "Content-Type: image/png"), secure=server) as there:
        doors.house.network = there.network()

        def ask(**changes: Any) -> Any:
            said = {**asked, "referenceUrl": there.url("/a.png"), **changes}
            return client.post(f"{BASE}/matches/byReference", json=said, params={"alg": ISCC})

        assert found(ask(assetType="image/png")) == [(work.label, 100)]
        assert found(ask(region=[])) == [(work.label, 100)]
        for changes, code in (
            ({"assetType": "audio/wav"}, "bad-reference"),
            ({"assetLength": len(work.stripped) - 1}, "answer-too-large"),
            ({"assetLength": 1 << 30}, "invalid-request"),
            ({"referenceUrl": "http://files.example/a.png"}, "invalid-request"),
            ({"region": [{"type": "spatial"}]}, "bad-reference"),
        ):
            answer = ask(**changes)
            assert (answer.status_code, answer.json()["type"]) == (400, f"/problems/{code}"), answer.text
