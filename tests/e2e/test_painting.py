"""A fan paints with brushes of styles: takes side by side, which style goes where, and a part made anew."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, expect

from app.demo import strokes, woodcut
from tests.e2e.conftest import Running
from tests.e2e.people import Someone, someone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_takes_regions_and_a_part_repainted(browser: Browser, house: Running) -> None:
    with someone(browser, house) as fan:
        fan.sign_up("Paula Brush")
        fan.sees("Your account is open")
        upper, lower = (_style(fan, name) for name in (strokes.STYLE, woodcut.STYLE))
        fan.go(f"/studio?style={upper}.{lower}")
        fan.press("The Summer Palace in Beijing")
        fan.page.get_by_text("More settings").click()
        fan.page.get_by_label("Size", exact=True).select_option("256")
        _divide(fan)
        _choose_the_third_of_four(fan)
        work = _buy(fan)
        _upper_half_is_by(fan, work, strokes.ARTIST)
        repainted = _repaint_left_half(fan, work)
        before, after = _pixels(fan, work), _pixels(fan, repainted)
        middle = before.shape[1] // 2
        assert (after[:, middle:] == before[:, middle:]).all(), "outside of the part nothing changes"
        assert (after[:, :middle] != before[:, :middle]).any(), "inside of it something does"
        fan.press("Open the work")
        fan.sees("An earlier work, repainted in a part.")
        fan.press("See the earlier work")
        fan.page.wait_for_url(f"**/works/{work}")


def _divide(fan: Someone) -> None:
    """The first style above, the second below; a stroke by keyboard is undone again."""
    fan.press("Say which style goes where")
    fan.press("One above the other", exact=True)
    fan.page.get_by_label("Which style goes where. Arrows").press("Space")
    fan.screenshot("studio-regions")
    fan.press("Undo")
    fan.press("Done")
    fan.sees("You have said which style goes where.")


def _choose_the_third_of_four(fan: Someone) -> None:
    seed = fan.page.get_by_label("Seed", exact=True)
    first = int(seed.input_value())
    fan.press("Preview 4 takes")
    fan.sees("All are there.", seconds=90)
    fan.press("Choose take 3")
    fan.screenshot("studio-takes", phone=False)
    expect(seed).to_have_value(str((first + 2) % 2**32))


def _buy(fan: Someone) -> str:
    """The work as it is set up, with credit for another one; its id."""
    fan.press("Make it")
    fan.page.get_by_role("radiogroup", name="Top up by").locator("label").last.click()
    fan.press("Top up $")
    fan.sees("in your credit now")
    fan.press("Make it")
    return _made(fan)


def _made(fan: Someone) -> str:
    expect(fan.page.get_by_role("status").filter(has_text="The work is ready.")).to_have_count(1, timeout=90_000)
    return fan.page.url.partition("take=")[2].partition("&")[0]


def _repaint_left_half(fan: Someone, work: str) -> str:
    fan.press("Repaint a part")
    fan.sees("Brush over the part to repaint first.")
    board = fan.page.get_by_label("Repaint a part. Arrows")
    expect(board).to_be_visible()
    fan.press("Left half")
    fan.screenshot("studio-repaint", phone=False)
    fan.press("Make it")
    fan.page.wait_for_url(lambda url: "take=wrk_" in url and work not in url.partition("take=")[2])
    return _made(fan)


def _style(fan: Someone, name: str) -> str:
    listed = fan.page.request.get(f"{fan.house.url}/v1/styles").json()["items"]
    return str(next(style["id"] for style in listed if style["name"] == name))


def _upper_half_is_by(fan: Someone, work: str, artist: str) -> None:
    """By the work's own map: at least nine tenths of its upper half came from this artist's pictures."""
    told: dict[str, Any] = fan.page.request.get(f"{fan.house.url}/v1/works/{work}/provenance").json()
    theirs = [one["index"] for one in told["contributions"] if one["licensor"]["name"] == artist]
    field = np.array(Image.open(io.BytesIO(_body(fan, f"/v1/works/{work}/overlay.png"))))
    upper = field[: field.shape[0] // 2]
    assert np.isin(upper, theirs).mean() > 0.9


def _pixels(fan: Someone, work: str) -> NDArray[np.uint8]:
    return np.array(Image.open(io.BytesIO(_body(fan, f"/v1/works/{work}/file"))).convert("RGB"))


def _body(fan: Someone, path: str) -> bytes:
    return fan.page.request.get(fan.house.url + path).body()
