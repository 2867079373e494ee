"""`homage admin create`: the password never stands where others could read it."""

from __future__ import annotations

import pytest

from tests.app.commands import homage
from tests.app.identity.people import sign_in
from tests.doors import PASSWORD, Doors


def admin(doors: Doors, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    house = {"HOMAGE_VAR": str(doors.root), "HOMAGE_DATABASE__URL": doors.database}
    done = homage("admin", "create", *arguments, typed=typed, **house)
    return done.returncode, done.stdout, done.stderr


def test_a_new_account_that_is_staff(doors: Doors) -> None:
    code, said, log = admin(doors, "Root@Example.org", "--name", "Ro Oot", typed=f"{PASSWORD}\n")
    assert (code, said) == (0, "root@example.org has an account now, and is staff\n"), log
    assert PASSWORD not in said + log
    client = doors.client()
    me = sign_in(client, "root@example.org").json()
    assert (me["name"], me["staff"]) == ("Ro Oot", True)


def test_somebody_becomes_staff_and_keeps_their_password(doors: Doors) -> None:
    client = doors.account()
    code, said, log = admin(doors, "ada@example.org")
    assert (code, said) == (0, "ada@example.org is staff now; the password stays\n"), log
    assert "made staff" in log
    assert "ada@example.org" not in log
    assert client.get("/v1/outbox").status_code == 200
    assert sign_in(doors.client()).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("new@example.org",), "password123\n", "choose another password"),
        (("new@example.org",), "", "fewer than 10"),
        (("nobody",), f"{PASSWORD}\n", "no e-mail address"),
    ],
)
def test_what_cannot_be_is_one_line(doors: Doors, arguments: tuple[str, ...], typed: str, words: str) -> None:
    code, said, log = admin(doors, *arguments, typed=typed)
    assert (code, said) == (1, "")
    assert words in log
    assert log.count("\n") == 1, log


def test_the_password_is_no_argument(doors: Doors) -> None:
    code, _, _ = admin(doors, "new@example.org", PASSWORD)
    assert code == 2
    assert sign_in(doors.client(), "new@example.org").status_code == 401
