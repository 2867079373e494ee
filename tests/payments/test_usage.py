"""Usage reports through their door: each line once, summed onto works, held or listed where it cannot be taken."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import select

from core import db
from core.errors import NotFound
from core.events import Event
from core.ids import new
from core.spool import Spooled
from creators.models import Creator, Person
from payments import tasks
from payments.usage import matches, reporting
from payments.usage.models import UsageLine, UsageReport
from payments.usage.reporting import Sent
from tests.doors import Doors
from tests.payments import made

CSV, NDJSON = "text/csv", "application/x-ndjson"
HEAD = "id,work,use,date,quantity,amount,asset\n"
UNKNOWN = f"sha256:{'ab' * 32}"


class Context:
    """What a task is given by the worker."""

    def __init__(self, doors: Doors) -> None:
        house = doors.house
        self.additional_context = {"sessions": house.sessions, "spool": house.spool, "clock": house.clock}


def send(client: Any, body: str | bytes, *, form: str = CSV, key: str = "k1") -> Response:
    content = body.encode() if isinstance(body, str) else body
    return client.post("/v1/usage", content=content, headers={"Idempotency-Key": key, "Content-Type": form})


@pytest.fixture
def work(doors: Doors) -> str:
    """A finished work of Bob Reed's, in Ada Marsh's style."""
    with db.unit(doors.house.sessions) as session:
        fan = made.person(session)
        given = made.license(session, fan=fan, licensor=made.creator(session))
        return made.work(session, fan=fan, parts=[(given, 1_000_000)])


@pytest.fixture
def label(doors: Doors) -> Person:
    return doors.world.fan("Label", credit="0")


def test_lines_are_taken_once_and_divided_by_the_works_program(doors: Doors, work: str, label: Person) -> None:
    client = doors.client(label, scopes=frozenset({"reports"}))
    body = HEAD + f"a,{work},stream,2026-01-05,100,12.34,USD\nb,{work},publish,2026-01,0,1000000,USD/6\n"
    answer = send(client, body)
    said = answer.json()
    assert answer.status_code == 201, said
    assert (said["lines"], said["taken"], said["held"], said["faulty"], said["duplicates"]) == (2, 2, 0, 0, 0)
    assert said["sums"] == [{"asset": "USD/6", "earned": 13_340_000, "waiting": 0}]
    assert said["rehearsal"] is True
    assert client.get(answer.headers["location"]).json() == said
    assert doors.world.entry_kinds(work).count("exploitation") == 1
    again = send(client, body, key="k2").json()
    assert (again["taken"], again["duplicates"]) == (0, 2)
    assert doors.world.entry_kinds(work).count("exploitation") == 1
    doors.world.assert_books_balance()


def by_hash(id: str, amount: int = 1_000_000) -> dict[str, Any]:
    """A line about a file that is no work's here."""
    said = {"id": id, "sha256": "ab" * 32, "use": "publish", "date": "2026-01-05", "quantity": 2}
    return {**said, "amount": amount, "asset": "USD/6"}


def as_lines(*said: Any) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in said)


def people(doors: Doors) -> tuple[str, str]:
    """The persons of the finished work: the creator whose style it is in, and who had it made."""
    with doors.house.sessions() as session:
        fan = session.scalars(select(Person.id).where(Person.name == "Bob Reed")).one()
        return session.scalars(select(Creator.person)).one(), fan


def test_the_same_key_is_the_same_report_and_other_content_is_refused(doors: Doors, work: str, label: Person) -> None:
    client = doors.client(label)
    body = HEAD + f"a,{work},publish,2026-01-05,1,1,USD\n"
    first = send(client, body).json()
    assert send(client, body).json() == first
    refused = send(client, body + "b,,,,,,\n")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/usage-key-reused")
    assert client.get("/v1/usage").json()["items"] == [first]
    assert doors.client(doors.world.fan("Eve", credit="0")).get(f"/v1/usage/{first['id']}").status_code == 404
    assert list(doors.house.spool.folder.iterdir()) == []


