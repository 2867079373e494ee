"""What people do in the pages, step by step, as they would: by what they can read, never by how it is built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import ROOT, Running

SCREENS = ROOT / "var" / "screens"
PHONE, DESKTOP = (390, 844), (1440, 900)
PASSWORD = "a quiet green field"
Scheme = Literal["light", "dark"]


@dataclass
class Someone:
    """A person with a browser window of their own. `complaints`: what the browser's console said."""

    page: Page
    house: Running
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.house.url + path)

    def press(self, name: str, *, exact: bool = False) -> None:
        """A button or a link, whichever carries these words."""
        page = self.page
        both = page.get_by_role("button", name=name, exact=exact).or_(page.get_by_role("link", name=name, exact=exact))
        both.first.click()

    def sees(self, words: str, *, seconds: float = 20) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=seconds * 1000)

    def sign_up(self, name: str, *, at: str = "/sign-up") -> None:
        """Make an account and open it by the mail, which this house shows instead of sending."""
        self.go(at)
        self.open_account(name)

    def open_account(self, name: str) -> None:
        self.ask_for_account(name)
        self.press("Open the link")

    def ask_for_account(self, name: str) -> None:
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("E-mail address").fill(f"{name.lower().replace(' ', '.')}@example.org")
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.press("Make the account")
        self.sees("This is the mail")

    def sign_in(self, name: str) -> None:
        self.go("/sign-in")
        self.page.get_by_label("E-mail address").fill(f"{name.lower().replace(' ', '.')}@example.org")
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def screenshot(self, name: str, *, phone: bool = True) -> None:
        """The page as it is, at desktop and at phone size."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        for kind, (width, height) in {"desktop": DESKTOP, "phone": PHONE}.items():
            if kind == "phone" and not phone:
                continue
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.evaluate("window.scrollTo(0, 0)")
            self.page.wait_for_timeout(100)  # what is drawn anew at this size, is drawn
            self.page.screenshot(path=SCREENS / f"{name}-{kind}.png", full_page=True)
        self.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})


@contextmanager
def someone(browser: Browser, house: Running, *, scheme: Scheme = "light") -> Iterator[Someone]:
    """A fresh window of a person nobody knows yet; it must have had nothing to complain about at the end."""
    size = {"width": DESKTOP[0], "height": DESKTOP[1]}
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,
        reduced_motion="reduce",  # nothing slides, so nothing waits until it has slid
        accept_downloads=True,
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    person = Someone(page, house)
    page.on("pageerror", lambda error: person.complaints.append(str(error)))
    page.on("console", lambda said: person.complaints.append(said.text) if said.type == "error" else None)
    try:
        yield person
    except BaseException:
        SCREENS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENS / "failed.png", full_page=True)
        raise
    finally:
        context.close()
    assert person.complaints == []


def pictures(folder: Path, count: int = 3) -> list[Path]:
    """Works of a hand, painted for a test and left in a folder."""
    from app.demo import woodcut
    from core import encode

    made = []
    for number, subject in enumerate(list(woodcut.SUBJECTS)[:count]):
        path = folder / f"{subject.lower().replace(' ', '-')}.png"
        path.write_bytes(encode.png(woodcut.paint(subject, seed=100 + number, size=512)))
        made.append(path)
    return made
