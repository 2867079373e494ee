"""The filter that makes the change: the fan's own waveform, other gains over frequency, its phase untouched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from scipy.ndimage import gaussian_filter1d

from core.hearing.envelope import BAND_HZ, BANDS, band_of, bands_below
from core.hearing.features import Table
from core.hearing.frames import PER_SECOND, Array, Bools, Ints, Samples, Tick

_LIMIT = 24.0  # dB, the most that it does
_QUIET, _SILENT = -35.0, -50.0  # dB below loud, between which it fades to nothing
_BREATH = 12.0  # dB by which sound without pitch counts as quieter
_SMOOTH = 0.4  # frames
_BATCH = 256
_NATS = np.log(10) / 10  # of power, in a dB
LONG, SHORT = 0.0075, 0.0025  # seconds between windows, each as long as four


def curve(change: Table, own: Table, level: Array, voiced: Bools, top: float) -> Table:
    """The change with each frame's loudness kept and silence left alone: ln of power gain, [frames, BANDS]."""
    bands = bands_below(top)
    weight = _audibility(BAND_HZ[:bands]) * np.gradient(BAND_HZ[:bands])
    before = np.exp(own[:, :bands].astype(np.float64)) * weight
    louder = np.log((before * np.exp(change[:, :bands])).sum(1) / np.maximum(before.sum(1), 1e-30))
    part = parts(level, voiced)
    h = gaussian_filter1d((change - louder[:, None]) * part[:, None], _SMOOTH, axis=0)
    return np.asarray(np.clip(h, -_LIMIT * _NATS, _LIMIT * _NATS), dtype=np.float32)


def parts(level: Array, voiced: Bools) -> Array:
    """How much of its change each frame gets, 0 to 1: none in silence.

    Quiet sounds without pitch get less: an intake of breath must not become a hiss.
    """
    over = np.where(voiced, level, level - _BREATH * gaussian_filter1d((~voiced).astype(np.float64), 2.0))
    return np.asarray(np.clip((over - _SILENT) / (_QUIET - _SILENT), 0, 1))


def _audibility(hz: Array) -> Array:
    """About the weighting of ITU-R BS.1770 in power: nothing below 40 Hz, 4 dB more above 2 kHz."""
    return np.asarray(hz**2 / (hz**2 + 40.0**2) * (1 + 1.5 * hz**2 / (hz**2 + 1700.0**2)))


def filtered(x: Samples, h: Table, rate: int, tick: Tick, into: Samples | None = None) -> Samples:
    """`x` float32 [samples, channels] through gains `h` [frames, BANDS]; each channel alike.

    `into`: where the result goes, if not to new memory; it may be `x` itself.
    """
    out = np.empty_like(x) if into is None else into
    hop = _hop(LONG, rate)
    bank = _Bank(rate, hop)
    carry = np.zeros((3 * hop, x.shape[1]))
    count = -(-len(x) // hop) + 3
    for a in range(0, count, _BATCH):
        b = min(a + _BATCH, count)
        block = bank.block(x, h, a, b)
        block[: 3 * hop] += carry
        carry = block[(b - a) * hop :]
        low, high = (a - 3) * hop, min((b - 3) * hop, len(x))
        if high > max(low, 0):
            out[max(low, 0) : high] = block[max(low, 0) - low : high - low]
        tick()
    return out


@dataclass(frozen=True, eq=False)
class Sharp:
    """What stands about an onset, from sample `low` on, and how much of it (1 in the middle): [samples, channels]."""

    low: int
    piece: Samples
    part: Samples

    def blend(self, out: Samples) -> None:
        """Let it stand in `out` instead, blended in and out."""
        there = out[self.low : self.low + len(self.piece)]
        there += self.part * (self.piece - there)


def sharpened(x: Samples, h: Table, rate: int, onsets: Ints) -> list[Sharp]:
    """`x` filtered by shorter windows about `onsets` (samples), so that nothing sounds before it does."""
    hop = _hop(SHORT, rate)
    bank = _Bank(rate, hop)
    before, after = round(0.02 * rate), round(0.005 * rate)
    turn = max(1, round(0.005 * rate))
    found = []
    for onset in onsets:
        low, high = max(0, int(onset) - before - turn), min(len(x), int(onset) + after + turn)
        a, b = low // hop, -(-high // hop) + 3
        piece = bank.block(x, h, a, b)[low - (a - 3) * hop : high - (a - 3) * hop]
        near = np.minimum(np.arange(high - low), np.arange(high - low)[::-1]) / turn
        part = (0.5 - 0.5 * np.cos(np.pi * np.minimum(near, 1.0)))[:, None]
        found.append(Sharp(low, piece.astype(np.float32), part.astype(np.float32)))
    return found


def _hop(seconds: float, rate: int) -> int:
    return max(1, round(seconds * rate))


class _Bank:
    """Hann windows four hops long, before and after the gains; the four that overlap add to 3/2 everywhere.

    Window i is centered on sample (i - 1) * hop.
    """

    def __init__(self, rate: int, hop: int) -> None:
        self._rate, self._hop = rate, hop
        self._window = np.hanning(4 * hop + 1)[:-1]
        self._size = scipy.fft.next_fast_len(6 * hop, real=True)
        bins = band_of(np.arange(self._size // 2 + 1) * (rate / self._size))
        self._low = np.minimum(bins.astype(np.int64), BANDS - 2)
        self._part = bins - self._low

    def block(self, x: Samples, h: Table, a: int, b: int) -> Array:
        """What windows a to b (exclusive) add up to: samples (a - 3) * hop to b * hop."""
        hop, size = self._hop, self._size
        low, high = (a - 3) * hop, b * hop
        part = np.zeros((high - low, x.shape[1]))
        inside = x[max(low, 0) : max(high, 0)]
        part[max(low, 0) - low :][: len(inside)] = inside
        at = np.clip((np.arange(a, b) - 1) * (hop * PER_SECOND / self._rate), 0, len(h) - 1)
        row = np.minimum(at.astype(np.int64), max(0, len(h) - 2))
        share = (at - row)[:, None]
        table = h[row] * (1 - share) + h[np.minimum(row + 1, len(h) - 1)] * share
        gain = np.exp(0.5 * (table[:, self._low] * (1 - self._part) + table[:, self._low + 1] * self._part))
        out = np.zeros_like(part)
        for channel in range(x.shape[1]):
            pieces = np.lib.stride_tricks.sliding_window_view(part[:, channel], 4 * hop)[::hop]
            y = scipy.fft.irfft(scipy.fft.rfft(pieces * self._window, size) * gain, size)[:, : 4 * hop]
            y *= self._window / 1.5
            for j in range(4):
                out[j * hop : (b - a + j) * hop, channel] += y[:, j * hop : (j + 1) * hop].ravel()
        return out
