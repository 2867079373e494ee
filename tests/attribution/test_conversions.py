"""Conversions of one take share its timing: each is told as itself, and none as another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from app.demo import singing
from app.demo.singing import AMATEUR, SINGERS
from attribution import fingerprint, heard, registry
from attribution.evidence import DERIVED
from attribution.manifest import Store
from attribution.seal import Sealed
from core import encode_sound
from core.media import Sound
from tests.attribution.made import AT, claim


@pytest.fixture(scope="module")
def voices() -> list[Sound]:
    """One line at one timing: who sang it, what it was converted to, and another conversion."""
    line = singing.line(SINGERS[0], 5, notes=24)
    return [singing.sung(singer, line, 5, rate=22_050) for singer in (SINGERS[0], AMATEUR, SINGERS[1])]


@pytest.fixture
def work(session: Session, voices: list[Sound]) -> str:
    source, sound, _ = voices
    found = fingerprint.of_sound(sound, source)
    sealed = Sealed(
        b"", replace(claim(), medium="sound"), sound, found, "ISCC:KAAQ", None, None, Store("urn:c2pa:x", b"")
    )
    registry.record(session, sealed, at=AT)
    return sealed.claim.work


def told(session: Session, sound: Sound) -> list[tuple[bool, bool]]:
    """Of each match whether it is a copy, and whether it shows what is the work's own."""
    found = heard.search(session, sound)
    assert all(match.copy or match.confidence <= DERIVED for match in found)
    return [(match.copy, match.own) for match in found]


def test_neither_the_source_nor_another_conversion_of_it_is_a_copy(
    session: Session, voices: list[Sound], work: str
) -> None:
    source, sound, other = voices
    assert told(session, source) == []
    assert [copy for copy, _ in told(session, other)] in ([], [False])
    assert told(session, encode_sound.decoded(encode_sound.encoded(sound, "mp3"))) == [(True, True)]


def test_once_the_source_is_erased_the_tune_alone_names_no_copy(
    session: Session, voices: list[Sound], work: str
) -> None:
    """Else the recording of somebody who ended their account would be told as the work that was made from it."""
    registry.forget_contents(session, works=[work])
    session.expire_all()
    source, _, other = voices
    for sound in (source, other):
        assert told(session, sound) == [(False, False)]
