"""The demo's singers and its instrument: the same for the same seed, in tune, and nobody confuses them."""

from __future__ import annotations

import numpy as np
import pytest

from app.demo import lanes, plucked, sheets, singing
from app.demo.singing import Note, Singer
from core.media import Sound
from core.waveform import waveform

ALMA, BRUNO = singing.SINGERS


def strongest(sound: Sound, low: float, high: float, begin: float, end: float) -> float:
    """The frequency with most energy between two, in Hz, from `begin` to `end` in seconds."""
    some = sound.samples[int(begin * sound.rate) : int(end * sound.rate), 0]
    size = 1 << 18
    spectrum = np.abs(np.fft.rfft(some * np.hanning(len(some)), size))
    first, last = int(low * size / sound.rate), int(high * size / sound.rate)
    return float((first + spectrum[first:last].argmax()) * sound.rate / size)


@pytest.mark.parametrize("singer", [ALMA, BRUNO])
def test_a_singer_sings_what_is_written(singer: Singer) -> None:
    steady = Singer(singer.name, singer.style, singer.tract, singer.low, singer.high, vibrato=(0, 5), unsteady=0)
    for pitch in (singer.low, singer.high):
        f0 = 440 * 2 ** ((pitch - 69) / 12)
        sound = singing.sung(steady, [Note("m", "a", pitch, 1.0)], 1)
        found = strongest(sound, 0.7 * f0, 1.4 * f0, 0.3, 0.9)
        assert abs(1200 * np.log2(found / f0)) < 8


def test_the_same_seed_is_the_same_take_and_another_is_another() -> None:
    one, again, other = (singing.recording(ALMA, seed, seconds=2) for seed in (1, 1, 2))
    assert one.sha256 == again.sha256 != other.sha256
    assert 0.05 < float(np.sqrt((one.samples**2).mean())) < 0.2
    assert float(np.abs(one.samples).max()) < 0.95


def test_voices_differ_where_they_should() -> None:
    """One note, one vowel: the second formant of the shorter tract lies higher."""
    line = [Note("", "i", 52, 1.0)]
    peaks = [strongest(singing.sung(singer, line, 1), 1_700, 2_700, 0.2, 0.9) for singer in (ALMA, BRUNO)]
    assert peaks[0] > 1.1 * peaks[1]


def test_rests_are_silent_and_hissing_sounds_hiss() -> None:
    line = [Note("s", "a", 60, 0.6), Note("", "a", None, 0.5)]
    sound = singing.sung(ALMA, line, 1)
    level = lambda a, b: float(np.sqrt((sound.samples[int(a * 44100) : int(b * 44100)] ** 2).mean()))  # noqa: E731
    assert level(0.75, 1.05) < 0.003 * level(0.2, 0.5)
    assert strongest(sound, 100, 16_000, 0.02, 0.09) > 4_500


def test_a_line_of_rests_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one sung note"):
        singing.sung(ALMA, [Note("", "a", None, 1.0)], 1)


def test_another_rate_is_the_same_take() -> None:
    assert singing.sung(BRUNO, [Note("m", "a", 45, 0.5)], 1, rate=16_000).rate == 16_000


@pytest.mark.parametrize("pitch", [45, 60, 81])
def test_a_string_is_in_tune(pitch: int) -> None:
    string = plucked.plucked(plucked.HARP, pitch, np.random.default_rng(0))
    f0 = 440 * 2 ** ((pitch - 69) / 12)
    sound = Sound(string.astype(np.float32)[:, None], plucked.RATE)
    assert abs(1200 * np.log2(strongest(sound, 0.95 * f0, 1.05 * f0, 0.1, 1.5) / f0)) < 3


def test_the_harp_plays_the_same_take_again() -> None:
    one, again, other = (plucked.recording(plucked.HARP, seed, seconds=2) for seed in (1, 1, 2))
    assert one.sha256 == again.sha256 != other.sha256
    assert one.seconds == pytest.approx(2)
    assert float(np.abs(one.samples).max()) < 0.95


def test_a_lane_shows_each_recording_where_it_gave_most() -> None:
    sound = plucked.recording(plucked.HARP, 1, seconds=2)
    field = np.repeat(np.array([0, -1, 1], np.int32), [80, 20, 100])
    thumbnail = waveform(sound, 96, 72)
    entries = [
        sheets.Entry(name, name, "Oda Lind", share, sheets.color_of(number), thumbnail)
        for number, (name, share) in enumerate([("first take", 400_000), ("second take", 600_000)])
    ]
    picture = lanes.provenance_lane(field, entries, over=sound)
    row = picture.pixels[sheets.MARGIN + 78 + 260 + 14 + 3]  # the lane's upper edge, above the numbers
    inside = row[sheets.MARGIN : sheets.MARGIN + lanes.WIDTH]
    own = [(inside == np.array(entry.color)).all(1).mean() for entry in entries]
    assert own == pytest.approx([0.4, 0.5], abs=0.01)


def test_a_waveform_of_one_sample_is_a_picture() -> None:
    assert waveform(Sound(np.ones((1, 1), np.float32), 8_000), 20, 10).pixels.shape == (10, 20, 3)
