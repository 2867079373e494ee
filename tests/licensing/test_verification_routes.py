"""Questions about files through the door: by file, by number and by hash; strangers see no figure to climb on."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog
from PIL import Image
from sqlalchemy import event, select

from app.settings import Limits
from attribution import registry
from attribution.recovery import NEAR_COPIES
from attribution.verify import Looking, Seen
from core import db, encode, ids, jail
from core.decode import picture_of
from core.limits import Turns
from creators import erasing
from creators.models import Asset
from licensing import licenses
from tests import hostile
from tests.conftest import copy
from tests.doors import Doors
from tests.fakes import texture
from tests.licensing import sealed

TODAY = "2026-05-01"


class Made:
    """One finished work with its file, and who made and licensed it."""

    def __init__(self, doors: Doors, **terms: object) -> None:
        self.doors = doors
        with db.unit(doors.house.sessions) as session:
            studio = doors.world.studio
            offer = doors.world.artist(**terms)
            fan = doors.world.fan("Bob Reed", credit="0")
            self.license = licenses.grant(session, offer=offer.id, licensee=fan.id, at=doors.world.now)
            self.file: Path = sealed.record(session, studio, self.license)
        self.data = self.file.read_bytes()
        self.work = self.file.stem

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def samples(self) -> str:
        return picture_of(self.data).sha256  # sealing has marked them

    def saved(self, kind: str = "JPEG", **options: object) -> bytes:
        """The work's picture, saved anew by somebody."""
        out = io.BytesIO()
        with Image.open(self.file) as image:
            image.convert("RGB").save(out, kind, **options)
        return out.getvalue()


