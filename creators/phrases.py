"""Pure: phrases that nobody can have recorded before, from words that the project chose, drawn by lot."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

EXPIRES = timedelta(minutes=5)
_NUMBERS = (
    ("two", 1),
    ("three", 1),
    ("four", 1),
    ("seven", 2),
    ("nine", 1),
    ("eleven", 3),
    ("fourteen", 2),
    ("twenty", 2),
)
_LOOKS = (
    ("green", 1), ("yellow", 2), ("narrow", 2), ("quiet", 2), ("enormous", 3), ("wooden", 2), ("silver", 2),
    ("round", 1), ("dusty", 2), ("heavy", 2), ("gentle", 2), ("purple", 2), ("hollow", 2), ("early", 2), ("shiny", 2),
    ("crooked", 2), ("marble", 2),
)  # fmt: skip
_THINGS = (
    ("boats", 1), ("lanterns", 2), ("violins", 3), ("mountains", 2), ("donkeys", 2), ("windows", 2), ("umbrellas", 3),
    ("kettles", 2), ("gardens", 2), ("rivers", 2), ("pianos", 3), ("feathers", 2), ("wagons", 2), ("oranges", 3),
    ("mirrors", 2), ("ladders", 2),
)  # fmt: skip
_DEEDS = (
    ("waited", 2), ("vanished", 2), ("gathered", 2), ("trembled", 2), ("wandered", 2), ("glittered", 2), ("arrived", 2),
    ("echoed", 2), ("leaned", 1), ("floated", 2), ("rested", 2), ("appeared", 2),
)  # fmt: skip
_PLACES = (
    ("behind the old mill", 5), ("over the harbor", 5), ("beside a frozen lake", 6), ("under seven bridges", 6),
    ("near the village school", 6), ("along the southern road", 6), ("above our kitchen table", 7),
    ("between two churches", 5), ("inside the tall tower", 6), ("across a muddy field", 6), ("around the market", 5),
    ("below the railway line", 6),
)  # fmt: skip
_WHEN = (
    ("before sunrise", 3), ("on Thursday evening", 5), ("in the month of May", 5), ("while it was raining", 6),
    ("after the concert", 5), ("all through the winter", 6), ("at half past nine", 4), ("without any noise", 6),
)  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """What is to be spoken, and how many syllables that has."""

    text: str
    syllables: int


def phrase(draw: Callable[[int], int] = secrets.randbelow) -> Phrase:
    """One of some 10^12 pairs of sentences. `draw(n)`: a number from 0 to n - 1 that nobody can foresee."""
    sentences, syllables = [], 0
    for _ in range(2):
        words = [kind[draw(len(kind))] for kind in (_NUMBERS, _LOOKS, _THINGS, _DEEDS, _PLACES, _WHEN)]
        sentences.append(" ".join(word for word, _ in words).capitalize() + ".")
        syllables += sum(count for _, count in words)
    return Phrase(" ".join(sentences), syllables)
