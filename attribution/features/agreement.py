"""Whether matched points of two pictures agree on where one lies in the other, and how unlikely that is by chance.

Each match proposes a similarity by its two places, sizes and directions alone, as in Lowe's Hough voting; the proposal
that most others agree with wins. How many agree is weighed a contrario (Desolneux, Moisan and Morel, "From Gestalt
theory to image analysis", 2008): by the expected number of proposals with as many agreements among matches by chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.features.points import Asked, Codes, Places, Points, Sight

Matrix = NDArray[np.float64]  # [2, 3]
Rows = NDArray[np.int64]
Box = tuple[float, float, float, float]  # left, top, right, bottom

RADIUS = 72  # bits by which two looks of one spot differ at most, where two pictures are compared
NEAR, DRIFT = 0.02, 0.06  # of the long side: how far off a point may lie, and more for each part of distance from the
# match that proposes, since its size and direction are only roughly right
REFINED, REFINED_DRIFT = 0.015, 0.03  # the same, once the similarity is fitted to all that agree
STRETCHED, SPREAD = 8, 0.02  # points, and parts of the long side that they are spread over, that tell a stretch
STRETCHES = 4  # times that it is fitted anew
SIZE, TURN = 0.7, 0.45  # octaves and radians by which a point's own size and direction may differ
LARGEST = 3.2  # octaves between the sizes of two pictures of one thing
SPOTS = 64  # of the long side: two points in one such cell are one witness
CHANCE = 2e-3  # that a match by chance agrees with a proposal
RIM = 0.25  # of what two pictures may share: so far from its end the outermost points may lie
LEAST = 5  # agreements below which nothing is said
FACTORIALS = 4096


@dataclass(frozen=True, eq=False)
class Alignment:
    """Where a work lies in the asked picture: the points (their rows in both) that agree on it, and the `score`.

    `matrix` takes a place in the asked picture to one in the work, both in parts of the own long side, by turn, scale
    and shift, and by a reflection where `mirrored`. `score` is -log10 of the expected number of agreements by chance,
    and `own_score` the same among the points that are the work's own: low where only the composition is the same.
    Points that agree only once the picture is stretched are among the rows and places, and not in the scores.
    `asked_places` and `work_places` float32 [agreeing, 2] are x and y of the agreeing points, in the same parts.
    """

    score: float
    own_score: float
    matrix: Matrix
    mirrored: bool
    negative: bool
    matches: int
    asked: Rows
    work: Rows
    asked_places: NDArray[np.float32]
    work_places: NDArray[np.float32]

    @property
    def agreeing(self) -> int:
        return len(self.asked)

    @property
    def inverse(self) -> Matrix:
        """Takes a place in the work to one in the asked picture."""
        turn = np.linalg.inv(self.matrix[:, :2])
        return np.column_stack([turn, -turn @ self.matrix[:, 2]])

    def placed(self, asked: tuple[int, ...], work: tuple[int, ...]) -> Matrix:
        """Takes a point of the work's sheet to one of the asked sheet, mirrored first where `mirrored`: both in pixels
        from the corner of sheets [height, width] of these shapes, as in `placement.Placement`."""
        matrix = self.inverse
        matrix = np.column_stack([matrix[:, :2] * (max(asked) / max(work)), matrix[:, 2] * max(asked)])
        if self.mirrored:
            matrix[0] = (0, 0, asked[1]) - matrix[0]
        return matrix

    def boxes(self, asked: tuple[int, ...], work: tuple[int, ...]) -> tuple[Box, Box]:
        """The part of the asked picture [height, width], and of the work, that are the same, in parts of either's width
        and height: where points agree, and on to the rim, where a picture ends near them; points seldom lie there."""
        here = _box(self.asked_places, asked, _frame(work) @ self.inverse[:, :2].T + self.inverse[:, 2])
        there = _box(self.work_places, work, _frame(asked) @ self.matrix[:, :2].T + self.matrix[:, 2])
        return here, there


def score(matches: int, agreeing: int) -> float:
    """-log10 of the expected number, over all proposals, of as many agreements by chance; 0 or more."""
    if agreeing < LEAST:
        return 0.0
    n = min(matches, FACTORIALS - 1)
    k = np.arange(min(agreeing, n) - 1, n)
    logs = _factorials()
    tail = logs[n - 1] - logs[k] - logs[n - 1 - k] + k * np.log(CHANCE) + (n - 1 - k) * np.log1p(-CHANCE)
    return max(0.0, -float(np.logaddexp.reduce(tail) + np.log(n)) / math.log(10))


def votes(asked: Places, work: Places, valid: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each of many candidates the most agreements with one proposal, and which match proposes it.

    `asked` and `work` float32 [candidates, matches, 4], `valid` [candidates, matches]: which rows are matches at all.
    """
    agree = _agree(asked, work) & valid[:, :, None] & valid[:, None, :]
    repeated = _repeated(asked) | _repeated(work)
    counted = agree & ~(np.matmul(agree.astype(np.float32), repeated.astype(np.float32)) > 0)
    count = counted.sum(axis=2)
    best = count.argmax(axis=1)
    return count[np.arange(len(count)), best], best


