"""What a mark says survives noise, and nothing else is ever read as one."""

from __future__ import annotations

import time

import numpy as np
import pytest

from attribution.marks import payload

SECRET = b"k" * 32


def noisy(number: int, deviation: float, seed: int) -> np.ndarray:
    code = payload.encode(number, SECRET)
    return code + deviation * np.random.default_rng(seed).standard_normal(len(code))


@pytest.mark.parametrize("number", [1, 0x123456789ABCDEF, payload.LARGEST])
def test_a_number_comes_back(number: int) -> None:
    code = payload.encode(number, SECRET)
    assert set(code) == {-1.0, 1.0}
    assert len(code) == payload.CODED == 282
    assert payload.decode(code, SECRET) == number


@pytest.mark.parametrize("number", [0, -1, 2**63])
def test_no_other_number_is_written(number: int) -> None:
    with pytest.raises(ValueError, match="a mark's number is"):
        payload.encode(number, SECRET)


def test_a_seventh_of_the_bits_may_be_wrong_and_a_list_bears_more() -> None:
    wrong = [np.mean(np.sign(noisy(77, 0.95, seed)) != payload.encode(77, SECRET)) for seed in range(20)]
    assert np.mean(wrong) > 0.13
    assert all(payload.decode(noisy(77, 0.95, seed), SECRET, paths=8) == 77 for seed in range(20))
    read = {n: sum(payload.decode(noisy(77, 1.2, s), SECRET, paths=n) == 77 for s in range(20)) for n in (1, 8)}
    assert read[8] > read[1] > 4


def test_neighboring_numbers_have_unrelated_codes() -> None:
    codes = np.array([payload.encode(number, SECRET) for number in range(1, 101)])
    alike = np.abs(codes @ codes.T / payload.CODED)[np.triu_indices(100, 1)]
    assert alike.mean() < 0.06
    assert alike.max() < 0.35


def test_another_key_reads_nothing() -> None:
    code = payload.encode(77, SECRET)
    assert all(payload.decode(code, bytes([other]) * 32, paths=8) is None for other in range(20))


def test_noise_says_nothing() -> None:
    rng = np.random.default_rng(0)
    assert all(payload.decode(rng.standard_normal(282), SECRET, paths=8) is None for _ in range(20))


def test_silence_says_nothing() -> None:
    assert payload.decode(np.zeros(282), SECRET, paths=8) is None


def test_only_whole_messages_are_decoded() -> None:
    with pytest.raises(ValueError, match="282"):
        payload.decode(np.zeros(281), SECRET)


def test_a_message_is_decoded_in_milliseconds() -> None:
    soft = noisy(77, 1.0, 0)
    begin = time.process_time()
    for _ in range(5):
        payload.decode(soft, SECRET)
    assert (time.process_time() - begin) / 5 < 0.05
