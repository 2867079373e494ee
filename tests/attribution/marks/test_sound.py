"""A recording's mark: read back after what people do to files, from nobody's keys but its own, and heard by nobody."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from app.demo import singing
from attribution.marks import sound as mark
from attribution.marks import sound_mask
from attribution.marks.secrets import Key
from attribution.marks.sound_plan import PERIOD_SECONDS
from attribution.marks.sound_spectra import powers, resampled, spectra
from core.errors import Invalid
from core.media import Sound

KEY, OTHER = Key("2026Q4", "sound", b"k" * 32), Key("2026Q3", "sound", b"o" * 32)
NUMBER = 0x6F0E_1234_5678_9ABC
Samples = NDArray[np.float32]


@cache
def sung() -> Sound:
    """A singer alone, with pauses, at 22,050 Hz: 17 seconds."""
    singer = singing.SINGERS[0]
    return singing.sung(singer, singing.line(singer, 5, notes=30), 5, rate=22_050)


@cache
def marked() -> Sound:
    return mark.write(sung(), NUMBER, KEY)


def made(samples: NDArray[np.floating], rate: int = 22_050) -> Sound:
    return Sound(np.ascontiguousarray(samples.reshape(len(samples), -1), np.float32), rate)


def noise(db: float) -> Samples:
    """What lies so far below the marked line."""
    rms = np.sqrt(np.square(marked().samples).mean()) * 10 ** (-db / 20)
    return np.asarray(rms * np.random.default_rng(3).standard_normal(marked().samples.shape), np.float32)


def change() -> NDArray[np.float64]:
    return marked().samples.astype(np.float64) - sung().samples


def test_a_number_is_read_back_and_by_its_own_key_only() -> None:
    found = mark.read(marked(), [OTHER, KEY])
    assert (found.number, found.epoch, found.tempo) == (NUMBER, "2026Q4", 1.0)
    assert found.strength > 8
    assert found.start_s == pytest.approx(0.0, abs=0.03) or found.start_s == pytest.approx(PERIOD_SECONDS, abs=0.03)
    wrong = mark.read(marked(), [OTHER])
    assert (wrong.number, wrong.epoch, wrong.strength < 5) == (None, None, True)


def test_it_lies_under_the_voice_and_not_in_its_pauses() -> None:
    host = sung().samples.astype(np.float64)
    assert 10 * np.log10(np.square(change()).mean() / np.square(host).mean()) < -24
    added, member = powers(spectra(change()[:, 0].astype(np.float32))), sound_mask._critical()[0]
    over = added @ member.T > sound_mask.threshold(powers(spectra(sung().samples[:, 0]))) + 1e-10 * member.sum(axis=1)
    assert over.mean() < 0.02  # 0.003 for most music; a voice alone has pauses
    loud = np.convolve(np.abs(host[:, 0]), np.ones(2205) / 2205, "same")
    assert np.abs(change()[loud < 1e-4]).max(initial=0.0) < 1e-4


def low(samples: Samples) -> Samples:
    """As a telephone sends it: 8 kHz."""
    return np.asarray(soxr.resample(soxr.resample(samples, 22_050, 8000), 8000, 22_050), np.float32)


@pytest.mark.parametrize("what", ["later", "telephone", "noise"])
def test_it_outlives_what_codecs_and_cuts_do(what: str) -> None:
    samples = marked().samples
    done = {"later": samples[60_001:], "telephone": low(samples), "noise": 0.4 * (samples + noise(20))}
    assert mark.read(made(done[what]), [KEY]).number == NUMBER


def test_another_speed_is_found_by_searching() -> None:
    faster = made(soxr.resample(marked().samples, 22_050, 22_050 / 1.03))
    assert mark.read(faster, [KEY]).number is None
    found = mark.read(faster, [KEY], deep=True)
    assert found.number == NUMBER
    assert found.tempo == pytest.approx(1.03, abs=0.002)
    assert found.semitones == pytest.approx(0.51, abs=0.2)


def test_a_found_work_is_read_through_more_noise() -> None:
    kept = mark.reference(sung())
    assert len(kept) / sung().seconds < 1200
    begin = 30_000
    part = made((marked().samples + noise(5))[begin:])
    lies = mark.Alignment(start=begin / 22_050 + 0.1)
    blind, informed = mark.read(part, [KEY]), mark.read_informed(part, kept, lies, [OTHER, KEY])
    assert (blind.number, informed.number is None or informed.number == NUMBER) == (None, True)
    assert mark.confirm(part, kept, lies, NUMBER, KEY) > mark.CONFIRMED
    assert mark.confirm(part, None, lies, NUMBER, KEY) > mark.CONFIRMED
    assert mark.read_informed(made(marked().samples[begin:]), kept, lies, [OTHER, KEY]).number == NUMBER
    for number, key in ((NUMBER + 1, KEY), (NUMBER ^ 0x5555 << 40, KEY), (NUMBER, OTHER)):
        assert mark.confirm(part, kept, lies, number, key) < mark.CONFIRMED
        assert mark.confirm(part, None, lies, number, key) < mark.CONFIRMED
    assert mark.confirm(made(sung().samples[begin:]), kept, lies, NUMBER, KEY) < mark.CONFIRMED


def test_an_excerpt_that_lies_elsewhere_confirms_nothing() -> None:
    kept = mark.reference(sung())
    assert mark.confirm(marked(), kept, mark.Alignment(start=500.0), NUMBER, KEY) == 0.0
    assert mark.read_informed(marked(), kept, mark.Alignment(start=500.0), [KEY]).number is None


@pytest.mark.parametrize("data", [b"", b"HSR1", b"nonsense", b"HSR1nonsense"])
def test_bytes_that_are_no_reference_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="reference"):
        mark.read_informed(made(marked().samples[:22_050]), data, mark.Alignment(), [KEY])


def test_stereo_keeps_its_sides_and_both_carry_the_mark() -> None:
    left = sung().samples[:, 0]
    sides = mark.write(made(np.stack([left, 0.25 * left], axis=1)), NUMBER, KEY)
    assert (sides.samples.shape, sides.rate) == ((len(left), 2), 22_050)
    assert np.allclose(sides.samples[:, 1], 0.25 * sides.samples[:, 0], atol=1e-6)
    assert mark.read(made(sides.samples[:, 1]), [KEY]).number == NUMBER


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_any_rate(rate: int) -> None:
    host = made(resampled(sung().samples, 22_050, rate), rate)
    out = mark.write(host, NUMBER, KEY)
    assert (out.frames, out.rate) == (host.frames, rate)
    assert mark.read(out, [KEY]).number == NUMBER


def test_what_is_too_short_or_silent_is_left_as_it_is_and_says_nothing() -> None:
    silence = made(np.zeros(40_000))
    assert not mark.write(silence, NUMBER, KEY).samples.any()
    gap = sung().samples[:60_000].copy()
    gap[20_000:30_000] = 0
    assert not mark.write(made(gap), NUMBER, KEY).samples[20_000:30_000].any()
    for sound in (silence, made(sung().samples[:1]), made(sung().samples[:4000])):
        assert mark.write(sound, NUMBER, KEY).frames == sound.frames
        assert mark.read(sound, [KEY], deep=True).number is None
        assert mark.confirm(sound, None, mark.Alignment(), NUMBER, KEY) < mark.CONFIRMED
        assert not mark.carries_mark(sound, [KEY])


def test_nothing_clips_and_nothing_louder_becomes_louder() -> None:
    peak = np.abs(sung().samples).max()
    full = mark.write(made(sung().samples[:200_000] / peak), NUMBER, KEY)
    assert np.abs(full.samples).max() <= 1.0
    assert mark.read(full, [KEY]).number == NUMBER


def test_a_phrase_made_here_is_known_by_the_pilot_alone() -> None:
    phrase = slice(0, 7 * 22_050)
    assert mark.carries_mark(made(low(marked().samples[phrase])), [OTHER, KEY])
    assert not mark.carries_mark(made(sung().samples[phrase]), [OTHER, KEY])
    assert not mark.carries_mark(made(marked().samples[phrase]), [OTHER])
    assert not mark.carries_mark(made(marked().samples[phrase]), [])


@pytest.mark.parametrize("number", [0, -1, 2**63])
def test_numbers_out_of_range_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="number"):
        mark.write(made(sung().samples[:100]), number, KEY)
