"""When somebody sings within a mix: the song itself is the only teacher.

Clues say where surely somebody sings and where surely nobody does; from those moments the song's own spectra teach what
tells the two apart in this song (Fisher's discriminant), which then decides all moments, twice over.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from core.hearing.frames import Array, Bools
from generation.engines.chorale.melody import Heard

_WEIGHTS = np.array([1.0, 1.0, 0.5, 0.5, 0.0])  # of the clues
_SLOW, _QUICK = 12, 6  # windows over which clues and spectra are smoothed
_SURE = (0.2, 0.7)  # parts of the windows: below the one surely nobody sings, above the other surely somebody does
_SHRINK = 0.3  # how far what features have in common is set aside, as they are many and moments few
_ROUNDS = 3
_WIDELY = 33.0  # ln of the odds: the mean over songs with a voice and pauses was 35 to 192, of others 11 to 32
_LIMIT, _SWITCH = 6.0, 15.0  # how much a window tells, and what a change costs


def sung(heard: Heard) -> tuple[Bools, bool]:
    """For each window whether somebody sings; and whether that is sure, as song and pauses are told apart widely."""
    score = sum(
        weight * _spread(gaussian_filter1d(clue, _SLOW)) for weight, clue in zip(_WEIGHTS, heard.clues.T, strict=True)
    )
    both = np.concatenate([heard.shape, heard.clues], 1)
    features = gaussian_filter1d(both, _QUICK, axis=0)
    features = np.clip((features - features.mean(0)) / (features.std(0) + 1e-6), -3, 3)
    low, high = np.quantile(score, _SURE)
    nobody, somebody = score < low, score > high
    told = np.zeros(len(features))
    for _ in range(_ROUNDS):
        if min(nobody.sum(), somebody.sum()) < 2:
            break
        told = _discriminant(features, somebody, nobody)
        somebody, nobody = _surer(told)
    return _held(np.clip(told, -_LIMIT, _LIMIT)), bool(np.abs(told).mean() > _WIDELY)


def _spread(x: Array) -> Array:
    """-1 at the 10th, 1 at the 90th percentile, little beyond."""
    low, high = np.percentile(x, [10, 90])
    return np.asarray(np.clip((2 * x - low - high) / max(high - low, 1e-9), -1.5, 1.5))


def _discriminant(features: Array, somebody: Bools, nobody: Bools) -> Array:
    yes, no = features[somebody], features[nobody]
    rest = np.concatenate([yes - yes.mean(0), no - no.mean(0)])
    common = rest.T @ rest / len(rest)
    own = np.diag(np.diag(common) + 1e-3)
    direction = np.linalg.solve((1 - _SHRINK) * common + _SHRINK * own, yes.mean(0) - no.mean(0))
    return np.asarray((features - (yes.mean(0) + no.mean(0)) / 2) @ direction)


def _surer(told: Array) -> tuple[Bools, Bools]:
    """The clearer seven tenths of either side."""
    yes, no = told[told > 0], told[told < 0]
    return (
        told > (np.quantile(yes, 0.3) if len(yes) else np.inf),
        told < (np.quantile(no, 0.7) if len(no) else -np.inf),
    )


def _held(told: Array) -> Bools:
    """The likeliest course, in which changes are rare (Viterbi). `told`: ln of the odds in each window."""
    back = np.zeros((len(told), 2), np.bool_)
    silent = singing = 0.0
    for t, odds in enumerate(told.tolist()):
        back[t] = singing - _SWITCH > silent, singing >= silent - _SWITCH
        silent, singing = max(silent, singing - _SWITCH) - odds / 2, max(singing, silent - _SWITCH) + odds / 2
    out = np.zeros(len(told), np.bool_)
    state = singing > silent
    for t in range(len(told) - 1, -1, -1):
        out[t] = state
        state = bool(back[t, int(state)])
    return out
