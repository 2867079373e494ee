"""What a reader of marks answers, in every medium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Reading:
    """A mark that was looked for.

    `number`: what it says, None where nothing was read. `strength`: of the mark's pilot, in standard deviations of what
    an unmarked file shows. `epoch`: of the key that read the number.
    """

    number: int | None
    strength: float
    epoch: str | None


NOTHING: Final = Reading(None, 0.0, None)
