"""The index over very many pictures: time, memory and recall among works made up from the points of real ones.

`PICTURES` names a folder of some hundred pictures, `WORKS` how many works are registered (100,000), `SEGMENT` how many
of them one segment holds. A tenth of the pictures is registered as it is and asked for after what people do to files; a
tenth is asked for and not registered. The points of the rest are the fill: each made-up work has points of many
pictures, at places of others, with up to 8 of 256 bits of their codes flipped. Evenly random codes would flatter the
index: `crowding` says how often a stranger's point meets one of the fill in a bucket, against one of real pictures.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.features import pictures, points
from attribution.features.points import Asked, Points
from attribution.segments import segment
from attribution.segments.body import Body, merge
from attribution.segments.segment import Segment

ASKED = 60  # pictures of each side at most
FLIPPED = 8  # bits at most: with more, points crowd less than real ones do
LEAST = 6.0  # score from which on a picture is named
KEY = 16  # bits of a code by which crowding is measured

BODY = Body("picture", "bench", points.unpack, pictures.build, pictures.search)
Gray = NDArray[np.uint8]


@dataclass(frozen=True)
class Question:
    subject: str | None  # None where it is not registered
    asked: Asked


def run() -> Iterator[str]:
    works, largest = (int(os.environ.get(key, "100000")) for key in ("WORKS", "SEGMENT"))
    files = sorted(path for path in Path(os.environ["PICTURES"]).iterdir() if path.is_file())
    shuffled = [files[n] for n in np.random.default_rng(1).permutation(len(files))]
    groups = {path.name.split("--")[0]: path for path in shuffled}  # one picture of each subject
    chosen = [(path, gray) for path in groups.values() if (gray := read(path)) is not None]
    sides = min(ASKED, len(chosen) // 10)
    known, strangers, rest = chosen[:sides], chosen[sides : 2 * sides], chosen[2 * sides :]
    pool = [points.of(gray) for _, gray in rest]
    questions = [Question(path.name, look(attacked)) for path, gray in known for attacked in attacks(gray)]
    questions += [Question(None, look(gray)) for _, gray in strangers]
    registered = {path.name: points.of(gray) for path, gray in known}
    with tempfile.TemporaryDirectory(prefix="homage-bench-", dir=os.environ.get("TMPDIR")) as folder:
        yield from _measured(Path(folder), pool, registered, questions, works=works, largest=largest)


def _measured(
    folder: Path,
    pool: Sequence[Points],
    registered: dict[str, Points],
    questions: Sequence[Question],
    *,
    works: int,
    largest: int,
) -> Iterator[str]:
    rng = np.random.default_rng(2)
    segments, cpu, held = [], 0.0, 0
    for start in range(0, works, largest):
        some = {} if start else registered
        filled = fill(pool, min(largest, works - start) - len(some), rng)
        if not start:
            ratio = crowding(filled, questions) / crowding(pool, questions)
            yield f"crowding of the fill  {ratio:.2f} of real pictures'"
        subjects = [*some, *(f"fill-{start + n:09d}" for n in range(len(filled)))]
        path, before = folder / f"{start}.segment", time.process_time()
        written = segment.write(path, BODY.build([*some.values(), *filled]), subjects=subjects, body=BODY)
        cpu, held = cpu + time.process_time() - before, held + written.size
        segments.append(Segment(path, body=BODY))
        del filled
    yield f"build  {1e6 * cpu / works / 60:.1f} CPU minutes a million works, {held / works / 1e3:.1f} kB a work"
    for warm in (False, True):  # the first round reads the files in
        answers = [answered(segments, question.asked) for question in questions]
        if warm:
            yield from _told(questions, answers)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    yield f"{works:,} works in {len(segments)} segments; {resident():.1f} GB resident, {peak:.1f} GB at most (building)"


def _told(questions: Sequence[Question], answers: Sequence[Answer]) -> Iterator[str]:
    for title, wanted in (("attacked", True), ("strangers", False)):
        rows = [(q, a) for q, a in zip(questions, answers, strict=True) if (q.subject is not None) is wanted]
        for kind in ("wall", "cpu"):
            middle, high = (1000 * np.quantile([getattr(a, kind) for _, a in rows], part) for part in (0.5, 0.95))
            yield f"{title:10} {kind:5} p50 {middle:6.1f} ms  p95 {high:6.1f} ms  ({len(rows)} questions)"
    right = [a.best == q.subject and a.score >= LEAST for q, a in zip(questions, answers, strict=True) if q.subject]
    highest = max(a.score for q, a in zip(questions, answers, strict=True) if a.best != q.subject or not q.subject)
    yield f"recall {np.mean(right):.3f} of {len(right)} at a score of {LEAST}; highest of a wrong work {highest:.1f}"


@dataclass(frozen=True)
class Answer:
    best: str | None
    score: float
    wall: float
    cpu: float


def answered(segments: Sequence[Segment], asked: Asked) -> Answer:
    wall, cpu = time.perf_counter(), time.process_time()
    found = merge([one.search(asked, most=30) for one in segments], most=30)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Answer(found[0].subject, found[0].score, wall, cpu) if found else Answer(None, 0.0, wall, cpu)


def fill(pool: Sequence[Points], works: int, rng: np.random.Generator) -> list[Points]:
    """Works of points that are each a real one's, changed, at the place of another."""
    codes, places = (np.concatenate([getattr(one, name) for one in pool]) for name in ("codes", "places"))
    out = []
    for _ in range(works):
        size = len(pool[int(rng.integers(len(pool)))])
        own = codes[rng.integers(len(codes), size=size)]
        flips, bits = rng.integers(FLIPPED + 1, size=size), rng.integers(256, size=(size, FLIPPED))
        row, turn = np.nonzero(np.arange(FLIPPED) < flips[:, None])
        place = bits[row, turn]
        np.bitwise_xor.at(own, (row, place // 64), np.uint64(1) << (place % 64).astype(np.uint64))
        out.append(Points(own, places[rng.integers(len(places), size=size)]))
    return out


def crowding(works: Sequence[Points], questions: Sequence[Question]) -> float:
    """The share of these works' points that a stranger's point shares a bucket with, of 2^16, on the average."""
    codes = np.concatenate([one.codes for one in works])
    asked = np.concatenate([q.asked.as_if().codes for q in questions if q.subject is None])
    low = np.uint64((1 << KEY) - 1)
    shares = [
        np.bincount((codes[:, word] & low).astype(np.int64), minlength=1 << KEY)[
            (asked[:, word] & low).astype(np.int64)
        ]
        for word in range(codes.shape[1])
    ]
    return float(np.mean(shares)) / len(codes)


def look(gray: Gray) -> Asked:
    return next(iter(points.looks(gray)))


def attacks(gray: Gray) -> list[Gray]:
    """Saved small and badly; cut on two sides; turned, which is cut too; mirrored."""
    import cv2

    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 7, 1.2)
    done: list[Callable[[Gray], Any]] = [
        lambda g: _jpeg(cv2.resize(g, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA), 40),
        lambda g: _jpeg(g[height // 5 :, : width - width // 5], 60),
        lambda g: _jpeg(cv2.warpAffine(g, turn, (width, height)), 70),
        lambda g: _jpeg(np.ascontiguousarray(g[:, ::-1]), 70),
    ]
    return [np.asarray(one(gray), np.uint8) for one in done]


def _jpeg(gray: Any, quality: int) -> Any:
    import cv2

    return cv2.imdecode(cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)


def read(path: Path) -> Gray | None:
    """The picture in gray, a megapixel at most; None where it is none or has hardly any points."""
    import cv2

    gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if gray is None or min(gray.shape) < 200:
        return None
    scale = min(1.0, 1200 / max(gray.shape))
    small: Gray = np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    return small if len(points.of(small)) >= 40 else None


def resident() -> float:
    """Gigabytes that this process has in memory now, the mapped files' pages among them."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e9
