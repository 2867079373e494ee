"""What `revoice` does with songs: sections of a duet, and a mix that is taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import Invalid

if TYPE_CHECKING:
    from core.media import Sound
    from generation.engine import Ingredient

_PER_SECOND = 100
Region = NDArray[np.bool_]


def regions_of(sections: Sequence[str], voices: int, seconds: float) -> dict[int, Region]:
    """When each voice sings, of sections such as `1:0-12.5` and `2:12.5-`: by its number, bool [1, hundredths].

    A voice without a section is left out: it may sing everywhere. Raises Invalid.
    """
    regions: dict[int, Region] = {}
    frames = max(1, round(seconds * _PER_SECOND))
    for said in sections:
        number, begin, end = _section(said, voices, seconds)
        region = regions.setdefault(number, np.zeros((1, frames), np.bool_))
        region[0, round(begin * _PER_SECOND) : round(end * _PER_SECOND)] = True
    return regions


def sung_in(styles: tuple[Ingredient, ...], regions: dict[int, Region]) -> tuple[Ingredient, ...]:
    """The voices with the regions of `regions_of`."""
    return tuple(replace(style, region=regions.get(number)) for number, style in enumerate(styles, 1))


def _section(said: str, voices: int, seconds: float) -> tuple[int, float, float]:
    which, _, when = said.partition(":")
    begin, dash, end = when.partition("-")
    try:
        number, first, last = int(which), float(begin), float(end) if end else seconds
    except ValueError as error:
        raise Invalid(f"--section {said!r}: say whose and from when to when, such as 1:0-12.5 or 2:12.5-") from error
    if not dash or not 1 <= number <= voices:
        raise Invalid(f"--section {said!r}: {voices} voices are given; say whose and from when to when, as 1:0-12.5")
    if not 0 <= first < min(last, seconds):
        raise Invalid(f"--section {said!r}: the recording lasts {seconds:.2f} s; say a part of it, as 1:0-12.5")
    return number, first, last


def taken_apart(name: str, mix: Sound) -> tuple[Sound, Sound]:
    """Voice and backing, by the separator of this name if the operator admits it."""
    from app import settings
    from generation import separation

    return separation.apart(separation.separator(name, settings.load().separators), mix)
