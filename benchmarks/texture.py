"""What texture says of works of the house engine: of copies after each attack, and of what is only composed alike.

Strangers are the same photograph in other styles, and the photograph itself. Each work is registered twice: with its
photograph, whose own texture is then taken out, and without it, as a creator's own works are.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from attribution import bearing, confidence, texture
from attribution.features import agreement, points
from benchmarks import asking, attacks, hard
from benchmarks.asking import Plan
from benchmarks.finders import gray, picture
from benchmarks.hard import Case
from core.media import Picture

LEAST = {"with": confidence.EXPLAINED.least, "without": confidence.PLAIN.least}
STRANGERS = ("another style", "the photograph")

Gray = NDArray[np.uint8]
Scores = dict[str, dict[str, list[float]]]  # by what was asked and how the work is registered; 0 where nothing agrees


def run(plan: Plan) -> Iterator[str]:
    """By what was asked: scores of both registrations, and how many are told as copies."""
    names = list(attacks.PICTURES)[:: 6 if plan.quick else 1]
    cases = hard.cases()[: 4 if plan.quick else None]
    if not cases:
        raise FileNotFoundError("no stylised works in the corpus: make them with `python -m benchmarks.hard`")
    scores: Scores = {}
    for case in cases:
        for asked, shown in _asked(case, names):
            for way, score in _compared(shown, case).items():
                scores.setdefault(asked, {}).setdefault(way, []).append(score)
    yield f"{len(cases)} works of {len(cases)} photographs, registered with their photograph and without it"
    yield f"{'':24}{'asked':>7}" + "".join(f"{f'{way}: {part}':>18}" for way in LEAST for part in ("lowest", "copies"))
    for asked, ways in sorted(scores.items(), key=lambda item: item[0] in STRANGERS):
        extreme = max if asked in STRANGERS else min
        told = "".join(f"{extreme(ways[w]):18.2f}{np.mean(np.array(ways[w]) >= LEAST[w]):18.3f}" for w in LEAST)
        yield f"{asked:24}{len(ways['with']):7}{told}"
    yield "of strangers the highest instead of the lowest"


def _asked(case: Case, names: list[str]) -> Iterator[tuple[str, Gray]]:
    work = picture(case.work)
    for name in names:
        yield name, gray(Picture(attacks.PICTURES[name](work.pixels, asking.seeded(name, case.work.stem))))
    for sibling in case.siblings:
        yield STRANGERS[0], gray(picture(sibling))
    yield STRANGERS[1], gray(picture(case.photograph))


def _compared(shown: Gray, case: Case) -> dict[str, float]:
    """As `attribution.pictured` compares what points propose."""
    work, photograph = picture(case.work), picture(case.photograph)
    sheet = texture.sheet_of(work.pixels)
    content = cv2.resize(gray(photograph), sheet.shape[::-1], interpolation=cv2.INTER_AREA)
    known = points.of(gray(work), gray(photograph))
    best = dict.fromkeys(LEAST, 0.0)
    for look in points.looks(shown):
        alignment = agreement.between(look, known)
        if alignment is None:
            continue
        for way in LEAST:
            behind = np.asarray(content, np.uint8) if way == "with" else None
            best[way] = max(best[way], bearing.borne_out(shown, sheet, behind, alignment)[1].score)
        if all(best[way] >= LEAST[way] for way in LEAST):
            break
    return best
