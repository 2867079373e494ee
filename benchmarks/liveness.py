"""The live-phrase proof on real voices: error rates beside a classical score, decisions, and our own conversions.

The folder holds `librispeech/SPEAKER/`, `vctk/SPEAKER/` and `ljspeech/`, a folder of files for
each voice. A trial claims a voice that four other recordings enroll. Cohorts never hold the speaker of a trial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from attribution.marks import sound as mark
from benchmarks import asking, attacks_sounds, marking
from benchmarks.attacks_sounds import Beside
from core.decode_sound import sound as decoded
from core.hearing import phases
from core.hearing.features import Features, analyze, cepstra, hertz_of
from core.hearing.frames import Array
from core.media import Sound
from creators import voiceproof

ENROLLED, LONGEST = 4, 6.0  # recordings; seconds of a take
STRANGERS = 3  # claims of other voices by each take
CONDITIONS = {"same microphone": (0.0, None), "EQ 3 dB, 25 dB SNR": (3.0, 25.0), "EQ 6 dB, 20 dB SNR": (6.0, 20.0)}
COMPONENTS, RELEVANCE, ROUNDS = 64, 8.0, 8
SETTINGS: tuple[dict[str, Any], ...] = ({"identity": 0.5}, {"identity": 0.9}, {"identity": 0.2}, {"delivery": "speech"})
SENT = ("none", "mp3 64", "opus 32", "loudspeaker, room")  # ways that a conversion comes to the live phrase
KEYS = [marking.key("sound", f"20{year}Q{part}") for year in (26, 25) for part in (4, 3, 2, 1)]  # as many as are asked
NOTHING = Beside((), ())
_DRAWS = 400


@dataclass(frozen=True, eq=False)
class Speaker:
    """`takes`: recordings, cut to LONGEST; `known`: what is heard in each."""

    name: str
    takes: list[Sound]
    known: list[Features]

    def enrolled(self, but: int) -> list[Features]:
        """Some recordings without the take numbered `but`."""
        return [self.known[(but + 1 + j) % len(self.known)] for j in range(ENROLLED)]


@dataclass(frozen=True)
class Trial:
    """A take of one speaker that claims to be another's, or their own."""

    speaker: str
    claimed: str
    ours: float
    classical: float
    natural: float

    @property
    def genuine(self) -> bool:
        return self.speaker == self.claimed


def rows(folder: Path) -> list[dict[str, Any]]:
    """One for each condition, and for each way that our own conversions may be sent; some fifteen minutes."""
    speakers = [_speaker(place) for place in _places(folder)]
    out = []
    for name, (db, snr) in CONDITIONS.items():
        out.append(_told(name, list(_trials(speakers, db, snr))))
    made = list(_conversions(speakers))
    out.append(_carried([one for speaker in speakers for one in speaker.takes]))
    return out + [_refused(name, made) for name in SENT]


def run() -> Iterator[str]:
    """As lines. The folder is the environment's RECORDINGS."""
    import os

    for row in rows(Path(os.environ["RECORDINGS"])):
        yield "   ".join(f"{key} {value}" for key, value in row.items())


def degraded(sound: Sound, db: float, snr: float | None, seed: int) -> Sound:
    """Through a smooth random equalizer of at most `db`, with noise of falling spectrum."""
    if not db:
        return sound
    dice = np.random.default_rng(seed)
    x = sound.samples.mean(1, dtype=np.float64)
    hertz = np.fft.rfftfreq(len(x), 1 / sound.rate)
    height = np.log1p(hertz / 700) / np.log1p(8000 / 700)
    curve = sum(dice.normal() * np.cos(np.pi * wave * height) for wave in range(1, 6))
    curve = np.asarray(curve) - np.mean(curve)
    curve *= db / np.abs(curve).max()
    x = np.fft.irfft(np.fft.rfft(x) * 10 ** (curve / 20), len(x))
    if snr is not None:
        hiss = np.fft.irfft(np.fft.rfft(dice.normal(size=len(x))) / np.sqrt(np.maximum(hertz, 50)), len(x))
        x += hiss * np.sqrt((x**2).mean() / (hiss**2).mean()) * 10 ** (-snr / 20)
    return Sound((x * min(1.0, 0.9 / np.abs(x).max())).astype(np.float32)[:, None], sound.rate)


def _places(folder: Path) -> list[Path]:
    return [*sorted((folder / "librispeech").iterdir()), *sorted((folder / "vctk").iterdir()), folder / "ljspeech"]


def _speaker(place: Path) -> Speaker:
    sounds = [decoded(path) for path in sorted(place.glob("*.flac"))]
    takes = [Sound(one.samples[: int(LONGEST * one.rate)].copy(), one.rate) for one in sounds]
    return Speaker(place.name, takes, [analyze(take) for take in takes])


