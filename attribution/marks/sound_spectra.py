"""What writer and reader see of a recording: levels of bands, and how far they rise from slot to slot."""

from __future__ import annotations

import functools

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from attribution.marks.sound_plan import BINS, HOP, PAIR, RATE, SLOT, WINDOW, Floats
from core.media import Sound

_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
_OVERLAP = WINDOW // HOP
_SUM = 1.5  # of the squares of such windows, four of which overlap
_QUIET = 1e-7  # of the mean energy, below which nothing is told apart
_NOTHING = 1e-12  # the same, absolute: silence has no rises
_LOCAL = 65  # rows over which a band is as restless as it is: 0.75 seconds
_OUTLIER, _CLIP = 3.0, 2.5  # standard deviations
_RIDGE = 1.0  # against the mean variance: bands are never taken for wholly predictable by each other
_FLOOR = 10  # percentile of a band's level that may be noise
_AROUND = 13  # bands, over an octave, over which noise is smooth and tones are not
_ABOVE = 3.0  # dB by which noise exceeds that percentile


def resampled(samples: NDArray[np.floating], rate: int, to: int) -> Floats:
    """[frames] or [frames, channels] at another rate, with no delay."""
    import soxr

    samples = np.ascontiguousarray(samples, np.float32)
    return samples if rate == to else np.asarray(soxr.resample(samples, rate, to, quality="HQ"), np.float32)


def heard(sound: Sound, begin: float, seconds: float) -> Floats:
    """Power of a part of a recording, its channels taken together: [frames, BINS]; frame 0 is at `begin` seconds."""
    part = sound.part(begin, seconds)
    return powers(spectra(resampled(part.samples.mean(axis=1), part.rate, RATE)))


def spectra(samples: Floats) -> NDArray[np.complex64]:
    """Short-time spectra at RATE, [frames, BINS]: frame t is centered on sample HOP * t."""
    count = len(samples) // HOP + 1
    padded = np.pad(samples, (WINDOW // 2, WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:count]
    return np.asarray(scipy.fft.rfft(frames * _HANN, axis=1)[:, :BINS], np.complex64)


def samples_of(spectrum: NDArray[np.complex64], count: int) -> Floats:
    """The samples, so many, of spectra as `spectra` gives them (Griffin & Lim 1984: least squares)."""
    frames = scipy.fft.irfft(spectrum, WINDOW, axis=1) * (_HANN / _SUM)
    parts = frames.reshape(len(frames), _OVERLAP, HOP)
    out = np.zeros((len(frames) + _OVERLAP, HOP), np.float32)
    for turn in range(_OVERLAP):
        out[turn : turn + len(frames)] += parts[:, turn]
    return np.pad(out.ravel(), (0, WINDOW))[WINDOW // 2 : WINDOW // 2 + count]


@functools.lru_cache(maxsize=1)
def blurred() -> tuple[Floats, Floats]:
    """What becomes of gains of frames: in the samples at a frame's middle, and in the frame's spectrum when it is
    taken again. Weights of the frames around it."""
    window, turns = _HANN.astype(np.float64), range(-_OVERLAP + 1, _OVERLAP)
    again = np.pad(window**2 / _SUM, WINDOW)
    parts = [again[WINDOW + turn * HOP :][:WINDOW] for turn in turns]
    samples = [part[WINDOW // 2] for part in parts]
    return np.array(samples, np.float32), np.array([part @ window / window.sum() for part in parts], np.float32)


def powers(spectrum: NDArray[np.complex64]) -> Floats:
    """Squares of magnitudes."""
    return np.asarray(spectrum.real**2 + spectrum.imag**2, np.float32)


def levels(power: Floats, filters: Floats, noise: float = 0.0) -> Floats:
    """dB of each band, [frames, bands]; `noise`: power of each bin that is added."""
    energy = power @ filters.T + noise * filters.sum(axis=1)
    return np.asarray(10 * np.log10(energy + _QUIET * energy.mean() + _NOTHING), np.float32)


def rises(level: Floats, tempo: float = 1.0) -> Floats:
    """dB by which the slot after the next exceeds the next one, from each frame: [frames - a pair, bands]."""
    slot, count = SLOT / tempo, len(level)
    sums = np.zeros((count + 1, level.shape[1]))
    np.cumsum(level, axis=0, dtype=np.float64, out=sums[1:])
    starts = np.arange(max(0, int(count - 2 * slot) + 1), dtype=np.float64)

    def until(frame: NDArray[np.float64]) -> NDArray[np.float64]:
        whole = np.minimum(frame.astype(np.int64), count - 1)
        part = (frame - whole)[:, None]
        return np.asarray(sums[whole] * (1 - part) + sums[whole + 1] * part)

    return np.asarray((until(starts + 2 * slot) - 2 * until(starts + slot) + until(starts)) / slot, np.float32)


def scores(rise: Floats, local: int = _LOCAL) -> Floats:
    """Rises as evidence: what all bands do is taken out, then each is measured by how restless it is, then what its
    neighbors foretell is taken out (a matched filter in colored noise: Kay, "Detection Theory", 1998, 4.4)."""
    if not len(rise):
        return rise
    rise = rise - np.median(rise, axis=1, keepdims=True)
    rise = np.clip(rise / (1.48 * np.median(np.abs(rise)) + 1e-6), -_OUTLIER, _OUTLIER)
    restless = np.sqrt(uniform_filter1d(rise * rise, local, axis=0) + 0.05)
    rise = np.clip(rise / restless, -_CLIP, _CLIP)
    shared = rise.T @ rise / len(rise)
    white = rise @ np.linalg.inv(shared + (_RIDGE * shared.trace() / len(shared) + 1e-9) * np.eye(len(shared)))
    return np.asarray(np.clip(white / (white.std() + 1e-9), -_CLIP, _CLIP), np.float32)


def trust(level: Floats, filters: Floats, count: int) -> Floats:
    """How much of each chip is not noise, 0 to 1, from each of `count` frames: [count, bands].

    Noise is what every band over an octave has most of the time (minimum statistics: Martin 2001, across frequency).
    """
    density = level - 10 * np.log10(filters.sum(axis=1) + 1e-6)
    floor = minimum_filter1d(np.percentile(density, _FLOOR, axis=0), _AROUND)
    floor = uniform_filter1d(floor, 5) + _ABOVE
    sums = np.concatenate([np.zeros((1, level.shape[1])), np.cumsum(density, axis=0, dtype=np.float64)])
    mean = (sums[PAIR:] - sums[:-PAIR])[:count] / PAIR
    return np.asarray(1 / (1 + 10 ** ((floor - mean) / 10)), np.float32)
