"""A kit answers as the house would, whatever there is and whatever is asked, until it is too old to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution import judgment, named
from attribution.claim import Claim
from attribution.evidence import SAME, Evidence, Finding
from licensing import verdicts
from licensing.snapshots import answers
from licensing.snapshots.answers import BadHash
from licensing.snapshots.kit import SKEW, Kit
from licensing.snapshots.layout import LASTS, STATES, STYLES
from licensing.terms import USES
from licensing.territories import WORLD
from licensing.verdicts import Verdict
from tests.licensing.examples import DAYS, PLACES, TERMS
from tests.licensing.snapshots.worlds import NOW, World, grow, made, sha256, signer, worlds

SAID = Evidence("hash", SAME, "")
QUESTIONS = st.fixed_dictionaries(
    {
        "use": st.none() | st.sampled_from(USES),
        "medium": st.none() | st.sampled_from(("picture", "sound")),
        "territory": st.none() | st.just(WORLD) | PLACES,
        "date": st.none() | DAYS,
        "at": st.sampled_from((NOW, NOW + LASTS - dt.timedelta(seconds=1))),
    }
)


def by_house(world: World, known: str) -> Finding:
    """As `attribution.named` finds it."""
    for row in world.claims.values():
        if row.file_sha256 == known:
            return replace(judgment.found("recovered", SAME, row, (SAID,), changed=False), payable=True)
    subjects = sorted(id for id, look in world.samples.items() if look == known)
    if not subjects:
        return Finding("none", 0.0)
    return named._sampled(subjects, world.claims)


def told(verdict: Verdict) -> dict[str, Any]:
    """All that a kit tells as well."""
    left_out = ("evidence", "licensors", "licensee", "shares")
    licensors = [said["creator"] for said in verdict.licensors]
    return {**{name: value for name, value in vars(verdict).items() if name not in left_out}, "licensors": licensors}


def hashes(world: World) -> list[str]:
    files = [row.file_sha256 for row in world.claims.values()]
    return [*files, *sorted({*world.samples.values()}), sha256("nothing")]


def agree(kit: Kit, world: World, question: dict[str, Any]) -> None:
    for known in hashes(world):
        mine = answers.answer(kit, answers.by_hash(kit, sha256=known, at=question["at"]), **question)
        theirs = verdicts.compose(by_house(world, known), world.grounds, **question)
        assert told(mine) == told(theirs), hash


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def answers_alike(folder: Path, world: World, questions: list[dict[str, Any]]) -> None:
    keys = signer(folder)
    world.write(folder / "whole", keys)
    kit = Kit.open([folder / "whole"], keys.jwks())
    for question in questions:
        agree(kit, world, question)


def answers_as_of_the_last(folder: Path, world: World, question: dict[str, Any], data: st.DataObject) -> None:
    keys = signer(folder)
    world.write(folder / "whole", keys)
    files = [folder / "whole"]
    for day in range(data.draw(st.integers(1, 2))):
        for work in data.draw(st.sets(st.sampled_from(sorted(world.claims)), max_size=2)):
            if world.claims[work].withdrawn_at is None:
                world.withdraw(work, 0)
        for license in data.draw(st.sets(st.sampled_from(sorted(world.licenses)), max_size=2)):
            world.change(license, data.draw(st.sampled_from(STATES)), data.draw(st.sampled_from(STYLES)))
        grow(data.draw, world, data.draw(st.integers(0, 2)))
        since = Kit.open(files, keys.jwks())
        files.append(folder / f"delta {day}")
        world.write(files[-1], keys, since=since)
    agree(Kit.open(files, keys.jwks()), world, question)


LISTS = st.lists(QUESTIONS, min_size=2, max_size=4)


@settings(max_examples=10)
@given(worlds(), LISTS)
def test_a_kit_answers_as_the_house_does(folder: Path, world: World, questions: list[dict[str, Any]]) -> None:
    answers_alike(folder, world, questions)


@settings(max_examples=10)
@given(worlds(), QUESTIONS, st.data())
def test_with_deltas_it_answers_as_of_the_last(
    folder: Path, world: World, question: dict[str, Any], data: st.DataObject
) -> None:
    answers_as_of_the_last(folder, world, question, data)


@pytest.mark.slow
@settings(max_examples=500)
@given(worlds(), LISTS, QUESTIONS, st.data())
def test_both_hold_for_many_houses(
    folder: Path, world: World, questions: list[dict[str, Any]], question: dict[str, Any], data: st.DataObject
) -> None:
    answers_alike(folder, world, questions)
    answers_as_of_the_last(folder, world, question, data)


@pytest.fixture(scope="module")
def small(folder: Path) -> tuple[World, Kit]:
    """One licensed work, one that was withdrawn, one original."""
    world = World()
    license = world.grant(replace(TERMS, attribution="in the style of Ada Marsh"), 1)
    world.add([license], look=1)
    world.withdraw(world.add([license], look=2), 3)
    world.samples[made("ast", 1)] = sha256("look 3")
    world.write(folder / "small", signer(folder))
    return world, Kit.open([folder / "small"], signer(folder).jwks())


@pytest.mark.parametrize(
    ("late", "words"),
    [(LASTS, "get today's"), (LASTS * 9, "get today's"), (-SKEW - dt.timedelta(seconds=1), "set the clock")],
    ids=["at-its-end", "long-after", "before-it-was"],
)
def test_out_of_its_time_everything_is_unknown(small: tuple[World, Kit], late: dt.timedelta, words: str) -> None:
    world, kit = small
    question = {"use": "print", "territory": "DE", "date": dt.date(2026, 11, 29)}
    for known in hashes(world):
        found = answers.by_hash(kit, sha256=known, at=NOW + late)
        verdict = answers.answer(kit, found, **question, at=NOW + late)
        assert (verdict.standing, verdict.permission, verdict.payable) == ("unknown", "deny", False)
        assert words in verdict.evidence[0].detail
    in_time = answers.by_hash(kit, sha256=hashes(world)[0], at=NOW - SKEW)
    assert answers.answer(kit, in_time, **question, at=NOW - SKEW).permission == "permit"


def test_a_kit_lists_no_works_and_names_nobody(small: tuple[World, Kit], folder: Path) -> None:
    world, kit = small
    data = (folder / "small").read_bytes()
    for work, row in world.claims.items():
        claim = Claim.read(row.document)
        assert kit.work(work) is not None
        assert work.encode() not in data
        for secret in (row.file_sha256, world.samples[work]):
            assert bytes.fromhex(secret)[:16] not in data
        number = int.from_bytes(work[-16:].encode()).to_bytes(16)
        assert number not in data
        for name in (claim.licensee_name, claim.contributions[0].title, "Ada Marsh"):
            assert name.encode() not in data


def test_what_only_begins_like_a_known_hash_is_unknown(small: tuple[World, Kit]) -> None:
    world, kit = small
    for known in hashes(world)[:-1]:
        near = known[:-1] + ("0" if known[-1] != "0" else "1")
        assert answers.by_hash(kit, sha256=near, at=NOW).identification == "none"


@pytest.mark.parametrize("known", ["", "ab", "G" * 64, "A" * 64, "a" * 65, "é" * 64], ids=len)
def test_what_is_no_hash_is_refused(small: tuple[World, Kit], known: str) -> None:
    with pytest.raises(BadHash, match="64 hexadecimal"):
        answers.by_hash(small[1], sha256=known, at=NOW)


def test_a_work_that_is_not_there_is_not_found(small: tuple[World, Kit]) -> None:
    assert small[1].work(made("wrk", 50)) is None
    assert small[1].ground(made("lic", 50)) is None
