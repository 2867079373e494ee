"""Money through the doors: what is paid becomes credit once, everyone reads their own accounts, reports divide."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select

from core import db
from creators.models import Creator, Person
from payments.models import Charge, Entry
from tests.doors import Doors

TWENTY = {"amount": 20_000_000, "asset": "USD/6"}
EARNED = {"amount": 12_340_000, "asset": "USD/6"}


def pay(client: Any, amount: dict[str, object] = TWENTY, key: str = "k1") -> Response:
    return client.post("/v1/checkouts", json={"amount": amount}, headers={"Idempotency-Key": key})


def people(doors: Doors) -> tuple[Creator, Person]:
    """The creator and the fan of the finished work."""
    with doors.house.sessions() as session:
        fan = session.scalars(select(Person).where(Person.name == "Bob Reed")).one()
        return session.scalars(select(Creator)).one(), fan


def report(client: Any, work: str, key: str = "k1", **changes: object) -> Response:
    body = {"work": work, "amount": EARNED, "reference": "may/1", **changes}
    return client.post("/v1/reports", json=body, headers={"Idempotency-Key": key})


@pytest.fixture
def bob(doors: Doors) -> Person:
    return doors.world.fan(credit="0")


@pytest.fixture
def work(doors: Doors) -> str:
    """A finished work: 5.00 paid, divided half and half when it earns."""
    offer = doors.world.artist(royalty_ppm=500_000, fan_ppm=400_000)
    placed = doors.world.place(doors.world.order(doors.world.fan("Bob Reed"), offer))
    assert doors.world.make_all() == ["done"]
    return placed.id


def test_a_top_up_becomes_credit_and_says_that_it_is_rehearsed(doors: Doors, bob: Person) -> None:
    answer = pay(doors.client(bob))
    said = answer.json()
    assert answer.status_code == 201
    assert (said["state"], said["amount"], said["processor"]) == ("succeeded", TWENTY, "rehearsal")
    assert said["rehearsal"] is True
    assert answer.headers["location"] == f"/v1/checkouts/{said['id']}"
    assert doors.client(bob).get(answer.headers["location"]).json() == said
    assert doors.client(bob).get("/v1/balances").json()[0]["balance"] == TWENTY


def test_the_same_key_gives_the_same_top_up_and_charges_once(doors: Doors, bob: Person) -> None:
    client = doors.client(bob)
    assert pay(client).json() == pay(client).json()
    assert doors.house.processor.charged.amount == TWENTY["amount"]  # type: ignore[attr-defined]
    assert doors.world.balance(f"credit:{bob.id}") == TWENTY["amount"]


def test_a_key_used_for_another_amount_is_refused(doors: Doors, bob: Person) -> None:
    pay(doors.client(bob))
    refused = pay(doors.client(bob), {**TWENTY, "amount": 30_000_000})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/charge-key-reused")
    assert doors.world.balance(f"credit:{bob.id}") == TWENTY["amount"]


def test_without_a_key_nothing_is_charged_and_the_words_say_what_is_missing(doors: Doors, bob: Person) -> None:
    refused = doors.client(bob).post("/v1/checkouts", json={"amount": TWENTY})
    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.json()["detail"]
    with doors.house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Charge)) == 0


@pytest.mark.parametrize(
    "amount",
    [
        {"amount": 0, "asset": "USD/6"},
        {"amount": -20_000_000, "asset": "USD/6"},
        {"amount": 20_000_001, "asset": "USD/6"},
        {"amount": 100_000_010_000, "asset": "USD/6"},
        {"amount": 10**30, "asset": "USD/6"},
        {"amount": 20_000_000.0, "asset": "USD/6"},
        {"amount": "20000000", "asset": "USD/6"},
        {"amount": True, "asset": "USD/6"},
        {"amount": 20_000_000, "asset": "EUR/6"},
        {"amount": 20_000_000, "asset": "USD/6", "discount": 1},
        20,
    ],
)
def test_what_is_no_top_up_is_refused(doors: Doors, bob: Person, amount: Any) -> None:
    assert pay(doors.client(bob), amount).status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 201, "two words"])
def test_a_key_is_one_printable_word(doors: Doors, bob: Person, key: str) -> None:
    assert pay(doors.client(bob), key=key).status_code == 422


@pytest.mark.parametrize(("outcome", "state"), [("decline", "failed"), ("delay", "pending"), ("lose", "pending")])
def test_a_top_up_is_told_as_it_stands(doors: Doors, bob: Person, outcome: str, state: str) -> None:
    doors.house.processor.will(outcome)  # type: ignore[attr-defined]
    first = pay(doors.client(bob))
    assert (first.status_code, first.json()["state"]) == (201, state)
    assert doors.world.balance(f"credit:{bob.id}") == 0
    again = pay(doors.client(bob)).json()
    assert again["id"] == first.json()["id"]
    assert again["state"] == ("failed" if state == "failed" else "succeeded")


def test_top_ups_are_listed_newest_first_page_by_page_and_only_ones_own(doors: Doors, bob: Person) -> None:
    client = doors.client(bob)
    made = [pay(client, key=f"k{n}").json()["id"] for n in range(3)]
    pay(doors.client(doors.world.fan("Eve Lund", credit="0")))
    first = client.get("/v1/checkouts?limit=2")
    second = client.get(first.headers["link"].partition(">")[0].strip("<"))
    seen = [x["id"] for x in first.json()["items"] + second.json()["items"]]
    assert seen == sorted(made, reverse=True)
    assert second.json()["next"] is None


def test_a_strangers_top_up_is_not_found(doors: Doors, bob: Person) -> None:
    id = pay(doors.client(bob)).json()["id"]
    assert doors.client(doors.world.fan("Eve Lund", credit="0")).get(f"/v1/checkouts/{id}").status_code == 404


def test_balances_name_every_account_of_ones_own(doors: Doors, work: str) -> None:
    report(doors.client(doors.world.fan("Label", credit="0")), work)
    ada, bob = people(doors)
    mine = doors.client(ada.person).get("/v1/balances").json()
    assert {x["account"]: x["balance"]["amount"] for x in mine} == {
        "credit": 0,
        "earned": 0,
        "creator": 4_233_000 + 6_170_000,
    }
    assert [x["owner"] for x in mine if x["account"] == "creator"] == [ada.id]
    theirs = doors.client(bob).get("/v1/balances").json()
    assert {x["account"]: x["balance"]["amount"] for x in theirs} == {"credit": 15_000_000, "earned": 4_936_000}


def test_a_statement_tells_each_line_and_ends_where_the_account_stands(doors: Doors, work: str) -> None:
    ada = people(doors)[0]
    found = doors.client(ada.person).get("/v1/statements", params={"owner": ada.id}).json()
    assert [(x["kind"], x["amount"], x["work"]) for x in found["lines"]] == [("fee", 4_233_000, work)]
    assert (found["opening"], found["closing"], found["totals"]) == (0, 4_233_000, {"fee": 4_233_000})


def test_a_statement_as_csv_is_a_file_with_units_and_decimals(doors: Doors, work: str) -> None:
    bob = people(doors)[1].id
    answer = doors.client(bob).get("/v1/statements", params={"format": "csv", "since": "2026-01-01"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (f'attachment; filename="statement-{bob}-2026-01-01-now.csv"')
    assert "\r\n" in answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["kind"] for row in rows] == ["opening", "topup", "hold", "closing"]
    assert [row["units"] for row in rows] == ["0", "20000000", "-5000000", "15000000"]
    assert [row["amount"] for row in rows] == ["0.000000", "20.000000", "-5.000000", "15.000000"]
    assert rows[1]["at"].endswith("Z")
    assert rows[2]["work"] == work


def test_nobody_reads_anothers_statement_and_only_staff_the_houses(doors: Doors, work: str) -> None:
    ada = people(doors)[0]
    eve = doors.world.fan("Eve Lund", credit="0")
    for owner in (ada.id, ada.person, "platform", "compute", "world:reported", "cre_x", "per_\x00"):
        assert doors.client(eve).get("/v1/statements", params={"owner": owner}).status_code == 404, owner
    staff = doors.client(eve, staff=True)
    assert staff.get("/v1/statements", params={"owner": "platform"}).json()["closing"] == 747_000
    assert staff.get("/v1/statements", params={"owner": ada.id}).status_code == 404


@pytest.mark.parametrize(
    "period", [{"since": "2026-02-01", "until": "2026-01-01"}, {"since": "yesterday"}, {"until": "0"}]
)
def test_a_period_that_is_none_is_refused(doors: Doors, bob: Person, period: dict[str, str]) -> None:
    assert doors.client(bob).get("/v1/statements", params=period).status_code == 422


def test_a_period_may_reach_from_the_first_day_to_the_last(doors: Doors, bob: Person) -> None:
    params = {"since": "0001-01-01", "until": "9999-12-31"}
    assert doors.client(bob).get("/v1/statements", params=params).json()["lines"] == []
    assert doors.client(bob).get("/v1/statements", params={**params, "format": "csv"}).status_code == 200


def test_a_report_is_divided_by_the_works_program(doors: Doors, work: str) -> None:
    label = doors.client(doors.world.fan("Label", credit="0"), scopes=frozenset({"reports"}))
    answer = report(label, work)
    said = answer.json()
    assert answer.status_code == 201
    assert {x["role"]: x["amount"]["amount"] for x in said["split"]} == {
        "platform": 1_234_000,
        "fan": 4_936_000,
        "creator": 6_170_000,
    }
    assert said["rehearsal"] is True
    assert label.get(answer.headers["location"]).json() == said
    assert label.get("/v1/reports").json()["items"] == [said]
    doors.world.assert_books_balance()


def test_a_report_sent_again_is_counted_once(doors: Doors, work: str) -> None:
    label = doors.client(doors.world.fan("Label", credit="0"))
    first = report(label, work).json()
    assert report(label, work).json() == first
    assert report(label, work, key="another-key").json() == first
    assert doors.world.entry_kinds(work).count("exploitation") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": {"amount": 1, "asset": "USD/6"}},
        {"reference": "may/2"},
        {"amount": {"amount": 1, "asset": "USD/6"}, "key": "another-key"},
    ],
)
def test_a_key_or_reference_is_for_one_report(doors: Doors, work: str, changes: dict[str, Any]) -> None:
    label = doors.client(doors.world.fan("Label", credit="0"))
    report(label, work)
    refused = report(label, work, **changes)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/report-reused")
    assert doors.world.entry_kinds(work).count("exploitation") == 1


def test_without_a_reference_the_key_serves(doors: Doors, work: str) -> None:
    label = doors.client(doors.world.fan("Label", credit="0"))
    assert report(label, work, key="k7", reference=None).json()["reference"] == "k7"
    assert report(label, work, key="x" * 150, reference=None).status_code == 422


def test_two_reporters_may_use_the_same_reference(doors: Doors, work: str) -> None:
    for name in ("Label", "Shop"):
        assert report(doors.client(doors.world.fan(name, credit="0")), work).status_code == 201
    assert doors.world.entry_kinds(work).count("exploitation") == 2


@pytest.mark.parametrize("reference", ["", "two words", "a\x00b", "x" * 121, "fine-reversal", 7])
def test_a_reference_is_one_printable_word(doors: Doors, work: str, reference: object) -> None:
    assert report(doors.client(doors.world.fan("Label", credit="0")), work, reference=reference).status_code == 422


@pytest.mark.parametrize("amount", [0, -1, 1_000_000_000_001, 1.0, "1"])
def test_a_report_has_a_limit(doors: Doors, work: str, amount: object) -> None:
    body = {"amount": amount, "asset": "USD/6"}
    assert report(doors.client(doors.world.fan("Label", credit="0")), work, amount=body).status_code == 422


@pytest.mark.parametrize("id", ["wrk_" + "0" * 26, "nonsense", "sty_" + "0" * 26])
def test_what_is_no_finished_work_earns_nothing(doors: Doors, id: str) -> None:
    assert report(doors.client(doors.world.fan("Label", credit="0")), id).status_code == 404


def test_a_report_of_somebody_else_is_not_found(doors: Doors, work: str) -> None:
    id = report(doors.client(doors.world.fan("Label", credit="0")), work).json()["id"]
    assert doors.client(doors.world.fan("Shop", credit="0")).get(f"/v1/reports/{id}").status_code == 404


def test_reports_race_under_one_key_and_one_counts(doors: Doors, work: str) -> None:
    from tests.payments import books

    label = doors.client(doors.world.fan("Label", credit="0"))
    answers = books.at_once(*[lambda n=n: report(label, work, reference=f"r{n % 2}") for n in range(6)])
    statuses = [answer.status_code for answer in answers if isinstance(answer, Response)]
    assert len(statuses) == 6
    assert set(statuses) == {201, 422}
    assert doors.world.entry_kinds(work).count("exploitation") == 1
    doors.world.assert_books_balance()


@pytest.mark.parametrize("address", ["/v1/checkouts", "/v1/balances", "/v1/statements", "/v1/reports"])
def test_money_is_shown_to_nobody_unknown(doors: Doors, address: str) -> None:
    assert doors.client().get(address).status_code == 401


def test_a_key_needs_its_scope(doors: Doors, bob: Person) -> None:
    only_works = doors.client(bob, scopes=frozenset({"works"}))
    assert pay(only_works).json()["type"] == "/problems/scope-missing"
    assert only_works.get("/v1/reports").status_code == 403


def test_production_has_no_processor_yet_and_says_so(doors: Doors, bob: Person) -> None:
    doors.house.settings = doors.house.settings.model_copy(update={"env": "production"})
    refused = pay(doors.client(bob))
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/no-processor")
    with db.unit(doors.house.sessions) as session:
        assert session.scalar(select(func.count()).select_from(Entry)) == 0
