"""The attribution benchmark's own arithmetic: scores are read, attacks are repeatable, fits and errors are right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import asking, attacks, calibration, corpus, corpus_midi, corpus_scores
from benchmarks.asking import Asked
from benchmarks.calibration import Given
from benchmarks.corpus_scores import Note

ABC = """X:1
T:A Reel
M:4/4
L:1/8
K:D
f>g (3abc' [F]2|=f-f z2|
"""
KERN = """**kern	**kern
*M4/4	*M4/4
4C	8cc#
.	8dd-
=2	=2
[2G	4r
.	4e
4G]	4.ee
*-	*-
"""
XML = """<score-partwise><part id="P1"><measure><attributes><divisions>2</divisions></attributes>
<note><pitch><step>C</step><alter>1</alter><octave>4</octave></pitch><duration>2</duration></note>
<note><chord/><pitch><step>E</step><octave>4</octave></pitch><duration>2</duration></note>
<note><rest/><duration>1</duration></note>
<note><pitch><step>G</step><octave>4</octave></pitch><duration>1</duration><tie type="start"/></note>
<note><pitch><step>G</step><octave>4</octave></pitch><duration>2</duration><tie type="stop"/></note>
</measure></part></score-partwise>"""


def test_tunes_in_abc_are_read(tmp_path: Path) -> None:
    (tmp_path / "book.abc").write_text(ABC)
    (tune,) = corpus_scores.read(tmp_path / "book.abc", "book")
    assert tune.name == "A_Reel"
    assert [note.pitch for note in tune.notes] == [78, 79, 81, 83, 85, 66, 77]
    lengths = [0.75, 0.25, 1 / 3, 1 / 3, 1 / 3, 0.5, 1.0]
    assert [note.length for note in tune.notes] == pytest.approx(lengths)


def test_scores_in_kern_and_musicxml_are_read(tmp_path: Path) -> None:
    (tmp_path / "piece.krn").write_text(KERN)
    (tune,) = corpus_scores.read(tmp_path / "piece.krn", "book")
    assert tune.notes[:3] == (Note(0, 1, 48, 0), Note(0, 0.5, 73, 1), Note(0.5, 0.5, 73, 1))
    assert Note(1, 3, 55, 0) in tune.notes
    (tmp_path / "piece.xml").write_text(XML)
    (tune,) = corpus_scores.read(tmp_path / "piece.xml", "book")
    assert tune.notes == (Note(0, 1, 61, 0), Note(0, 1, 64, 0), Note(1.5, 1.5, 67, 0))


def test_a_performance_is_a_midi_file_and_repeatable(tmp_path: Path) -> None:
    (tmp_path / "book.abc").write_text(ABC)
    tunes = list(corpus_scores.read(tmp_path / "book.abc", "book"))
    played = corpus_midi.performance(tunes, seed="a", seconds=60)
    assert played[:4] == b"MThd"
    assert played[14:18] == b"MTrk"
    assert int.from_bytes(played[18:22], "big") == len(played) - 22
    assert played == corpus_midi.performance(tunes, seed="a", seconds=60)
    assert played != corpus_midi.performance(tunes, seed="b", seconds=60)


def test_a_group_stays_together() -> None:
    names = [f"plasma-Kite--{number}.jpg" for number in range(20)]
    assert {corpus.group(name) for name in names} == {"plasma-Kite"}
    assert len({corpus.half(name) for name in names}) == 1
    assert {corpus.half(f"wesnoth-elf_{number}--0.png") for number in range(20)} == {0, 1}


@pytest.mark.parametrize("name", attacks.PICTURES)
def test_an_attack_gives_a_picture_and_the_same_again(name: str) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (120, 200, 3), np.uint8)
    before = picture.copy()
    done = attacks.PICTURES[name](picture, asking.seeded(name))
    assert done.dtype == np.uint8
    assert done.ndim == 3
    assert done.shape[2] == 3
    assert np.array_equal(done, attacks.PICTURES[name](picture, asking.seeded(name)))
    assert np.array_equal(picture, before)
    assert name == "none" or done.shape != picture.shape or not np.array_equal(done, picture)


def test_recall_counts_what_scores_more_than_every_stranger() -> None:
    def one(file: str, stranger: bool, right: bool, score: float) -> Asked:
        return Asked(file, "none", stranger, right, score, 0.0, "")

    answers = [one("a", False, True, 9), one("b", False, True, 5), one("c", False, False, 9), one("d", True, False, 6)]
    assert asking.threshold(answers) == 6
    assert asking.recall(answers, ["none"], 6) == {"none": (pytest.approx(1 / 3), 3)}


def test_a_tail_is_fitted_with_its_upper_bound() -> None:
    scores = 1 + np.random.default_rng(2).exponential(0.5, 4000)
    best, mean = calibration.fit(list(scores), 0.9, 1000)
    assert best.start == pytest.approx(1 + 0.5 * np.log(10), rel=0.05)
    assert mean == pytest.approx(0.5, abs=0.05)
    assert mean < best.excess < 1.15 * mean


def test_expected_error_is_the_gap_between_confidence_and_truth() -> None:
    assert calibration.expected_error([Given(1.0, True, 1.0), Given(0.0, False, 3.0)]) == 0
    assert calibration.expected_error([Given(1.0, False, 1.0), Given(0.0, False, 3.0)]) == pytest.approx(0.25)
