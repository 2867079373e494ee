"""A platform's journey: evidence to keep, a key to try with, a server that is told, and a report of what was used."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from licensing import presented
from tests.e2e.conftest import Running
from tests.e2e.people import Someone, someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_platform_keeps_evidence_and_is_told(browser: Browser, house: Running, tmp_path: Path) -> None:
    receipt = (house.var / "demo" / "receipt.json").read_text()
    work = receipt.partition('"work": "')[2].partition('"')[0]
    with someone(browser, house) as platform:
        _keeps_the_signed_verdict(platform, work)
        platform.sign_up("Pat Form")
        platform.sees("Your account is open")
        _tries_with_a_sandbox_key(platform)
        _is_told(platform)
        _reports(platform, work, tmp_path)


def _keeps_the_signed_verdict(platform: Someone, work: str) -> None:
    platform.go("/verify")
    platform.page.get_by_label("Or name it").fill(f"{platform.house.url}/works/{work}?view=sources")
    platform.press("Check", exact=True)
    platform.sees("What is owed of what it earns")
    platform.screenshot("verify-named", phone=False)
    with platform.page.expect_download() as found:
        platform.press("Download signed verdict")
    assert found.value.suggested_filename == f"{work}.jws"
    jwks = platform.page.request.get(f"{platform.house.url}/.well-known/jwks.json").json()
    kept = presented.read(Path(found.value.path()).read_text(), jwks, at=datetime.now(UTC))
    assert (kept.verdict["work"], kept.expired) == (work, False)


def _tries_with_a_sandbox_key(platform: Someone) -> None:
    page = platform.page
    platform.go("/account")
    page.get_by_label("What is it for?").fill("Trying out")
    page.get_by_label("Only for trying out").check()
    platform.press("Make a key")
    key = page.get_by_label("API key", exact=True).inner_text()
    asked = page.request.post(
        f"{platform.house.url}/v1/verifications",
        headers={"Authorization": f"Bearer {key}"},
        multipart={"url": f"{platform.house.url}/v1/sandbox/samples/needs-report.png", "use": "publish"},
    )
    assert asked.json()["permission"] == "needs-report"
    platform.press("I have copied it")
    expect(page.get_by_text("sandbox", exact=True)).to_be_visible()


def _is_told(platform: Someone) -> None:
    page = platform.page
    platform.go("/webhooks")
    platform.press("Add a webhook")
    page.get_by_label("Name").fill("Catalog")
    page.get_by_role("textbox", name="Address").fill("https://10.0.0.1/inward")
    platform.press("Add it")
    expect(page.get_by_role("alert")).to_be_visible()
    platform.complaints.clear()  # the browser's word on the refusal
    page.get_by_role("textbox", name="Address").fill(f"{platform.house.url}/nowhere")
    platform.press("Add it")
    assert page.get_by_label("Secret of the webhook").inner_text().startswith("whsec_")
    platform.press("I have copied it")
    platform.press("Catalog")
    platform.press("Send a test")
    expect(page.get_by_text("· one attempt")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Failing", exact=True)).to_be_visible()
    page.get_by_text("ping", exact=True).click()
    platform.sees('"type":"ping"')
    expect(page.get_by_role("table", name="Attempts")).to_contain_text("ms")
    platform.screenshot("webhook")
    page.get_by_label("Show").select_option("delivered")
    platform.sees("Nothing here fits.")


def _reports(platform: Someone, work: str, folder: Path) -> None:
    lines = "id,work,sha256,use,date,quantity,amount,asset", f"p-1,{work},,publish,2026-05,3,1.25,USD"
    (folder / "may.csv").write_text("\n".join([*lines, f"p-2,,{'ab' * 32},sell,2026-05,1,,", "p-3,,,fly,2026-05,1,,"]))
    platform.go("/usage")
    platform.sees("You have sent no report yet.")
    platform.page.locator("input[type=file]").set_input_files(folder / "may.csv")
    platform.press("Report it")
    platform.sees("It has arrived")
    platform.sees("Earned $1.25")
    platform.sees(f"sha256:{'ab' * 32}")
    with platform.page.expect_download() as found:
        platform.press("Download faulty lines")
    assert "p-3" in Path(found.value.path()).read_text()
    platform.screenshot("usage", phone=False)
