"""What one answer takes, by step: the best of several runs, in milliseconds of wall and processor time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from benchmarks import asking, attacks, corpus, finders, marking
from benchmarks.asking import Plan
from benchmarks.timing import best
from core.media import Picture, Sound

MEGAPIXEL = (1224, 817)


def run(plan: Plan) -> Iterator[str]:
    """A picture of one megapixel, and ten seconds of a recording, that were never seen before."""
    yield f"{'':44}{'wall ms':>9}{'cpu ms':>9}"
    for name, step in (*_pictures(plan), *_sounds(plan)):
        timed = best(step, runs=3 if plan.quick else 7)
        yield f"{name:44}{timed.wall * 1000:9.1f}{timed.cpu * 1000:9.1f}"


def _pictures(plan: Plan) -> Iterator[tuple[str, Callable[[], object]]]:
    from attribution.features import pictures, points
    from attribution.marks import picture as mark

    works = corpus.files("pictures", "works")[: 60 if plan.quick else None]
    file = asking.chosen(asking.large(works), 1)[0]
    work = Picture(np.array(Image.fromarray(finders.picture(file).pixels).resize(MEGAPIXEL)))
    stranger = finders.picture(asking.chosen(asking.large(corpus.files("pictures", "strangers")), 1)[0])
    asked = Picture(np.array(Image.fromarray(stranger.pixels).resize(MEGAPIXEL)))
    key, house = marking.key("picture"), finders.House()
    tables = pictures.build([points.unpack(one) for one in house.kept(works)])
    marked = mark.write(work, 7, key)
    kept = mark.opened(mark.reference(work))
    attacked = Picture(attacks.PICTURES["social"](marked.pixels, asking.seeded("times")))
    look = next(iter(points.looks(finders.gray(asked))))
    yield "picture: points of a work", lambda: points.of(finders.gray(work))
    yield "picture: points of a question, first look", lambda: next(iter(points.looks(finders.gray(asked))))
    yield f"picture: search among {len(works)}, a stranger", lambda: pictures.search(tables, look)
    yield "picture: write the mark", lambda: mark.write(work, 7, key)
    yield "picture: read it blind, an unmarked stranger", lambda: mark.read(asked, [key])
    yield "picture: read it with the original", lambda: mark.read_informed(attacked, kept, None, [key])


def _sounds(plan: Plan) -> Iterator[tuple[str, Callable[[], object]]]:
    from attribution.features import sounds
    from attribution.marks import sound as mark

    works = asking.chosen(corpus.files("sounds", "works"), 20 if plan.quick else None)
    tables = sounds.build([sounds.of(finders.sound(file)) for file in works[:100]])
    whole = finders.sound(asking.chosen(corpus.files("sounds", "strangers"), 1)[0])
    asked = Sound(np.ascontiguousarray(whole.samples[: 10 * whole.rate]), whole.rate)
    key, question = marking.key("sound"), sounds.asked(asked)
    yield "recording of 60 to 90 s: features", lambda: sounds.of(whole)
    yield "10 s: features of a question", lambda: sounds.asked(asked)
    yield f"10 s: search among {min(100, len(works))}, a stranger", lambda: sounds.search(tables, question)
    yield "recording of 60 to 90 s: write the mark", lambda: mark.write(whole, 7, key)
    yield "10 s: read it blind, an unmarked stranger", lambda: mark.read(asked, [key])
