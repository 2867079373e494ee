"""Who judges a converted voice: two trained listeners where they are installed, and measures that need none.

The trained ones serve measurement alone: Resemblyzer says how alike two voices are, pocketsphinx writes down words.
Neither is a dependency of the house; `pip install resemblyzer pocketsphinx` brings both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from core.hearing.features import Features, cepstra
from core.media import Sound

Vector = NDArray[np.float32]
_RATE = 16_000  # what both trained listeners hear
_ORDER = 15
_CELLS = 400  # frames of a self-similarity matrix, at most


def present() -> tuple[str, ...]:
    """The trained listeners that are installed."""
    return tuple(name for name in ("resemblyzer", "pocketsphinx") if find_spec(name) is not None)


def told() -> str:
    """One line on who listens."""
    missing = {"resemblyzer": "likeness", "pocketsphinx": "words"}
    absent = [f"{of} (needs {name})" for name, of in missing.items() if name not in present()]
    return "listeners: " + (f"not measured: {', '.join(absent)}" if absent else "resemblyzer and pocketsphinx")


def voiceprint(sound: Sound) -> Vector | None:
    """A unit vector whose product with another says how alike two voices are; None where Resemblyzer is missing."""
    if "resemblyzer" not in present():
        return None
    encoder, prepared = _encoder()
    return np.asarray(encoder.embed_utterance(prepared(_heard(sound), source_sr=_RATE)), np.float32)


def likeness(a: Vector | None, some: Sequence[Vector | None]) -> float:
    """Cosine of a voiceprint and the middle of others; nan where there are none."""
    others = [one for one in some if one is not None]
    if a is None or not others:
        return float("nan")
    middle = np.mean(others, axis=0)
    return float(a @ middle / np.linalg.norm(middle))


def misheard(sound: Sound, text: str) -> tuple[int, int] | None:
    """Word errors and words; None where pocketsphinx is missing or nobody knows the words."""
    words = spelled(text)
    if "pocketsphinx" not in present() or not words:
        return None
    decoder = _decoder()
    decoder.start_utt()
    decoder.process_raw((np.clip(_heard(sound), -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    guess = decoder.hyp()
    return errors(guess.hypstr.split() if guess else [], words), len(words)


def spelled(text: str) -> list[str]:
    """A text's words, small letters alone."""
    return re.sub(r"[^a-z' ]", " ", text.lower().replace("-", " ")).split()


def errors(heard: Sequence[str], said: Sequence[str]) -> int:
    """Levenshtein's distance: words wrong, missing or too many."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        before, row[0] = row.copy(), i
        for j, other in enumerate(heard, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (word != other))
    return row[-1]


def identity(result: Features, fan: Features, artist: Sequence[Features]) -> float:
    """Median of ln(distance to the fan's nearest frame / to the artist's), cepstra of sounding frames; 0 is between.

    It rewards whatever is drawn to the artist's frames, clear or not: no measure to optimize alone.
    """
    top = min(one.top for one in (result, fan, *artist))
    ours, theirs = _sounding([fan], top), _sounding(artist, top)
    asked = _sounding([result], top)
    near = [cKDTree(side).query(asked)[0] for side in (ours, theirs)]
    return float(np.median(np.log(np.maximum(near[0], 1e-6) / np.maximum(near[1], 1e-6))))


def same_words(result: Features, fan: Features) -> float:
    """Correlation of both recordings' self-similarities: 1 where what sounds alike in one does so in the other."""
    frames = min(len(result), len(fan))
    at = np.flatnonzero(fan.active[:frames] & result.active[:frames])
    if len(at) < 3:
        return float("nan")
    at = at[:: 1 + len(at) // _CELLS]
    top = min(result.top, fan.top)
    sides = [cepstra(one.envelope[at], top)[:, :_ORDER].astype(np.float64) for one in (result, fan)]
    upper = np.triu_indices(len(at), 1)
    apart = [np.linalg.norm(side[:, None] - side[None], axis=2)[upper] for side in sides]
    return float(np.corrcoef(*apart)[0, 1])


def _sounding(some: Sequence[Features], top: float) -> NDArray[np.float32]:
    return np.concatenate([cepstra(one.envelope[one.active], top)[:, :_ORDER] for one in some])


def _heard(sound: Sound) -> NDArray[np.float32]:
    mono = sound.samples.mean(1)
    return mono if sound.rate == _RATE else np.asarray(soxr.resample(mono, sound.rate, _RATE), np.float32)


@cache
def _encoder() -> tuple[Any, Any]:
    from resemblyzer import VoiceEncoder, preprocess_wav

    return VoiceEncoder("cpu", verbose=False), preprocess_wav


@cache
def _decoder() -> Any:
    from pocketsphinx import Decoder

    return Decoder(samprate=_RATE, loglevel="FATAL")