def test_faulty_lines_come_back_to_be_mended_and_sent_again(doors: Doors, work: str, label: Person) -> None:
    client = doors.client(label)
    rows = [f"=1+1,{work},publish,2026-99-05,1,1,USD", f"b,{work},publish,2026-01-05,1,1,USD", 'c,"', "d,\x00,x,,,,"]
    said = send(client, HEAD + "\r\n".join(rows)).json()
    assert (said["taken"], said["faulty"], said["faults_kept"]) == (1, 3, 3)
    faults = client.get(f"/v1/usage/{said['id']}/faults?limit=2")
    assert [(x["line"], x["field"]) for x in faults.json()["items"]] == [(2, "date"), (4, "line")]
    assert faults.json()["next"] is not None
    file = client.get(f"/v1/usage/{said['id']}/faults?format=file")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    found = list(csv.DictReader(io.StringIO(file.text)))
    assert [x["line"] for x in found] == ["2", "4", "5"]
    assert found[0]["id"] == "'=1+1"
    mended = send(client, file.text.replace("2026-99-05", "2026-01-05"), key="k2").json()
    assert (mended["taken"], mended["faulty"], mended["duplicates"]) == (1, 2, 0)
    taken = client.get(f"/v1/usage/{mended['id']}/lines?state=taken").json()["items"]
    assert [x["id"] for x in taken] == ["=1+1"]


def test_faulty_lines_of_objects_come_back_as_objects(doors: Doors, work: str, label: Person) -> None:
    client = doors.client(label)
    said = send(client, as_lines({**by_hash("a"), "use": "hum"}) + '{"id": \n', form=NDJSON).json()
    found = [json.loads(x) for x in client.get(f"/v1/usage/{said['id']}/faults?format=file").text.splitlines()]
    assert found[0]["use"] == "hum"
    assert "is no use" in found[0]["fault"]
    assert found[1]["raw"] == '{"id": '
    again = send(client, as_lines({**found[0], "use": "sell"}), form=NDJSON, key="k2").json()
    assert (again["held"], again["faulty"]) == (1, 0)


def test_held_lines_are_listed_and_taken_once_their_reporter_confirms(doors: Doors, work: str, label: Person) -> None:
    client, (ada, bob) = doors.client(label), people(doors)
    report = send(client, as_lines(by_hash("a"), by_hash("b", 500_000)), form=NDJSON).json()
    assert (report["held"], report["sums"][0]["waiting"], report["sums"][0]["earned"]) == (2, 1_500_000, 0)
    lines = client.get(f"/v1/usage/{report['id']}/lines").json()["items"]
    assert [(x["id"], x["reasons"], x["work"]) for x in lines] == [(n, ["unknown-work"], None) for n in ("a", "b")]
    sheet = client.get(f"/v1/usage/{report['id']}/lines?format=csv").text
    assert [x["amount"] for x in csv.DictReader(io.StringIO(sheet))] == ["1000000", "500000"]
    fan = doors.client(bob)
    held = fan.get("/v1/usage/held").json()["items"]
    assert [(x["reporter"], x["name"], x["reference"], x["lines"]) for x in held] == [(label.id, "Label", UNKNOWN, 2)]
    body = {"reporter": label.id, "reference": UNKNOWN, "work": work}
    match = fan.post("/v1/usage/matches", json=body).json()
    assert match["state"] == "open"
    assert fan.post("/v1/usage/matches", json=body).json() == match
    decision = f"/v1/usage/matches/{match['id']}/decision"
    assert fan.put(decision, json={"confirm": True}).status_code == 404
    assert client.get("/v1/usage/matches").json()["items"] == [match]
    assert client.put(decision, json={"confirm": True}).json()["state"] == "confirmed"
    after = client.get(f"/v1/usage/{report['id']}").json()
    assert (after["held"], after["taken"], after["sums"][0]["earned"]) == (0, 2, 1_500_000)
    assert fan.get("/v1/usage/held").json()["items"] == []
    assert client.put(decision, json={"confirm": False}).json()["type"] == "/problems/match-decided"
    later = send(client, as_lines(by_hash("c")), form=NDJSON, key="k2").json()
    assert (later["taken"], later["held"]) == (1, 0)
    for reader in (ada, bob):
        used = doors.client(reader).get(f"/v1/works/{work}/usage").json()
        assert used == [
            {"use": "publish", "lines": 3, "quantity": 6, "amount": {"amount": 2_500_000, "asset": "USD/6"}}
        ]
    assert client.get(f"/v1/works/{work}/usage").status_code == 404
    doors.world.assert_books_balance()


