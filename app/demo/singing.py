"""Scripted singers: a voice from source and filter, so that the demo and the tests have voices that are nobody's.

A glottal source (band-limited pulses, falling spectrum, breath that follows the pulses) goes through the resonances of
a vocal tract (Fant 1960; Klatt 1980), whose formants glide from sound to sound. Average formants of English vowels are
those measured by Peterson and Barney (1952). A singer is a length of vocal tract, a range, a source and habits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from core.encode_sound import rounded
from core.media import Sound

RATE = 44_100
HOP = 220  # samples between two shapes of the tract: about 5 ms
_WINDOW = 1024
_LOUDNESS = 0.11  # RMS of what sounds: -19 dB below full scale

Floats = NDArray[np.float64]

# F1, F2, F3 in Hz of a man's voice (Peterson and Barney 1952, table II); the fourth and fifth are the tract's own.
VOWELS: dict[str, tuple[float, ...]] = {
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
    "ə": (490, 1350, 1690),
}
# How a consonant sounds: seconds, voicing, noise, F1..F3 in Hz; noise is at its strongest between two frequencies.
CONSONANTS: dict[str, tuple[float, float, float, tuple[float, ...], tuple[float, float]]] = {
    "s": (0.11, 0.0, 1.0, (400, 1700, 2600), (5200, 9500)),
    "ʃ": (0.11, 0.0, 1.0, (400, 1800, 2600), (2200, 6500)),
    "f": (0.09, 0.0, 0.45, (400, 1100, 2300), (1200, 10500)),
    "t": (0.07, 0.0, 0.8, (400, 1700, 2600), (3000, 8000)),
    "k": (0.08, 0.0, 0.8, (400, 1900, 2300), (1300, 3800)),
    "m": (0.08, 0.5, 0.0, (250, 1100, 2150), (0, 0)),
    "n": (0.08, 0.5, 0.0, (260, 1500, 2400), (0, 0)),
    "l": (0.07, 0.7, 0.0, (360, 1200, 2700), (0, 0)),
    "r": (0.07, 0.7, 0.0, (420, 1250, 1650), (0, 0)),
    "v": (0.07, 0.5, 0.2, (300, 1150, 2300), (1500, 9000)),
}
_ANY = (1_000.0, 4_000.0)  # where nothing hisses
_SOFT_END = 3  # frames
_STOPS = ("t", "k")  # silent before they burst
_BANDWIDTHS = (60.0, 90.0, 130.0, 200.0, 260.0, 350.0, 450.0, 550.0, 650.0, 750.0)
_HIGHER = tuple(3500.0 + 1000.0 * number for number in range(7))  # a tube of 17 cm has one each 1,000 Hz


@dataclass(frozen=True)
class Singer:
    """A voice. `tract`: formants against the table's; `low`, `high`: the range in MIDI notes.

    `fall`: dB per octave that the source's spectrum falls beyond a pulse train's; `breath`: noise against tone;
    `vibrato`: cents and Hz; `glide`: seconds from note to note; `unsteady`: cents of slow drift.
    """

    name: str
    style: str
    tract: float
    low: int
    high: int
    fall: float = 6.0
    breath: float = 0.04
    vibrato: tuple[float, float] = (30.0, 5.5)
    glide: float = 0.06
    unsteady: float = 8.0


SINGERS = (
    Singer("Alma Quist", "Alma's alto", tract=1.13, low=55, high=70, fall=5.5, breath=0.06, vibrato=(35, 5.6)),
    Singer("Bruno Halm", "Bruno's bass", tract=0.93, low=40, high=55, fall=7.5, breath=0.03, vibrato=(22, 4.7)),
)

# Whose line anyone may start from: nobody licenses this voice.
AMATEUR = Singer("Nobody", "", tract=1.02, low=48, high=62, fall=6.5, breath=0.05, vibrato=(18, 5.0), unsteady=12.0)


@dataclass(frozen=True)
class Note:
    """A sung syllable: consonant (or none), vowel, MIDI pitch, seconds. A pitch of None is a rest."""

    consonant: str
    vowel: str
    pitch: float | None
    seconds: float


@dataclass(frozen=True)
class _Sound:
    """A piece of a note, as the mouth aims at it."""

    frames: int
    pitch: float
    voiced: float
    noise: float
    band: tuple[float, float]
    formants: tuple[float, ...]


@dataclass
class _Track:
    """What the voice does every HOP samples: [frames] each, and formants [frames, 10]."""

    pitch: Floats  # MIDI, also where nothing is voiced
    voiced: Floats
    noise: Floats
    band: Floats  # [frames, 2], Hz, where noise is strongest
    formants: Floats


def line(singer: Singer, seed: int, *, notes: int = 12, beat: float = 0.42) -> list[Note]:
    """A made-up melody in the singer's range, on a pentatonic scale, with a breath after each phrase of six notes."""
    dice = np.random.default_rng([seed, singer.low, 7])
    scale = [n for n in range(singer.low, singer.high + 1) if n % 12 in (0, 2, 4, 7, 9)]
    at, line = len(scale) // 2, []
    for number in range(notes):
        at = int(np.clip(at + dice.integers(-2, 3), 0, len(scale) - 1))
        consonant = str(dice.choice(list(CONSONANTS)))
        vowel = str(dice.choice(list(VOWELS)))
        long = 2.0 if number % 6 == 5 else float(dice.choice([0.75, 1.0, 1.5]))
        line.append(Note(consonant, vowel, float(scale[at]), beat * long))
        if number % 6 == 5:
            line.append(Note("", vowel, None, beat))
    return line


