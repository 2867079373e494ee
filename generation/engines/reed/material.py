"""What may be learned from, and so may earn: one clear tone at a time, and each sound once.

Whoever pads a style with silence, noise, chords or copies gains nothing: recordings in which no single tone is heard
are left out whole, and of passages that run alike the earlier one counts, in whatever guise the copy comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.hearing.frames import Bools
from core.media import Sound
from generation.engine import Asset, BadRequest
from generation.engines.mosaic import guard, listening
from generation.engines.reed import hearing
from generation.engines.reed.hearing import Heard, Spectra

MOST_ASSETS = 1000
MOST_SECONDS = 1800.0  # of all recordings together
LEAST_RATE = 8_000
_LEAST_SECONDS = 2.0  # of what may be learned from
SURE = 0.65  # part of the frames with pitch in which one tone is nearly all, at least
_PITCHED = 0.3  # part of the sounding frames with pitch, at least

Tick = Callable[[int], None]  # told how many recordings are done


@dataclass(frozen=True, eq=False)
class Material:
    """A recording, heard. `rows` [frames]: which may be learned from."""

    id: str
    sha256: str
    heard: Heard
    spectra: Spectra
    rows: Bools


def gather(assets: Sequence[Asset], tick: Tick) -> list[Material]:
    """All recordings. Raises BadRequest where nothing may be learned from them."""
    _check(assets)
    found = []
    for number, asset in enumerate(assets):
        tick(number)
        assert isinstance(asset.media, Sound)
        found.append(_heard(asset.id, asset.media, lambda number=number: tick(number)))  # type: ignore[misc]
    ears = [listening.mono(asset.media) for asset in assets if isinstance(asset.media, Sound)]
    once = guard.usable(ears, lambda: tick(len(assets)))
    for one, tenths in zip(found, once, strict=True):
        frames = np.repeat(tenths, 10)
        one.rows[:] &= np.pad(frames, (0, max(0, len(one.rows) - len(frames))), mode="edge")[: len(one.rows)]
    seconds = sum(int(one.rows.sum()) for one in found) / 100
    if seconds < _LEAST_SECONDS:
        raise BadRequest(
            f"one clear tone at a time is heard for {seconds:.1f} seconds of these recordings, and reed learns from"
            f" {_LEAST_SECONDS:.0f} or more; give recordings of one voice or instrument alone"
        )
    return found


def is_one_tone(heard: Heard, spectra: Spectra) -> bool:
    """Whether a recording is of one voice or instrument that plays one tone at a time."""
    pitched = heard.voiced.sum() / max(1, heard.active.sum())
    return bool(pitched > _PITCHED and hearing.sure(heard, spectra) > SURE)


def _heard(id: str, sound: Sound, tick: Callable[[], None]) -> Material:
    heard = hearing.listen(sound, tick)
    spectra = hearing.divide(heard, tick)
    rows = heard.active.copy() if is_one_tone(heard, spectra) else np.zeros(len(heard), np.bool_)
    return Material(id, sound.sha256, heard, spectra, rows)


def _check(assets: Sequence[Asset]) -> None:
    if not 1 <= len(assets) <= MOST_ASSETS:
        raise BadRequest(f"reed learns from 1 to {MOST_ASSETS} recordings, these are {len(assets)}; split them")
    if len({asset.id for asset in assets}) != len(assets):
        raise BadRequest("the style names a recording twice; give each once")
    seconds = 0.0
    for asset in assets:
        if not isinstance(asset.media, Sound):
            raise BadRequest(f"asset {asset.id} is no recording; reed learns from recordings", asset=asset.id)
        if asset.media.rate < LEAST_RATE:
            raise BadRequest(
                f"asset {asset.id} has under {LEAST_RATE} samples a second; bring the original", asset=asset.id
            )
        seconds += asset.media.seconds
    if seconds > MOST_SECONDS:
        raise BadRequest(f"the recordings last {seconds:.0f} seconds; reed learns from {MOST_SECONDS:.0f} at most")
