"""Separators: admitted by the operator, held to the contract, and what they leave is the rest of the mix."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint

import numpy as np
import pytest

from core.media import Sound
from generation import separation
from generation.separation import SeparatorCard, SeparatorFailed, UnknownSeparator


class Middle:
    """Takes what both channels have in common for the voice."""

    card = SeparatorCard("middle", "1", learned_from="nothing", weights_license=None)

    def split(self, mix: Sound) -> Sound:
        return Sound(np.repeat(mix.samples.mean(1, keepdims=True), 2, 1) / 3, mix.rate)


class Broken(Middle):
    def __init__(self, gives: Callable[[Sound], Sound]) -> None:
        self.split = gives  # type: ignore[method-assign]


def mix() -> Sound:
    return Sound(np.random.default_rng(1).uniform(-1, 1, (1000, 2)).astype(np.float32), 44_100)


def test_voice_and_backing_are_the_mix() -> None:
    whole = mix()
    voice, backing = separation.apart(Middle(), whole)
    assert np.abs(voice.samples + backing.samples - whole.samples).max() <= 2.0**-24
    assert np.corrcoef(voice.samples[:, 0], whole.samples.mean(1))[0, 1] > 0.999


def failing(mix: Sound) -> Sound:
    raise RuntimeError("no weights")


@pytest.mark.parametrize(
    ("gives", "words"),
    [
        (lambda mix: Sound(mix.samples[:500].copy(), mix.rate), "500 frames"),
        (lambda mix: Sound(mix.samples * np.float32(np.nan), mix.rate), "no numbers"),
        (failing, "no weights"),
    ],
)
def test_a_separator_that_breaks_the_contract_is_refused(gives: Callable[[Sound], Sound], words: str) -> None:
    with pytest.raises(SeparatorFailed, match=words):
        separation.apart(Broken(gives), mix())


def test_only_admitted_separators_start(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("middle", f"{__name__}:Middle", separation.GROUP)]
    points += [EntryPoint("bare", f"{__name__}:SeparatorCard", separation.GROUP)]
    monkeypatch.setattr(separation, "entry_points", lambda group: points)
    assert separation.separator("middle", ["middle"]).card.name == "middle"
    with pytest.raises(UnknownSeparator, match="HOMAGE_SEPARATORS"):
        separation.separator("middle", [])
    with pytest.raises(UnknownSeparator, match="0 packages"):
        separation.separator("gone", ["gone"])
    with pytest.raises(SeparatorFailed, match="cannot start"):
        separation.separator("bare", ["bare"])
