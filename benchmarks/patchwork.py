"""patchwork at its default strength: time, what the works are like, whether mixes get the shares they asked for, and
whether a preview foretells the shares of the work; where there is a GPU, how much faster that is.

`make bench-patchwork PICTURES=folder` measures the full set; the goals beside the figures are set for that.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np
import torch

from benchmarks import devices, metrics, pictures
from benchmarks.cells import Cell, Wish, cells, engine, exact, request
from benchmarks.pictures import Content, Style
from core.media import Picture
from core.shares import WHOLE
from generation.engine import Engine, Request, as_picture, silent

SIZE = 512
RUNS = 3
POINT = 10_000  # one of a hundred, in millionths
TOLERANCE = 5 * POINT
ALARM = 1.6  # plausibility
WEIGHTS = ((50, 50), (70, 30), (80, 20), (90, 10), (50, 30, 20), (34, 33, 33), (80, 10, 10))
MIXES = 21
SEVERAL = 4  # styles of several assets whose previews are compared
PREVIEWED = (512, 1024)  # with works of these sizes


def run() -> Iterator[str]:
    torch.set_num_threads(1)
    contents, styles = pictures.contents(), pictures.styles()
    yield pictures.told()
    for part in (times, devices.run, qualities, mixes, previews):
        yield ""
        yield from part(contents, styles)


def times(contents: Sequence[Content], styles: Sequence[Style]) -> Iterator[str]:
    """Processor seconds of one thread, the whole call; the best of a few, since a busy machine only adds to them."""
    content = next((c for c in contents if c.name == "golden_gate"), contents[0])
    style = next((s for s in styles if s.name == "starry"), styles[0])
    made = engine()
    prepared = made.prepare(style.assets[:1], report=silent)
    yield f"time: {content.name} x {style.name} (one asset), processor seconds of one thread, best of {RUNS}"
    yield f"{'':>12} {'cpu s':>7} {'goal':>6}"
    took: dict[str, float] = {}
    for name, shape, size, goal in (
        ("512 x 384", (4, 3), 512, 1.2),
        ("1024 x 1024", (1, 1), 1024, 4.5),
        ("preview 256", (4, 3), 512, 0.4),
    ):
        asked = request(cropped(content.picture, *shape), [(prepared, 1)], Wish({"size": size}), made)
        if name == "preview 256":
            asked = replace(asked, params=made.preview(asked.params))
        drawn = partial(made.render, [asked], report=silent)
        drawn()  # the style's pack at this size, which the times leave out
        took[name] = min(seconds(drawn) for _ in range(RUNS))
        yield f"{name:>12} {took[name]:>7.2f} {goal:>6.1f}"
    asked = request(cropped(content.picture, 4, 3), [(prepared, 1)], Wish({"size": SIZE}), made)
    first = min(seconds(partial(engine().render, [asked], report=silent)) for _ in range(RUNS))
    pack = first - took["512 x 384"]
    yield f"{'pack 512':>12} {pack:>7.2f} {0.8:>6.1f}   a fresh engine's first picture less a later one"


def seconds(doing: Callable[[], object]) -> float:
    """Processor time of one call."""
    began = time.process_time()
    doing()
    return time.process_time() - began


def cropped(picture: Picture, wide: int, high: int) -> Picture:
    """The largest part in the middle whose sides are as `wide` to `high`."""
    height = min(picture.height, picture.width * high // wide)
    width = height * wide // high
    top, left = (picture.height - height) // 2, (picture.width - width) // 2
    return Picture(np.ascontiguousarray(picture.pixels[top : top + height, left : left + width]))


@dataclass(frozen=True)
class Quality:
    """What the metrics say of one cell.

    `rank`: the place of its own style among all by plausibility and coverage, 1 is best; `plain_rank`: the same by
    distances that are not divided by the style's own.
    """

    content: str
    kind: str
    style: str
    rank: int
    plain_rank: int
    plausibility: float
    coverage: float
    edge: float
    luma: float
    sharpness: float
    repetition: float
    largest_copy: float
    swd: float


def qualities(contents: Sequence[Content], styles: Sequence[Style]) -> Iterator[str]:
    """A row a cell, then means by kind and over all."""
    yield f"works: {len(contents)} contents x {len(styles)} styles at {SIZE} px, default strength"
    head = ("rank", "plaus", "cover", "edge", "luma", "sharp", "repeat", "copy %", "swd")
    yield f"{'':>24} " + " ".join(f"{name:>6}" for name in head)
    found = []
    for one in judged(contents, styles, cells(contents, styles, Wish({"size": SIZE}))):
        found.append(one)
        yield f"{one.content + ' x ' + one.style:>24} " + _row([one])
    for kind in dict.fromkeys(one.kind for one in found):
        yield f"{kind:>24} " + _row([one for one in found if one.kind == kind])
    yield f"{'all':>24} " + _row(found)
    first, plain = (sum(getattr(one, by) == 1 for one in found) / len(found) for by in ("rank", "plain_rank"))
    yield f"retrieval: {first:.0%} of the cells rank first among {len(styles)} styles (goal: 85 %)"
    yield f"retrieval by distances not scaled to the style's own: {plain:.0%}"
    yield f"not first: {_names([one for one in found if one.rank > 1])}"
    low = [one for one in found if one.kind in {"building", "landscape"} and one.edge < 0.5]
    yield f"edge below 0.50 on buildings and landscapes: {_names(low)} (goal: none)"
    far = [one for one in found if one.plausibility > ALARM]
    yield f"plausibility above {ALARM} (an alarm, no goal): {_names(far)}"


def judged(contents: Sequence[Content], styles: Sequence[Style], made: Iterable[Cell]) -> Iterator[Quality]:
    """The metrics of each cell, with style and content scaled to the size of the work."""
    assets = {style.name: [metrics.tensor(as_picture(asset.media), SIZE) for asset in style.assets] for style in styles}
    hands = {name: metrics.hand(some) for name, some in assets.items()}
    shown = {content.name: content for content in contents}
    for cell in made:
        work, content = metrics.tensor(cell.picture), shown[cell.content]
        patches = metrics.work_patches(work)
        distances = {name: metrics.style_distance(patches, hand) for name, hand in hands.items()}
        own = distances[cell.style]
        edge, luma = metrics.agreement(work, metrics.tensor(content.picture, SIZE))
        yield Quality(
            content=cell.content,
            kind=content.kind,
            style=cell.style,
            rank=1 + sum(other.scaled < own.scaled for other in distances.values()),
            plain_rank=1 + sum(other.unscaled < own.unscaled for other in distances.values()),
            plausibility=own.plausibility,
            coverage=own.coverage,
            edge=edge,
            luma=luma,
            sharpness=metrics.sharpness(work, assets[cell.style]),
            repetition=metrics.repetition(work),
            largest_copy=cell.facts["largest_copy"],
            swd=metrics.sliced_wasserstein(work, assets[cell.style]),
        )


def _row(some: Sequence[Quality]) -> str:
    fields = ("rank", "plausibility", "coverage", "edge", "luma", "sharpness", "repetition", "largest_copy", "swd")
    means = {field: sum(getattr(one, field) for one in some) / len(some) for field in fields}
    means["largest_copy"] = 100 * max(one.largest_copy for one in some)  # the worst of them counts
    return " ".join(f"{means[field]:>6.{1 if field == 'rank' else 3 if field == 'swd' else 2}f}" for field in fields)


def _names(some: Sequence[Quality]) -> str:
    return ", ".join(f"{one.content} x {one.style}" for one in some) or "none"


def mixes(contents: Sequence[Content], styles: Sequence[Style]) -> Iterator[str]:
    """Mixes of two or three styles, one asset each: asked and measured shares."""
    yield f"mixes of 2 or 3 styles at {SIZE} px: shares in percent, asked -> measured"
    dice, made, off = np.random.default_rng(1), engine(), 0
    for number in range(MIXES):
        weights = WEIGHTS[number % len(WEIGHTS)]
        some = [styles[i] for i in dice.choice(len(styles), len(weights), replace=False)]
        content = contents[number % len(contents)]
        parts = [(made.prepare(s.assets[:1], report=silent), w) for s, w in zip(some, weights, strict=True)]
        shares = _shares(made, request(content.picture, parts, Wish({"size": SIZE}), made))
        got = [shares.get(style.assets[0].id, 0) for style in some]
        worst = max(abs(share - w * POINT) for share, w in zip(got, weights, strict=True))
        off += worst > TOLERANCE
        told = "/".join(str(w) for w in weights), "/".join(f"{share / POINT:.1f}" for share in got)
        mark = "  OFF" if worst > TOLERANCE else ""
        yield f"  {content.name} in {'+'.join(style.name for style in some)}: {told[0]} -> {told[1]}{mark}"
    yield f"off by more than 5 points: {off} of {MIXES} (goal: at most 1 in 10)"


def previews(contents: Sequence[Content], styles: Sequence[Style]) -> Iterator[str]:
    """How far a preview's shares are from the work's, over styles of several assets."""
    several = [style for style in styles if len(style.assets) > 1][:SEVERAL]
    yield "previews: largest difference of an asset's share from that of the work, in points"
    made, found = engine(), defaultdict[int, list[float]](list)
    for style, size in product(several, PREVIEWED):
        prepared = made.prepare(style.assets, report=silent)
        for content in contents:
            asked = request(content.picture, [(prepared, 1)], Wish({"size": size}), made)
            full, early = _shares(made, asked), _shares(made, replace(asked, params=made.preview(asked.params)))
            apart = max(abs(full.get(asset.id, 0) - early.get(asset.id, 0)) for asset in style.assets) / POINT
            found[size].append(apart)
            yield f"  {f'{content.name} x {style.name}, {size} px':>32} {apart:>6.1f}"
    for size, some in found.items():
        off = sum(POINT * apart > TOLERANCE for apart in some)
        yield f"works of {size} px: largest {max(some):.1f} points, {off} of {len(some)} above 5 (goal: none)"


def _shares(made: Engine, asked: Request) -> dict[str, int]:
    """By asset, in millionths."""
    shares = {share.asset: share.share for share in exact(made.render([asked], report=silent)[0]).shares}
    assert sum(shares.values()) == WHOLE
    return shares
