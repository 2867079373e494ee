"""What reed hears and how it sounds, apart from any net: partials and noise are told apart and made again."""

from __future__ import annotations

import numpy as np
import pytest

from core.hearing import pitch
from generation.engine import BadRequest
from generation.engines.reed import hearing, synthesis
from generation.engines.reed.hearing import BANDS, PARTIALS
from tests.generation.engines.pipes import RATE, hiss, joined, over, pipe


def tone(hz: float, seconds: float, strengths: list[float]) -> np.ndarray:
    turns = hz * np.arange(int(seconds * RATE)) / RATE
    return np.asarray(sum(a * np.sin(2 * np.pi * k * turns) for k, a in enumerate(strengths, 1)))


def test_partials_are_heard_as_strong_as_they_are() -> None:
    strengths = [0.2, 0.1, 0.0, 0.05]
    heard = hearing.listen(joined(tone(220.0, 1.0, strengths) + 0.002 * hiss(1.0, 1.0).samples[:, 0]))
    spectra = hearing.divide(heard)
    some = slice(20, 80)
    decibels = 10 / np.log(10) * (spectra.partials[some] + np.log(heard.power[some])[:, None]).mean(0)
    for number, strength in enumerate(strengths):
        if strength:
            assert decibels[number] == pytest.approx(10 * np.log10(strength**2 / 2), abs=0.5)
    assert decibels[2] < decibels[3] - 20
    hiss_at = 10 / np.log(10) * (spectra.noise[some] + np.log(heard.power[some])[:, None]).mean(0)
    assert hiss_at[20:45].mean() == pytest.approx(20 * np.log10(0.002), abs=3.0)
    assert np.all(spectra.tone[some] > 0.97)


def test_one_melody_is_told_from_several_and_from_noise() -> None:
    def sure(sound: object) -> float:
        heard = hearing.listen(sound)  # type: ignore[arg-type]
        return hearing.sure(heard, hearing.divide(heard))

    assert sure(pipe(1)) > 0.85
    assert sure(over(pipe(1), pipe(2), pipe(3, flute=True))) < 0.6
    assert sure(hiss(1.0)) == 0.0


def test_high_tones_are_not_heard_an_octave_low() -> None:
    """The pitch tracker looks up to 1,100 Hz; what is above it would find at half."""
    heard = hearing.listen(joined(tone(1_250.0, 1.0, [0.2, 0.05])))
    assert np.median(heard.hz[heard.voiced]) == pytest.approx(1_250, rel=0.005)
    low = hearing.listen(joined(tone(400.0, 1.0, [0.2, 0.05])))
    assert np.median(low.hz[low.voiced]) == pytest.approx(400, rel=0.005)


def test_short_gaps_in_a_tone_are_filled_and_blips_are_none() -> None:
    whole = pipe(1).samples[:, 0]
    heard = hearing.listen(joined(whole, np.zeros(RATE // 2), 1e-4 * hiss(0.5).samples[:, 0]))
    runs = np.diff(np.flatnonzero(np.diff(np.r_[False, heard.hz > 0, False].astype(int))))[::2]
    assert runs.min() >= 4
    assert not heard.hz[-60:].any()


def test_nothing_is_heard_in_silence_and_what_is_no_number_is_refused() -> None:
    assert not hearing.listen(joined(np.zeros(RATE))).active.any()
    assert not hearing.listen(hiss(1.0, 1e-5)).active.any()
    assert hearing.listen(joined(0.02 * pipe(1).samples[:, 0])).active.mean() > 0.5  # soft is not silent
    broken = np.array(pipe(1).samples[:, 0])
    broken[100] = np.nan
    with pytest.raises(BadRequest, match="no numbers"):
        hearing.listen(joined(broken))


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
def test_oscillators_are_in_tune_and_as_loud_as_asked(rate: int) -> None:
    frames, samples = 100, rate
    hz = np.exp2(np.linspace(np.log2(300), np.log2(340), frames))
    partials = np.zeros((frames, PARTIALS))
    partials[:, :3] = [0.02, 0.01, 0.005]
    made = synthesis.tone(hz, partials, rate, samples)
    assert len(made) == samples
    power = synthesis.total(hz, partials, np.zeros((frames, BANDS)), rate)
    assert (made**2).mean() == pytest.approx(power.mean(), rel=0.02)
    found = pitch.track(made, rate)[5:-5]
    assert np.abs(1200 * np.log2(found / hz[5:-5])).max() < 8
    assert np.abs(np.diff(made)).max() < 2 * np.pi * 340 * 3 / rate  # no clicks


def test_no_partial_is_above_half_the_rate() -> None:
    hz = np.full(50, 900.0)
    made = synthesis.tone(hz, np.full((50, PARTIALS), 1e-3), 8_000, 4_000)
    spectrum = np.abs(np.fft.rfft(made[1000:3000] * np.hanning(2000))) ** 2
    strong = np.flatnonzero(spectrum > 1e-3 * spectrum.max()) * 4.0
    assert np.all(np.abs(strong / 900 - np.round(strong / 900)) < 0.02)


def test_noise_has_the_spectrum_that_is_asked_and_is_silent_where_none_is() -> None:
    power = np.zeros((200, BANDS))
    power[50:150, 30:] = 1e-3
    made = synthesis.noise(power, RATE, 2 * RATE, np.random.default_rng(3))
    assert len(made) == 2 * RATE
    assert not made[: RATE // 2 - RATE // 50].any()
    middle = made[round(0.6 * RATE) : round(1.4 * RATE)]
    assert (middle**2).mean() == pytest.approx(
        synthesis.total(np.full(1, 100.0), np.zeros((1, PARTIALS)), power[100:101], RATE)[0], rel=0.15
    )
    spectrum = np.abs(np.fft.rfft(middle)) ** 2
    edge = round(hearing.BAND_HZ[28] * len(middle) / RATE)
    assert spectrum[:edge].sum() < 0.02 * spectrum.sum()
