"""The plain way, for comparison: each frame of the source is replaced by the one of the recordings most alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from core.hearing.features import Features, cepstra
from core.media import Sound
from generation.engines.chorale import search
from generation.engines.mosaic import listening

_HOP = 0.01  # seconds between a voice's frames, each as long as four
_GRAIN = 0.02  # the same of an instrument's
_LEVEL = 0.05  # dB of level against cepstra
_MOST = 2000  # frames compared at a time


def voice(source: Sound, known: Features, takes: Sequence[Sound], features: Sequence[Features]) -> Sound:
    """The artist's own samples, 40 ms at a time, wherever cepstra, level and voicing are most like the source's."""
    top = min(one.top for one in (known, *features))
    asked = search.side(_content([known], top), known.voiced)
    among = search.side(_content(features, top), np.concatenate([one.voiced for one in features]))
    rows = search.nearest(asked, among, 1)[0][:, 0]
    mono = [_mono(take, source.rate) for take in takes]
    hop = _HOP * source.rate
    starts = np.cumsum([0] + [len(one) for one in features])
    owner = np.searchsorted(starts, rows, side="right") - 1
    centers = np.round((rows - starts[owner]) * hop).astype(np.int64)
    gains = 10 ** (np.clip(known.level, -60, 0) / 20)
    theirs = np.concatenate([one.level for one in features])[rows]
    gains /= 10 ** (np.clip(theirs, -60, 0) / 20)
    return _laid(mono, owner, centers, np.minimum(gains, 4.0), (round(hop), len(source.samples), source.rate))


def instrument(source: Sound, takes: Sequence[Sound]) -> Sound:
    """The catalogue's own samples, 80 ms at a time, where the mel spectrum is most alike, at its own pitch."""
    x, rate = listening.mono(source)
    hop = round(_GRAIN * rate)
    mono = [_mono(take, rate) for take in takes]
    asked, among = _bands(x, rate, hop), [_bands(one, rate, hop) for one in mono]
    starts = np.cumsum([0] + [len(one) for one in among])
    table = torch.from_numpy(np.concatenate(among)).T
    rows = np.concatenate(
        [(torch.from_numpy(asked[a : a + _MOST]) @ table).argmax(1).numpy() for a in range(0, len(asked), _MOST)]
    )
    owner = np.searchsorted(starts, rows, side="right") - 1
    middle = round(listening.WINDOW * rate) // 2
    ours = _loudness(x, np.arange(len(rows)) * hop + middle, hop)
    at = (rows - starts[owner]) * hop + middle
    theirs = np.array([_loudness(mono[o], np.array([c]), hop)[0] for o, c in zip(owner, at, strict=True)])
    gains = np.minimum(ours / np.maximum(theirs, 1e-4), 10.0)
    lead = np.r_[np.repeat(0, middle // hop), np.arange(len(rows))]  # window n is centered later than grain n
    return _laid(mono, owner[lead], at[lead], gains[lead], (hop, len(x), rate))


def _content(some: Sequence[Features], top: float) -> NDArray[np.float32]:
    found = []
    for one in some:
        c = cepstra(one.envelope, top)
        level = _LEVEL * np.clip(one.level, -50, 0)[:, None]
        found.append(np.column_stack([c - c[one.active].mean(0), level]).astype(np.float32))
    return np.concatenate(found)


def _bands(x: NDArray[np.float32], rate: int, hop: int) -> NDArray[np.float32]:
    power = listening.spectra(x, rate, np.arange(0, max(1, len(x) - hop), hop))
    table = listening.heard(power, rate, 0, rate / 2)
    return np.asarray(table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9), np.float32)


def _mono(sound: Sound, rate: int) -> NDArray[np.float32]:
    mono = sound.samples.mean(1)
    return mono if sound.rate == rate else np.asarray(soxr.resample(mono, sound.rate, rate), np.float32)


def _loudness(x: NDArray[np.float32], at: NDArray[np.int64], reach: int) -> NDArray[np.float64]:
    total = np.r_[0.0, np.cumsum(np.square(x, dtype=np.float64))]
    low, high = np.clip(at - reach, 0, len(x)), np.clip(at + reach, 0, len(x))
    return np.asarray(np.sqrt((total[high] - total[low]) / np.maximum(high - low, 1)))


def _laid(
    mono: Sequence[NDArray[np.float32]],
    owner: NDArray[np.int64],
    centers: NDArray[np.int64],
    gains: NDArray[np.float64],
    scale: tuple[int, int, int],
) -> Sound:
    """Hann windows four hops long about `centers`, laid one hop apart. `scale`: hop, samples, rate."""
    hop, samples, rate = scale
    window = np.hanning(4 * hop + 1)[:-1] / 2
    wide = [np.pad(one, (2 * hop, 2 * hop + 1)) for one in mono]
    out = np.zeros(len(owner) * hop + 4 * hop)
    for n, (who, at, gain) in enumerate(zip(owner, centers, gains, strict=True)):
        piece = wide[who][at : at + 4 * hop]
        out[n * hop : n * hop + len(piece)] += gain * window[: len(piece)] * piece
    out = np.pad(out[2 * hop :], (0, samples))[:samples]
    peak = max(1.0, float(np.abs(out).max()) / 0.99)
    return Sound((out / peak).astype(np.float32)[:, None], rate)
