"""Accounts through the API, from the first mail to the last session."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity import attempts, passwords
from app.identity.models import Account, Reset, SignUp
from core import db
from core.clock import FrozenClock
from creators.models import Person
from tests.app.identity.people import EMAIL, SMTP, confirm, mails, problem, sign_in, sign_up, token_of
from tests.doors import PASSWORD, Doors


@pytest.fixture
def clock(doors: Doors) -> FrozenClock:
    clock = FrozenClock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    doors.house.clock = clock
    return clock


@pytest.fixture
def mailing(tmp_path: Path, database: str) -> Iterator[Doors]:
    """A house with a mail server, whose mails wait for a worker."""
    doors = Doors(tmp_path / "mailing", database, more=SMTP)
    yield doors
    doors.close()


def count(doors: Doors, table: type[db.Base]) -> int:
    with doors.house.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_from_sign_up_to_sign_out(doors: Doors) -> None:
    client = doors.client()
    client.headers["sec-fetch-site"] = "same-origin"
    asked = sign_up(client, " Ada@Example.ORG ")
    assert asked.status_code == 202
    assert "homage=" not in asked.headers["set-cookie"], "nobody is signed in before the address is confirmed"
    assert count(doors, Person) == 0, "nobody is opened before the address is confirmed"
    opened = confirm(client, token_of(asked.json()["rehearsed_mail"]))
    assert opened.status_code == 200
    me = opened.json()
    assert (me["name"], me["email"], me["staff"]) == ("Ada Marsh", EMAIL, False)
    assert client.get("/v1/me").json() == me
    assert client.patch("/v1/me", json={"name": "Ada M."}).json()["name"] == "Ada M."
    assert client.post("/v1/sign-out").status_code == 204
    assert client.get("/v1/me").status_code == 401
    assert client.post("/v1/sign-out").status_code == 204
    assert sign_in(client, "ADA@example.org").json()["person"] == me["person"]
    assert client.get("/v1/me").status_code == 200


def test_a_session_that_was_signed_out_is_dead_even_to_who_kept_its_cookie(doors: Doors) -> None:
    client = doors.account()
    cookie = client.cookies["homage"]
    client.post("/v1/sign-out")
    assert doors.client().get("/v1/me", headers={"cookie": f"homage={cookie}"}).status_code == 401


def test_with_a_mail_server_a_known_address_and_a_new_one_are_answered_alike(mailing: Doors) -> None:
    client = mailing.client()
    sign_up(client)
    assert confirm(client, token_of(mails(mailing)[0])).status_code == 200
    stranger = mailing.client()
    known, new = sign_up(stranger, EMAIL), sign_up(stranger, "new@example.org")
    assert known.status_code == new.status_code == 202
    assert known.json() == {"email": EMAIL, "rehearsed_mail": None}
    assert new.json() == {"email": "new@example.org", "rehearsed_mail": None}
    assert set(known.headers) == set(new.headers)
    assert len(known.headers["set-cookie"]) == len(new.headers["set-cookie"])
    assert [mail.subject for mail in mails(mailing)] == ["Confirm your address", "You already have an account"]
    resets = [stranger.post("/v1/password-resets", json={"email": x}) for x in (EMAIL, "nobody@example.org")]
    assert [answer.status_code for answer in resets] == [202, 202]
    assert [answer.json() for answer in resets] == [{"email": EMAIL}, {"email": "nobody@example.org"}]
    assert mails(mailing, "nobody@example.org") == []


def test_wrong_password_and_unknown_address_are_refused_alike(doors: Doors) -> None:
    doors.account()
    client = doors.client()
    wrong, unknown = sign_in(client, password="another green field"), sign_in(client, "nobody@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert problem(wrong) == "wrong-credentials"


def test_of_two_pending_sign_ups_the_confirmed_one_wins(doors: Doors) -> None:
    first, second = (sign_up(doors.client(), name=name).json()["rehearsed_mail"] for name in ("Mallory", "Ada"))
    assert confirm(doors.client(), token_of(second), PASSWORD).json()["name"] == "Ada"
    late = confirm(doors.client(), token_of(first), PASSWORD)
    assert (late.status_code, problem(late)) == (422, "link-ended")
    assert count(doors, Person) == 1
    assert count(doors, SignUp) == 0


def test_a_confirmation_works_once_though_it_is_sent_twice_at_the_same_time(doors: Doors) -> None:
    token = token_of(sign_up(doors.client()).json()["rehearsed_mail"])
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(confirm(doors.client(), token, PASSWORD).status_code))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 422, 422, 422]
    assert count(doors, Account) == 1


def test_two_that_are_right_at_once_never_wait_for_each_other(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(sign_up(doors.client()).json()["rehearsed_mail"])
    met, forgive = threading.Barrier(2), attempts.forgive

    def forgive_together(session: Session, *, email: str) -> None:
        """Where both come to here before either goes on, each has the rows that the other wants."""
        with suppress(threading.BrokenBarrierError):
            met.wait(0.3)
        forgive(session, email=email)

    monkeypatch.setattr(attempts, "forgive", forgive_together)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(confirm, doors.client(), token, PASSWORD) for _ in range(2)]
    assert sorted(answer.result().status_code for answer in asked) == [200, 422]


def test_who_signs_up_with_anothers_address_has_no_account_when_the_other_opens_the_link(doors: Doors) -> None:
    stranger = doors.client()
    mail = sign_up(stranger, name="Mallory", password="the field of a thief").json()["rehearsed_mail"]
    owner = doors.client()
    asked = confirm(owner, token_of(mail))
    assert (asked.status_code, problem(asked)) == (401, "password-needed")
    wrong = confirm(owner, token_of(mail), PASSWORD)
    assert (wrong.status_code, problem(wrong)) == (403, "wrong-password")
    assert "sign up again" in wrong.json()["detail"]
    assert [count(doors, table) for table in (Person, Account)] == [0, 0]
    assert "set-cookie" not in asked.headers
    own = sign_up(owner).json()["rehearsed_mail"]
    assert problem(confirm(owner, token_of(mail))) == "password-needed", "the cookie is for the owner's own link"
    assert confirm(owner, token_of(own)).json()["name"] == "Ada Marsh"
    assert sign_in(stranger, password="the field of a thief").status_code == 401
    assert problem(confirm(stranger, token_of(mail))) == "link-ended"


def test_the_browser_that_signed_up_is_known_by_a_cookie_out_of_reach_that_ends_with_it(doors: Doors) -> None:
    client = doors.client()
    asked = sign_up(client)
    said = asked.headers["set-cookie"]
    assert said.startswith("homage-pending=")
    assert {"HttpOnly", "Max-Age=86400", "Path=/", "SameSite=lax"} <= set(said.split("; "))
    opened = confirm(client, token_of(asked.json()["rehearsed_mail"]))
    assert opened.status_code == 200
    assert "homage-pending" not in client.cookies
    assert "homage" in client.cookies


def test_over_https_no_neighboring_site_can_set_that_cookie(doors: Doors) -> None:
    client = doors.client(base_url="https://homage.example.org")
    asked = sign_up(client)
    assert asked.headers["set-cookie"].startswith("__Host-homage-pending=")
    assert "Secure" in asked.headers["set-cookie"]
    client.cookies.set("homage-pending", client.cookies.pop("__Host-homage-pending"))
    token = token_of(asked.json()["rehearsed_mail"])
    assert problem(confirm(client, token)) == "password-needed"


def test_another_browser_opens_the_link_with_the_password_chosen_at_sign_up(doors: Doors) -> None:
    token = token_of(sign_up(doors.client()).json()["rehearsed_mail"])
    elsewhere = doors.client()
    assert problem(confirm(elsewhere, token)) == "password-needed"
    assert confirm(elsewhere, token, PASSWORD).json()["email"] == EMAIL
    assert elsewhere.get("/v1/me").status_code == 200


def test_passwords_for_a_link_are_guesses_and_the_browser_that_signed_up_needs_none(
    doors: Doors, clock: FrozenClock
) -> None:
    here, elsewhere = doors.client(), doors.client()
    token = token_of(sign_up(here).json()["rehearsed_mail"])
    for _ in range(10):
        assert problem(confirm(elsewhere, token, "another green field")) == "wrong-password"
    refused = confirm(elsewhere, token, PASSWORD)
    assert (refused.status_code, problem(refused)) == (429, "too-many-attempts")
    assert "sign up again" in refused.json()["detail"]
    assert "reset" not in refused.json()["detail"]
    assert confirm(here, token).status_code == 200


def test_a_right_password_for_a_link_forgives_the_wrong_ones(doors: Doors) -> None:
    token = token_of(sign_up(doors.client()).json()["rehearsed_mail"])
    for _ in range(9):
        confirm(doors.client(), token, "another green field")
    assert confirm(doors.client(), token, PASSWORD).status_code == 200
    for _ in range(9):
        assert sign_in(doors.client(), password="another green field").status_code == 401


def test_a_sign_up_ends_after_a_day(doors: Doors, clock: FrozenClock) -> None:
    token = token_of(sign_up(doors.client()).json()["rehearsed_mail"])
    clock.advance(timedelta(hours=24))
    assert problem(confirm(doors.client(), token)) == "link-ended"
    assert problem(confirm(doors.client(), "made-up")) == "link-ended"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "fewer than 10"),
        ("x" * 60 + "yz1" * 60, "more than 200"),
        ("ada@example.org", "your address"),
        ("Ada Marsh Of Hill", "your name"),
        ("Password123", "first that anyone"),
        ("aaaaaaaaaaab", "same few letters"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(doors: Doors, password: str, why: str) -> None:
    answer = sign_up(doors.client(), name="Ada Marsh of Hill", password=password)
    assert (answer.status_code, problem(answer)) == (422, "weak-password")
    assert why in answer.json()["detail"]
    assert password not in answer.text


def test_no_rule_asks_for_kinds_of_letters(doors: Doors) -> None:
    assert sign_up(doors.client(), password="eine stille wiese").status_code == 202


def test_tokens_and_passwords_are_kept_as_hashes_only(doors: Doors) -> None:
    client = doors.account()
    client.post("/v1/password-resets", json={"email": EMAIL})
    pending = doors.client()
    sign_up(pending, "new@example.org")
    secrets = [PASSWORD, client.cookies["homage"], pending.cookies["homage-pending"], token_of(mails(doors)[-1])]
    with doors.house.sessions() as session:
        kept = "".join(
            str(row) for table in ("accounts", "sessions", "sign_ups", "resets") for row in session.execute(_all(table))
        )
    assert "$argon2id$" in kept
    assert [secret for secret in secrets if secret in kept] == []


def test_a_reset_ends_every_session_and_the_old_password(doors: Doors) -> None:
    one, two = doors.account(), doors.client()
    sign_in(two)
    stranger = doors.client()
    stranger.post("/v1/password-resets", json={"email": EMAIL})
    token = token_of(mails(doors)[-1])
    new = {"token": token, "password": "quite another field"}
    done = stranger.post("/v1/password-resets/confirm", json=new)
    assert done.status_code == 200
    assert done.json()["email"] == EMAIL
    assert stranger.get("/v1/me").status_code == 200, "who reset it is signed in"
    assert [one.get("/v1/me").status_code, two.get("/v1/me").status_code] == [401, 401]
    assert sign_in(doors.client()).status_code == 401
    assert sign_in(doors.client(), password="quite another field").status_code == 200
    assert problem(stranger.post("/v1/password-resets/confirm", json=new)) == "link-ended"
    assert mails(doors)[-1].subject == "Your password was changed"
    assert count(doors, Reset) == 0


def test_a_weak_password_does_not_use_a_reset_up_and_an_hour_does(doors: Doors, clock: FrozenClock) -> None:
    client = doors.account()
    client.post("/v1/password-resets", json={"email": EMAIL})
    token = token_of(mails(doors)[-1])
    weak = client.post("/v1/password-resets/confirm", json={"token": token, "password": "password123"})
    assert problem(weak) == "weak-password"
    clock.advance(timedelta(hours=1))
    late = client.post("/v1/password-resets/confirm", json={"token": token, "password": "quite another field"})
    assert problem(late) == "link-ended"


def test_another_password_asks_for_this_one_and_ends_the_other_sessions(doors: Doors) -> None:
    here, elsewhere = doors.account(), doors.client()
    sign_in(elsewhere)
    wrong = here.post("/v1/me/password", json={"current": "not my password", "new": "quite another field"})
    assert (wrong.status_code, problem(wrong)) == (403, "wrong-password")
    assert here.post("/v1/me/password", json={"current": PASSWORD, "new": "quite another field"}).status_code == 204
    assert here.get("/v1/me").status_code == 200
    assert elsewhere.get("/v1/me").status_code == 401
    assert sign_in(elsewhere, password="quite another field").status_code == 200


def test_another_password_ends_the_reset_links_that_were_asked_for_before(doors: Doors) -> None:
    client = doors.account()
    client.post("/v1/password-resets", json={"email": EMAIL})
    token = token_of(mails(doors)[-1])
    assert client.post("/v1/me/password", json={"current": PASSWORD, "new": "quite another field"}).status_code == 204
    late = client.post("/v1/password-resets/confirm", json={"token": token, "password": "the field of a thief"})
    assert problem(late) == "link-ended"
    assert sign_in(doors.client(), password="quite another field").status_code == 200


def test_a_hash_of_older_parameters_is_renewed_at_the_next_sign_in(doors: Doors) -> None:
    person = doors.account().get("/v1/me").json()["person"]
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with db.unit(doors.house.sessions) as session:
        session.get_one(Account, person).password_hash = old
    assert sign_in(doors.client()).status_code == 200
    with doors.house.sessions() as session:
        kept = session.get_one(Account, person).password_hash
    assert kept != old
    assert not passwords.outdated(kept)
    assert sign_in(doors.client()).status_code == 200


def test_the_same_password_from_another_keyboard_is_the_same(doors: Doors) -> None:
    """A composed and a decomposed é, a wide and a plain letter."""
    client = doors.client()
    asked = sign_up(client, password="un champ e\u0301troit")
    confirm(client, token_of(asked.json()["rehearsed_mail"]))
    assert sign_in(doors.client(), password="un champ \u00e9troit").status_code == 200


def test_unknown_fields_are_refused(doors: Doors) -> None:
    answer = doors.client().post(
        "/v1/sign-up", json={"email": EMAIL, "name": "Ada", "password": PASSWORD, "staff": True}
    )
    assert answer.status_code == 422


def _all(table: str):  # type: ignore[no-untyped-def]
    from sqlalchemy import text

    return text(f"SELECT * FROM {table}")
