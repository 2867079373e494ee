"""What is heard of a recording every 10 ms: its melody, its loudness, and what its tone and its noise are made of.

The division into tone and noise is that of Serra and Smith, "Spectral modeling synthesis" (1990): partials stand at
whole multiples of the pitch; what lies in the valleys between them is noise, and is under them, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.fft
import scipy.ndimage
import soxr

from core.hearing import pitch
from core.hearing.envelope import TOP, hertz, mel
from core.hearing.frames import Array, Bools, Ints, Samples, Tick, centers, count, cut, quiet
from core.media import Sound
from generation.engine import BadRequest

PARTIALS = 120  # the most that a tone has
BANDS = 64  # places on the mel scale where noise and envelopes are known
ACTIVE = -45.0  # dB below the loud frames, above which a frame sounds
_LOUD = 95  # percentile of the levels that counts as loud
_SHORT = 1e-2  # of the loudest frame's power is loud, too, however little of the recording sounds
_NOTHING = 3e-9  # power below which nothing is loud: -85 dB
_FLOOR = 1e-13
_PERIODS = 6.0  # in a window: then partials part
_LEAST = 0.02  # seconds in a window
_BATCH = 256
_GAP, _BLIP = 3, 4  # frames
_HIGH, _ODD, _AROUND = 300.0, 0.01, 7  # Hz from where pitch is looked at again; power; frames
_TONE, _FIRST = 0.9, 0.003  # parts of its power that are in the partials and in the first of them, where one tone is


@dataclass(frozen=True, eq=False)
class Heard:
    """A recording: `hz` [frames], 0 without pitch; `level` [frames] in dB, 0 is what is loud; `power` [frames].

    `mono` at `rate`: what was listened to.
    """

    hz: Array
    level: Array
    power: Array
    mono: Array
    rate: int

    @property
    def active(self) -> Bools:
        return self.level > ACTIVE

    @property
    def voiced(self) -> Bools:
        return (self.hz > 0) & self.active

    def __len__(self) -> int:
        return len(self.hz)


@dataclass(frozen=True, eq=False)
class Spectra:
    """What a recording's sound is made of, as ln of power relative to the frame's: float32.

    `partials` [frames, PARTIALS]: of each partial; `noise` [frames, BANDS]: of noise, as if it were white and so strong
    all over. `tone` [frames]: part of the power that is in partials.
    """

    partials: Samples
    noise: Samples
    tone: Array


BAND_HZ: Array = hertz(np.linspace(0.0, float(mel(TOP)), BANDS))


def band_of(hz: Array) -> Array:
    """The fractional band at a frequency, 0 to BANDS - 1."""
    return np.clip(mel(hz) * (BANDS - 1) / float(mel(TOP)), 0.0, BANDS - 1)


def listen(sound: Sound, tick: Tick = quiet) -> Heard:
    """Melody and loudness; in a silent recording no frame is active. Raises BadRequest for what is no number."""
    mono = sound.samples.mean(1, dtype=np.float64)
    if not np.isfinite(mono.sum()):
        raise BadRequest("the recording holds samples that are no numbers; export it again")
    mono -= mono.mean()  # an offset is no sound
    rate, frames = sound.rate, count(sound.frames, sound.rate)
    if rate > 2 * TOP:
        rate = int(2 * TOP)
        mono = soxr.resample(mono, sound.rate, rate, quality="HQ")[: max(1, len(mono) * rate // sound.rate)]
    tick()
    hz = pitch.track(mono, rate, tick)
    hz = np.pad(hz, (0, max(0, frames - len(hz))))[:frames]
    power = _power(mono, rate, frames)
    loud = max(float(np.percentile(power, _LOUD)), float(power.max()) * _SHORT)
    level = 10 * np.log10(np.maximum(power, _FLOOR) / loud) if loud > _NOTHING else np.full(frames, -120.0)
    heard = Heard(_steady(hz, level > ACTIVE), level, power, mono, rate)
    return _raised(heard, tick) if (heard.hz > _HIGH).any() else heard


def _raised(heard: Heard, tick: Tick) -> Heard:
    """With pitch an octave up where every other partial is missing: whoever looks for it no higher finds half of it."""
    high = np.where(heard.hz > _HIGH, heard.hz, 0.0)
    power = np.exp(divide(replace(heard, hz=high), tick).partials[:, :8])
    half = (high > 0) & (power[:, ::2].sum(1) < _ODD * power[:, 1::2].sum(1))
    half = (scipy.ndimage.uniform_filter1d(half.astype(float), _AROUND) > 0.5) & (high > 0)
    return replace(heard, hz=np.where(half, 2 * heard.hz, heard.hz))


def _steady(hz: Array, active: Bools) -> Array:
    """Gaps of up to `_GAP` frames within a tone are filled, tones shorter than `_BLIP` are none: neither clicks."""
    out = hz.copy()
    edges = np.flatnonzero(np.diff(np.r_[True, hz > 0, True].astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if start > 0 and end < len(hz) and end - start <= _GAP and active[start:end].all():
            out[start:end] = np.exp(np.interp(np.arange(start, end), [start - 1, end], np.log(hz[[start - 1, end]])))
    edges = np.flatnonzero(np.diff(np.r_[False, out > 0, False].astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start < _BLIP:
            out[start:end] = 0.0
    return out


def _power(mono: Array, rate: int, frames: int) -> Array:
    """Mean square around each frame, over about 15 ms."""
    size = round(0.03 * rate) | 1
    window = np.hanning(size + 2)[1:-1]
    out = np.zeros(frames)
    for a in range(0, frames, _BATCH):
        b = min(a + _BATCH, frames)
        out[a:b] = cut(mono, centers(a, b, rate), size) ** 2 @ window
    return np.asarray(out / window.sum())


def divide(heard: Heard, tick: Tick = quiet) -> Spectra:
    """Tone and noise of each frame."""
    frames = len(heard)
    partials = np.full((frames, PARTIALS), np.log(_FLOOR))
    noise = np.zeros((frames, BANDS))
    sizes = np.full(frames, round(_LEAST * heard.rate))
    voiced = heard.hz > 0
    sizes[voiced] = np.maximum(sizes[voiced], _PERIODS * heard.rate / heard.hz[voiced])
    sizes = (np.exp2(np.ceil(4 * np.log2(sizes)) / 4)).astype(np.int64) | 1
    at = centers(0, frames, heard.rate)
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        for a in range(0, len(which), _BATCH):
            some = which[a : a + _BATCH]
            tick()
            total, step = _totals(heard.mono, at[some], int(size), heard.rate)
            noise[some] = np.log(_bands(total, step, heard.rate) + _FLOOR)
            pitched = np.flatnonzero(voiced[some])
            if len(pitched):
                rows = some[pitched]
                tones, valleys = _partials(total[pitched], step, heard.hz[rows], heard.rate)
                partials[rows] = tones
                noise[rows] = _between(valleys, heard.hz[rows], noise[rows])
    base = np.log(np.maximum(heard.power, _FLOOR))[:, None]
    tone = np.where(voiced, np.exp(partials).sum(1) / np.maximum(heard.power, _FLOOR), 0.0)
    return Spectra((partials - base).astype(np.float32), (noise - base).astype(np.float32), np.minimum(tone, 1.0))


def sure(heard: Heard, spectra: Spectra) -> float:
    """Part of the frames with pitch in which one tone is nearly all that sounds, 0 to 1; 0 where none has pitch.

    Low where several sound at once: the pitch that is found explains only a part of the sound, or lies below it all.
    """
    one = (spectra.tone > _TONE) & (spectra.partials[:, 0] > np.log(_FIRST))
    voiced = heard.voiced
    return float(one[voiced].mean()) if voiced.any() else 0.0


def _totals(mono: Array, at: Ints, size: int, rate: int) -> tuple[Array, float]:
    """Running sum over frequency of each window's power spectrum, scaled as white noise's variance; Hz between bins."""
    window = np.hanning(size + 2)[1:-1]
    length = scipy.fft.next_fast_len(2 * size, real=True)
    spectrum = scipy.fft.rfft(np.stack([cut(mono, at[i : i + 1], size)[0] for i in range(len(at))]) * window, length)
    power = (spectrum.real**2 + spectrum.imag**2) / (window**2).sum()
    return np.cumsum(np.pad(power, ((0, 0), (1, 0))), 1), rate / length


def _mean(total: Array, low: Array, high: Array) -> Array:
    """Mean power between bins `low` and `high` (fractional, [rows, places]); at least one bin wide."""
    middle, half = (low + high) / 2 + 0.5, np.maximum(high - low, 1.0) / 2
    most = total.shape[1] - 1.001
    a, b = np.clip(middle - half, 0, most), np.clip(middle + half, 0, most)
    rows = np.arange(len(total))[:, None]

    def read(at: Array) -> Array:
        whole = at.astype(np.int64)
        return np.asarray(total[rows, whole] + (total[rows, whole + 1] - total[rows, whole]) * (at - whole))

    return np.maximum((read(b) - read(a)) / np.maximum(b - a, 1e-3), 0.0)


def _bands(total: Array, step: float, rate: int) -> Array:
    """Mean power around each band."""
    edges = np.r_[0.0, (BAND_HZ[1:] + BAND_HZ[:-1]) / 2, TOP]
    edges = np.minimum(edges, rate / 2 - step) / step
    shape = (len(total), BANDS)
    return _mean(total, np.broadcast_to(edges[:-1], shape), np.broadcast_to(edges[1:], shape))


def _partials(total: Array, step: float, hz: Array, rate: int) -> tuple[Array, Array]:
    """ln power of each partial [rows, PARTIALS], and ln power in the valleys before, between and after [.., + 1]."""
    f = hz[:, None] / step
    valley = f * (np.arange(PARTIALS + 1) + 0.5)
    between = np.log(_mean(total, valley - f / 7, valley + f / 7) + _FLOOR)
    number = np.arange(1, PARTIALS + 1)
    lobe = _mean(total, f * number - f / 3, f * number + f / 3)
    under = np.exp((between[:, :-1] + between[:, 1:]) / 2)
    power = np.maximum(lobe - under, 0.0) * (2 * (2 / 3) * hz[:, None] / rate)
    inside = hz[:, None] * number < rate / 2 - hz[:, None] / 2
    return np.log(np.where(inside, power, 0.0) + _FLOOR), between


def _between(valleys: Array, hz: Array, whole: Array) -> Array:
    """Noise at the bands from the valleys; `whole`: at the bands, with partials, for where none are counted."""
    place = np.clip(BAND_HZ[None] / hz[:, None] - 0.5, 0.0, PARTIALS - 0.001)
    low = place.astype(np.int64)
    rows = np.arange(len(hz))[:, None]
    found = valleys[rows, low] + (valleys[rows, low + 1] - valleys[rows, low]) * (place - low)
    return np.where(BAND_HZ[None] < hz[:, None] * (PARTIALS + 0.5), np.minimum(found, whole), whole)
