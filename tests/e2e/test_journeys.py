"""Four journeys through the pages, each by a person who has read nothing."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Running
from tests.e2e.people import Someone, pictures, someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
FAN, CREATOR = "Robin Field", "Iris Vale"


def test_creator_publishes(browser: Browser, house: Running, tmp_path: Path) -> None:
    works = pictures(tmp_path)
    began = time.monotonic()
    with someone(browser, house) as creator:
        creator.sign_up(CREATOR)
        creator.press("License my style")
        creator.press("Start")
        creator.page.get_by_label("Name of the style").fill("Night prints")
        creator.page.get_by_label("Your artist name").fill(CREATOR)
        creator.press("Go on to your works")
        creator.page.locator("input[type=file]").first.set_input_files(works)
        creator.press(f"Add these {len(works)} works")
        expect(creator.page.get_by_text("Learned from")).to_have_count(len(works), timeout=60_000)
        creator.screenshot("my-style-works")
        creator.press("Next: Consent")
        _sign_consent(creator)
        creator.press("Next: Terms")
        creator.page.get_by_label("Price per work").fill("2.00")
        creator.screenshot("my-style-terms")
        creator.press("Go on to publishing")
        creator.sees("Check and publish")
        creator.screenshot("my-style-publish")
        creator.page.get_by_role("button", name="Publish", exact=True).click()
        creator.sees("Your style is live.")
        assert time.monotonic() - began < 600, "a creator's first live style takes ten minutes at most"
        creator.press("See its public page")
        creator.sees("Night prints")


def _sign_consent(creator: Someone) -> None:
    for words in ("I made these works myself.", "The rights in them are mine", "I am of age"):
        creator.page.get_by_label(words).check()
    creator.page.get_by_label("Your legal name").fill("Iris Maria Vale")
    creator.page.get_by_role("radio").first.check()
    creator.screenshot("my-style-consent")
    creator.press("Sign this declaration")
    creator.sees("You have signed this")


def test_fan_tries_pays_renders_and_downloads(browser: Browser, house: Running, tmp_path: Path) -> None:
    began = time.monotonic()
    with someone(browser, house) as fan:
        fan.go("/")
        fan.sees("Night prints")
        fan.screenshot("explore")
        fan.press("Night prints")
        fan.sees(f"By {CREATOR}")
        fan.screenshot("style")
        fan.press("Try it with my picture")
        fan.press("The Summer Palace in Beijing")
        fan.press("Preview (free)")
        fan.press("Make an account")
        fan.open_account(FAN)
        expect(fan.page.get_by_role("heading", name="Studio")).to_be_visible()
        fan.press("Preview (free)")
        fan.sees("The preview is ready.", seconds=90)
        fan.screenshot("studio-preview")
        fan.press("Make it")
        fan.press("Top up $2.00")
        fan.sees("in your credit now")
        fan.press("Make it")
        fan.sees("The work is ready.", seconds=90)
        assert time.monotonic() - began < 180, "a fan's first work takes three minutes at most"
        fan.screenshot("studio-work")
        fan.press("Open the work")
        fan.sees("Who gets paid")
        fan.screenshot("work")
        fan.page.get_by_text("Sources", exact=True).click()
        fan.page.wait_for_timeout(500)
        fan.screenshot("work-sources")
        with fan.page.expect_download() as found:
            fan.press("JPEG")
        found.value.save_as(house.var / "fans-work.jpg")
        fan.go("/works")
        fan.sees("My works")
        fan.screenshot("works")
    said = house.homage("verify", str(house.var / "fans-work.jpg"), "--use", "publish", "--territory", "DE")
    assert said.startswith("licensed"), said
    assert "this use: permit" in said


def test_platform_verifies(browser: Browser, house: Running) -> None:
    with someone(browser, house) as platform:
        platform.go("/verify")
        platform.sees("What the answer rests on")
        platform.page.locator("input[type=file]").first.set_input_files(house.var / "fans-work.jpg")
        platform.sees("Licensed", seconds=60)
        platform.sees(CREATOR)
        with Image.open(house.var / "fans-work.jpg") as work:
            work.crop((0, 0, work.width * 2 // 3, work.height)).save(house.var / "cut.jpg", quality=80)
        platform.page.locator("input[type=file]").first.set_input_files(house.var / "cut.jpg")
        part = platform.page.get_by_role("img", name="The part of the work that is in the file")
        expect(part).to_be_visible(timeout=60_000)
        assert re.search(r"left: 0%.* width: 6\d", part.get_attribute("style") or "")
        platform.screenshot("verify")


def test_creator_sees_money_and_revokes_and_verification_says_so(browser: Browser, house: Running) -> None:
    with someone(browser, house) as creator:
        creator.sign_in(CREATOR)
        expect(creator.page.get_by_role("button", name=f"Account: {CREATOR}")).to_be_visible()
        creator.go("/earnings")
        creator.sees(f"Earned as {CREATOR}")
        creator.sees("$1.683")
        creator.screenshot("earnings")
        creator.go("/uses")
        creator.sees(FAN)
        creator.press("End this license")
        creator.sees("This is what happens")
        creator.screenshot("uses")
        creator.press("End it now")
        creator.sees("Ended. 1 finished work was withdrawn.")
        creator.go("/verify")
        creator.page.locator("input[type=file]").first.set_input_files(house.var / "fans-work.jpg")
        creator.sees("The license was withdrawn", seconds=60)
        creator.screenshot("verify-withdrawn")
