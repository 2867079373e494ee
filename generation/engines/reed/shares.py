"""Who gave what, as an estimate: a net keeps no record of whom it learned a sound from.

Each sounding frame counts alike. It is divided among the recordings that hold the licensed frames most like it in
pitch, loudness and spectrum, as the net plays them; between styles the agreed weights hold exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.hearing.frames import Array, Samples, Tick
from core.shares import WHOLE, quantize
from generation.engine import Estimate, Share
from generation.engines.reed.player import Player

NEAREST = 24  # licensed frames that a frame is compared with
INTERVAL = 150_000  # millionths; see docs/sounds.md for how it was measured
_BATCH = 256
_PRECISION = 1_000_000_000
METHOD = (
    "similarity: each sounding frame is divided among the recordings of the {nearest} licensed frames most like it in"
    " pitch, loudness and spectrum; the interval was measured by leaving recordings out of training"
)


def estimate(parts: Sequence[tuple[int, Player, Samples]], tick: Tick) -> Estimate:
    """`parts`: of each style its weight, the player, and the traits [rows, TRAITS] of the work's sounding frames."""
    whole = sum(weight for weight, _, _ in parts)
    mass: dict[str, int] = {}
    unsure = 0
    for weight, player, traits in parts:
        given = quantize(dict(enumerate(_masses(player, traits, tick))), _PRECISION)
        unsure += weight if len(player.recordings) > 1 else 0
        for number, part in given.items():
            id = player.recordings[number].id
            mass[id] = mass.get(id, 0) + weight * part
    shares = tuple(Share(id, share) for id, share in quantize(mass).items())
    return Estimate(shares, METHOD.format(nearest=NEAREST), INTERVAL * unsure // whole if unsure < whole else INTERVAL)


def _masses(player: Player, traits: Samples, tick: Tick) -> list[int]:
    """How much each recording of a style gave, in whole numbers."""
    total = np.zeros(len(player.recordings))
    for a in range(0, len(traits), _BATCH):
        tick()
        total += nearest(player, traits[a : a + _BATCH]).sum(0)
    return [int(one) for one in np.round(total * WHOLE)]


def nearest(player: Player, traits: Samples) -> Array:
    """[rows, recordings]: each row's part from each recording; a row sums to 1. Nearer frames count more."""
    licensed = player.traits
    square = (traits**2).sum(1)[:, None] + (licensed**2).sum(1) - 2 * traits @ licensed.T
    k = min(NEAREST, len(licensed))
    best = np.argpartition(square, k - 1, axis=1)[:, :k]
    near = np.maximum(np.take_along_axis(square, best, 1), 0.0)
    weight = 1.0 / (near + near.mean(1, keepdims=True) + 1e-6)
    out = np.zeros((len(traits), len(player.recordings)))
    np.add.at(out, (np.arange(len(traits))[:, None], player.owner[best]), weight)
    return np.asarray(out / out.sum(1, keepdims=True))
