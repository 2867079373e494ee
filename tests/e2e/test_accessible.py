"""Everybody can use every page: axe-core finds nothing, the keyboard reaches everything, nothing runs sideways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import ROOT, Running
from tests.e2e.people import Scheme, Someone, someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
WIDTHS = (320, 1440)
STRANGERS = (
    "/",
    "/styles/{style}",
    "/studio",
    "/verify",
    "/verify?work={work}",
    "/sign-in",
    "/sign-up",
    "/reset",
    "/nowhere",
)
OWN = (
    "/studio?styles={style}",
    "/works",
    "/my-styles",
    "/my-styles/new",
    "/earnings",
    "/uses",
    "/licenses",
    "/usage",
    "/webhooks",
    "/webhooks/{webhook}",
    "/account",
    "/outbox",
    "/hearing",
)


@pytest.mark.parametrize(("scheme", "widths", "rules"), [("light", WIDTHS, RULES), ("dark", WIDTHS[1:], COLORS)])
def test_axe_finds_nothing_on_any_page(
    browser: Browser, house: Running, scheme: Scheme, widths: tuple[int, ...], rules: dict[str, Any]
) -> None:
    """In the dark only colors are others."""
    with someone(browser, house, scheme=scheme) as stranger:
        things = _things(stranger)
        found = list(_walk(stranger, [path.format(**things) for path in STRANGERS], widths, rules))
        stranger.sign_up(f"Axel {scheme.title()}")
        stranger.sees("Your account is open")
        things["webhook"] = _webhook(stranger)
        found += _walk(stranger, [path.format(**things) for path in OWN], widths, rules)
        stranger.complaints.clear()  # pages that are not there are asked for on purpose
    assert found == []


def test_the_keyboard_alone_reaches_a_preview(browser: Browser, house: Running) -> None:
    with someone(browser, house) as person:
        person.sign_up("Kay Board")
        person.sees("Your account is open")
        person.go("/studio")
        _tab_to(person, "The Summer Palace in Beijing")
        person.page.keyboard.press("Enter")
        _tab_to(person, "Harbor oils")
        person.page.keyboard.press("Enter")
        person.sees("for this work")
        _tab_to(person, "Preview (free)")
        person.page.keyboard.press("Enter")
        person.sees("The preview is ready.", seconds=90)


def _things(person: Someone) -> dict[str, str]:
    asked = person.page.request.get(f"{person.house.url}/v1/styles").json()["items"]
    receipt = (person.house.var / "demo" / "receipt.json").read_text()
    return {"style": asked[0]["id"], "work": receipt.partition('"work": "')[2].partition('"')[0]}


def _webhook(person: Someone) -> str:
    """One that was told something, with a log of it."""
    url, api = person.house.url, person.page.request
    said = {"name": "Catalog", "url": f"{url}/nowhere", "kinds": ["batch.finished"]}
    here = {"Origin": url}
    made = api.post(f"{url}/v1/webhooks", data=said, headers=here)
    assert made.ok, made.text()
    assert api.post(f"{url}/v1/webhooks/{made.json()['id']}/test", headers=here).ok
    return str(made.json()["id"])


def _walk(person: Someone, paths: list[str], widths: tuple[int, ...], rules: dict[str, Any]) -> Iterator[str]:
    for path in paths:
        person.go(path)
        person.page.get_by_role("heading", level=1).first.wait_for()
        for width in widths:
            person.page.set_viewport_size({"width": width, "height": 900})
            person.page.wait_for_load_state("networkidle")
            yield from (f"{path} at {width}: {fault}" for fault in faults(person, rules))


def faults(person: Someone, rules: dict[str, Any] = RULES) -> Iterator[str]:
    page = person.page
    page.evaluate(AXE.read_text() + ";undefined")
    options: dict[str, Any] = {"runOnly": rules, "resultTypes": ["violations"]}
    for violation in page.evaluate("options => axe.run(document, options)", options)["violations"]:
        yield f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield "it runs sideways"


def _tab_to(person: Someone, name: str) -> None:
    """Press Tab until what carries these words has the focus."""
    person.page.get_by_text(name).first.wait_for()
    for _ in range(80):
        person.page.keyboard.press("Tab")
        focused = person.page.evaluate("document.activeElement?.innerText || document.activeElement?.ariaLabel || ''")
        if name in focused:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")
