"""The change of timbre: from the fan's envelope to where the artist's neighboring frames have theirs.

Plain averaging of neighbors blurs. So the fan's own envelopes are seen through the same averaging, and only the
difference of the two averages is added to the fan's sharp envelope: the blur cancels, the detail stays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.ndimage import gaussian_filter1d

from core.hearing.envelope import BAND_HZ, BANDS, band_of, bands_below, columns
from core.hearing.features import Table
from core.hearing.frames import Bools, Ints
from generation.engines.chorale.pool import Pool

_SMOOTH = 0.7  # frames
_MANY = 50  # frames that tell a mean
_FADE = 1500.0  # Hz over which a change dies out where nothing is known
_EDGE = 0.97


def shapes(logs: Table, top: float, warp: float = 1.0) -> Table:
    """Envelopes without their level, [frames, BANDS], stretched by `warp`. `top`: Hz, the lowest of all sides."""
    table = columns(logs, band_of(BAND_HZ / warp)) if warp != 1.0 else logs
    return np.asarray(table - table[:, : bands_below(top)].mean(1, keepdims=True))


def transport(near: Ints, source: Table, target: Table) -> Table:
    """Mean of the target's rows `near` [frames, k], less the source seen through the same averaging."""
    frames, k = near.shape
    used, place = np.unique(near, return_inverse=True)
    plan = sparse.csr_matrix(
        (np.full(frames * k, np.float32(1 / k)), place.ravel(), np.arange(0, frames * k + 1, k)), (frames, len(used))
    )
    mass = np.bincount(place.ravel(), minlength=len(used)).astype(np.float32) / np.float32(k)
    back = (plan.T.tocsr() @ source) / mass[:, None]
    return np.asarray(plan @ (target[used] - back))


def moved(near: Ints, kept: Bools, base: Table, target: Table, strength: float) -> Table:
    """The fan's warped envelopes `base`, moved by `strength` times the difference where they are `kept`.

    `near` [kept frames, k]: rows of `target`, whose shapes these are.
    """
    difference = np.zeros_like(base)
    difference[kept] = transport(near, base[kept], target)
    return np.asarray(base + np.float32(strength) * gaussian_filter1d(difference, _SMOOTH, axis=0))


def offsets(out: Table, fan: Pool, artist: Pool, target: Table) -> Table:
    """What difference of means is left, [unvoiced and voiced, BANDS]. `target`: shapes of the artist's usable rows."""
    found = np.zeros((2, BANDS), np.float32)
    spoken = artist.voiced[artist.rows]
    for v in (0, 1):
        ours, theirs = fan.rows[fan.voiced[fan.rows] == bool(v)], spoken == bool(v)
        if min(len(ours), theirs.sum()) > _MANY:
            found[v] = target[theirs].mean(0) - out[ours].mean(0)
    return found


def faded(change: Table, reach: float) -> Table:
    """The change, dying out above the frequency up to which both sides have content."""
    last = max(1, bands_below(reach * _EDGE)) - 1
    change[:, last + 1 :] = change[:, last : last + 1] * np.exp(-(BAND_HZ[last + 1 :] - BAND_HZ[last]) / _FADE).astype(
        np.float32
    )
    return change


def applied(out: Table, own: Table, offset: NDArray[np.float32], voiced: Bools, reach: float) -> Table:
    """The change to make of envelopes `own`, [frames, BANDS], ln of power."""
    return faded(out + offset[voiced.astype(np.int64)] - own, reach)
