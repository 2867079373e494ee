"""A recording rebuilt by mosaic from other instruments, beside the same by nearest frame: notes, attacks, loudness."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks import nearest
from benchmarks.converted import SEED, exact_of
from benchmarks.recordings import Voice, instruments, singers
from core.media import Sound
from generation.engine import Ingredient, Request, silent
from generation.engines.mosaic import Mosaic, listening

_RATE = 22_050
_FFT, _HOP = 4096, 1024
_NOTES = (65.0, 2100.0)  # Hz, where chroma are counted
_NEAR = 0.05  # seconds within which two onsets are one
_EXCERPT = 20.0  # seconds of each source, at most


def rows() -> list[dict[str, Any]]:
    """Every instrument, and one singer, from every catalogue that is long enough to draw from."""
    sources = [*instruments(), singers()[-2]]
    return [_row(source, of) for of in instruments() for source in sources if source is not of and _long(of)]


def _row(of: Voice, catalogue: Voice) -> dict[str, Any]:
    made = Mosaic()
    source = _excerpt(of.takes[0].sound)
    prepared = made.prepare([take.asset for take in catalogue.takes], report=silent)
    began = time.process_time()
    work = made.render([Request((Ingredient(prepared),), made.Params.model_validate({}), SEED, source)], report=silent)[
        0
    ]
    cpu = (time.process_time() - began) / source.seconds
    assert isinstance(work.media, Sound)
    takes = [take.sound for take in catalogue.takes]
    plain = nearest.instrument(source, takes)
    exact = exact_of(work)
    return {
        "pair": f"{of.name} > {catalogue.name}",
        "chroma nearest": notes(plain, source),
        "chroma": notes(work.media, source),
        "onsets nearest": attacks(plain, source),
        "onsets": attacks(work.media, source),
        "timbre before": timbre(source, takes),
        "timbre nearest": timbre(plain, takes),
        "timbre": timbre(work.media, takes),
        "copy s": exact.largest_copy * source.seconds,
        "kB/s": len(exact.map) / 1000 / source.seconds,
        "cpu": cpu,
        "replay": made.replay(exact.map, [prepared], None).sha256 == work.media.sha256,
    }


def notes(work: Sound, source: Sound) -> float:
    """Mean correlation of the two recordings' chroma, frame by frame, where the source sounds."""
    a, b = _chroma(work), _chroma(source)
    frames = min(len(a), len(b))
    loud = b[:frames].sum(1)
    some = [(x - x.mean(1, keepdims=True))[loud > 1e-3 * loud.max()] for x in (a[:frames], b[:frames])]
    norm = np.linalg.norm(some[0], axis=1) * np.linalg.norm(some[1], axis=1)
    return float(((some[0] * some[1]).sum(1) / np.maximum(norm, 1e-9)).mean())


def attacks(work: Sound, source: Sound) -> float:
    """F-measure of detected onsets that lie within 50 ms; both are heard by mosaic's own detector."""
    heard = [listening.onsets(*listening.mono(sound)) / listening.mono(sound)[1] for sound in (work, source)]
    if not len(heard[0]) or not len(heard[1]):
        return 0.0
    left, hits = list(heard[1]), 0
    for at in heard[0]:
        near = [other for other in left if abs(other - at) <= _NEAR]
        if near:
            left.remove(min(near, key=lambda other: abs(other - at)))
            hits += 1
    return 2 * hits / (len(heard[0]) + len(heard[1]))


def timbre(work: Sound, takes: list[Sound]) -> float:
    """dB between the mean spectra, without level, of a recording and a catalogue, in 64 mel bands."""
    middle = [_spectrum(work), np.mean([_spectrum(take) for take in takes], axis=0)]
    return float(np.sqrt(np.mean((middle[0] - middle[1]) ** 2)))


def _long(catalogue: Voice) -> bool:
    return sum(take.sound.seconds for take in catalogue.takes) >= 10.0


def _excerpt(sound: Sound) -> Sound:
    return Sound(sound.samples[: round(_EXCERPT * sound.rate)].copy(), sound.rate)


def _power(sound: Sound) -> NDArray[np.float64]:
    """[frames, bins]"""
    mono = sound.samples.mean(1)
    x = mono if sound.rate == _RATE else soxr.resample(mono, sound.rate, _RATE)
    x = np.pad(x, _FFT // 2)
    windows = np.lib.stride_tricks.sliding_window_view(x, _FFT)[::_HOP] * np.hanning(_FFT)
    return np.asarray(np.abs(np.fft.rfft(windows)) ** 2)


def _chroma(sound: Sound) -> NDArray[np.float64]:
    """[frames, 12]: magnitude by pitch class."""
    hz = np.arange(_FFT // 2 + 1) * _RATE / _FFT
    inside = (hz > _NOTES[0]) & (hz < _NOTES[1])
    which = np.round(12 * np.log2(hz[inside] / 440.0)).astype(int) % 12
    power = _power(sound)[:, inside]
    return np.asarray(np.sqrt(np.stack([power[:, which == note].sum(1) for note in range(12)], 1)))


def _spectrum(sound: Sound) -> NDArray[np.float64]:
    """dB, 64 bands, mean 0, over the frames that sound."""
    power = _power(sound)
    loud = power.sum(1)
    mean = power[loud > 1e-3 * loud.max()].mean(0)
    edges = 700 * np.expm1(np.linspace(np.log1p(80 / 700), np.log1p(7800 / 700), 65))
    at = np.minimum((edges * _FFT / _RATE).astype(int), len(mean) - 1)
    bands = 10 * np.log10(np.array([mean[a : max(b, a + 1)].mean() for a, b in pairwise(at)]) + 1e-9)
    return np.asarray(bands - bands.mean())
