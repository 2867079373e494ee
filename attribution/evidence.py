"""Pure: what is said of a file, by which layer and how surely; where in the file a work lies, and which part of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Identification = Literal["proven", "recovered", "matched", "derived", "several", "contested", "hint", "named", "none"]
Layer = Literal["manifest", "samples", "fingerprint", "mark", "hash", "code", "number"]


@dataclass(frozen=True)
class Region:
    """A part of a picture, from its corner, in parts of its width and height, 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    def document(self) -> dict[str, float]:
        return {name: round(value, 3) for name, value in vars(self).items()}

    def overlap(self, other: Place) -> float:
        """How much of the smaller of the two both cover, 0 to 1."""
        if not isinstance(other, Region):
            return 0.0
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        least = min(one.area for one in (self, other))
        return max(0.0, width) * max(0.0, height) / least if least > 0 else 0.0

    def within(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """The rows and columns of a picture [height, width] that it covers, also in part."""
        rows = slice(int(self.top * shape[0]), math.ceil(self.bottom * shape[0]))
        return rows, slice(int(self.left * shape[1]), math.ceil(self.right * shape[1]))

    @property
    def area(self) -> float:
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


@dataclass(frozen=True)
class Span:
    """A part of a recording, in seconds."""

    begin: float
    end: float

    def document(self) -> dict[str, float]:
        return {name: round(value, 2) for name, value in vars(self).items()}

    def overlap(self, other: Place) -> float:
        """How much of the shorter of the two both cover, 0 to 1."""
        if not isinstance(other, Span):
            return 0.0
        least = min(self.end - self.begin, other.end - other.begin)
        return max(0.0, min(self.end, other.end) - max(self.begin, other.begin)) / least if least > 0 else 0.0


Place = Region | Span
SIGNED, SAME = 0.9999, 0.999  # confidence of our own signature borne out, and of the very samples or bytes
DERIVED = 0.89  # the most that a composition or a tune is believed to come from a work: less than any use asks for
EVERYWHERE = Region(0, 0, 1, 1)


@dataclass(frozen=True)
class Evidence:
    """What one layer says.

    `rough`: the detail without a score that somebody could climb on by trying; None where there is none in it.
    `work`: what it names, an id of a work or of a registered original. `here`, `there`: where in the file, and which
    part of the work, where that is known.
    """

    layer: Layer
    confidence: float
    detail: str
    rough: str | None = None
    work: str | None = None
    here: Place | None = None
    there: Place | None = None

    def document(self) -> dict[str, Any]:
        """As it is told on the wire."""
        return {
            "layer": self.layer,
            "confidence": self.confidence,
            "detail": self.detail,
            "work": self.work,
            "here": self.here.document() if self.here is not None else None,
            "there": self.there.document() if self.there is not None else None,
        }


@dataclass(frozen=True)
class Finding:
    """What a file is. `claim` is the recorded claim's document; None with a match means a registered original.

    identification: proven by our signature; recovered, the very samples without it, or fingerprint and mark together;
    matched by one of them; derived, where only the composition or the tune is the work's; several works in it;
    contested, where signs name different works; a hint, where a mark alone names a work; named, where a number was told
    and no file shown; or none. `changed`: whether the file is none of those sealed (or, of an original, the samples);
    None when nothing was found or shown. `payable`: whether two independent layers agree, so that money may follow.
    `others`: further works in the file, or that this one is derived from.
    """

    identification: Identification
    confidence: float
    work: str | None = None
    claim: dict[str, Any] | None = None
    evidence: tuple[Evidence, ...] = ()
    changed: bool | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    payable: bool = False
    others: tuple[str, ...] = ()
