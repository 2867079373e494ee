"""In which condition a recording is: noise, clipping, reach, reverberation, what sounds behind the voice."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter, percentile_filter

from core.hearing.envelope import BAND_HZ
from core.hearing.features import Features, hertz_of, mono_of
from core.hearing.frames import PER_SECOND, Bools, Ints
from core.media import Sound

_PLATEAU, _PAUSE, _PAUSES = 5.0, 10, 25  # dB about the lowest level; frames of one pause, and of all
_FLAT, _RUN, _FAINT = 2e-4, 3, 0.02  # of the peak; samples in a row; a peak that nothing clips at
_DEEP, _MIDDLE = 50.0, (500.0, 3000.0)  # dB below the middle of speech, where nothing is left; Hz
_DECAY, _BODY = 0.1, (300.0, 3800.0)  # seconds of a fall; Hz
_FALLS, _STRAIGHT = 8, 0.95  # falls that tell a room; how straight they are (R squared)
_SLOWEST = 1.0  # seconds: slower ones are a voice's own; rooms that ring 1.2 s were measured as 0.6 at most
_LEAP, _WINDOW = 0.04, 0.093  # seconds between two spectra, and how long one is
_PEAK_DB, _FAINTEST = 15.0, 45.0  # a partial's height over its surroundings; dB below the loudest
_STEADY = 4  # spectra through which a partial holds
_OFF = 0.2  # of the pitch, from the nearest harmonic


def noise(known: Features) -> float | None:
    """dB of what is left in pauses, 0 being the loud frames; None where there are no pauses to tell it by."""
    level = median_filter(known.level, 5)
    low = float(np.percentile(level, 5))
    quiet = runs(~known.voiced & (level < low + _PLATEAU), _PAUSE)
    return float(known.level[quiet].mean()) if quiet.sum() >= _PAUSES else None


def clipped(sound: Sound) -> float:
    """The part of samples, 0 to 1, that lie in a row at the very peak: 3 of them or more."""
    worst = 0.0
    for channel in sound.samples.T:
        peak = float(np.abs(channel).max())
        if peak >= _FAINT:
            flat = runs(channel >= peak * (1 - _FLAT), _RUN) | runs(channel <= -peak * (1 - _FLAT), _RUN)
            worst = max(worst, float(flat.mean()))
    return worst


def reach(known: Features) -> float:
    """Hz up to which there is any sound, at most half the rate."""
    high = np.percentile(known.envelope[known.active], 97, axis=0) if known.active.any() else known.envelope.mean(0)
    shape = high * (10 / np.log(10))
    middle = float(shape[(_MIDDLE[0] < BAND_HZ) & (_MIDDLE[1] > BAND_HZ)].mean())
    has = (shape > middle - _DEEP) & (known.top >= BAND_HZ)
    return float(BAND_HZ[has][-1])


def decay(sound: Sound) -> float | None:
    """Seconds in which sound falls by 60 dB where it falls fastest; a room lets nothing fall faster. None: no falls."""
    import scipy.signal  # slow to load, and not needed by whatever only starts

    mono, rate = mono_of(sound)
    top = min(_BODY[1], 0.45 * rate)
    body = scipy.signal.sosfiltfilt(scipy.signal.butter(4, [_BODY[0], top], "band", fs=rate, output="sos"), mono)
    step = rate // 200
    power = (body[: len(body) // step * step].reshape(-1, step) ** 2).mean(1)
    level = 10 * np.log10(gaussian_filter1d(power, 1.0) + 1e-12)
    size = int(_DECAY * 200)
    if len(level) <= size:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(level, size)
    steps = np.arange(size) - (size - 1) / 2
    slope = (windows * steps).sum(1) / (steps**2).sum()
    rest = windows - windows.mean(1, keepdims=True) - slope[:, None] * steps
    straight = 1 - rest.var(1) / np.maximum(windows.var(1), 1e-9)
    loud, floor = np.percentile(level, 95), np.percentile(level, 3)
    falls = (
        (slope < 0)
        & (straight > _STRAIGHT)
        & (windows[:, 0] > loud - 25)
        & (windows[:, -1] > max(floor + 6, loud - 50))
    )
    if falls.sum() < _FALLS:
        return None
    seconds = float(60 / (200 * -np.percentile(slope[falls], 10)))
    return seconds if seconds < _SLOWEST else None


def behind(sound: Sound, known: Features) -> float:
    """The part of the time, 0 to 1, in which tones are held that are none of the voice's harmonics."""
    mono, rate = mono_of(sound)
    leap, size = int(_LEAP * rate), int(_WINDOW * rate)
    if len(mono) < size + _STEADY * leap:
        return 0.0
    pieces = np.lib.stride_tricks.sliding_window_view(mono, size)[::leap]
    spectra = 20 * np.log10(np.abs(np.fft.rfft(pieces * np.hanning(size), axis=1)) + 1e-9)
    hz = np.arange(spectra.shape[1]) * rate / size
    use = (hz > 100) & (hz < min(3500, 0.45 * rate))
    spectra, hz = spectra[:, use], hz[use]
    around = percentile_filter(spectra, 40, size=(1, 31))
    loudest = np.percentile(spectra.max(1), 95)
    peak = (spectra > around + _PEAK_DB) & (spectra > loudest - _FAINTEST)
    peak[:, 1:-1] &= (spectra[:, 1:-1] >= spectra[:, :-2]) & (spectra[:, 1:-1] >= spectra[:, 2:])
    at = np.minimum((np.arange(len(spectra)) * leap + size // 2) * PER_SECOND // rate, len(known) - 1)
    pitch = hertz_of(known.pitch[at])[:, None]
    turns = hz / np.maximum(pitch, 1.0)
    strange = peak & ((pitch == 0) | (np.abs(turns - np.round(turns)) > _OFF))
    held = strange.copy()
    for ahead in range(1, _STEADY):
        near = np.zeros_like(strange)
        near[:-ahead] = strange[ahead:]
        near[:, 1:] |= near[:, :-1]
        near[:, :-1] |= near[:, 1:]
        held &= near
    return float(held.any(1).mean())


def runs(flags: Bools, least: int) -> Bools:
    """Of what is true, that which is so at least `least` times in a row."""
    edges: Ints = np.flatnonzero(np.diff(np.pad(flags.astype(np.int8), 1)))
    out = np.zeros(len(flags), np.bool_)
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        out[a:b] = b - a >= least
    return out
