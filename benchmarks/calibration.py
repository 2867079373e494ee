"""From scores to confidence: tails fitted on one half of the pictures and composers, reported on the other.

What it prints goes into `attribution/confidence.py` and docs/verification.md. Fit again when the index has grown
fourfold or the fingerprints' code has changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution import confidence
from attribution.confidence import Best
from benchmarks import corpus
from benchmarks.asking import Asked

Floats = NDArray[np.float64]
SURE = 0.99
BINS = 10
FEWEST = 4  # exceedances that say something of a tail
EXTREME = 0.95  # one-sided confidence of the upper bound


@dataclass(frozen=True)
class Given:
    """An answer with its confidence, whether it is true, and what it weighs."""

    sure: float
    true: bool
    weight: float


def fit(strangers: Sequence[float], recall: float, works: int) -> tuple[Best, float]:
    """The tail above the 90th percentile, or above nothing found; share and excess at their upper bounds of 95 %; and
    the excess as it is.

    The sum of k excesses is gamma distributed: 95 times of 100 the mean is at most 2 sum / chi-squared(5 %, 2k). The
    share's bound is Clopper and Pearson's (1934).
    """
    from scipy.stats import beta, chi2

    scores = np.sort(np.asarray(strangers, np.float64))
    start = float(np.quantile(scores, 1 - confidence.TOP))
    above = scores[scores > start] - start
    if start <= scores[0]:  # fewer than a tenth find anything at all
        start = float(scores[scores > start].min(initial=math.inf))
        above = scores[scores >= start] - start
    count = len(above)
    if count < FEWEST:
        raise ValueError(f"only {count} of {len(scores)} strangers score anything: ask more of them before fitting")
    share = float(beta.ppf(EXTREME, count + 1, len(scores) - count))
    upper = 2 * float(above.sum()) / float(chi2.ppf(1 - EXTREME, 2 * count))
    best = Best(round(start, 3), round(share, 4), round(upper, 3), works, round(recall, 3))
    return best, float(above.mean())


def calibrated(
    answers: Sequence[Asked],
    works: int,
    *,
    scale: Callable[[float], float] = float,
    half: Callable[[str], int] = corpus.half,
) -> Iterator[str]:
    """Lines: the fit on the first half; on the second how well it is calibrated, and what is wrong when sure."""
    if not answers:
        yield "nothing was asked yet"
        return
    fitting = [one for one in answers if half(one.file) == 0]
    telling = [one for one in answers if half(one.file) == 1]
    strangers = [scale(one.score) for one in fitting if one.stranger]
    copies = [one for one in fitting if not one.stranger]
    best, mean = fit(strangers, sum(one.right for one in copies) / max(1, len(copies)), works)
    yield f"fitted on {len(strangers)} strangers and {len(copies)} copies: {best}; excess as it is {mean:.3f}"
    shape = _shape(strangers, best.start)
    yield f"shape of a generalized Pareto tail {shape:+.2f} (0 is exponential; above 0 it is heavier)"
    share = sum(not one.stranger for one in telling) / max(1, len(telling))
    for prior in (confidence.ASKED, share):
        given = [_given(one, best, works, prior, telling, scale) for one in telling]
        sure = [one for one in given if one.sure >= SURE]
        false = sum(not one.true for one in sure)
        reached = sum(one.sure >= SURE for one in given if one.true) / max(1, sum(not one.stranger for one in telling))
        yield (
            f"of {len(given)} answers, {prior:.0%} ours: ECE {expected_error(given):.4f}; "
            f"{false} false of {len(sure)} at {SURE} or more, which {reached:.3f} of the copies reach"
        )


def _given(
    one: Asked, best: Best, works: int, prior: float, among: Sequence[Asked], scale: Callable[[float], float]
) -> Given:
    """Copies weigh `prior` together, strangers the rest."""
    false = best.false(scale(one.score), works)
    sure = prior * best.recall / (prior * best.recall + (1 - prior) * false)
    same = sum(other.stranger == one.stranger for other in among)
    return Given(sure, one.right, ((1 - prior) if one.stranger else prior) / same)


def expected_error(given: Sequence[Given]) -> float:
    """Expected calibration error: over ten bins of confidence, the gap between it and how many are true, weighed."""
    sure = np.array([one.sure for one in given])
    true = np.array([one.true for one in given], float)
    weight = np.array([one.weight for one in given])
    which = np.minimum((sure * BINS).astype(int), BINS - 1)
    total = 0.0
    for number in range(BINS):
        here = which == number
        if weight[here].sum() > 0:
            gap = np.average(sure[here], weights=weight[here]) - np.average(true[here], weights=weight[here])
            total += float(weight[here].sum()) * abs(float(gap))
    return total / float(weight.sum())


def _shape(scores: Sequence[float], start: float) -> float:
    """Of a generalized Pareto distribution of the excesses, by moments (Hosking and Wallis, 1987)."""
    above = np.array([score - start for score in scores if score > start])
    if len(above) < 8 or not float(above.var()):
        return math.nan
    return 0.5 * (1 - float(above.mean()) ** 2 / float(above.var()))
