"""The contract with a separator, which takes the voice out of a mix: an operator's plug-in, never shipped by the house.

Separators are found by the entry-point group `homage.separators` and admitted by the operator's `HOMAGE_SEPARATORS`, as
engines are. What is not the voice is the mix less the voice, so that both together are the mix again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol, cast

import numpy as np

from core.encode_sound import rounded
from core.errors import HomageError, NotFound, Unavailable
from core.media import Sound

GROUP = "homage.separators"


class UnknownSeparator(NotFound):
    """There is no such separator here."""


class SeparatorFailed(Unavailable):
    """The separator cannot start, or gave back something else than the contract says."""


@dataclass(frozen=True)
class SeparatorCard:
    """What a separator is, for people who choose it."""

    name: str
    version: str
    learned_from: str  # what its weights were trained on
    weights_license: str | None  # None: it has no weights


class Separator(Protocol):
    """A taker-out of voices."""

    card: SeparatorCard

    def split(self, mix: Sound) -> Sound:
        """The voice alone: the same rate, frames and channels as the mix."""
        ...


def separator(name: str, allowed: Sequence[str]) -> Separator:
    """The separator of this name. Raises UnknownSeparator, SeparatorFailed saying what is missing."""
    if name not in allowed:
        raise UnknownSeparator(
            f"no separator {name[:60]!r} is admitted here; there are: {', '.join(allowed) or 'none'}; "
            "the operator admits one in HOMAGE_SEPARATORS"
        )
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if len(found) != 1:
        raise UnknownSeparator(
            f"separator {name!r} is admitted, and {len(found)} packages provide it; install the one that you trust"
        )
    try:
        made = found[0].load()()
    except Exception as error:  # a stranger's code: whatever it raises, the house goes on
        raise SeparatorFailed(f"separator {name!r} cannot start ({error!r}); install what it needs") from error
    if not isinstance(getattr(made, "card", None), SeparatorCard):
        raise SeparatorFailed(f"separator {name!r} has no card of this contract; install a version made for it")
    return cast(Separator, made)


def apart(by: Separator, mix: Sound) -> tuple[Sound, Sound]:
    """Voice and backing, in whole steps of 24 bits, whose sum is the mix to half a step. Raises SeparatorFailed."""
    try:
        voice = by.split(mix)
    except HomageError:
        raise
    except Exception as error:  # a stranger's code
        raise SeparatorFailed(
            f"separator {by.card.name!r} failed ({error!r}); bring the vocal and its backing"
        ) from error
    if voice.rate != mix.rate or voice.samples.shape != mix.samples.shape:
        raise SeparatorFailed(
            f"separator {by.card.name!r} gave {voice.frames} frames of {voice.channels} at {voice.rate} a second for "
            f"{mix.frames} of {mix.channels} at {mix.rate}; install a version that keeps them"
        )
    if not np.isfinite(voice.samples).all():
        raise SeparatorFailed(f"separator {by.card.name!r} gave samples that are no numbers; bring the stems instead")
    own = rounded(voice.samples) + np.float32(0)  # no negative zeros: a file has none, and a replay reads a file
    return Sound(own, mix.rate), Sound(mix.samples - own, mix.rate)