def _trials(speakers: Sequence[Speaker], db: float, snr: float | None) -> Iterator[Trial]:
    for place, speaker in enumerate(speakers):
        strangers = [speakers[(place + 1 + j) % len(speakers)] for j in range(len(speakers) - 1)]
        for number, take in enumerate(speaker.takes):
            heard = degraded(take, db, snr, 31 * number + place)
            known = analyze(heard)
            natural = phases.natural(heard, known) or 0.0
            turned = strangers[number % len(strangers) :] + strangers[: number % len(strangers)]
            for claimed in [speaker, *islice(turned, STRANGERS)]:
                own = claimed.enrolled(number if claimed is speaker else number % len(claimed.known))
                cohort = [one.enrolled(0) for one in speakers if one.name not in (speaker.name, claimed.name)]
                ours = voiceproof.likeness(known, own, cohort)
                yield Trial(speaker.name, claimed.name, ours, classical(known, own, cohort), natural)


def _told(name: str, trials: Sequence[Trial]) -> dict[str, Any]:
    genuine, strange = ([one for one in trials if one.genuine is true] for true in (True, False))
    passed = [_decision(one) for one in genuine]
    return {
        "condition": name,
        "trials": f"{len(genuine)} + {len(strange)}",
        "EER": _interval([(one.claimed, one.genuine, one.ours) for one in trials]),
        "classical": _interval([(one.claimed, one.genuine, one.classical) for one in trials]),
        "genuine passed": f"{passed.count('passed') / len(passed):.0%}",
        "to staff": f"{passed.count('staff') / len(passed):.0%}",
        "refused": f"{passed.count('refused') / len(passed):.0%}",
        "strangers passed": sum(_decision(one) == "passed" for one in strange),
        "strangers to staff": f"{sum(_decision(one) == 'staff' for one in strange) / len(strange):.0%}",
    }


def _decision(trial: Trial) -> str:
    """As `voiceproof.judged` decides, without the pace of words."""
    if trial.ours < voiceproof.AMONG_OTHERS.strange:
        return "refused"
    return "passed" if trial.ours >= voiceproof.AMONG_OTHERS.alike and trial.natural >= voiceproof.NATURAL else "staff"


@dataclass(frozen=True, eq=False)
class Made:
    """A sealed conversion of one voice into another; `claimed`: who enrolls that voice."""

    name: str
    sound: Sound
    claimed: Sequence[Features]
    cohort: Sequence[Sequence[Features]]


def _conversions(speakers: Sequence[Speaker]) -> Iterator[Made]:
    """Every voice in every other's, by chorale, with the mark of a sealed work."""
    from generation.engine import Asset, Ingredient, Request, as_sound, silent
    from generation.engines.chorale import Chorale

    engine = Chorale()
    for claimed in speakers:
        assets = [Asset(str(number), take) for number, take in enumerate(claimed.takes[:ENROLLED])]
        style = Ingredient(engine.prepare(assets, report=silent))
        for number, speaker in enumerate(one for one in speakers if one is not claimed):
            params = engine.Params(**SETTINGS[number % len(SETTINGS)])
            request = Request((style,), params, number, source=speaker.takes[-1])
            made = as_sound(engine.render([request], report=silent)[0].media)
            cohort = [one.enrolled(0) for one in speakers if one.name not in (speaker.name, claimed.name)]
            name = f"{speaker.name} as {claimed.name}"
            sealed = mark.write(made, marking.number(name), marking.key("sound"))
            yield Made(name, sealed, claimed.known[:ENROLLED], cohort)


def _refused(sent: str, made: Sequence[Made]) -> dict[str, Any]:
    """What the proof makes of conversions that were sent in this way: it reads the mark, then it listens."""
    carried, said, natural = [], [], []
    for one in made:
        x = attacks_sounds.SOUNDS[sent](
            np.ascontiguousarray(one.sound.samples.mean(1)), one.sound.rate, asking.seeded(sent, one.name), NOTHING
        )
        take = Sound(np.ascontiguousarray(x[:, None], np.float32), one.sound.rate)
        known = analyze(take)
        ours = voiceproof.likeness(known, one.claimed, one.cohort)
        natural.append(phases.natural(take, known) or 0.0)
        carried.append(mark.carries_mark(take, KEYS))
        said.append("refused" if carried[-1] else _decision(Trial("", one.name, ours, 0.0, natural[-1])))
    return {
        "condition": f"sealed conversions, {sent}",
        "trials": len(made),
        "seconds": round(float(np.mean([one.sound.seconds for one in made])), 1),
        "mark seen": f"{np.mean(carried):.1%}",
        "refused": f"{said.count('refused') / len(said):.1%}",
        "to staff": said.count("staff"),
        "passed": said.count("passed"),
        "natural, at most": round(max(natural), 2),
    }


