"""What people do to recordings, seeded: `PUBLIC` is what other benchmarks attack with, `OWN` what we added.

An attack takes mono float32 [frames], the rate, a generator, and what may be laid over it; it returns mono. Codecs,
pitch and tempo are ffmpeg's (the program that imageio-ffmpeg brings).
"""

from __future__ import annotations

import math
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import scipy.signal as ss
import soundfile
from numpy.typing import NDArray

from app.demo import singing
from benchmarks import finders
from core.media import Sound

Wave = NDArray[np.float32]


@dataclass(frozen=True)
class Beside:
    """What is laid over a recording: voices, and other music that is registered nowhere; all at `rate`."""

    voices: Sequence[Wave]
    music: Sequence[Wave]


Attack = Callable[[Wave, int, np.random.Generator, Beside], Wave]
SPOKEN = 40  # voices at most


def voices(rate: int) -> list[Wave]:
    """Spoken sentences from the folder that `RECORDINGS` names, or else the demo's own singers."""
    place = Path(os.environ.get("RECORDINGS", ""))
    files = sorted(place.glob("librispeech/*.flac")) + sorted(place.glob("vctk/*/*.flac"))
    if os.environ.get("RECORDINGS") and files:
        step = max(1, len(files) // SPOKEN)
        return [_at(finders.sound(file), rate) for file in files[::step]]
    return [_at(singing.recording(who, 0), rate) for who in singing.SINGERS]


def _at(sound: Sound, rate: int) -> Wave:
    step = math.gcd(sound.rate, rate)
    return np.asarray(ss.resample_poly(sound.samples.mean(1), rate // step, sound.rate // step), np.float32)


@cache
def _ffmpeg() -> str:
    from imageio_ffmpeg import get_ffmpeg_exe

    return str(get_ffmpeg_exe())


def _through(x: Wave, rate: int, filters: str = "", *, codec: Sequence[str] = (), ending: str = "wav") -> Wave:
    """Filtered, encoded, decoded. Raises subprocess.CalledProcessError."""
    with tempfile.TemporaryDirectory(prefix="homage-bench-") as folder:
        a, b, c = (str(Path(folder) / name) for name in ("a.wav", f"b.{ending}", "c.wav"))
        soundfile.write(a, x, rate, subtype="FLOAT")
        call = [_ffmpeg(), "-v", "error", "-nostdin", "-y", "-threads", "1", "-i"]
        subprocess.run([*call, a, *(["-af", filters] if filters else []), *codec, b], check=True)
        subprocess.run([*call, b, "-ar", str(rate), "-ac", "1", "-c:a", "pcm_f32le", c], check=True)
        return np.asarray(soundfile.read(c, dtype="float32")[0])


def coded(kind: str, rate: str) -> Attack:
    named = {"mp3": "libmp3lame", "opus": "libopus", "aac": "aac", "ogg": "libvorbis"}
    ending = {"mp3": "mp3", "opus": "ogg", "aac": "m4a", "ogg": "ogg"}[kind]

    def attack(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
        return _through(x, sr, codec=("-c:a", named[kind], "-b:a", rate), ending=ending)

    return attack


def filtered(filters: str) -> Attack:
    def attack(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
        return _through(x, sr, filters)

    return attack


def _mixed(x: Wave, y: Wave, decibels: float) -> Wave:
    """`decibels`: how much louder x is than what is added."""
    level = np.sqrt((x**2).mean() / ((y**2).mean() + 1e-12) / 10 ** (decibels / 10))
    return np.asarray(x + y * level, np.float32)


def white(decibels: float) -> Attack:
    def attack(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
        return _mixed(x, r.standard_normal(len(x)).astype(np.float32), decibels)

    return attack


def pink(decibels: float) -> Attack:
    def attack(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
        spectrum = np.fft.rfft(r.standard_normal(len(x)))
        noise = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1), len(x))
        return _mixed(x, noise.astype(np.float32), decibels)

    return attack


def over(what: str, decibels: float) -> Attack:
    """Under a voice, or other music."""

    def attack(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
        found = beside.voices if what == "voice" else beside.music
        y = found[int(r.integers(len(found)))]
        start = int(r.integers(max(1, len(y) - len(x))))
        return _mixed(x, np.resize(y[start:], len(x)), decibels)

    return attack


def room(seconds: float, wet: float) -> Attack:
    """Exponential noise that falls by 60 dB in so many seconds, after a few early reflections."""

    def attack(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
        count = int(sr * seconds)
        response = r.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
        response[r.integers(sr // 200, sr // 20, 6)] += 4
        response /= np.sqrt((response**2).sum())
        return np.asarray((1 - wet) * x + wet * ss.fftconvolve(x, response)[: len(x)], np.float32)

    return attack


def speed(by: float) -> Attack:
    def attack(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
        return np.asarray(ss.resample_poly(x, 1000, round(1000 * by)), np.float32)

    return attack


def excerpt(seconds: float) -> Attack:
    def attack(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
        count = min(len(x), int(seconds * sr))
        start = int(r.integers(len(x) - count + 1))
        return x[start : start + count]

    return attack


def chain(*attacks: Attack) -> Attack:
    def attack(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
        for one in attacks:
            x = one(x, sr, r, beside)
        return x

    return attack


def _as_is(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
    return x


def _narrow(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
    step = math.gcd(8000, sr)
    low = ss.resample_poly(x, 8000 // step, sr // step)
    return np.asarray(ss.resample_poly(low, sr // step, 8000 // step)[: len(x)], np.float32)


def _vinyl(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
    """Played 2 to 4 % off speed, with wow of half a percent and crackle."""
    now, base = np.arange(len(x)) / sr, 1 + r.uniform(0.02, 0.04) * r.choice([-1, 1])
    at = np.cumsum(base * (1 + 0.005 * np.sin(2 * np.pi * 0.55 * now + r.uniform(0, 6)))) - 1
    y = np.interp(at[at < len(x) - 1], np.arange(len(x)), x)
    clicks = (r.random(len(y)) < 8 / sr) * r.standard_normal(len(y)) * float(np.abs(x).max())
    return np.asarray(y + 0.5 * ss.lfilter([1], [1, -0.6], clicks) + 0.003 * r.standard_normal(len(y)), np.float32)


def _reversed_stereo(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
    """One channel inverted and 7 to 15 ms late, then both added to mono: a comb."""
    late = int(sr * r.uniform(0.007, 0.015))
    return np.asarray(-x + 0.7 * np.pad(x, (late, 0))[: len(x)], np.float32)


def _faded(x: Wave, sr: int, r: np.random.Generator, beside: Beside) -> Wave:
    ramp = np.minimum(1, np.arange(len(x)) / (0.4 * len(x)))
    return np.asarray(x * ramp**2 * ramp[::-1] ** 2, np.float32)


_RADIO = (
    "highpass=f=50,acompressor=threshold=0.06:ratio=6:attack=8:release=120:makeup=4,treble=g=5:f=5000,"
    "acompressor=threshold=0.2:ratio=12:attack=1:release=50:makeup=2,alimiter=limit=0.9"
)
PUBLIC: dict[str, Attack] = {
    "none": _as_is,
    "mp3 128": coded("mp3", "128k"),
    "mp3 64": coded("mp3", "64k"),
    "opus 32": coded("opus", "32k"),
    "8 kHz": _narrow,
    "noise 20 dB": white(20),
    "noise 10 dB": white(10),
    "pink noise 5 dB": pink(5),
    "pitch +1": filtered("rubberband=pitch=1.059463"),
    "tempo +5 %": filtered("rubberband=tempo=1.05"),
    "speed +2 %": speed(1.02),
    "more bass": filtered("bass=g=12,treble=g=-12"),
    "telephone": filtered("highpass=f=400,lowpass=f=3400"),
    "room .5 s": room(0.5, 0.4),
    "compressor": filtered("acompressor=threshold=0.05:ratio=12:attack=5:release=80:makeup=6"),
    "5 s of it": excerpt(5),
}
OWN: dict[str, Attack] = {
    "voice -5 dB": over("voice", -5),
    "voice 0 dB": over("voice", 0),
    "music 0 dB": over("music", 0),
    "pink noise -5 dB": pink(-5),
    "hall 1 s": room(1.0, 0.6),
    "mobile call": chain(filtered("highpass=f=300,lowpass=f=3400"), _narrow, coded("opus", "12k")),
    "opus 24, mp3 48": chain(coded("opus", "24k"), coded("mp3", "48k")),
    "aac 64, ogg 48": chain(coded("aac", "64k"), coded("ogg", "48k")),
    "vinyl": _vinyl,
    "reversed stereo": _reversed_stereo,
    "fades": _faded,
    "radio": chain(filtered(_RADIO), coded("mp3", "96k")),
    "pitch -2": filtered("rubberband=pitch=0.890899"),
    "tempo -10 %": filtered("rubberband=tempo=0.9"),
    "tempo +12 %, pitch +1": filtered("rubberband=tempo=1.12:pitch=1.059463"),
    "speed -6 %": speed(0.94),
    "loudspeaker, room": chain(filtered("highpass=f=250,lowpass=f=6000"), room(0.4, 0.6), pink(8)),
}
HARD = frozenset({"music 0 dB", "pink noise -5 dB", "hall 1 s"})
SOUNDS: dict[str, Attack] = {**PUBLIC, **OWN}
