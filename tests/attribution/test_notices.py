"""Notices: what people see or hear, and what programs that read no C2PA find in a file."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from attribution import definition, manifest, notices
from core import encode, encode_sound, tags
from core.decode_sound import sound_of
from core.media import Picture, Sound
from tests.attribution.made import House, claim, photograph, stylized
from tests.fakes import tone

TYPE = definition.SOURCES + "composite"


def test_only_a_voice_has_its_notice_at_once() -> None:
    kinds = {
        "picture": claim(),
        "music": claim(medium="sound"),
        "voice": claim(medium="sound", voice=True),
    }
    assert {name: notices.kind(said) for name, said in kinds.items()} == {name: name for name in kinds}
    assert [name for name, rule in notices.RULES.items() if rule.at_once] == ["voice"]
    assert all(rule.words.startswith(notices.LABEL) for rule in notices.RULES.values())


def test_the_label_lies_in_one_corner_and_can_be_read() -> None:
    before, after = photograph(), notices.noticed(photograph())
    assert isinstance(after, Picture)
    rows, columns = np.nonzero((before.pixels != after.pixels).any(2))
    assert rows.min() > 0.9 * before.height
    assert columns.min() > 0.8 * before.width
    corner = after.pixels[rows.min() :, columns.min() :].astype(int)
    assert corner.max() > 240  # light letters on dark, whatever is under them
    assert np.percentile(corner, 20) < 100


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 900), (900, 1), (20, 30), (16, 400)])
def test_a_label_fits_any_picture(height: int, width: int) -> None:
    marked = notices.noticed(Picture(np.full((height, width, 3), 255, np.uint8)))
    assert isinstance(marked, Picture)
    assert (marked.height, marked.width) == (height, width)


def test_the_signal_comes_before_the_sound_which_stays_as_it_was() -> None:
    sound = Sound(np.repeat(encode_sound.rounded(tone().samples), 2, 1), 8_000)
    heard = notices.noticed(sound)
    assert isinstance(heard, Sound)
    lead = heard.frames - sound.frames
    assert 0.8 < lead / heard.rate < 1.5
    assert np.array_equal(heard.samples[lead:], sound.samples)
    signal = heard.samples[:lead, 0]
    assert 0.08 < np.abs(signal).max() <= 0.1 + 1e-6
    assert np.abs(np.diff(signal)).max() < 0.1  # no clicks
    dots = np.abs(signal).reshape(-1, int(0.07 * 8_000)).max(1) > 0.05
    assert "".join(str(int(one)) for one in dots) == "10111000101000000"


def test_a_packet_says_how_it_was_made_and_what_is_reserved() -> None:
    plain = notices.xmp(claim(), with_source=True).decode()
    assert f'DigitalSourceType="{TYPE}"' in plain
    assert 'DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"' in plain
    limited = notices.xmp(claim(training='until "then" & <there>'), with_source=True).decode()
    assert "DMI-PROHIBITED-SEECONSTRAINT" in limited
    assert 'until "then" &amp; &lt;there&gt;' in limited


@pytest.mark.parametrize("write", [encode.png, encode.jpeg, encode.webp])
def test_pictures_carry_the_packet_and_nothing_without_one(write: Any) -> None:
    packet = notices.xmp(claim(), with_source=True)
    with Image.open(io.BytesIO(write(photograph(), xmp=packet))) as image:
        assert image.info["xmp"] == packet
    with Image.open(io.BytesIO(write(photograph()))) as image:
        assert "xmp" not in image.info


@pytest.mark.parametrize("form", ["flac", "mp3", "wav", "opus"])
def test_recordings_carry_the_source_type_as_a_tag(form: encode_sound.Form) -> None:
    kept = tags.Tags(title="Dusk", comment="by hand")
    data = encode_sound.encoded(tone(), form, kept, TYPE)
    key = rb"TXXX.{6}\x03DigitalSourceType\0" if form in ("mp3", "wav") else rb"DIGITALSOURCETYPE="
    assert re.search(key + re.escape(TYPE.encode()), data, re.DOTALL)
    assert sound_of(data).channels == 1
    assert b"igitalsourcetype" not in encode_sound.encoded(tone(), form, kept).lower()


def test_a_work_with_a_label_is_still_proven(house: House) -> None:
    sealed = house.record(stylized(1), photograph())
    marked = notices.noticed(stylized(1))
    assert isinstance(marked, Picture)
    data = manifest.sign(
        encode.jpeg(marked),
        sealed.claim,
        iscc=None,
        with_source=True,
        chain=house.chain,
        kind="image/jpeg",
    )
    found = house.ask(data)
    assert (found.identification, found.work) == ("proven", sealed.claim.work)