def between(asked: Asked, work: Points) -> Alignment | None:
    """Where a work lies in one asked picture, as it is, mirrored or negative; None where nothing agrees."""
    found = []
    for mirrored, negative in ((False, False), (True, False), (False, True)):
        sight = asked.as_if(mirrored=mirrored, negative=negative)
        rows = nearest(sight.codes, work.codes)
        one = aligned(sight, work.places[rows[1]], work.own[rows[1]], rows)
        if one is not None:
            found.append(one)
    return max(found, key=lambda one: one.score, default=None)


def nearest(asked: Codes, work: Codes) -> tuple[Rows, Rows]:
    """Rows of the codes of two pictures that are nearest to each other, the nearest first."""
    if not len(asked) or not len(work):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    apart = np.zeros((len(asked), len(work)), np.uint16)
    for word in range(asked.shape[1]):
        apart += np.bitwise_count(asked[:, word, None] ^ work[:, word])
    best = apart.argmin(axis=1)
    rows = np.arange(len(best))
    least = apart[rows, best]
    kept = np.flatnonzero((least <= RADIUS) & (apart.argmin(axis=0)[best] == rows))
    kept = kept[np.argsort(least[kept], kind="stable")]
    return kept, best[kept]


def aligned(sight: Sight, work: Places, own: NDArray[np.bool_], rows: tuple[Rows, Rows]) -> Alignment | None:
    """The similarity that most matches agree on, fitted to them; None where fewer than 5 do.

    `rows`: which points of the sight and of the work are matched, each [matches]. `work` [matches, 4] are the places of
    the latter, `own` [matches] whether they are the work's own.
    """
    asked = sight.places[rows[0]]
    if len(asked) < LEAST:
        return None
    most, best = votes(asked[None], work[None], np.ones((1, len(asked)), np.bool_))
    if most[0] < LEAST:
        return None
    agreeing = _agree(asked[None], work[None])[0, best[0]]
    for _ in range(2):
        turn, shift = _fitted(asked[agreeing], work[agreeing])
        closer = _close(asked, work, turn, shift)
        if closer.sum() < LEAST:
            break
        agreeing = closer
    agreeing &= ~_again(asked, work, agreeing)
    wider = _stretched(asked, work, agreeing)
    sign = np.float32(-1 if sight.mirrored else 1)
    matrix = np.array([[sign * turn.real, -turn.imag, shift.real], [sign * turn.imag, turn.real, shift.imag]])
    return Alignment(
        score(len(asked), max(int(agreeing.sum()), int(most[0]))),
        score(int(own.sum()), int((agreeing & own).sum())),
        matrix,
        sight.mirrored,
        sight.negative,
        len(asked),
        rows[0][wider],
        rows[1][wider],
        asked[wider, :2] * (sign, np.float32(1)),
        work[wider, :2],
    )


def _agree(asked: Places, work: Places) -> NDArray[np.bool_]:
    """[candidates, proposals, matches]: which matches lie, in place, size and direction, where a proposal puts them."""
    a, b = (places[..., 0] + 1j * places[..., 1] for places in (asked, work))
    zoom, turn = work[..., 2] - asked[..., 2], work[..., 3] - asked[..., 3]
    map_ = np.exp2(zoom) * np.exp(1j * turn)
    apart = a[:, None, :] - a[:, :, None]
    off = np.abs(map_[:, :, None] * apart - (b[:, None, :] - b[:, :, None]))
    near = off <= NEAR + DRIFT * np.exp2(zoom)[:, :, None] * np.abs(apart)
    sized = np.abs(zoom[:, None, :] - zoom[:, :, None]) <= SIZE
    turned = np.abs(_wrapped(turn[:, None, :] - turn[:, :, None])) <= TURN
    return np.asarray(near & sized & turned & (np.abs(zoom) < LARGEST)[:, :, None])


