"""What a GPU is worth to patchwork: seconds of a work on one thread of the CPU and on the GPU, how far they agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import torch

from benchmarks.cells import Wish, engine, exact, request
from benchmarks.pictures import Content, Style
from benchmarks.timing import best
from core.shares import WHOLE
from generation.engine import silent

SIZES = (512, 1024, 2048)
TOLERANCE = 0.5  # points of a share


def run(contents: Sequence[Content], styles: Sequence[Style]) -> Iterator[str]:
    """Ratios where there is a GPU, else one line that says so."""
    if torch.cuda.is_available():
        yield f"devices: one thread of the CPU, and {torch.cuda.get_device_name()}; the whole call, style pack cached"
        yield from ratios(contents[0], next((s for s in styles if len(s.assets) > 1), styles[0]), "cuda")
    else:
        yield "devices: the CPU alone; torch finds no GPU here, so no ratio was measured"


def ratios(content: Content, style: Style, device: str) -> Iterator[str]:
    """A row a size: wall seconds of one work on either and of one in a batch on the device, shares apart, replay."""
    near, far = engine(), engine(device)
    prepared = near.prepare(style.assets, report=silent)
    yield f"  {content.name} x {style.name} ({len(style.assets)} assets), {torch.get_num_threads()} thread"
    yield f"{'':>8} {'cpu s':>7} {device + ' s':>8} {'ratio':>6} {'in batch':>9} {'points':>7}  replays"
    for size in SIZES:
        asked = request(content.picture, [(prepared, 1)], Wish({"size": size}), near)
        batch = [replace(asked, seed=seed) for seed in range(far.card.max_batch)]
        slow = best(partial(near.render, [asked], report=silent), runs=2)
        quick = best(partial(far.render, [asked], report=silent))
        several = best(partial(far.render, batch, report=silent), runs=2)
        here, there = exact(slow.result[0]), exact(quick.result[0])
        given = {share.asset: share.share for share in here.shares}
        apart = max(abs(share.share - given.get(share.asset, 0)) for share in there.shares) * 100 / WHOLE
        same = near.replay(there.map, [prepared]).sha256 == quick.result[0].media.sha256
        yield (
            f"{size:>8} {slow.wall:>7.2f} {quick.wall:>8.2f} {slow.wall / quick.wall:>6.1f}"
            f" {several.wall / len(batch):>9.2f} {apart:>7.2f}  {'yes' if same else 'NO'}"
        )
    yield f"  goals: every work replays, shares at most {TOLERANCE} points apart"