@pytest.fixture(scope="module")
def house(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with copy(server, template, f"questions_{template}") as url:
        doors = Doors(tmp_path_factory.mktemp("questions"), url)
        yield doors
        doors.close()


@pytest.fixture(scope="module")
def made(house: Doors) -> Made:
    """For tests that only ask. It is the one work of their house."""
    return Made(house)


@pytest.fixture
def apart(doors: Doors) -> Made:
    """In a house of the test's own, for those that change something or count."""
    return Made(doors)


def ask(client: Any, file: bytes | None = None, **fields: str) -> Any:
    files = {"file": ("work.png", file)} if file is not None else {}
    return client.post("/v1/verifications", data=fields, files=files or {"": ("", b"")})


def test_a_sealed_file_is_proven_and_licensed(house: Doors, made: Made) -> None:
    answer = ask(house.client(), made.data, use="publish", territory="de", date=TODAY)
    said = answer.json()
    assert answer.status_code == 200
    assert (said["identification"], said["standing"], said["permission"]) == ("proven", "licensed", "permit")
    assert (said["work"], said["changed"]) == (made.work, False)
    assert said["licensee"] == {"name": "Bob Reed"}
    assert said["asked"] == {
        "by": "file", "use": "publish", "medium": "picture", "territory": "DE", "date": TODAY,
    }  # fmt: skip
    assert said["house"]["name"] == "Homage"
    assert said["at"].endswith("Z")


def test_without_a_use_only_the_standing_is_answered(house: Doors, made: Made) -> None:
    said = ask(house.client(), made.data).json()
    assert (said["standing"], said["permission"]) == ("licensed", None)
    assert said["asked"] == {"by": "file", "use": None, "medium": None, "territory": None, "date": None}


def test_a_use_that_is_not_licensed_is_denied_with_the_clause(house: Doors, made: Made) -> None:
    said = ask(house.client(), made.data, use="train", territory="DE", date=TODAY).json()
    assert (said["standing"], said["permission"]) == ("licensed", "deny")
    assert [x["code"] for x in said["reasons"]] == ["training-reserved"]


@pytest.mark.parametrize("said", ["{work}", " {work} ", "https://homage.example/works/{work}", "/works/{work}/?a=1#b"])
def test_a_number_or_the_address_of_its_page_is_answered_from_the_record(house: Doors, made: Made, said: str) -> None:
    answer = ask(house.client(), work=said.format(work=made.work), use="publish", territory="DE", date=TODAY).json()
    assert (answer["identification"], answer["standing"], answer["permission"]) == ("named", "licensed", "permit")
    assert answer["changed"] is None
    assert "no file was shown" in answer["evidence"][0]["detail"]
    assert answer["asked"]["by"] == "work"


def test_the_hash_of_the_sealed_file_or_of_its_samples_names_it(house: Doors, made: Made) -> None:
    by_file = ask(house.client(), sha256=made.sha256.upper()).json()
    assert (by_file["identification"], by_file["work"], by_file["changed"]) == ("recovered", made.work, False)
    by_samples = ask(house.client(), sha256=made.samples).json()
    assert (by_samples["identification"], by_samples["work"], by_samples["changed"]) == ("recovered", made.work, None)
    assert "not shown" in by_samples["evidence"][0]["detail"]


def test_a_registered_originals_samples_are_known_and_unlicensed(house: Doors, made: Made) -> None:
    with house.house.sessions() as session:
        original = session.scalars(select(Asset)).one()
    said = ask(house.client(), sha256=original.samples_sha256, use="publish").json()
    assert (said["identification"], said["standing"], said["permission"]) == ("matched", "unlicensed", "deny")


def test_what_is_not_recorded_is_unknown(house: Doors, made: Made) -> None:
    for asked in ({"work": ids.new("wrk")}, {"sha256": "0" * 64}, {"file": encode.png(texture(7))}):
        said = ask(house.client(), **asked).json()  # type: ignore[arg-type]
        assert (said["identification"], said["standing"], said["work"]) == ("none", "unknown", None)


def test_after_a_revocation_file_number_and_hash_all_say_withdrawn(doors: Doors, apart: Made) -> None:
    with db.unit(doors.house.sessions) as session:
        licenses.revoke(
            session, license=apart.license.id, by=apart.license.licensor, reason="broken terms", at=doors.world.now
        )
    for asked in ({"file": apart.data}, {"work": apart.work}, {"sha256": apart.sha256}):
        said = ask(doors.client(), **asked, use="publish").json()  # type: ignore[arg-type]
        assert (said["standing"], said["permission"]) == ("withdrawn", "deny")
    claim = doors.client().get(f"/v1/claims/{apart.work}").json()
    assert claim["standing"] == "withdrawn"
    assert claim["withdrawn_reason"] is not None


def test_only_staff_see_a_score_since_anyone_can_make_a_key(house: Doors, made: Made) -> None:
    small = made.saved(quality=60)
    stranger = ask(house.client(), small).json()
    person = house.world.fan("Eve Lund", credit="0")
    staff = ask(house.client(person, staff=True), small).json()
    assert stranger["identification"] == "recovered"
    assert stranger["confidence"] == round(stranger["confidence"], 2) <= staff["confidence"]
    told, known = (next(x for x in said["evidence"] if x["layer"] == "fingerprint") for said in (stranger, staff))
    assert not any(c.isdigit() for c in told["detail"])
    assert re.search(r"texture agrees to \d\.", known["detail"])
    for client in (house.client(person), house.client(person, scopes=frozenset({"verify"}))):
        said = ask(client, small).json()
        assert (said["confidence"], said["evidence"]) == (stranger["confidence"], stranger["evidence"])


def test_many_changed_copies_of_one_work_are_answered_coarsely_cost_more_and_are_logged(
    tmp_path: Path, database: str
) -> None:
    doors = Doors(tmp_path, database, Limits(anonymous_per_minute=80))
    made = Made(doors)
    for number in range(NEAR_COPIES):
        doors.house.near_copies.count(made.work, f"a copy, {number}")
    assert ask(doors.client(), made.data).json()["confidence"] == 0.99  # the work as it was sealed is none
    copy = made.saved(quality=50)
    staff = doors.client(doors.world.fan("Eve Lund", credit="0"), staff=True)
    assert ask(staff, copy).json()["confidence"] > 0.9  # staff are shown all, and are not counted
    with structlog.testing.capture_logs() as logged:
        answer = ask(doors.client(), copy, use="publish", territory="DE", date=TODAY)
    said = answer.json()
    assert (said["work"], said["permission"], said["confidence"]) == (made.work, "permit", 0.9)
    assert {(x["confidence"], x["detail"]) for x in said["evidence"]} == {(0.9, "too often asked about to say more")}
    about = {"work": made.work, "count": NEAR_COPIES + 1, "log_level": "warning"}
    assert [x for x in logged if x["event"].startswith("many changed copies")] == [
        {"event": "many changed copies of a work are asked about", **about}
    ]
    refused = ask(doors.client(), made.saved(quality=40))  # it costs 50
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
    assert int(refused.headers["retry-after"]) > 0
    doors.close()


@pytest.mark.parametrize("data", ["work", "no picture", "crash"])
def test_nothing_of_a_file_stays_whatever_becomes_of_it(
    house: Doors, made: Made, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answered, refused, or the end of the child that reads it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    ask(house.client(), sha256="0" * 64)  # the first answer of all makes the key that signs
    before = {path for path in house.root.rglob("*") if path.is_file()}
    file = {"work": made.data, "no picture": bytes(2 << 20), "crash": made.data}[data]
    if data == "crash":
        monkeypatch.setattr(jail, "_BOOT", "import os; os.abort()")
    answer = ask(house.client(), file)
    assert answer.status_code == (200 if data == "work" else 422)
    assert {path for path in house.root.rglob("*") if path.is_file()} == before
    assert list(folder.iterdir()) == []
    assert open_files(folder) == []


@pytest.mark.parametrize("name", ["profile-bomb.png", "ten-hours.flac", "boxes-nested.png", "nan.wav"])
def test_a_file_made_to_harm_is_answered_or_refused_and_the_house_goes_on(house: Doors, name: str) -> None:
    answer = ask(house.client(), hostile.corpus()[name])
    assert answer.status_code in (200, 413, 422)
    if answer.status_code > 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert "\n" not in answer.json()["detail"]
    assert house.client().get("/v1/house").status_code == 200


def open_files(folder: Path) -> list[str]:
    """What this process still holds open there, files without a name too."""
    held = []
    for number in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one by which this folder was read
            held.append(str(number.readlink()))
    return [name for name in held if name.startswith(str(folder))]


def test_confidence_is_rounded_down(house: Doors, made: Made) -> None:
    assert ask(house.client(), made.data).json()["confidence"] == 0.99


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "unclear-question"),
        ({"work": "wrk_" + "0" * 26, "sha256": "0" * 64}, "unclear-question"),
        ({"work": "a painting"}, "unclear-question"),
        ({"work": "https://[homage"}, "unclear-question"),
        ({"work": "https://homage.example/styles/sty_" + "0" * 26}, "unclear-question"),
        ({"work": "wrk_\x00"}, "unclear-question"),
        ({"work": "x" * 501}, "invalid-request"),
        ({"sha256": "0" * 63}, "invalid-request"),
        ({"sha256": "0" * 64, "use": "look"}, "bad-question"),
        ({"sha256": "0" * 64, "medium": "smell"}, "bad-question"),
        ({"sha256": "0" * 64, "territory": "XX"}, "bad-question"),
        ({"sha256": "0" * 64, "date": "tomorrow"}, "invalid-request"),
        ({"sha256": "0" * 64, "date": "1"}, "invalid-request"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(house: Doors, fields: dict[str, str], problem: str) -> None:
    answer = ask(house.client(), **fields)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}")


def test_two_things_at_once_are_one_too_many(house: Doors, made: Made) -> None:
    assert ask(house.client(), made.data, sha256="0" * 64).json()["type"] == "/problems/unclear-question"


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_picture_is_refused_by_its_own_name(house: Doors, data: bytes) -> None:
    answer = ask(house.client(), data)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/undecodable")
    assert answer.json()["detail"].startswith("work.png")


def test_a_plain_form_without_a_file_is_taken(house: Doors, made: Made) -> None:
    answer = house.client().post("/v1/verifications", data={"work": made.work})
    assert answer.json()["identification"] == "named"


def test_no_transaction_is_open_while_a_file_is_decoded(
    house: Doors, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_then: list[int] = []
    real = Looking.result

    def result(self: Looking) -> Seen:
        seen = real(self)
        open_then.append(house.house.engine.pool.checkedout())  # type: ignore[attr-defined]
        return seen

    monkeypatch.setattr(Looking, "result", result)
    ask(house.client(), made.data)
    assert open_then == [0]


def test_a_question_by_hash_asks_the_database_few_times(doors: Doors, apart: Made) -> None:
    client, asked = doors.client(), []
    event.listen(doors.house.engine, "before_cursor_execute", lambda *x: asked.append(x[2]))
    assert ask(client, sha256=apart.sha256).json()["standing"] == "licensed"
    assert len(asked) <= 4, asked  # claim, license, style, whether anyone named was erased


def test_when_others_are_being_served_one_waits_and_is_then_told_when_to_come_back(
    house: Doors, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(1, queue=0, seconds=0.1)
    monkeypatch.setitem(vars(house.house), "verifying", turns)
    with turns.turn():
        refused = ask(house.client(), made.data)
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/all-busy")
        assert refused.headers["retry-after"] == "1"
        assert ask(house.client(), work=made.work).status_code == 200  # asking without a file needs no turn
    assert ask(house.client(), made.data).status_code == 200


def test_many_ask_at_once_and_all_are_answered(house: Doors, made: Made) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(ask(house.client(), made.data).status_code)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [200] * 6


def test_a_claim_is_public_as_it_was_recorded(house: Doors, made: Made) -> None:
    answer = house.client().get(f"/v1/claims/{made.work}").json()
    with house.house.sessions() as session:
        row = registry.find(session, work=made.work)
    assert answer["claim"] == {**row.document, "training": "", "reworks": None, "voice": False}
    assert (answer["file_sha256"], answer["standing"], answer["reasons"]) == (made.sha256, "licensed", [])


@pytest.mark.parametrize("id", ["wrk_" + "0" * 26, "wrk_x", "sty_" + "0" * 26])
def test_there_is_no_claim_of_what_was_never_finished(house: Doors, id: str) -> None:
    answer = house.client().get(f"/v1/claims/{id}")
    assert answer.status_code == 404


def test_who_was_erased_is_named_no_more(doors: Doors, apart: Made) -> None:
    with db.unit(doors.house.sessions) as session:
        erasing.forget(session, person=apart.license.licensee, at=doors.world.now)
    assert ask(doors.client(), work=apart.work).json()["licensee"] == {"name": erasing.NOBODY}
    claim = doors.client().get(f"/v1/claims/{apart.work}").json()["claim"]
    assert claim["licensee_name"] == erasing.NOBODY
    assert claim["licenses"][0]["licensor_name"] == "Ada Marsh"