def _carried(takes: Sequence[Sound]) -> dict[str, Any]:
    """How many takes that nobody marked are refused for a mark."""
    return {
        "condition": "takes that carry no mark",
        "trials": len(takes),
        "refused": sum(mark.carries_mark(take, KEYS) for take in takes),
    }


def equal_errors(genuine: Array, strange: Array) -> float:
    """The rate, 0 to 1, at the threshold where as many of the ones are refused as of the others are let in."""
    at = np.unique(np.r_[genuine, strange])
    refused = np.searchsorted(np.sort(genuine), at) / len(genuine)
    let_in = 1 - np.searchsorted(np.sort(strange), at) / len(strange)
    best = int(np.abs(refused - let_in).argmin())
    return float(refused[best] + let_in[best]) / 2


def _interval(scored: Sequence[tuple[str, bool, float]]) -> str:
    """Equal error rate with its 95 % interval, by drawing claimed voices anew (bootstrap)."""
    names = sorted({name for name, _, _ in scored})
    by = {name: [(true, score) for one, true, score in scored if one == name] for name in names}

    def rate(chosen: Sequence[str]) -> float:
        pairs = [pair for name in chosen for pair in by[name]]
        split = [np.array([score for true, score in pairs if true is which]) for which in (True, False)]
        return 100 * equal_errors(split[0], split[1])

    dice = np.random.default_rng(1)
    low, high = np.percentile([rate(dice.choice(names, len(names)).tolist()) for _ in range(_DRAWS)], [2.5, 97.5])
    return f"{rate(names):.1f} % ({low:.1f}-{high:.1f})"


def classical(take: Features, claimed: Sequence[Features], cohort: Sequence[Sequence[Features]]) -> float:
    """a/4 + 3b: a mixture model adapted to the claim, normalized by the cohort's; and the nearest frames' log-ratio.

    After Reynolds, Quatieri and Dunn, "Speaker verification using adapted Gaussian mixture models" (2000).
    """
    asked, own, others = _frames([take]), _frames(claimed), [_frames(voice) for voice in cohort]
    everyone = np.concatenate(others)
    means, spreads, weights = _mixture(everyone.tobytes(), everyone.shape[1])

    def score(voice: Array) -> float:
        part = _parts(voice, means, spreads, weights)[0]
        count = part.sum(0)[:, None]
        moved = (part.T @ voice + RELEVANCE * means) / (count + RELEVANCE)
        return float((_parts(asked, moved, spreads, weights)[1] - _parts(asked, means, spreads, weights)[1]).mean())

    usual = [score(voice) for voice in others]
    adapted = (score(own) - float(np.mean(usual))) / float(np.std(usual))
    deviation = everyone.std(0)
    away = [cdist(asked / deviation, voice / deviation).min(1) for voice in (everyone, own)]
    return adapted / 4 + 3 * float(np.log(away[0] / away[1]).mean())


def _frames(voice: Sequence[Features]) -> Array:
    parts = []
    for one in voice:
        use = one.voiced & one.active
        parts.append(np.column_stack([cepstra(one.envelope[use], 7600.0), np.log(hertz_of(one.pitch[use]))]))
    return np.concatenate(parts).astype(np.float64)


def _parts(x: Array, means: Array, spreads: Array, weights: Array) -> tuple[Array, Array]:
    """Each component's part in each frame, and the frames' ln of likelihood."""
    away = (x**2) @ (1 / spreads).T - 2 * x @ (means / spreads).T + (means**2 / spreads).sum(1)
    logs = np.log(weights) - 0.5 * (away + np.log(spreads).sum(1))
    most = logs.max(1, keepdims=True)
    total = most[:, 0] + np.log(np.exp(logs - most).sum(1))
    return np.exp(logs - total[:, None]), total


@lru_cache(maxsize=256)
def _mixture(data: bytes, wide: int) -> tuple[Array, Array, Array]:
    """Means, variances and weights of a mixture of Gaussians with diagonal covariances (EM), of frames as bytes."""
    x = np.frombuffer(data).reshape(-1, wide)
    x = x[:: -(-len(x) // 6000)]
    means = x[np.random.default_rng(0).choice(len(x), COMPONENTS, replace=False)]
    spreads, weights = np.tile(x.var(0), (COMPONENTS, 1)), np.full(COMPONENTS, 1 / COMPONENTS)
    for _ in range(ROUNDS):
        part = _parts(x, means, spreads, weights)[0]
        count = part.sum(0)[:, None] + 1e-6
        means = part.T @ x / count
        spreads = np.maximum(part.T @ x**2 / count - means**2, 1e-3 * x.var(0))
        weights = count[:, 0] / count.sum()
    return means, spreads, weights
