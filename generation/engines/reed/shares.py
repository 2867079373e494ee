"""Who gave what, as an estimate: a net keeps no record of whom it learned a sound from.

Each sounding frame counts alike. Half of it is divided by likeness: each licensed frame counts the more, the nearer it
is in pitch, loudness and spectrum, as the net plays them. Half goes by how much each recording holds, since every
number of a net depends on all that it learned. Between styles the agreed weights hold exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.hearing.frames import Array, Samples, Tick
from core.shares import quantize
from generation.engine import Estimate, Share
from generation.engines.reed.player import Player

INTERVAL = 150_000  # millionths; see docs/sounds.md for how it was measured
_BATCH = 256
_PRECISION = 1_000_000_000
METHOD = (
    "similarity: half by how like each recording's frames are to the work's in pitch, loudness and spectrum, half by"
    " how much of them was learned from; the interval was measured by leaving recordings out of training"
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
    return Estimate(shares, METHOD, INTERVAL * unsure // whole if unsure < whole else INTERVAL)


def _masses(player: Player, traits: Samples, tick: Tick) -> list[int]:
    """How much each recording of a style gave, in whole numbers."""
    total = np.zeros(len(player.recordings))
    for a in range(0, len(traits), _BATCH):
        tick()
        total += likeness(player, traits[a : a + _BATCH]).sum(0)
    held = np.array([one.frames for one in player.recordings], np.float64)
    both = total / max(1.0, total.sum()) + held / held.sum()
    return [int(one) for one in np.round(both * _PRECISION)]


def likeness(player: Player, traits: Samples) -> Array:
    """[rows, recordings]: each row's part from each recording by likeness alone; a row sums to 1."""
    licensed = player.traits
    square = (traits**2).sum(1)[:, None] + (licensed**2).sum(1) - 2 * traits @ licensed.T
    near = np.maximum(square, 0.0)
    weight = 1.0 / (near + near.mean(1, keepdims=True) + 1e-6)
    starts = np.searchsorted(player.owner, np.arange(len(player.recordings)))  # owners ascend
    out = np.add.reduceat(weight, starts, axis=1)
    return np.asarray(out / out.sum(1, keepdims=True))