def sung(singer: Singer, line: Sequence[Note], seed: int, *, rate: int = RATE) -> Sound:
    """The line in this voice, mono; the same for the same seed.

    Raises ValueError for a line without a sung note.
    """
    if not any(note.pitch is not None for note in line):
        raise ValueError("a line has at least one sung note")
    dice = np.random.default_rng([seed, singer.low, 11])
    track = _track(singer, line)
    count = len(track.pitch) * HOP
    tone, pulse = _source(singer, track, count, dice)
    hiss = dice.standard_normal(count)
    airy = singer.breath * hiss * (0.4 + 0.6 * pulse) * _spread(track.voiced, count)
    voice = _filtered(tone + airy, _tract(singer, track.formants) * _falling(singer.fall))
    noisy = _filtered(hiss * _spread(track.noise, count), _fricative(track))
    out = voice / np.sqrt((voice**2).mean()) + 0.35 * noisy / max(1e-9, float(np.sqrt((hiss**2).mean())))
    loud = out[_spread(track.voiced, count) > 0.5]
    out = np.tanh(out * _LOUDNESS / np.sqrt((loud**2).mean()))
    if rate != RATE:
        import soxr

        out = soxr.resample(out, RATE, rate, quality="HQ")
    return Sound(rounded(out[:, None]), rate)


def recording(singer: Singer, seed: int, *, seconds: float = 20.0) -> Sound:
    """A take of about this length: made-up lines one after another."""
    notes: list[Note] = []
    for number in range(100):
        if sum(note.seconds for note in notes) >= seconds:
            break
        notes += line(singer, 1000 * seed + number)
    return sung(singer, notes, seed)


def _track(singer: Singer, line: Sequence[Note]) -> _Track:
    """Targets of each sound, then glides between them: a mouth does not jump."""
    sounds: list[_Sound] = []
    last = next(note.pitch for note in line if note.pitch is not None)
    for note in line:
        last = last if note.pitch is None else note.pitch
        sounds += _sounds(singer, note, last)
    frames = [one.frames for one in sounds]

    def smooth(values: Sequence[object], milliseconds: float) -> Floats:
        steps = np.repeat(np.array(values, float), frames, axis=0)
        return np.asarray(gaussian_filter1d(steps, milliseconds / 5, axis=0, mode="nearest"))

    return _Track(
        pitch=smooth([one.pitch for one in sounds], 400 * singer.glide),
        voiced=smooth([one.voiced for one in sounds], 9),
        noise=smooth([one.noise for one in sounds], 5),
        band=smooth([one.band for one in sounds], 12),
        formants=smooth([one.formants for one in sounds], 22),
    )


