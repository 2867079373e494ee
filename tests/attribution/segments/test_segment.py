"""A segment is whole or not there; a damaged one is told from a good one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from attribution.segments import codes, segment, storage
from attribution.segments.segment import Segment, SegmentUnusable, Written
from attribution.segments.tiers import swallowed
from core.errors import Invalid
from tests.attribution.segments.made import BODY, code, name


def written(path: Path, works: int = 3) -> Written:
    return segment.write(
        path, codes.build([code(n) for n in range(works)]), subjects=[name(n) for n in range(works)], body=BODY
    )


def test_arrays_come_back_as_they_were_and_are_not_copied(tmp_path: Path) -> None:
    arrays = {
        "some": np.arange(6, dtype=np.uint16).reshape(2, 3),
        "none": np.zeros((0, 4), np.float32),
        "one": np.array([7], np.int64),
    }
    done = segment.write(tmp_path / "a.segment", arrays, subjects=["wrk_1", "wrk_22"], body=BODY)
    opened = Segment(tmp_path / "a.segment", body=BODY, expected=done)
    assert len(opened) == 2
    assert opened.subjects == ["wrk_1", "wrk_22"]
    assert set(opened.arrays) == set(arrays)
    for key, array in arrays.items():
        assert opened.arrays[key].dtype == array.dtype
        np.testing.assert_array_equal(opened.arrays[key], array)
    assert not opened.arrays["some"].flags.writeable
    assert not opened.arrays["some"].flags.owndata
    opened.verify()


def test_an_empty_segment_is_one(tmp_path: Path) -> None:
    done = written(tmp_path / "a.segment", 0)
    opened = Segment(tmp_path / "a.segment", body=BODY, expected=done)
    assert len(opened) == 0
    assert opened.search(code(1), most=3) == []


def test_every_flipped_or_missing_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.segment"
    done = written(path)
    good = path.read_bytes()
    rng = np.random.default_rng(0)
    used = [n for n in range(len(good)) if n < 500 or good[n]]
    for place in [*range(20), *rng.choice(used, 60)]:
        path.write_bytes(good[:place] + bytes([good[place] ^ 4]) + good[place + 1 :])
        with pytest.raises(SegmentUnusable):
            Segment(path, body=BODY, expected=done).verify()
    for cut in (0, 5, 100, len(good) - 1):
        path.write_bytes(good[:cut])
        with pytest.raises(SegmentUnusable):
            Segment(path, body=BODY)
    path.unlink()
    with pytest.raises(SegmentUnusable):
        Segment(path, body=BODY)


def test_a_segment_of_another_algorithm_or_another_one_is_refused(tmp_path: Path) -> None:
    done = written(tmp_path / "a.segment")
    other = written(tmp_path / "b.segment", 4)
    with pytest.raises(SegmentUnusable):
        Segment(tmp_path / "a.segment", body=codes.body("code", "test.2"))
    with pytest.raises(SegmentUnusable):
        Segment(tmp_path / "a.segment", body=BODY, expected=other)
    Segment(tmp_path / "a.segment", body=BODY, expected=done)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        written(tmp_path / "a.segment")
    assert list(tmp_path.iterdir()) == []


def test_only_old_strays_are_swept(tmp_path: Path) -> None:
    for stem in ("code.test.1.a", "code.test.1.b", "code.test.2.a"):
        written(tmp_path / f"{stem}.segment")
    (tmp_path / ".part-x").write_bytes(b"half")
    folder = storage.LocalFolder(tmp_path)
    folder.sweep("code.test.1.", keep={"code.test.1.a.segment"}, older=60)
    assert len(list(tmp_path.iterdir())) == 4
    folder.sweep("code.test.1.", keep={"code.test.1.a.segment"}, older=-1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["code.test.1.a.segment", "code.test.2.a.segment"]


def test_a_name_names_no_other_folder(tmp_path: Path) -> None:
    for bad in ("../a.segment", "a/b.segment", ".segment", "a.txt", ""):
        with pytest.raises(Invalid):
            storage.LocalFolder(tmp_path).fetch(bad)


def test_few_parts_stay_and_rows_are_not_written_often() -> None:
    sizes: list[int] = []
    written, most = 0, 0
    for _ in range(4096):
        taken = swallowed(sizes, 1, largest=1000)
        kept, rest = sizes[: len(sizes) - taken], sizes[len(sizes) - taken :]
        sizes = [*kept, sum(rest) + 1]
        written += sizes[-1]
        most = max(most, len([size for size in sizes if size < 500]))
    assert sum(sizes) == 4096
    assert max(sizes) <= 1000
    assert most <= 8
    assert written / 4096 < 20
