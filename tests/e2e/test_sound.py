"""A fan sings into the microphone and hears the same line in a licensed voice; a singer brings a voice of their own."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.demo import singing
from core import encode_sound
from tests.e2e.conftest import Launch, Running
from tests.e2e.people import Someone, someone
from tests.e2e.test_accessible import faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
ALTO, BASS = singing.SINGERS
TENOR = replace(BASS, name="Otto Brand", style="Otto's tenor", tract=1.02, low=48, high=62)
FAN = "Vera Vale"
SECONDS = 3.0  # that the fan sings


@pytest.fixture(scope="module")
def microphone(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone hears a scripted bass, again and again; it is allowed without being asked."""
    heard = tmp_path_factory.mktemp("microphone") / "line.wav"
    sung = singing.recording(BASS, 3, seconds=SECONDS)
    with wave.open(str(heard), "wb") as file:
        file.setparams((sung.channels, 2, sung.rate, sung.frames, "NONE", ""))
        file.writeframes((sung.samples * 32767).astype("<i2").tobytes())
    browser = launch(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={heard}",
    )
    yield browser
    browser.close()


def test_a_fan_sings_and_hears_it_in_a_licensed_voice(microphone: Browser, house: Running) -> None:
    with someone(microphone, house) as fan:
        fan.go("/?medium=sound")
        fan.sees(ALTO.style)
        fan.press(f"Play {ALTO.style}")
        expect(fan.page.get_by_role("button", name=f"Stop {ALTO.style}")).to_be_visible()
        fan.screenshot("explore-sound", phone=False)
        fan.press(ALTO.style, exact=True)
        fan.sees("What it learned from")
        fan.screenshot("style-sound", phone=False)
        fan.press("Try it with my voice")
        _sing(fan)
        fan.press("Preview (free)")
        fan.press("Make an account")
        fan.open_account(FAN)
        fan.press("Preview (free)")
        fan.sees("The preview is ready.", seconds=60)
        fan.screenshot("studio-sound-preview", phone=False)
        fan.press("Make it")
        fan.press("Top up $")
        fan.sees("in your credit now")
        fan.press("Make it")
        fan.sees("The work is ready.", seconds=60)
        fan.press("Open the work")
        _hear(fan)


def test_a_voice_is_asked_for_a_phrase_before_it_can_be_licensed(
    microphone: Browser, house: Running, tmp_path: Path
) -> None:
    take = tmp_path / "take.flac"
    take.write_bytes(encode_sound.encoded(singing.recording(TENOR, 1, seconds=12.0), "flac"))
    with someone(microphone, house) as singer:
        singer.sign_up(TENOR.name)
        singer.sees("Your account is open")
        singer.go("/my-styles/new")
        singer.page.get_by_label("Recordings: a voice or an instrument").check()
        singer.page.get_by_label("Name of the style").fill(TENOR.style)
        singer.page.get_by_label("Your artist name").fill(TENOR.name)
        singer.press("Go on to your works")
        singer.page.locator("input[type=file]").first.set_input_files(take)
        singer.press("Add this work")
        singer.sees("Learned from", seconds=60)
        singer.press("Give me a phrase")
        singer.sees("Speak this, in one go")
        singer.screenshot("my-style-voice")
        assert list(faults(singer)) == []
        _record(singer, singer.page.get_by_role("region", name="Show that it is your voice"))
        singer.sees("It could not be taken for the voice of the recordings.", seconds=60)  # another one sang
        expect(singer.page.get_by_role("button", name="Give me another phrase")).to_be_visible()


def _record(person: Someone, place: Page | Locator) -> None:
    place.get_by_role("button", name="Record", exact=True).click()
    person.sees("Recording 0:0")
    expect(place.get_by_text("good", exact=True)).to_be_visible()  # what the meter says
    person.page.wait_for_timeout(SECONDS * 1000)
    place.get_by_role("button", name="Stop", exact=True).click()


def _sing(fan: Someone) -> None:
    """Into the microphone, at the first try; then it is there to be listened to, and looked over by axe."""
    _record(fan, fan.page)
    expect(fan.page.get_by_role("slider", name="Place in Your recording")).to_be_visible()
    fan.sees("Recorded. Listen to it")
    fan.screenshot("studio-sound")
    assert list(faults(fan)) == []


def _hear(fan: Someone) -> None:
    """By keyboard alone: forward, a loop, before and after at the same place; the table says whose moments they are."""
    fan.sees("Who gets paid")
    page = fan.page
    place = page.get_by_role("slider", name="Place in A recording made in the style")
    expect(place).not_to_have_attribute("aria-valuemax", "0")  # both are there
    place.press("ArrowRight")
    expect(place).to_have_attribute("aria-valuenow", "1")
    place.press("Shift+ArrowRight")
    fan.sees("Loop 0:01.0 to 0:02.0")
    place.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    place.press("b")
    expect(page.get_by_role("radio", name="Before")).to_be_checked()
    heard = page.evaluate(
        "[...document.querySelectorAll('audio')].map(one => [one.muted, one.paused, one.currentTime])"
    )
    assert [muted for muted, *_ in heard] == [True, False], "one of the two is heard"
    assert abs(heard[0][2] - heard[1][2]) < 0.1, "both are at the same place"
    page.get_by_role("button", name="First take").first.focus()
    fan.screenshot("work-sound")
    assert list(faults(fan)) == []
    with page.expect_download() as found:
        fan.press("MP3")
    assert Path(found.value.path()).stat().st_size > 10_000