def test_only_a_works_people_say_what_is_theirs_and_only_of_what_is_held(
    doors: Doors, work: str, label: Person
) -> None:
    send(doors.client(label), as_lines(by_hash("a")), form=NDJSON)
    eve, body = doors.client(doors.world.fan("Eve", credit="0")), {"reporter": label.id, "reference": UNKNOWN}
    assert eve.post("/v1/usage/matches", json={**body, "work": work}).status_code == 404
    bob = doors.client(people(doors)[1])
    assert bob.post("/v1/usage/matches", json={**body, "work": new("wrk")}).status_code == 404
    other = bob.post("/v1/usage/matches", json={**body, "reference": f"sha256:{'cd' * 32}", "work": work})
    assert other.json()["type"] == "/problems/nothing-held-for"
    wrong = bob.post("/v1/usage/matches", json={**body, "reference": "isbn:1", "work": work})
    assert wrong.json()["type"] == "/problems/bad-usage-reference"


def test_what_the_reporter_or_staff_says_counts_at_once(doors: Doors, work: str, label: Person) -> None:
    client = doors.client(label, scopes=frozenset({"reports"}))
    send(client, as_lines(by_hash("a")), form=NDJSON)
    staff = doors.client(doors.world.fan("Desk", credit="0"), staff=True)
    body = {"reporter": label.id, "reference": UNKNOWN, "work": work}
    assert staff.post("/v1/usage/matches", json=body).json()["state"] == "confirmed"
    own = client.post("/v1/usage/matches", json={"reference": f"mark:{5:016x}", "work": work}).json()
    assert (own["state"], own["reporter"]) == ("confirmed", label.id)
    assert doors.world.entry_kinds(work).count("exploitation") == 1


def test_a_long_report_is_taken_in_the_background(
    doors: Doors, work: str, label: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "AT_ONCE", 2)
    monkeypatch.setattr(reporting, "PIECE_LINES", 3)
    monkeypatch.setattr(reporting, "TURN_SECONDS", -1.0)  # each job takes one piece
    client = doors.client(label)
    body = HEAD + "".join(f"l{n},{work},publish,2026-01-05,1,{n},USD\n" for n in range(7))
    answer = send(client, body)
    assert (answer.status_code, answer.json()["state"]) == (202, "taking")
    assert send(client, body).json() == answer.json()
    seen = []
    for _ in range(4):
        tasks.take_usage(Context(doors), answer.json()["id"])  # type: ignore[arg-type]
        seen.append(client.get(answer.headers["location"]).json()["lines"])
    assert seen == [3, 6, 7, 7]
    assert client.get(answer.headers["location"]).json()["state"] == "done"
    assert doors.world.entry_kinds(work).count("exploitation") == 3
    assert list(doors.house.spool.folder.iterdir()) == []


def test_what_was_left_alone_is_gone_on_with(
    doors: Doors, work: str, label: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "AT_ONCE", 2)
    monkeypatch.setattr(matches, "AT_ONCE", 1)
    client = doors.client(label)
    report = send(client, as_lines(*(by_hash(f"l{n}") for n in range(4))), form=NDJSON).json()
    deferred = []
    monkeypatch.setattr(doors.house.jobs, "defer", lambda _session, task, **said: deferred.append((task, said)))
    with db.unit(doors.house.sessions) as session:
        session.get_one(UsageReport, report["id"]).moved_at -= 2 * reporting.LEFT_ALONE
    tasks.resume_usage(Context(doors))  # type: ignore[arg-type]
    tasks.resume_usage(Context(doors))  # type: ignore[arg-type]
    assert deferred == [("payments:take-usage", {"report": report["id"]})]
    tasks.take_usage(Context(doors), report["id"])  # type: ignore[arg-type]
    match = client.post("/v1/usage/matches", json={"reference": UNKNOWN, "work": work}).json()
    assert deferred[1:] == [("payments:release-usage", {"match": match["id"], "report": report["id"], "number": 1})]
    monkeypatch.setattr(matches, "LEFT_ALONE", -matches.LEFT_ALONE)
    tasks.resume_usage(Context(doors))  # type: ignore[arg-type]
    assert deferred[2:] == [("payments:release-usage", {"match": match["id"]})]
    for _ in range(2):
        tasks.release_usage(Context(doors), match["id"])  # type: ignore[arg-type]
    after = client.get(f"/v1/usage/{report['id']}").json()
    assert (after["taken"], after["held"], after["sums"][0]["earned"]) == (4, 0, 4_000_000)
    assert doors.world.entry_kinds(work).count("exploitation") == 2


