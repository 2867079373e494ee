"""Questions in JSON, by codes and addresses; and the signature that every answer carries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from attribution import registry
from core import db
from licensing import presented
from tests.core.receivers import ok, receiving
from tests.doors import Doors
from tests.licensing.test_verification_routes import TODAY, Made, ask


@pytest.fixture
def made(doors: Doors) -> Made:
    return Made(doors)


def test_a_question_in_json_is_answered_like_one_in_a_form(doors: Doors, made: Made) -> None:
    with db.unit(doors.house.sessions) as session:
        row = registry.find(session, work=made.work)
        known = {"work": made.work, "sha256": made.sha256, "mark": f"{row.mark:016X}", "iscc": row.iscc}
    asked = {"use": "publish", "territory": "de", "date": TODAY}
    for kind, value in known.items():
        by_json = doors.client().post("/v1/verifications", json={kind: value, **asked}).json()
        by_form = ask(doors.client(), **{kind: value}, **asked).json()
        assert by_json["work"] == made.work, kind
        assert by_json["asked"]["by"] == kind
        assert {**by_json, "at": 0, "signed": 0} == {**by_form, "at": 0, "signed": 0}


def test_an_iscc_says_which_work_it_may_be_and_allows_nothing(doors: Doors, made: Made) -> None:
    with db.unit(doors.house.sessions) as session:
        iscc = registry.find(session, work=made.work).iscc
    said = doors.client().post("/v1/verifications", json={"iscc": iscc, "use": "publish", "territory": "DE"}).json()
    assert (said["identification"], said["standing"], said["permission"]) == ("named", "licensed", "deny")
    assert [x["code"] for x in said["reasons"]] == ["low-confidence"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'{"work": 1}', 422),
        (b'{"sha256": "zz"}', 422),
        (b'{"mark": "1"}', 422),
        (b'{"iscc": "ISCC:!"}', 422),
        (b'{"sha256": "%s", "more": 1}' % (b"0" * 64), 422),
        (b'{"sha256": "%s", "use": "juggle"}' % (b"0" * 64), 422),
        (b'{"sha256": "%s", "use": "sell", "territory": "ZZ"}' % (b"0" * 64), 422),
        (b'{"sha256": "%s", "work": "wrk_1"}' % (b"0" * 64), 422),
        (b'{"sha256": "%s", "nonce": "\\u0000"}' % (b"0" * 64), 422),
        (b'{"mark": "ffffffffffffffff"}', 200),
    ],
)
def test_a_bad_question_in_json_is_a_problem(doors: Doors, body: bytes, status: int) -> None:
    answer = doors.client().post("/v1/verifications", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert status == 200 or answer.json()["detail"]


def test_the_answer_is_signed_and_says_the_same(doors: Doors, made: Made) -> None:
    asked = {"sha256": made.sha256, "use": "publish", "territory": "DE", "date": TODAY, "nonce": "n-1"}
    said = doors.client().post("/v1/verifications", json=asked).json()
    jwks = doors.client().get("/.well-known/jwks.json").json()
    found = presented.read(said["signed"], jwks, at=doors.house.clock.now())
    verdict = found.verdict
    for name in ("identification", "standing", "permission", "work", "changed", "payable", "income", "terms"):
        assert verdict[name] == said[name], name
    assert verdict["confidence_ppm"] == round(said["confidence"] * 1_000_000)
    assert verdict["subject"] == {"by": "sha256", "sha256": made.sha256}
    assert (verdict["nonce"], verdict["exp"] - verdict["iat"]) == ("n-1", 86_400)
    assert verdict["asked"] == {"use": "publish", "medium": "picture", "territory": "DE", "date": TODAY}
    assert "Bob Reed" not in found.document().__repr__()  # a signature outlasts an erasure


def test_a_file_at_an_address_is_fetched_and_one_inside_is_not(doors: Doors, made: Made) -> None:
    """And while it is fetched others' files are decoded: however slow its server is, it holds no turn."""

    def slow() -> Iterator[bytes]:
        with doors.house.verifying.turn(), doors.house.verifying.turn():  # all that there are
            yield ok(made.data)

    with receiving(slow(), ok(b"no picture")) as there:
        inside = {"url": f"http://127.0.0.1:{there.port}/work.png", "use": "publish", "territory": "DE"}
        refused = doors.client().post("/v1/verifications", json=inside)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/address-refused")
        assert there.asked == []
        doors.house.network = there.network()
        outside = {**inside, "url": there.url("/work.png")}
        said = doors.client().post("/v1/verifications", json=outside).json()
        assert (said["identification"], said["work"], said["asked"]["by"]) == ("proven", made.work, "url")
        verdict = presented.read(said["signed"], doors.house.verdict_keys.jwks(), at=doors.house.clock.now()).verdict
        assert verdict["subject"] == {"by": "url", "sha256": made.sha256, "url": outside["url"]}
        assert doors.client().post("/v1/verifications", json=outside).status_code == 422  # what is there is no picture