def _sounds(singer: Singer, note: Note, pitch: float) -> list[_Sound]:
    """A rest, or a consonant and a vowel that ends softly."""
    frames = max(8, round(note.seconds * RATE / HOP))
    vowel = _formants(singer, VOWELS[note.vowel])
    if note.pitch is None:
        return [_Sound(frames, pitch, 0.0, 0.0, _ANY, vowel)]
    sounds = []
    if note.consonant:
        seconds, voiced, noise, formants, band = CONSONANTS[note.consonant]
        count = min(frames // 2, max(2, round(seconds * RATE / HOP)))
        frames -= count
        shape = _formants(singer, formants)
        if note.consonant in _STOPS:
            sounds.append(_Sound(count // 2, pitch, 0.0, 0.0, band, shape))
            count -= count // 2
        sounds.append(_Sound(count, pitch, voiced, noise, band, shape))
    return [
        *sounds,
        _Sound(frames - _SOFT_END, pitch, 1.0, 0.0, _ANY, vowel),
        _Sound(_SOFT_END, pitch, 0.3, 0.0, _ANY, vowel),
    ]


def _formants(singer: Singer, low: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(singer.tract * f for f in (*low, *_HIGHER))


def _source(singer: Singer, track: _Track, count: int, dice: np.random.Generator) -> tuple[Floats, Floats]:
    """Pulses without aliases (Moorer 1976, a sum of cosines in closed form), and how near each sample is to one."""
    seconds = np.arange(count) / RATE
    drift = gaussian_filter1d(dice.standard_normal(len(track.pitch)), 40) * np.sqrt(80 * np.pi**0.5)
    cents = singer.unsteady * drift + 4 * gaussian_filter1d(dice.standard_normal(len(track.pitch)), 1)
    bend, hz = singer.vibrato
    pitch = _spread(track.pitch + cents / 100, count) + bend / 100 * np.sin(2 * np.pi * hz * seconds)
    f0 = 440 * 2 ** ((pitch - 69) / 12)
    phase = np.cumsum(f0) / RATE
    harmonics = np.maximum(1, np.floor(0.45 * RATE / f0))
    half = np.sin(np.pi * phase)
    near = np.abs(half) < 1e-6
    pulses = np.where(
        near, 1.0, np.sin((2 * harmonics + 1) * np.pi * phase) / np.where(near, 1, half * (2 * harmonics + 1))
    )
    swell = 1 + 0.12 * gaussian_filter1d(dice.standard_normal(len(track.pitch)), 30) * np.sqrt(60 * np.pi**0.5)
    loud = _spread(track.voiced * swell, count)
    return (pulses - pulses.mean()) * loud * np.sqrt(harmonics), (0.5 + 0.5 * np.cos(2 * np.pi * phase)) ** 2


def _bins() -> Floats:
    return np.arange(_WINDOW // 2 + 1) * RATE / _WINDOW


def _falling(fall: float) -> Floats:
    """The source's fall beyond 150 Hz, and what the lips radiate."""
    octaves = np.log2(np.maximum(_bins(), 150) / 150)
    return np.asarray(10 ** (-fall * octaves / 20) * np.minimum(1, _bins() / 60))


def _tract(singer: Singer, formants: Floats) -> NDArray[np.complex128]:
    """Response of ten resonators in cascade, complex [frames, bins]: their phase makes it sound like a throat."""
    z = np.exp(-2j * np.pi * _bins() / RATE)
    out = np.ones((len(formants), len(z)), complex)
    for number, bandwidth in enumerate(_BANDWIDTHS):
        radius = np.exp(-np.pi * bandwidth * singer.tract / RATE)
        turn = 2 * radius * np.cos(2 * np.pi * formants[:, number] / RATE)
        gain = 1 - turn + radius**2
        out *= gain[:, None] / (1 - turn[:, None] * z + radius**2 * z**2)
    return out


def _fricative(track: _Track) -> Floats:
    """Noise is strong inside its band and falls off outside, [frames, bins]."""
    hz = _bins()[None]
    low, high = track.band[:, :1], track.band[:, 1:]
    outside = np.maximum(0, low - hz) / np.maximum(200, 0.25 * low) + np.maximum(0, hz - high) / np.maximum(
        400, 0.25 * high
    )
    return np.asarray(np.exp(-outside))


def _spread(values: Floats, count: int) -> Floats:
    """From one value each HOP samples to one each sample."""
    return np.interp(np.arange(count) / HOP, np.arange(len(values)), values)


def _filtered(sound: Floats, response: NDArray[np.complex128] | Floats) -> Floats:
    """Each window through the response at its middle; windows are added up (Allen 1977)."""
    size, window = 2 * _WINDOW, np.hanning(4 * HOP + 1)[:-1]
    wide = np.zeros(len(sound) + size + len(window))
    padded = np.pad(sound, len(window) // 2)
    for first in range(0, len(response), 512):
        some = response[first : first + 512]
        starts = (first + np.arange(len(some))) * HOP
        frames = padded[starts[:, None] + np.arange(len(window))] * window
        spectra = np.fft.rfft(frames, _WINDOW)
        parts = np.fft.irfft(spectra * some, _WINDOW)
        for start, part in zip(starts, parts, strict=True):
            wide[start : start + _WINDOW] += part
    middle = len(window) // 2
    return wide[middle : middle + len(sound)] / 2
