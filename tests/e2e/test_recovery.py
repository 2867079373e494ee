"""Server, worker and Postgres are killed while a work is made: the page goes on by itself, work and money are right."""

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest
from playwright.sync_api import Browser

from core.postgres import EmbeddedPostgres
from tests.e2e.conftest import Running
from tests.e2e.people import someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
KILLED = ("server", "worker", "postgres")


def test_the_page_recovers_by_itself_whatever_is_killed(browser: Browser, house: Running) -> None:
    with someone(browser, house) as fan:
        fan.sign_up("Kim Storm")
        fan.sees("Your account is open")
        fan.go("/earnings")
        fan.page.get_by_label("Amount in US dollars").fill("20")
        fan.press("Rehearse paying")
        fan.sees("was added to your credit")
        fan.go("/studio")
        fan.press("The Summer Palace in Beijing")
        fan.press("Harbor oils")
        fan.page.get_by_text("More settings").click()
        fan.page.get_by_label("Size", exact=True).select_option("512")
        for number, name in enumerate(KILLED, 1):
            fan.press("Another seed")
            fan.press("Make it · $5.00")
            fan.sees("Choosing every stroke", seconds=60)
            os.kill(_find(house, name), signal.SIGKILL)
            fan.sees("The work is ready.", seconds=120)
            assert _credit(fan.page.request.get(f"{house.url}/v1/balances").json()) == (20 - 5 * number) * 10**6
        fan.complaints.clear()  # connections were cut on purpose
    assert "every unit is where it belongs" in house.homage("audit")


def _credit(balances: list[dict[str, object]]) -> int:
    return next(one["balance"]["amount"] for one in balances if one["account"] == "credit")  # type: ignore[index,return-value]


def _find(house: Running, name: str) -> int:
    """The process id of one of the house's own processes."""
    if name == "postgres":
        pid = EmbeddedPostgres(house.var / "postgres").status()
        assert pid, "the database does not run"
        return pid
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    found = re.search(rf"^\s*(\d+) .*app\.child {house.process.pid} {name}", listed, re.MULTILINE)
    assert found, listed
    return int(found[1])
