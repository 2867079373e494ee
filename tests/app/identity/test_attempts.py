"""Brute force: who guesses is slowed down, and told nothing by it."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from app.identity import attempts
from core import db
from core.clock import FrozenClock
from tests.app.identity.people import EMAIL, erase, mails, problem, sign_in, sign_up, token_of
from tests.doors import HERE, PASSWORD, Doors

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
WRONG = "not my password"


@pytest.fixture
def clock(doors: Doors) -> FrozenClock:
    clock = FrozenClock(AT)
    doors.house.clock = clock
    return clock


def client_at(doors: Doors, address: str) -> TestClient:
    return TestClient(doors.app, base_url=HERE, client=(address, 50_000), raise_server_exceptions=False)


def guessed(doors: Doors, *, times: int, email: str = EMAIL, client: str = "192.0.2.1") -> None:
    """So many failures, as `sign_in` writes them down."""
    for _ in range(times):
        with db.unit(doors.house.sessions) as session:
            attempts.guess(session, email=email, client=client, at=doors.house.clock.now())


def test_the_eleventh_guess_at_an_account_is_refused_even_when_it_is_right(doors: Doors, clock: FrozenClock) -> None:
    doors.account()
    for number in range(8):
        guessed(doors, times=1, client=f"192.0.2.{number}")
        clock.advance(timedelta(seconds=1))
    for number in (8, 9):
        assert sign_in(client_at(doors, f"192.0.2.{number}"), password=WRONG).status_code == 401
        clock.advance(timedelta(seconds=1))
    refused = sign_in(client_at(doors, "192.0.2.99"))
    assert (refused.status_code, problem(refused)) == (429, "too-many-attempts")
    assert refused.json()["retry_after"] == 15 * 60 - 10
    assert refused.headers["retry-after"] == str(15 * 60 - 10)
    clock.advance(timedelta(seconds=15 * 60 - 11))
    assert sign_in(doors.client()).status_code == 429
    clock.advance(timedelta(seconds=1))
    assert sign_in(doors.client()).status_code == 200


def test_refused_guesses_do_not_prolong_the_wait(doors: Doors, clock: FrozenClock) -> None:
    doors.account()
    guessed(doors, times=10)
    clock.advance(timedelta(minutes=14))
    assert sign_in(doors.client()).status_code == 429
    clock.advance(timedelta(minutes=1))
    assert sign_in(doors.client()).status_code == 200


def test_a_right_password_takes_the_failures_back(doors: Doors, clock: FrozenClock) -> None:
    doors.account()
    guessed(doors, times=9)
    assert sign_in(doors.client()).status_code == 200
    guessed(doors, times=9)
    assert sign_in(doors.client()).status_code == 200


def test_unknown_addresses_are_counted_like_known_ones(doors: Doors, clock: FrozenClock) -> None:
    doors.account()
    for email in (EMAIL, "nobody@example.org"):
        guessed(doors, times=10, email=email)
    known, unknown = sign_in(doors.client()), sign_in(doors.client(), "nobody@example.org")
    assert known.json() == unknown.json()
    assert known.status_code == 429


def test_one_client_guesses_at_most_fifty_times_at_all_accounts(doors: Doors, clock: FrozenClock) -> None:
    doors.account()
    for number in range(50):
        guessed(doors, times=1, email=f"{number}@example.org", client="2001:db8:1:2::/64")
    refused = sign_in(client_at(doors, "2001:db8:1:2:ffff::1"))
    assert (refused.status_code, problem(refused)) == (429, "too-many-attempts")
    assert sign_in(client_at(doors, "2001:db8:1:3::1")).status_code == 200


def test_a_thousand_guesses_at_once_are_no_more_than_one_after_the_other(doors: Doors, clock: FrozenClock) -> None:
    doors.account()
    guessed(doors, times=6)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(sign_in(doors.client(), password=WRONG).status_code))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {401: 4, 429: 8}


def test_a_reset_lifts_the_lock(doors: Doors, clock: FrozenClock) -> None:
    doors.account()
    guessed(doors, times=10)
    doors.client().post("/v1/password-resets", json={"email": EMAIL})
    body = {"token": token_of(mails(doors)[-1]), "password": "quite another field"}
    assert doors.client().post("/v1/password-resets/confirm", json=body).status_code == 200
    assert sign_in(doors.client(), password="quite another field").status_code == 200


def test_a_stolen_session_guesses_no_more_than_anyone(doors: Doors, clock: FrozenClock) -> None:
    client = doors.account()
    guessed(doors, times=10)
    body = {"current": PASSWORD, "new": "quite another field"}
    assert client.post("/v1/me/password", json=body).status_code == 429
    assert erase(client).status_code == 429


def test_an_address_gets_five_mails_an_hour_and_nobody_is_told(doors: Doors, clock: FrozenClock) -> None:
    answers = [sign_up(doors.client()) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 6
    assert answers[5].json()["rehearsed_mail"] is None
    assert doors.client().post("/v1/password-resets", json={"email": EMAIL}).status_code == 202
    assert len(mails(doors)) == 5
    clock.advance(timedelta(hours=1))
    sign_up(doors.client())
    assert len(mails(doors)) == 6


def test_a_client_asks_for_thirty_mails_an_hour(doors: Doors, clock: FrozenClock) -> None:
    for number in range(30):
        with db.unit(doors.house.sessions) as session:
            attempts.mail(session, email=f"{number}@example.org", client="192.0.2.7", at=AT)
    refused = sign_up(client_at(doors, "192.0.2.7"), "one.more@example.org")
    assert (refused.status_code, problem(refused)) == (429, "too-many-attempts")
    assert sign_up(client_at(doors, "192.0.2.8"), "one.more@example.org").status_code == 202
