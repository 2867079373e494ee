"""How spoken melodies are taken from an artist's: what is kept of the fan's, and what never happens."""

from __future__ import annotations

import numpy as np
import pytest

from core.hearing.features import FINEST, Codes
from core.hearing.frames import Array
from generation.engines.chorale import contour, intonation

LOUD, QUIET = -10.0, -60.0


def speech(starts: list[int], slope: float, *, each: int = 30, gap: int = 6) -> tuple[Codes, Array]:
    """Stretches that begin at these codes and move by `slope` a frame; a pause after each third one."""
    codes, level = [], []
    for number, start in enumerate(starts):
        pause = 40 if number % 3 == 2 else gap
        codes += [*(start + slope * np.arange(each)), *([0] * pause)]
        level += [LOUD] * each + [QUIET if pause > gap else LOUD] * pause
    return np.round(codes).astype(np.uint16), np.array(level)


FAN = speech([1200, 1150, 1100, 1300, 1250, 1180], slope=2.0)
ARTIST = [speech([1900, 1850, 1800] * 3, slope=-5.0), speech([2000, 1950, 1820] * 3, slope=-5.0)]
THEIRS = np.concatenate([codes for codes, _ in ARTIST])


def plainly(theirs: Codes) -> Codes:
    """The fan's contour at equal rank among the artist's pitches, the rarest left out."""
    low, high = np.percentile(theirs[theirs > 0], [5, 95])
    return contour.ranked(FAN[0], FAN[0], theirs[(theirs >= low) & (theirs <= high)])


def runs(codes: Codes) -> list[Codes]:
    return [part for part in np.split(codes, np.flatnonzero(np.diff(codes > 0)) + 1) if part[0]]


def test_the_artist_lets_the_voice_fall_where_the_fan_lets_it_rise() -> None:
    wanted = intonation.spoken(FAN, ARTIST, 1.0)
    assert all((np.diff(part.astype(int)) <= 0).all() and part[0] - part[-1] > 80 for part in runs(wanted))


def test_each_stretch_keeps_its_rank_and_every_frame_its_voicing() -> None:
    wanted = intonation.spoken(FAN, ARTIST, 1.0)
    assert np.array_equal(wanted > 0, FAN[0] > 0)
    plain = plainly(THEIRS)
    for ours, theirs in zip(runs(wanted), runs(plain), strict=True):
        assert abs(ours.mean() - theirs.mean()) < FINEST / 12  # but for what the artist's range cuts off


@pytest.mark.parametrize("part", [0.0, 0.4, 1.0])
def test_no_pitch_leaves_the_artists_range(part: float) -> None:
    wanted = intonation.spoken(FAN, ARTIST, part)
    low, high = np.percentile(THEIRS[THEIRS > 0], [5, 95])
    assert low <= wanted[wanted > 0].min()
    assert wanted.max() <= high


def test_part_goes_from_the_fans_way_to_the_artists() -> None:
    plain = plainly(THEIRS)
    assert np.array_equal(intonation.spoken(FAN, ARTIST, 0.0), plain)
    half, whole = (intonation.spoken(FAN, ARTIST, part).astype(float) for part in (0.5, 1.0))
    inside = (whole > whole[whole > 0].min()) & (whole < whole.max())
    assert np.abs(half - (whole + plain) / 2)[inside].max() <= 3


def test_an_octave_error_of_the_tracker_is_never_spoken() -> None:
    codes, level = speech([1900, 1850, 1800] * 3, slope=-5.0)
    broken = codes.copy()
    for start in range(0, len(codes) - 30, 36):
        broken[start + 10 : start + 14] = np.where(codes[start + 10 : start + 14] > 0, 1900 - FINEST, 0)
    wanted = intonation.spoken(FAN, [*ARTIST, (broken, level)], 1.0)
    assert max(np.abs(np.diff(part.astype(int))).max() for part in runs(wanted)) < FINEST // 3


def test_too_little_speech_to_choose_from_leaves_the_fans_contour() -> None:
    short = [speech([1900, 1850, 1800], slope=-5.0)]
    wanted = intonation.spoken(FAN, short, 1.0)
    assert np.array_equal(wanted, plainly(short[0][0]))
