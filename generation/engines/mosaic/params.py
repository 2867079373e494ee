"""What a fan may ask of mosaic."""

from __future__ import annotations

from pydantic import Field

from generation.engine import Params, Preset

PREVIEW = 15.0  # seconds


class MosaicParams(Params):
    """The form a fan fills in."""

    voices: int = Field(
        6,
        ge=1,
        le=6,
        title="At once",
        description="How many passages may sound at the same time: 1 is bare, 6 is closest to your recording.",
        json_schema_extra={"when": "source"},
    )
    transpose: bool = Field(
        True,
        title="Transpose",
        description="Passages may be played up to six semitones higher or five lower, to meet the notes of yours.",
        json_schema_extra={"when": "source"},
    )
    start: float = Field(
        0.0,
        ge=0,
        le=1800,
        title="Excerpt starts at",
        description="In seconds, where only an excerpt is made.",
        json_schema_extra={"when": "source"},
    )
    length: float = Field(
        0.0,
        ge=0,
        le=1800,
        title="Excerpt's length",
        description="In seconds; 0 makes the whole recording.",
        json_schema_extra={"when": "source"},
    )
    seconds: float = Field(
        60.0,
        ge=1,
        le=1800,
        title="Length",
        description="How long the recording is continued, in seconds.",
        json_schema_extra={"when": "compose"},
    )


PRESETS = (
    Preset("full", "Full", {}),
    Preset("bare", "Bare", {"voices": 2}),
    Preset("as-recorded", "At its own pitch", {"transpose": False}),
)
