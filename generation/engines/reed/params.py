"""What a fan may ask of reed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generation.engine import Params, Preset

PREVIEW = 15.0  # seconds


class ReedParams(Params):
    """The form a fan fills in."""

    transpose: Literal["auto", "keep", "semitones"] = Field(
        "auto",
        title="Pitch",
        description="By whole octaves into the instrument's range, kept as it is, or by the semitones below.",
    )
    semitones: int = Field(
        0,
        ge=-24,
        le=24,
        title="Semitones",
        description="How far to transpose, where pitch goes by semitones: 12 is an octave up, -12 one down.",
    )
    noise: float = Field(
        1.0,
        ge=0,
        le=1,
        title="Breath and bow",
        description="How much of the instrument's noise is heard beside its tone: 0 is none, 1 as it has learned.",
    )
    start: float = Field(
        0.0,
        ge=0,
        le=1800,
        title="Excerpt starts at",
        description="In seconds, where only an excerpt is made.",
    )
    length: float = Field(
        0.0,
        ge=0,
        le=1800,
        title="Excerpt's length",
        description="In seconds; 0 makes the whole recording.",
    )


PRESETS = (
    Preset("as-learned", "As learned", {}),
    Preset("pure", "Pure tone", {"noise": 0.3}),
    Preset("own-pitch", "At your own pitch", {"transpose": "keep"}),
)
