"""ISCC codes: iscc-core's own vectors, Chromaprint's features against ffmpeg's, and what codes forget."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import iscc_core
import numpy as np
import pytest

from attribution import chroma, iscc
from core import decode_sound, encode_sound
from core.media import Picture, Sound
from tests.attribution.made import COPIES, photograph, reopened
from tests.fakes import tone

RATE = 22_050
VECTORS = list(iscc_core.conformance_testdata())


@cache
def melody(seed: int = 1) -> Sound:
    """Twelve seconds of two voices that change four times a second, in stereo with noise."""
    rng = np.random.default_rng(seed)
    time = np.arange(RATE // 4) / RATE
    notes = [
        sum(
            0.2 * np.sin(2 * np.pi * 110 * 2 ** (note / 12) * time * k) / k
            for note in rng.integers(0, 36, 2)
            for k in (1, 2)
        )
        for _ in range(48)
    ]
    left = np.concatenate(notes)
    sides = np.stack([left, 0.7 * left], 1) + rng.normal(0, 0.003, (len(left), 2))
    return Sound(encode_sound.rounded(sides), RATE)


@pytest.mark.parametrize(
    ("function", "inputs", "outputs"),
    [vector[1:] for vector in VECTORS],
    ids=[f"{vector[1].__name__}-{vector[0]}" for vector in VECTORS],
)
def test_conformance(function: Callable[..., Any], inputs: list[Any], outputs: dict[str, Any]) -> None:
    assert function(*inputs) == outputs


def test_features_are_those_of_chromaprint_itself(tmp_path: Path) -> None:
    """ffmpeg has the library in it; its own resampling differs a little, so a few bits may too."""
    wav = tmp_path / "melody.wav"
    wav.write_bytes(encode_sound.encoded(melody(), "wav"))
    command = [decode_sound.ffmpeg(), "-v", "error", "-i", str(wav), "-f", "chromaprint", "-fp_format", "raw", "-"]
    told = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint32)
    found = chroma.features(melody()).view(np.uint32)
    assert len(found) == len(told) > 60
    assert apart(told, found) < 0.005
    code = iscc_core.gen_audio_code_v0(told.view(np.int32).tolist(), bits=64)["iscc"]
    assert distance(str(code), iscc.of_sound(melody())) <= 1


def test_the_audio_code_forgets_how_a_recording_was_saved() -> None:
    code = iscc.of_sound(melody())
    assert iscc_core.iscc_decompose(code)[0].startswith("EIA")  # an audio code of 64 bits
    again = decode_sound.sound_of(encode_sound.encoded(melody(), "mp3"))
    assert distance(code, iscc.of_sound(again)) <= 4 < 12 <= distance(code, iscc.of_sound(melody(2)))
    assert iscc.lasting(code) == code
    assert iscc.lasting("ISCC:GAAZXZ6OU74YAZIM") is None


@pytest.mark.parametrize("seconds", [0.001, 2.0])
def test_too_short_a_recording_has_no_features(seconds: float) -> None:
    assert len(chroma.features(tone(seconds=seconds))) == 0
    assert iscc.of_sound(tone(seconds=seconds)) == "ISCC:EIAQAAAAAAAAAAAA"


def test_silence_and_what_is_played_softer_are_no_trouble() -> None:
    silence = Sound(np.zeros((8 * RATE, 1), np.float32), RATE)
    assert len(set(chroma.features(silence).tolist())) == 1
    softer = Sound(melody().samples * np.float32(0.25), RATE)
    assert distance(iscc.of_sound(melody()), iscc.of_sound(softer)) <= 1


def test_the_image_code_forgets_how_a_picture_was_saved() -> None:
    copy = reopened(COPIES["jpeg 60 at half size"](photograph()))
    code = iscc.of_picture(photograph())
    assert iscc_core.iscc_decompose(code)[0].startswith("EEA")  # an image code of 64 bits
    assert distance(code, iscc.of_picture(copy)) <= 4 < 16 <= distance(code, iscc.of_picture(photograph("flower")))
    assert iscc.of_picture(Picture(np.zeros((1, 1, 3), np.uint8))).startswith("ISCC:EEA")


def apart(a: np.ndarray, b: np.ndarray) -> float:
    """Part of the bits that differ."""
    return float(np.unpackbits((a ^ b).view(np.uint8)).mean())


def distance(a: str, b: str) -> int:
    first, second = (str(iscc_core.Code(code).hash_bits) for code in (a, b))
    return sum(x != y for x, y in zip(first, second, strict=True))