def _close(asked: Places, work: Places, turn: complex, shift: complex) -> NDArray[np.bool_]:
    """Which matches lie where a fitted similarity puts them."""
    a, b = (places[:, 0] + 1j * places[:, 1] for places in (asked, work))
    zoom, angle = work[:, 2] - asked[:, 2] - np.log2(abs(turn)), work[:, 3] - asked[:, 3] - np.angle(turn)
    reach = np.abs(a - a.mean()) * abs(turn)
    near = np.abs(turn * a + shift - b) <= REFINED + REFINED_DRIFT * reach
    return np.asarray(near & (np.abs(zoom) <= SIZE) & (np.abs(_wrapped(angle)) <= TURN))


def _fitted(asked: Places, work: Places) -> tuple[complex, complex]:
    """The turn (with its scale) and the shift, as complex numbers, by least squares."""
    a, b = (places[:, 0].astype(np.float64) + 1j * places[:, 1] for places in (asked, work))
    from_, to = a.mean(), b.mean()
    spread = float(np.vdot(a - from_, a - from_).real)
    if spread < 1e-6:  # all in one spot
        turn = complex(np.exp2(np.median(work[:, 2] - asked[:, 2])))
    else:
        turn = complex(np.vdot(a - from_, b - to) / spread)
    return turn, complex(to - turn * from_)


def tell_stretch(places: NDArray[Any]) -> bool:
    """Whether places [n, 2], in parts of the long side, are many and spread enough to fit an affine map to."""
    middle = places.astype(np.float64) - places.mean(axis=0)
    return len(places) >= STRETCHED and np.linalg.svd(middle, compute_uv=False)[-1] >= SPREAD * len(places) ** 0.5


def _stretched(asked: Places, work: Places, agreeing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those that agree on a similarity, and others that lie where an affine map fitted to them puts them.

    A file may be wider than the work was, or photographed from the side: a similarity then fits in the middle only.
    """
    terms = np.column_stack([asked[:, :2], np.ones(len(asked))]).astype(np.float64)
    for _ in range(STRETCHES):
        if not tell_stretch(asked[agreeing, :2]):
            return agreeing
        fitted = np.linalg.lstsq(terms[agreeing], work[agreeing, :2].astype(np.float64), rcond=None)[0]
        near = np.linalg.norm(terms @ fitted - work[:, :2], axis=1) <= REFINED
        grown = agreeing | near
        grown &= ~_again(asked, work, grown)
        if grown.sum() <= agreeing.sum():
            return agreeing
        agreeing = grown
    return agreeing


def _wrapped(angle: NDArray[Any]) -> NDArray[Any]:
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)


def _repeated(places: Places) -> NDArray[np.bool_]:
    """[candidates, matches, matches]: where an earlier match (second axis) has its point in the same spot."""
    cell: NDArray[np.float32] = np.floor(places[..., 0] * SPOTS) * 4096 + np.floor(places[..., 1] * SPOTS)
    earlier = np.triu(np.ones((cell.shape[1],) * 2, np.bool_), 1)
    return np.asarray((cell[:, :, None] == cell[:, None, :]) & earlier)


def _again(asked: Places, work: Places, agreeing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the agreeing repeat an earlier one's spot."""
    repeated = (_repeated(asked[None]) | _repeated(work[None]))[0]
    return np.asarray((repeated & agreeing[:, None]).any(axis=0))


def _frame(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The corners of a picture [height, width], in parts of its long side."""
    height, width = np.array(shape[:2]) / max(shape[:2])
    return np.array([(0, 0), (width, 0), (0, height), (width, height)])


def _box(places: NDArray[np.float32], shape: tuple[int, ...], other: NDArray[np.float64]) -> Box:
    """Around the places in a picture, and on to where it or the `other`, whose corners these are, ends near them."""
    to_parts = max(shape[:2]) / np.array((shape[1], shape[0]))
    at, ends = places * to_parts, (other * to_parts).clip(0, 1)
    (low, high), (start, stop) = ((x.min(axis=0).clip(0, 1), x.max(axis=0).clip(0, 1)) for x in (at, ends))
    rim = RIM * (stop - start)
    low, high = np.where(low - start < rim, start, low), np.where(stop - high < rim, stop, high)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


@cache
def _factorials() -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, FACTORIALS)))])
