"""Questions in bulk through the door: answered in order, a bad line alone, long ones in the background."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.settings import Limits
from app.webhooks.kinds import DATA
from attribution import registry
from core import db
from core.clock import FrozenClock
from core.errors import NotFound
from core.events import Event
from core.limits import Turns
from core.spool import Spooled
from creators.models import Person
from licensing import batches, lines, presented
from licensing.batch_routes import AT_ONCE, NDJSON
from licensing.models import AskedLine, Batch
from tests.conftest import copy
from tests.core.receivers import ok, receiving
from tests.doors import Doors
from tests.licensing.answering import run
from tests.licensing.test_verification_routes import Made

USE = {"use": "publish", "territory": "DE", "date": "2026-05-01"}


@pytest.fixture(scope="module")
def house(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with copy(server, template, f"batches_{template}") as url:
        doors = Doors(tmp_path_factory.mktemp("batches"), url)
        yield doors
        doors.close()


@pytest.fixture(scope="module")
def made(house: Doors) -> Made:
    return Made(house)


@pytest.fixture(scope="module")
def asker(house: Doors) -> Any:
    with db.unit(house.house.sessions):
        person = house.world.fan("Pia Form", credit="0")
    return house.client(person, scopes=frozenset({"verify"}))


def send(client: Any, *said: object, **headers: str) -> Any:
    body = b"".join(x if isinstance(x, bytes) else json.dumps(x).encode() + b"\n" for x in said)
    return client.post("/v1/verifications/batch", content=body, headers={"Content-Type": NDJSON, **headers})


def told(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_each_line_is_answered_in_order_as_if_it_were_asked_alone(house: Doors, made: Made, asker: Any) -> None:
    with db.unit(house.house.sessions) as session:
        row = registry.find(session, work=made.work)
        known = {"work": made.work, "sha256": made.sha256, "mark": f"{row.mark:016x}", "iscc": row.iscc}
    asked = [{"id": f"order-{kind}", kind: value, **USE} for kind, value in known.items()]
    asked.append({"id": "order-none", "sha256": "0" * 64, **USE})
    said = told(send(asker, *asked))
    assert [(x["id"], x["line"]) for x in said] == [(x["id"], i) for i, x in enumerate(asked, start=1)]
    alone = [
        house.client().post("/v1/verifications", json={k: v for k, v in x.items() if k != "id"}).json() for x in asked
    ]
    for line, one in zip(said, alone, strict=True):
        assert {**line["verdict"], "at": 0, "signed": 0} == {**one, "at": 0, "signed": 0}
    jwks = house.house.verdict_keys.jwks()
    signed = [presented.read(x["verdict"]["signed"], jwks, at=house.house.clock.now()).verdict for x in said]
    assert [x["permission"] for x in signed] == ["permit", "permit", "permit", "deny", "deny"]


def test_a_bad_line_gets_a_problem_and_keeps_no_other_waiting(asker: Any) -> None:
    fine = {"id": "fine", "sha256": "1" * 64}
    bad: list[Any] = [
        b"{\n",
        b"\xff\xfe\n",
        b"[]\n",
        b'{"id": "long", "sha256": "' + b"0" * (17 << 10) + b'"}\n',
        {"sha256": "0" * 64},
        {"id": "two", "sha256": "0" * 64, "work": "wrk_1"},
        {"id": "none"},
        {"id": "use", "sha256": "0" * 64, "use": "juggle"},
        {"id": "place", "sha256": "0" * 64, "use": "sell", "territory": "ZZ"},
        {"id": "more", "sha256": "0" * 64, "more": 1},
        {"id": "a b", "sha256": "0" * 64},
        {"id": "lost", "upload": "upl_00000000000000000000000000"},
    ]
    said = told(send(asker, fine, *bad, b"\n  \n", {**fine, "id": "last"}))
    assert [x["problem"] is None for x in said] == [True, *[False] * len(bad), True]
    assert [x["line"] for x in said] == [*range(1, len(bad) + 2), len(bad) + 4]
    assert [x["id"] for x in said][5:12] == [None, "two", "none", "use", "place", "more", "a b"]
    assert all(x["problem"]["type"].startswith("/problems/") and x["problem"]["detail"] for x in said[1:-1])


def test_an_id_names_one_question_for_a_day(house: Doors, made: Made, asker: Any) -> None:
    first = {"id": "same", "sha256": made.sha256, **USE}
    other = {**first, "territory": "FR"}
    said = told(send(asker, first, first, other))
    assert [x["problem"] is None for x in said] == [True, True, False]
    assert said[2]["problem"]["type"] == "/problems/line-id-reused"
    assert told(send(asker, first))[0]["verdict"]["permission"] == "permit"
    assert told(send(asker, other))[0]["problem"]["type"] == "/problems/line-id-reused"
    with db.unit(house.house.sessions) as session:
        mine = AskedLine.id == "same"
        session.scalars(select(AskedLine).where(mine)).one().at -= dt.timedelta(hours=25)
    assert told(send(asker, other))[0]["problem"] is None  # a day later it may name another


def test_files_of_a_batch_are_uploads_and_addresses(house: Doors, made: Made, asker: Any) -> None:
    with receiving(ok(made.data)) as there:
        house.house.network = there.network()
        said = told(send(asker, {"id": "there", "url": there.url("/a.png")}, {"id": "in", "url": "ftp://a.example/"}))
    assert said[0]["verdict"]["identification"] == "proven"
    assert said[1]["problem"]["type"] == "/problems/address-refused"


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", NDJSON, 422, "empty-batch"),
        (b"\n \n", NDJSON, 422, "empty-batch"),
        (b"{}", "application/json", 415, "wrong-media-type"),
        (b"{}", "application/x-www-form-urlencoded", 415, "wrong-media-type"),
    ],
    ids=["empty", "blank", "json", "form"],
)
def test_a_batch_that_is_none_is_refused(
    asker: Any, house: Doors, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = send(asker, body, **{"Content-Type": kind})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")
    assert not any(house.house.batches.folder.glob("*"))


def test_only_someone_with_the_right_may_ask_in_bulk(house: Doors) -> None:
    assert send(house.client(), {"id": "1", "sha256": "0" * 64}).status_code == 401
    other = house.client(house.world.fan("Nora Bell", credit="0"), scopes=frozenset({"reports"}))
    assert send(other, {"id": "1", "sha256": "0" * 64}).status_code == 403


def long(prefix: str, made: Made) -> list[dict[str, Any]]:
    return [{"id": f"{prefix}-{i}", "sha256": made.sha256, **USE} for i in range(AT_ONCE + 1)]


def ends(house: Doors, batch: str) -> list[dict[str, Any]]:
    """What whoever sent a batch was told of its end."""
    with house.house.sessions() as session:
        told = session.scalars(select(Event).where(Event.data["batch"].astext == batch)).all()
        for event in told:
            assert DATA[event.kind].model_validate(event.data).model_dump() == event.data
            assert event.people == [session.get_one(Batch, batch).asker]
        return [dict(event.data) for event in told]


def test_a_long_batch_is_answered_in_the_background(house: Doors, made: Made, asker: Any) -> None:
    taken = send(asker, *long("long", made))
    assert taken.status_code == 202
    id, where = taken.json()["id"], taken.headers["Location"]
    assert asker.get(where).json()["state"] == "queued"
    assert asker.get(f"{where}/answers").json()["type"] == "/problems/not-answered"
    assert house.client(house.world.fan("Nora Bell", credit="0")).get(where).status_code == 404
    run(house, id)
    done = asker.get(where).json()
    assert (done["state"], done["answered"], done["answers"]) == ("done", AT_ONCE + 1, f"{where}/answers")
    said = told(asker.get(done["answers"]))
    assert [x["id"] for x in said] == [x["id"] for x in long("long", made)]
    assert {x["verdict"]["permission"] for x in said} == {"permit"}
    assert asker.get("/v1/verifications/batches").json()["items"][0]["id"] == id
    run(house, id)  # twice is once
    assert asker.get(where).json()["finished_at"] == done["finished_at"]
    said_of_it = {"batch": id, "state": "done", "answered": AT_ONCE + 1, "answers": f"{where}/answers", "reason": None}
    assert ends(house, id) == [said_of_it]


def test_a_batch_that_was_left_alone_is_begun_anew_and_whoever_was_slower_stops(
    house: Doors, made: Made, asker: Any
) -> None:
    id = send(asker, *long("alone", made)).json()["id"]
    home = house.house
    with db.unit(home.sessions) as session:
        row = session.get_one(Batch, id)
        row.state, row.attempt = "answering", 1  # somebody began, and was killed
    run(house, id)
    assert asker.get(f"/v1/verifications/batches/{id}").json()["state"] == "answering"  # perhaps still at it
    later = FrozenClock(home.clock.now() + batches.ALONE + dt.timedelta(seconds=1))
    with db.unit(home.sessions) as session:
        batches.tend(session, spool=home.batches, at=later.now())
    slow = Batch(id=id, attempt=1)
    home.clock, now = later, home.clock
    try:
        run(house, id)
    finally:
        home.clock = now
    assert asker.get(f"/v1/verifications/batches/{id}").json()["state"] == "done"
    assert not batches._end(home.sessions, slow, state="failed", answered=0, at=later.now(), reason="late")
    assert [said["state"] for said in ends(house, id)] == ["done"]


def test_a_cancelled_batch_stays_cancelled_and_old_ones_go(house: Doors, made: Made, asker: Any) -> None:
    home = house.house
    id = send(asker, *long("ended", made)).json()["id"]
    assert asker.delete(f"/v1/verifications/batches/{id}").json()["state"] == "cancelled"
    run(house, id)
    assert asker.get(f"/v1/verifications/batches/{id}").json()["state"] == "cancelled"
    with db.unit(home.sessions) as session:
        batches.tend(session, spool=home.batches, at=home.clock.now() + dt.timedelta(hours=1))
    assert not home.batches.path(id).exists()
    with db.unit(home.sessions) as session:
        batches.tend(session, spool=home.batches, at=home.clock.now() + batches.KEPT + dt.timedelta(days=1))
    assert asker.get(f"/v1/verifications/batches/{id}").status_code == 404


def test_a_batch_that_fails_each_time_is_given_up(house: Doors, made: Made, asker: Any) -> None:
    id = send(asker, *long("broken", made)).json()["id"]
    with db.unit(house.house.sessions) as session:
        session.get_one(Batch, id).attempt = batches.MOST_ATTEMPTS
    run(house, id)
    failed = asker.get(f"/v1/verifications/batches/{id}").json()
    assert (failed["state"], failed["answers"]) == ("failed", None)
    assert asker.get(f"/v1/verifications/batches/{id}/answers").json()["type"] == "/problems/batch-failed"
    assert [said["state"] for said in ends(house, id)] == ["failed"]


def test_lines_about_files_wait_their_turn(house: Doors, asker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.house, "downloading", Turns(0, queue=0, seconds=0.01))
    said = told(send(asker, {"id": "busy", "url": "https://example.org/a.png"}))
    assert said[0]["problem"]["type"] == "/problems/all-busy"


def test_reading_is_bounded_whatever_a_line_holds(tmp_path: Any) -> None:
    file = tmp_path / "lines"
    file.write_bytes(b"x" * (5 << 20) + b'\n{"id": "1", "sha256": "' + b"0" * 64 + b'"}\n')
    with file.open("rb") as opened:
        found = list(lines.read(opened))
    assert [(x.number, x.id) for x in found] == [(1, None), (2, "1")]


def test_whoever_leaves_takes_their_questions_along(house: Doors, made: Made) -> None:
    with db.unit(house.house.sessions):
        person = house.world.fan("Lia Gone", credit="0")
    client = house.client(person, scopes=frozenset({"verify"}))
    id = send(client, *long("gone", made)).json()["id"]
    told(send(client, {"id": "gone", "sha256": "0" * 64}))
    with db.unit(house.house.sessions) as session:
        batches.forget(session, asker=person.id)
        lines.forget_asker(session, asker=person.id)
        assert session.get(Batch, id) is None
        assert session.scalar(select(AskedLine).where(AskedLine.asker == person.id)) is None
        kept = batches.names(session)
    home = house.house
    home.batches.sweep(keep=kept, at=home.clock.now() + dt.timedelta(hours=2))
    assert not home.batches.path(id).exists()
    with db.unit(home.sessions) as session:  # one that was on its way meanwhile
        session.get_one(Person, person.id).erased_at = home.clock.now()
        session.flush()
        late = Spooled(home.batches.path("late"), 1, 1, "")
        with pytest.raises(NotFound):
            batches.take(session, id="bat_late", asker=person.id, body=late, at=home.clock.now())


def test_what_names_half_a_letter_spoils_no_other_line(asker: Any) -> None:
    fine = {"id": "whole", "sha256": "1" * 64}
    said = told(send(asker, b'{"id": "\\ud800", "sha256": 1}\n', b'{"id": "\\ud83d\\ude00", "x": 1}\n', fine))
    assert [x["id"] for x in said] == [None, "\U0001f600", "whole"]
    assert [x["problem"] is None for x in said] == [False, False, True]


def test_answers_before_a_file_do_not_wait_for_it() -> None:
    asked: list[str] = []

    class Recording:
        """Says who was asked when, and knows no ids."""

        def named(self, questions: Any) -> list[str]:
            asked.extend(x.name.value[:1] for x in questions)
            return ["known"] * len(questions)

        def answer(self, question: Any) -> str:
            asked.append("file")
            if question.url.endswith("/gone"):
                raise FileNotFoundError
            return "seen"

    body = [{"sha256": "1" * 64}, {"sha256": "2" * 64}, {"url": "https://a.example/"}, {"sha256": "3" * 64}]
    body.append({"url": "https://a.example/gone"})
    read = [lines._line(i, json.dumps({"id": str(i), **x}).encode()) for i, x in enumerate(body)]
    found = []
    for some in lines._answers(Recording(), read, lambda *_: None):  # type: ignore[arg-type]
        found.append([x.answer for x in some])
        asked.append("told")
    assert found == [["known", "known"], ["seen"], ["known"], [None]]
    assert asked == ["1", "2", "told", "file", "told", "3", "told", "file", "told"]


def test_a_minutes_units_bound_the_files_of_a_batch(
    server: str, template: str, tmp_path: Any, house: Doors, asker: Any
) -> None:
    from licensing.batch_routes import MOST_FILES

    url = [{"id": str(i), "url": "ftp://a.example/"} for i in range(MOST_FILES + 1)]
    assert send(asker, *url).json()["type"] == "/problems/too-many-files"
    with copy(server, template, f"files_{template}") as database:
        doors = Doors(tmp_path, database, limits=Limits(per_minute=100, anonymous_per_minute=100))
        client = doors.client(doors.world.fan("Ida Few", credit="0"), scopes=frozenset({"verify"}))
        few = [b'{"id": "%d", "\\u0075rl": "ftp://a.example/"}\n' % i for i in range(11)]  # a name may be escaped
        refused = send(client, *few)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/too-many-files")
        assert not any(doors.house.batches.folder.glob("*"))
        paid = send(client, few[0])
        assert "r=8" in paid.headers["RateLimit"]
        doors.close()
