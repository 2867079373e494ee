"""How sure what was found makes us, from measured strangers; a raw score is never shown as a confidence.

A layer's score is turned into `false`, the probability that a stranger's best of so many works is as high: a tail
above their 90th percentile, exponential (of the logarithm where a score multiplies), its share and mean as high as the
strangers that were measured allow. Bayes' rule makes a confidence of it. `benchmarks.calibration` fits the constants on
one half of works and reports on the other; docs/verification.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attribution.texture import Agreement

OURS = 0.1  # of the pictures that are composed like a registered one, how many are copies of it, before looking
ASKED = 0.01  # of the files that are asked about, how many are copies of works registered here, before looking
MOST = 0.995  # no more than the number of strangers compared can bear out
MOST_BY_TWO = 0.9999  # the same where two layers that know nothing of each other agree
MARK_ALONE = 0.95  # a mark is never read by chance, but it can have been copied
TOP = 0.1  # part of the strangers that the tail describes
TRIES, CHECK, NUMBERS = 40, 2.0**-24, 2.0**-64  # positions a reader tries; a false check; a live number by chance
SHARED = 0.5  # of the smaller of two regions that lies in the other, so that they are of one thing

Region = tuple[float, ...]  # parts of the file: (left, top, right, bottom) or (start, end), 0 to 1


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


@dataclass(frozen=True)
class Best:
    """What the best of `works` works scores when a stranger is asked: `share` of them more than `start`, and on average
    `excess` more. `recall`: part of the attacked copies that are found at all.
    """

    start: float
    share: float
    excess: float
    works: int
    recall: float

    def false(self, score: float, works: int) -> float:
        """Probability that a stranger's best of so many works scores as high: it grows with their number."""
        if score < self.start:
            return 1.0
        one = self.share * math.exp((self.start - score) / self.excess)
        return -math.expm1(max(1, works) / self.works * math.log1p(-one))


@dataclass(frozen=True)
class Evidence:
    """What one layer says: which work, in which part of the file, and how likely that is by chance.

    `layer`: "points", "texture", "sound" or "mark". `region` None is the whole file.
    """

    layer: str
    work: str
    false: float
    recall: float
    region: Region | None = None


# Fitted on works made from four photographs, reported on three others: docs/verification.md has the figures.
EXPLAINED = Tail(least=0.69, start=0.262, excess=0.102)  # the photograph's own texture taken out
PLAIN = Tail(least=0.827, start=0.709, excess=0.033)  # between originals: there never was a photograph
# The photograph was erased, so its own texture must not be enough: it scored up to 0.900 on 36 works of six cuts, and a
# tenth of the copies, the heaviest attacks, score less than what is asked here.
FORGOTTEN = Tail(least=0.93, start=0.89, excess=0.016)
# Fitted on 605 strange pictures, most of them asked twice, and on 250 strange recordings, among as many works as are
# named here, with upper bounds: few strangers make them wide, so these err to the unsure side. Fit again when a house
# has four times as many (`make bench-attribution PART=confidence`).
POINTS = Best(start=2.537, share=0.0678, excess=2.637, works=1040, recall=0.961)  # of the score
SOUND = Best(start=1.559, share=0.1369, excess=0.474, works=235, recall=0.994)  # of the score's logarithm


def of(agreement: Agreement, *, tail: Tail, compared: int) -> float | None:
    """Confidence 0 to 1 that two pictures are the same, or None where the texture is another's.

    `compared`: with how many it was compared.
    """
    if agreement.score < tail.least:
        return None
    return _confidence(tail.false(agreement.score, max(1, compared)), 1.0, OURS, MOST)


def of_points(score: float, works: int, *, ours: float = ASKED) -> float:
    """Confidence 0 to 1 that a picture is a copy of the work that points name, among so many registered works.

    Only for works that were made from no photograph: whoever has the photograph has its points too.
    """
    return _confidence(points(score, works), POINTS.recall, ours, MOST)


def of_sound(score: float, works: int, *, ours: float = ASKED) -> float:
    """Confidence 0 to 1 that a recording holds the work that landmarks name, among so many registered works."""
    return _confidence(sound(score, works), SOUND.recall, ours, MOST)


def of_mark(live: int, *, tries: int = TRIES, ours: float = ASKED) -> float:
    """Confidence 0 to 1 in a mark that was read, among so many live numbers, where no fingerprint agrees."""
    return _confidence(mark(live, tries=tries), 1.0, ours, MARK_ALONE)


def points(score: float, works: int) -> float:
    """Probability that a strange picture's best score among so many works is as high."""
    return POINTS.false(score, works)


def sound(score: float, works: int) -> float:
    """Probability that a strange recording's best score among so many works is as high."""
    return SOUND.false(math.log(max(score, 1e-9)), works)


def mark(live: int, *, tries: int = TRIES) -> float:
    """Probability that a mark is read where there is none, and names one of so many live numbers."""
    return min(1.0, tries * CHECK * max(1, live) * NUMBERS)


def combined(evidence: Sequence[Evidence], *, ours: float = ASKED) -> float:
    """Confidence 0 to 1 in the work that the surest layer names.

    Another layer counts where it names the same work in the same part of the file and knows nothing of the first:
    points and texture are both of the pixels, so the better one counts. A mark alone is never surer than 0.95.
    Raises ValueError for no evidence.
    """
    first = min(evidence, key=lambda one: one.false)
    best: dict[str, Evidence] = {}
    for one in evidence:
        kind = "mark" if one.layer == "mark" else "fingerprint"
        agrees = one.work == first.work and _same(one.region, first.region)
        if agrees and (kind not in best or one.false < best[kind].false):
            best[kind] = one
    false = math.prod(one.false for one in best.values())
    recall = math.prod(one.recall for one in best.values())
    most = MOST_BY_TWO if len(best) > 1 else MARK_ALONE if "mark" in best else MOST
    return _confidence(false, recall, ours, most)


def _confidence(false: float, recall: float, ours: float, most: float) -> float:
    """Bayes' rule: of those that score as high, how many are copies; `ours` of all that are asked are."""
    return min(most, ours * recall / (ours * recall + (1 - ours) * false))


def _same(one: Region | None, other: Region | None) -> bool:
    """Whether half of the smaller region, or more, lies in the larger one."""
    if one is None or other is None:
        return True
    axes = len(one) // 2
    low = [max(one[i], other[i]) for i in range(axes)]
    high = [min(one[axes + i], other[axes + i]) for i in range(axes)]
    shared = math.prod(max(0.0, b - a) for a, b in zip(low, high, strict=True))
    smaller = min(math.prod(r[axes + i] - r[i] for i in range(axes)) for r in (one, other))
    return shared >= SHARED * smaller
