"""Whole songs whose true stems are known: how well `chorale` finds the voice inside a mix, and changes nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing
from scipy.signal import istft, stft

from app.demo import plucked, singing
from core import decode_sound
from core.media import Sound
from generation.engine import Asset, Exact, Ingredient, Request, as_sound, silent
from generation.engines.chorale import Chorale, maps

RATE = 44_100
PAUSE = 4.0  # seconds in which nobody sings, before the voice and in its middle
_LOUD, _HOLE = (
    40.0,
    10,
)  # dB below a voice's loud frames at which it sounds; frames: a shorter silence is a stop in a word
_FRAME = RATE // 100

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mix:
    """A song. `voice` [samples, 1] and `backing` [samples, 2] add up to it; `sung` bool, for each 10 ms."""

    name: str
    voice: Floats
    backing: Floats
    sung: NDArray[np.bool_]

    @property
    def sound(self) -> Sound:
        """Both together, stereo."""
        return sound_of(self.voice + self.backing)


def rows(folder: Path) -> list[dict[str, Any]]:
    """For each song what was found and kept. `folder`: of `mixes`.

    `gate`: part of the frames in which it is rightly told whether somebody sings; `untouched`: dB of the change where
    nobody does, under the mix there; `ours`, `mix`, `oracle`: SI-SDR in dB of three songs to the one made of the true
    stem: ours, the mix as it was, and one whose voice was taken out by the ideal ratio mask; `seconds`: processor
    seconds a second of song.
    """
    engine = Chorale()
    voices = [
        engine.prepare([Asset(one.name, singing.recording(one, 41, seconds=30))], report=silent)
        for one in singing.SINGERS
    ]
    return [_row(engine, voices[mix.name.startswith("Alma")], mix) for mix in mixes(folder)]


def _row(engine: Chorale, voice: bytes, mix: Mix) -> dict[str, Any]:
    song = mix.sound
    true = _changed(engine, voice, sound_of(np.repeat(mix.voice, 2, 1)))
    ideal = _changed(engine, voice, sound_of(_ideal(mix)))
    started = time.process_time()
    work = engine.render([_request(engine, voice, song, whole_song=True)], report=silent)[0]
    seconds = (time.process_time() - started) / song.seconds
    ours = as_sound(work.media).samples.astype(np.float64)
    assert isinstance(work.provenance, Exact)
    found = maps.read_map(work.provenance.map).sung[: len(mix.sung)]
    silence = ~np.repeat(mix.sung[: len(found)], _FRAME)
    change = _rms((ours - song.samples)[: len(silence)][silence]) / _rms(
        song.samples[: len(silence)][silence].astype(np.float64)
    )
    reference = song.samples + true
    return {
        "song": mix.name,
        "gate": float((found == mix.sung[: len(found)]).mean()),
        "untouched": 20 * float(np.log10(max(change, 1e-9))),
        "ours": _si_sdr(ours, reference),
        "mix": _si_sdr(song.samples.astype(np.float64), reference),
        "oracle": _si_sdr(song.samples + ideal, reference),
        "seconds": seconds,
    }


def _request(engine: Chorale, voice: bytes, source: Sound, whole_song: bool = False) -> Request:
    params = engine.Params.model_validate({"transpose": "keep", "whole_song": whole_song})
    return Request((Ingredient(voice),), params, 1, source=source)


def _changed(engine: Chorale, voice: bytes, stem: Sound) -> Floats:
    """What a conversion adds to a stem."""
    media = as_sound(engine.render([_request(engine, voice, stem)], report=silent)[0].media)
    return np.asarray(media.samples.astype(np.float64) - stem.samples)


def _ideal(mix: Mix) -> Floats:
    """The voice as the ideal ratio mask takes it out, which knows both stems."""
    out = np.zeros_like(mix.backing)
    for channel in range(2):
        spectra = [stft(x, nperseg=2048)[2] for x in (mix.voice[:, 0], mix.backing[:, channel])]
        powers = [np.abs(one) ** 2 for one in spectra]
        mask = np.sqrt(powers[0] / (powers[0] + powers[1] + 1e-12))
        out[:, channel] = istft(sum(spectra) * mask, nperseg=2048)[1][: len(out)]
    return out


def _si_sdr(made: Floats, true: Floats) -> float:
    """Scale-invariant ratio of signal to distortion, dB (Le Roux and others 2019), both channels as one."""
    scaled = float((made * true).sum() / np.square(true).sum()) * true
    return float(10 * np.log10(np.square(scaled).sum() / max(np.square(made - scaled).sum(), 1e-12)))


def sound_of(samples: Floats) -> Sound:
    """Float samples [samples, channels] as a recording."""
    return Sound(np.asarray(samples, np.float32), RATE)


def mixes(folder: Path) -> Iterator[Mix]:
    """Six songs. `folder`: the recordings for benchmarks, with `singing` and `instruments` in it."""
    alma, bruno = (singing.recording(one, 31, seconds=16).samples for one in singing.SINGERS)
    man = _read(folder / "singing" / "vocadito_1.flac")
    strings = _read(folder / "instruments" / "strings_20s.flac")
    vibes = _read(folder / "instruments" / "vibes_10s.flac")
    strung = plucked.recording(plucked.HARP, 5, seconds=30).samples
    yield _mixed("vocadito, strings, 0 dB", man, strings, 0.0)
    yield _mixed("vocadito, vibes, -6 dB", man, vibes, -6.0)
    yield _mixed("Alma, plucked, 0 dB", alma, strung, 0.0)
    yield _mixed("Alma, strings, -6 dB", alma, strings, -6.0)
    yield _mixed("Bruno, vibes, 0 dB", bruno, vibes, 0.0)
    yield _mixed("Bruno, plucked, -6 dB", bruno, strung, -6.0)


def _read(path: Path) -> NDArray[np.float32]:
    import soxr

    found = decode_sound.sound(path)
    mono = found.samples.mean(1, dtype=np.float32)
    return np.asarray(soxr.resample(mono, found.rate, RATE, quality="HQ"), np.float32)[:, None]


def _mixed(name: str, voice: NDArray[np.float32], backing: NDArray[np.float32], level: float) -> Mix:
    """The voice with its pauses over the backing, looped; `level`: dB of the one over the other where it is sung."""
    silence = np.zeros((round(PAUSE * RATE), 1))
    middle = _quietest(voice)
    sung = np.concatenate([silence, voice[:middle], silence, voice[middle:]]).astype(np.float64)
    active = sounding(sung)
    below = np.tile(backing, (1 + len(sung) // len(backing), 1))[: len(sung)].astype(np.float64)
    where = np.repeat(active, _FRAME)[: len(sung)]
    below *= _rms(sung[: len(where)][where]) / _rms(below[: len(where)][where]) * 10 ** (-level / 20)
    below = below * np.array([1.0, 0.8])
    scale = 0.7 / np.abs(sung + below).max()
    return Mix(name, sung * scale, below * scale, active)


def _quietest(voice: NDArray[np.float32]) -> int:
    """A place near the middle where a voice is silent."""
    levels = np.square(voice[: len(voice) // _FRAME * _FRAME, 0]).reshape(-1, _FRAME).sum(1)
    smooth = np.convolve(levels, np.ones(15), "same")
    low, high = len(levels) // 3, 2 * len(levels) // 3
    return int(low + smooth[low:high].argmin()) * _FRAME


def sounding(voice: Floats) -> NDArray[np.bool_]:
    """For each 10 ms whether a stem sounds; a stop within a word counts as sound."""
    power = np.square(voice[: len(voice) // _FRAME * _FRAME, 0]).reshape(-1, _FRAME).mean(1)
    on = power > np.percentile(power, 95) * 10 ** (-_LOUD / 10)
    return np.asarray(binary_closing(np.pad(on, _HOLE), np.ones(_HOLE, np.bool_))[_HOLE:-_HOLE], np.bool_)


def _rms(x: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(x))))
