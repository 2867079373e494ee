"""The sandbox's samples: one of every standing, by the rules that hold for any work, and the same bytes everywhere."""

from __future__ import annotations

import datetime as dt
import io
from typing import get_args

import pytest
from PIL import Image

from core import ids
from licensing import verdicts
from licensing.sandbox import pictures, samples
from licensing.verdicts import Standing

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
PUBLISHED = {
    "licensed": ("licensed", "permit", []),
    "needs-report": ("licensed", "needs-report", ["report"]),
    "expired": ("unlicensed", "deny", ["expired"]),
    "not-yet": ("unlicensed", "deny", ["not-yet"]),
    "territory": ("licensed", "deny", ["territory"]),
    "withdrawn": ("withdrawn", "deny", ["withdrawn"]),
    "revoked": ("withdrawn", "deny", ["revoked"]),
    "contested": ("unlicensed", "deny", ["contested", "low-confidence"]),
    "own": ("unlicensed", "deny", ["no-license"]),
    "hint": ("unknown", "deny", ["low-confidence"]),
    "derived": ("unknown", "deny", ["low-confidence"]),
    "unsure": ("licensed", "deny", ["low-confidence"]),
    "several": ("licensed", "needs-report", ["report"]),
    "unknown": ("unknown", "deny", ["no-license"]),
}


def asked(name: str, *, at: dt.datetime = NOW) -> verdicts.Verdict:
    """What is answered when the sample's file is to be published everywhere."""
    return verdicts.compose(samples.by_file(pictures.sha256(name), at=at), samples.grounds(at), use="publish", at=at)


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_each_sample_is_what_it_is_for(name: str) -> None:
    verdict = asked(name)
    told = verdict.standing, verdict.permission, [reason.code for reason in verdict.reasons]
    assert told == PUBLISHED[name]


def test_there_is_a_sample_of_every_standing_and_permission() -> None:
    found = [asked(name) for name in samples.SAMPLES]
    assert {verdict.standing for verdict in found} == set(get_args(Standing))
    assert {verdict.permission for verdict in found} == {"permit", "needs-report", "deny"}


@pytest.mark.parametrize(
    ("name", "at", "permission"),
    [
        ("expired", dt.datetime(2020, 6, 1, tzinfo=dt.UTC), "permit"),
        ("not-yet", dt.datetime(2090, 1, 1, tzinfo=dt.UTC), "permit"),
        ("withdrawn", samples.ENDED_AT - dt.timedelta(seconds=1), "permit"),
        ("revoked", samples.ENDED_AT - dt.timedelta(seconds=1), "permit"),
        ("revoked", samples.ENDED_AT, "deny"),
        ("licensed", dt.datetime(2100, 1, 1, tzinfo=dt.UTC), "deny"),
    ],
)
def test_what_is_answered_depends_on_the_time(name: str, at: dt.datetime, permission: str) -> None:
    assert asked(name, at=at).permission == permission


def test_a_number_and_a_mark_name_the_work_without_a_file() -> None:
    sample = samples.get("licensed")
    for kind, value in (("work", sample.work), ("mark", sample.mark)):
        finding = samples.by_name(kind, value, at=NOW)
        assert (finding.identification, finding.work, finding.changed) == ("named", sample.work, None)
    assert samples.by_name("iscc", "ISCC:EEA", at=NOW).identification == "none"
    assert samples.by_name("work", samples.get("unknown").work, at=NOW).identification == "none"
    assert samples.by_name("mark", sample.work, at=NOW).identification == "none"


def test_ids_are_well_formed_and_of_no_house() -> None:
    made = {ids.check(sample.work, "wrk") for sample in samples.SAMPLES.values()}
    assert len(made) == len(samples.SAMPLES)
    assert all(id < ids.new("wrk")[:14] for id in made)


def test_pictures_can_be_read_and_are_the_same_everywhere() -> None:
    hashes = {name: pictures.sha256(name) for name in samples.SAMPLES}
    assert len(set(hashes.values())) == len(hashes)
    assert hashes["licensed"] == "ff0f9263cc7b3eb6c5b0b727f967334824972cd6c2d42ce42fdbeed57d90497b"
    for name in hashes:
        with Image.open(io.BytesIO(pictures.png(name)), formats=["PNG"]) as image:
            image.verify()
            assert image.size == (pictures.WIDTH, pictures.HEIGHT)
