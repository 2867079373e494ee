"""What a fan may ask of chorale, and what that means inside: one slider between clear words and likeness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from generation.engine import Params, Preset

PREVIEW = 15.0  # seconds


class ChoraleParams(Params):
    """The form a fan fills in."""

    identity: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Identity",
        description="How far the voice becomes the artist's: 0 keeps words clearest, 1 sounds most alike.",
    )
    transpose: Literal["auto", "keep", "semitones"] = Field(
        "auto",
        title="Pitch",
        description="To the artist's range (a song by whole octaves), kept as it is, or by the semitones below.",
    )
    semitones: int = Field(
        0,
        ge=-24,
        le=24,
        title="Semitones",
        description="How far to transpose, where pitch goes by semitones: 12 is an octave up, -12 one down.",
    )
    delivery: Literal["auto", "speech", "song"] = Field(
        "auto",
        title="Your recording is",
        description="A melody stays in key; spoken pitch follows the artist's range. Auto listens for held notes.",
    )
    breath: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Breath",
        description="0 keeps the breath of your recording, 1 adds as much as a whispering voice has.",
    )
    whole_song: bool = Field(
        False,
        title="It is a whole song",
        description="Finds the voice within a mix and changes it there. Rough: with the vocal alone it sounds better.",
    )
    start: float = Field(
        -1.0,
        ge=-1,
        le=1800,
        title="Excerpt starts at",
        description="In seconds, where only an excerpt is made; -1 is where the voice first sounds.",
    )
    length: float = Field(
        0.0,
        ge=0,
        le=1800,
        title="Excerpt's length",
        description="In seconds; 0 makes the whole recording.",
    )


class Foretelling(ChoraleParams):
    """A preview's: its shares are estimated for the whole recording. No fan can ask for that in what is sealed and paid
    for, whose shares and longest copy are counted."""


PRESETS = (
    Preset("clear", "Clear words", {"identity": 0.2}),
    Preset("balanced", "Balanced", {}),
    Preset("alike", "Most alike", {"identity": 0.9}),
)


@dataclass(frozen=True)
class Setting:
    """`k` artist frames behind each of the fan's, found in so many `rounds`, and how far the change goes.

    `melody`: 0 to 1, from the fan's own way of speaking, in the artist's range, to the artist's.
    """

    strength: float
    k: int
    rounds: int
    melody: float


def setting_of(identity: float) -> Setting:
    """Where 0 to 1 lies on the frontier."""
    return Setting(
        strength=round(0.8 + 0.8 * identity, 3),
        k=round(24 - 16 * max(0.0, identity - 0.5)),
        rounds=1 if identity < 0.25 else 2,
        melody=min(1.0, 2 * identity),
    )
