"""What is known of a recording every 10 ms: pitch, timbre and level; and what of that says which sound is spoken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
import soxr
from numpy.typing import NDArray

from core.errors import Invalid
from core.hearing import pitch
from core.hearing.envelope import BAND_HZ, TOP, band_of, bands_below, columns, envelopes, hertz, mel
from core.hearing.frames import Array, Bools, Samples, Tick, centers, count, cut, quiet
from core.media import Sound

FINEST = 600  # pitch steps in an octave: 2 cents
ACTIVE = -38.0  # dB below the loud frames, above which a frame sounds
ORDER = 19  # cepstral coefficients, from the second on
_CEPSTRUM_TOP, _CEPSTRUM_BANDS = 7600.0, 64
_LOUD = 95  # percentile of the levels that counts as loud
_NOTHING = float(np.log(1e-9))  # power below which nothing is loud: -90 dB
_HISS_HZ, _BODY_HZ, _HISS_DB = 4000.0, 1000.0, 3.0

Codes = NDArray[np.uint16]
Table = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Features:
    """One recording. `pitch` uint16 [frames], 0 unvoiced; `envelope` float32 [frames, BANDS], ln of power; `level` dB.

    Level 0 is the recording's loud frames', and envelopes are relative to it. `top`: Hz up to which there is anything.
    `loud`: ln of the power of the loud frames, where it is of use.
    """

    pitch: Codes
    envelope: Table
    level: Array
    top: float
    loud: float = 0.0

    @property
    def voiced(self) -> Bools:
        return self.pitch > 0

    @property
    def active(self) -> Bools:
        return self.level > ACTIVE

    def __len__(self) -> int:
        return len(self.pitch)


def code_of(hz: Array) -> Codes:
    """Pitches as whole steps of 2 cents above the lowest less one; 0 where there is none."""
    steps = np.round(FINEST * np.log2(np.maximum(hz, pitch.LOWEST / 2) / (pitch.LOWEST / 2)))
    return np.where(hz > 0, np.maximum(steps, 1), 0).astype(np.uint16)


def hertz_of(code: NDArray[np.integer]) -> Array:
    """The inverse of `code_of`."""
    return np.where(code > 0, pitch.LOWEST / 2 * np.exp2(code / FINEST), 0.0)


def mono_of(sound: Sound) -> tuple[Samples, int]:
    """The middle of the channels, at no more samples a second than are of use, and their rate. Raises Invalid."""
    mono = sound.samples.mean(1)
    offset = mono.mean(dtype=np.float64)
    if not np.isfinite(offset):
        raise Invalid("the recording holds samples that are no numbers; export it again")
    mono -= np.float32(offset)  # an offset is no sound
    most = int(2 * TOP)
    if sound.rate > most:
        return soxr.resample(mono, sound.rate, most, quality="HQ")[: max(1, len(mono) * most // sound.rate)], most
    return mono, sound.rate


def analyze(sound: Sound, codes: Codes | None = None, tick: Tick = quiet) -> Features:
    """All there is to know. `codes`: the pitches, where they are known already. Raises Invalid for no numbers."""
    mono, rate = mono_of(sound)
    frames = count(len(sound.samples), sound.rate)
    if codes is None:
        codes = code_of(_hissless(pitch.track(mono, rate, tick), mono, rate))[:frames]
    logs = envelopes(mono, rate, hertz_of(codes), tick)
    power = np.log(np.maximum(power_of(logs, rate / 2), 1e-30))
    loud = max(float(np.percentile(power, _LOUD)), _NOTHING)
    logs -= np.float32(loud)
    return Features(codes, logs, (power - loud) * (10 / np.log(10)), rate / 2, loud)


def power_of(logs: Table, top: float) -> Array:
    """Mean power of each frame from its envelope, up to `top` Hz."""
    bands = bands_below(top)
    edges = np.r_[0.0, (BAND_HZ[1:bands] + BAND_HZ[: bands - 1]) / 2, top]
    return np.asarray((np.exp(logs[:, :bands].astype(np.float64)) * (np.diff(edges) / top)).sum(1))


def cepstra(logs: Table, top: float, warp: float = 1.0) -> Table:
    """float32 [frames, ORDER]; a warp above 1 moves everything up in frequency. `top`: Hz, the lowest of all sides."""
    hz = hertz(np.linspace(0.0, float(mel(min(_CEPSTRUM_TOP, top))), _CEPSTRUM_BANDS))
    table = columns(logs, band_of(hz / warp))
    return np.asarray(scipy.fft.dct(table, axis=1, norm="ortho")[:, 1 : ORDER + 1], dtype=np.float32)


def _hissless(hz: Array, mono: Samples, rate: int) -> Array:
    """No pitch where a frame is mostly hiss: periodic or not, its sound is that of a fricative."""
    if rate < 2.5 * _HISS_HZ:
        return hz
    size = 1 << (rate // 50).bit_length()
    frequency = np.fft.rfftfreq(size, 1 / rate)
    window = np.hanning(size)
    out = hz.copy()
    for a in range(0, len(hz), 512):
        b = min(a + 512, len(hz))
        spectrum = scipy.fft.rfft(cut(mono, centers(a, b, rate), size) * window)
        power = spectrum.real**2 + spectrum.imag**2
        hiss, body = power[:, frequency > _HISS_HZ].sum(1), power[:, frequency < _BODY_HZ].sum(1)
        out[a:b][hiss > body * 10 ** (_HISS_DB / 10)] = 0.0
    return out
