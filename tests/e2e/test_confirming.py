"""A mailed link that is opened elsewhere than where it was asked for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import Running
from tests.e2e.people import PASSWORD, Someone, someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_another_browser_is_asked_for_the_password_chosen_at_sign_up(browser: Browser, house: Running) -> None:
    with someone(browser, house) as asker, someone(browser, house) as reader:
        asker.go("/sign-up")
        asker.ask_for_account("Nora Hale")
        link = asker.page.locator("pre").inner_text().split("/confirm#")[1].split()[0]
        reader.go(f"/confirm#{link}")
        reader.sees("Your password, once more")
        reader.screenshot("confirm-elsewhere")
        _give(reader, "another green field")
        reader.sees("That is not the password of this link.")
        _give(reader, PASSWORD)
        reader.sees("Welcome, Nora Hale")
        refused = [words for words in reader.complaints if "401" in words or "403" in words]
        assert len(refused) == 2, "the browser itself says so of each refusal"
        for words in refused:
            reader.complaints.remove(words)


def _give(reader: Someone, password: str) -> None:
    reader.page.locator("input[type=password]").fill(password)
    reader.press("Open the account")