def test_what_a_reporter_called_lines_is_forgotten_with_them(
    doors: Doors, work: str, label: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = HEAD + "".join(f"buyer{n}@example.org,{work},publish,2026-01-05,1,1,USD\n" for n in range(3))
    report = send(doors.client(label), body, key="buyer0").json()
    monkeypatch.setattr(reporting, "PIECE_LINES", 2)
    with db.unit(doors.house.sessions) as session:
        reporting.forget(session, person=label.id)
    tasks.forget_usage(Context(doors), label.id)  # type: ignore[arg-type]
    with doors.house.sessions() as session:
        named = session.scalars(select(UsageLine.line_id).order_by(UsageLine.number)).all()
        assert named == [f"{report['id']}:{number}" for number in (2, 3, 4)]
        assert session.get_one(UsageReport, report["id"]).idempotency_key == report["id"]
    doors.world.assert_books_balance()


def test_nothing_is_taken_for_whoever_was_erased_while_it_was_on_its_way(
    doors: Doors, work: str, label: Person
) -> None:
    file = doors.house.spool.path("usg_x")
    file.parent.mkdir(exist_ok=True)
    file.write_text(HEAD + f"a,{work},publish,2026-01-05,1,1,USD\n")
    with db.unit(doors.house.sessions) as session:
        session.get_one(Person, label.id).erased_at = doors.house.clock.now()
    sent = Sent(label.id, "k1", "csv", Spooled(file, 1, 1, "ab" * 32), "rehearsal")
    with pytest.raises(NotFound):
        reporting.accept(doors.house.sessions, sent, id=new("usg"), at=doors.house.clock.now())
    assert not file.exists()
    assert doors.world.entry_kinds(work).count("exploitation") == 0


@pytest.mark.parametrize("left", [None, "", "id,"], ids=["gone", "empty", "cut"])
def test_a_report_whose_file_is_lost_fails_once_and_is_sent_again(
    doors: Doors, work: str, label: Person, monkeypatch: pytest.MonkeyPatch, left: str | None
) -> None:
    monkeypatch.setattr(reporting, "AT_ONCE", 1)
    client = doors.client(label)
    body = HEAD + "".join(f"l{n},{work},publish,2026-01-05,1,1,USD\n" for n in range(3))
    report = send(client, body).json()
    path = doors.house.spool.path(report["id"])
    path.unlink() if left is None else path.write_text(left)
    for _ in range(2):
        tasks.take_usage(Context(doors), report["id"])  # type: ignore[arg-type]
    after = client.get(f"/v1/usage/{report['id']}").json()
    assert (after["state"], after["taken"]) == ("failed", 0)
    assert "send it again" in after["reason"]
    with doors.house.sessions() as session:
        told = session.scalars(select(Event)).all()
        assert [(event.kind, event.people, event.data["report"]) for event in told] == [
            ("usage.failed", [label.id], report["id"])
        ]
    monkeypatch.undo()
    again = send(client, body, key="k2").json()
    assert (again["state"], again["taken"]) == ("done", 3)


@pytest.mark.parametrize(
    ("body", "form", "status", "problem"),
    [
        (HEAD, "application/json", 415, "wrong-media-type"),
        ("", CSV, 422, "empty-usage-file"),
        (HEAD, CSV, 422, "empty-usage-file"),
        ("", NDJSON, 422, "empty-usage-file"),
        ("id;work;use\n1;2;3\n", CSV, 422, "bad-header"),
        ("id,work\n".encode("utf-16"), CSV, 422, "bad-header"),
        (b"\x00" * 100, CSV, 422, "bad-header"),
        ("x" * 100_000, CSV, 422, "bad-header"),
    ],
)
def test_what_is_no_report_is_refused_and_leaves_nothing(
    doors: Doors, label: Person, body: Any, form: str, status: int, problem: str
) -> None:
    refused = send(doors.client(label), body, form=form)
    assert (refused.status_code, refused.json()["type"]) == (status, f"/problems/{problem}")
    assert doors.client(label).get("/v1/usage").json()["items"] == []
    assert not doors.house.spool.folder.exists() or list(doors.house.spool.folder.iterdir()) == []


def test_too_much_at_once_is_refused(doors: Doors, label: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = doors.client(label)
    monkeypatch.setattr(reporting, "MOST_LINES", 2)
    assert send(client, HEAD + ",\n" * 4).json()["type"] == "/problems/body-too-long"
    monkeypatch.setattr(doors.house.spool, "most_bytes", 10)
    assert send(client, HEAD + ",\n").status_code == 413
    monkeypatch.setattr(reporting, "UNFINISHED", 0)
    refused = send(client, HEAD)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    squeezed = client.post("/v1/usage", content=b"", headers={"Idempotency-Key": "k", "Content-Encoding": "gzip"})
    assert squeezed.status_code == 415
