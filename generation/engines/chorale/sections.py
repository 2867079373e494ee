"""Who sings when: sections of a duet, with soft edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.hearing.frames import Bools, Ints
from generation.engine import BadRequest

EDGE = 3  # frames over which one voice turns into the next


def allowed(regions: Sequence[NDArray[np.bool_] | None], frames: int) -> NDArray[np.bool_]:
    """[voices, frames]: whether each voice may sing in each of the source's frames.

    Where none may, all may. `regions`: bool [1, n] for each voice, stretched over the source; None is everywhere.
    Raises BadRequest.
    """
    out = np.ones((len(regions), frames), np.bool_)
    for row, region in zip(out, regions, strict=True):
        if region is None:
            continue
        if region.ndim != 2 or region.shape[0] != 1 or not region.shape[1]:
            raise BadRequest(f"a region of a recording is [1, moments], not {list(region.shape)}; give one row")
        moments = region.shape[1]
        row[:] = region[0, (2 * np.arange(frames) + 1) * moments // (2 * frames)]
    out[:, ~out.any(0)] = True
    return out


def parts(allowed: NDArray[np.bool_]) -> Ints:
    """[voices, frames]: 0 where a voice may not sing, EDGE where it may, whole steps between at the edges."""
    wide = np.pad(allowed.astype(np.int64), ((0, 0), (EDGE // 2, EDGE // 2)), mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(wide, EDGE, axis=1).sum(2))


def patterns(parts: Ints) -> tuple[Ints, Ints]:
    """The different columns of `parts` [voices, kinds], and which of them each frame has."""
    kinds, which = np.unique(parts, axis=1, return_inverse=True)
    return kinds, which.reshape(-1)


def mine(parts: Ints, kept: Bools) -> tuple[Bools, ...]:
    """Of each voice, the kept frames in which it has a part."""
    return tuple(kept & (row > 0) for row in parts)
