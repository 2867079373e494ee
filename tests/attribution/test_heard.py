"""Recordings among everything registered: a copy is told from what was sung anew over the same melody and timing."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from attribution import heard, registry
from attribution.evidence import DERIVED
from attribution.fingerprint import of_sound
from attribution.seal import Sealed, seal
from attribution.verify import Finding
from core import ids
from core.media import Sound
from tests.attribution.features.test_sounds import OTHER, RATE, SOURCE, WORK, noisy, sound, voiced
from tests.attribution.made import AT, House, claim


def sung(voice: int, begin: float = 0.0, seconds: float = 20.0, *, noise: float | None = None) -> Sound:
    part = voiced(4, voice)[int(begin * RATE) : int((begin + seconds) * RATE)]
    return sound(0.5 * (part if noise is None else noisy(part, noise)) / np.abs(voiced(4, voice)).max())


def record(house: House, media: Sound, source: Sound | None) -> Sealed:
    sealed = seal(media, claim(medium="sound"), source=source, at=AT, tools=house.tools)
    registry.record(house.session, sealed, at=AT)
    return sealed


def asked(house: House, media: Sound) -> Finding:
    out = io.BytesIO()
    soundfile.write(out, media.samples, media.rate, format="WAV", subtype="PCM_16")
    return house.ask(out.getvalue(), "file.wav")


def test_a_work_made_from_a_voice_is_told_from_that_voice_and_from_others(house: House) -> None:
    sealed = record(house, sung(WORK), sung(SOURCE))
    for change in (None, 8.0):
        found = asked(house, sung(WORK, 5.0, 11.0, noise=change))  # without its mark
        assert (found.identification, found.work) == ("matched", sealed.claim.work)
        assert not found.payable
    for voice, seconds in ((SOURCE, 20.0), (OTHER, 11.0)):
        found = asked(house, sung(voice, 0.0, seconds))
        assert found.identification in ("none", "derived")
        assert found.confidence <= DERIVED
        assert not found.payable


def test_where_no_source_is_kept_only_a_clean_copy_is_one(house: House) -> None:
    registry.register_asset(house.session, asset=ids.new("ast"), owner="per_x", fingerprint=of_sound(sung(WORK), None))
    (clean,) = heard.search(house.session, sung(WORK, 4.0, 12.0))
    assert clean.copy
    assert clean.confidence > 0.9
    assert clean.there.begin - clean.here.begin == pytest.approx(4.0, abs=0.3)
    (changed,) = heard.search(house.session, sung(WORK, 4.0, 12.0, noise=3.0))
    assert not changed.copy
    assert changed.likely  # a person should look
    assert changed.confidence <= DERIVED
    assert [hit.owner for hit in registry.screen(house.session, of_sound(sung(WORK, 4.0, 12.0), None), owner="y")] == [
        "per_x"
    ]
