"""How sure a texture's agreement makes us, from measured strangers; a raw score is never shown as a confidence."""

from __future__ import annotations

import math
from dataclasses import dataclass

from attribution.texture import Agreement

OURS = 0.1  # of the pictures that are composed like a registered one, how many are copies of it, before looking
MOST = 0.995  # no more than the number of strangers compared can bear out
ALIKE = 0.89  # the most that a composition alone is believed
TOP = 0.1  # part of the strangers that the tail describes


@dataclass(frozen=True)
class Tail:
    """What strangers of the same composition score: a tenth above `start`, on average `excess` more.

    `least` lies halfway between the highest stranger and the lowest copy that the tail was fitted on.
    """

    least: float
    start: float
    excess: float

    def false(self, score: float, compared: int) -> float:
        """Probability that the best of so many strangers scores as high."""
        one = TOP * math.exp(-max(0.0, score - self.start) / self.excess)
        return 1 - (1 - one) ** compared


# Fitted on works made from four photographs, reported on three others: docs/verification.md has the figures.
EXPLAINED = Tail(least=0.69, start=0.262, excess=0.102)  # the photograph's own texture taken out
PLAIN = Tail(least=0.827, start=0.709, excess=0.033)  # between originals: there never was a photograph
# The photograph was erased, so its own texture must not be enough: it scored up to 0.900 on 36 works of six cuts, and a
# tenth of the copies, the heaviest attacks, score less than what is asked here.
FORGOTTEN = Tail(least=0.93, start=0.89, excess=0.016)


def of(agreement: Agreement, *, tail: Tail, compared: int) -> float | None:
    """Confidence 0 to 1 that two pictures are the same, or None where the texture is another's.

    `compared`: with how many it was compared.
    """
    if agreement.score < tail.least:
        return None
    false = tail.false(agreement.score, max(1, compared))
    return min(MOST, OURS / (OURS + (1 - OURS) * false))


def of_points(score: float) -> float:
    """Confidence that a picture is composed like a registered one, by the a-contrario score of its points.

    It may come from what the work came from, so it is never enough for any use.
    """
    return min(ALIKE, 1 - 10 ** (-max(0.0, score - 4)))


def of_sound(score: float) -> float | None:
    """Confidence that a recording is heard in another, or None where it may be chance."""
    return min(MOST, 1 - 10 ** (-score / 40)) if score >= 40 else None


def of_mark() -> float:
    """Confidence in a mark that was read, alone: it was not read by chance, but it may have been copied."""
    return 0.95
