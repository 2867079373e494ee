"""Presets: each can be offered as it is, says what it does, and never gives away what it does not name."""

from __future__ import annotations

import datetime as dt

import pytest

from licensing.presets import PRESETS, Preset, window

TODAY = dt.date(2026, 3, 1)


def test_there_are_five_of_their_own() -> None:
    assert len({x.id for x in PRESETS}) == len({x.title for x in PRESETS}) == len({x.words for x in PRESETS}) == 5


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_a_preset_gives_valid_terms(preset: Preset) -> None:
    starts, ends = window(today=TODAY)
    terms = preset.terms(starts_on=starts, ends_on=ends, creator="Ada Marsh")
    assert "train" not in terms.uses
    assert ("advertise" in terms.uses) == (preset.id == "advertise")
    assert terms.report_uses >= terms.uses & {"sell", "stream", "sample", "advertise"}  # what earns is reported
    assert terms.attribution == ("in the style of Ada Marsh" if preset.credited else "")


def test_a_credit_that_does_not_fit_is_left_to_the_creator() -> None:
    assert PRESETS[0].terms(starts_on=TODAY, ends_on=dt.date(2027, 1, 1), creator="A" * 200).attribution == ""


@pytest.mark.parametrize(
    ("today", "until", "ends"),
    [
        (TODAY, None, dt.date(2029, 3, 1)),
        (TODAY, dt.date(2027, 1, 1), dt.date(2027, 1, 1)),
        (TODAY, dt.date(2035, 1, 1), dt.date(2029, 3, 1)),
        (TODAY, TODAY, dt.date(2029, 3, 1)),  # a consent that has ended limits nothing: it must be renewed first
        (dt.date(2028, 2, 29), None, dt.date(2031, 2, 28)),
    ],
)
def test_an_offer_of_today_lasts_three_years_or_as_long_as_consent(
    today: dt.date, until: dt.date | None, ends: dt.date
) -> None:
    assert window(today=today, until=until) == (today, ends)
