"""Contact sheets to judge by eye: `python -m benchmarks.sheet [--size 512] [--contents chicago] [--styles starry]`.

All contents in all styles go to `var/sheet/SIZE`, each as a PNG of its own, with a labeled sheet of them as a JPEG at
(nearly) full size and a small PNG. Cells are made again only when the engine's code has changed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the command line does
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from PIL import Image, ImageDraw, ImageFont

from benchmarks import pictures
from benchmarks.cells import Cell, Wish, cells
from benchmarks.pictures import Content, Style
from core.media import Picture
from generation.engine import as_picture

SIZES = (512, 1024)
LARGE, SMALL = 640, 180  # long side of a cell on the two sheets, in pixels, at most
_GAP, _LABEL = 6, 22


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    asked = _parser().parse_args(arguments)
    try:
        contents, styles = pictures.contents(asked.contents), pictures.styles(asked.styles)
    except ValueError as error:
        raise SystemExit(f"sheet: {error}") from error
    _say(pictures.told())
    for size in asked.size or SIZES:
        params: dict[str, Any] = {"size": size, **json.loads(asked.params)}
        if asked.strength is not None:
            params["strength"] = asked.strength
        wish = Wish(params, asked.seed)
        made = []
        for cell in cells(contents, styles, wish, fresh=asked.fresh):
            _say(f"{size:>5} {cell.content:>12} x {cell.style:<10} {cell.facts['cpu']:6.2f} CPU s")
            made.append(cell)
        for file in draw(contents, styles, made, wish.folder / _name(asked, len(made))):
            _say(f"  {file}")


def draw(contents: Sequence[Content], styles: Sequence[Style], made: Sequence[Cell], stem: Path) -> list[Path]:
    """The labeled sheet of the cells, as a JPEG and a small PNG beside `stem`."""
    grid: dict[tuple[str, str], Picture] = {(cell.content, cell.style): cell.picture for cell in made}
    grid |= {(content.name, ""): content.picture for content in contents}
    grid |= {("", style.name): as_picture(style.assets[0].media) for style in styles}
    rows, cols = ["", *(content.name for content in contents)], ["", *(style.name for style in styles)]
    side = min(LARGE, max(max(cell.picture.width, cell.picture.height) for cell in made))
    large, small = stem.with_suffix(".jpg"), stem.with_suffix(".png")
    _sheet(grid, rows, cols, side).save(large, quality=90)
    _sheet(grid, rows, cols, SMALL).save(small)
    return [large, small]


def _sheet(grid: dict[tuple[str, str], Picture], rows: Sequence[str], cols: Sequence[str], side: int) -> Image.Image:
    heights = [
        max((_fitted(grid[row, col], side)[1] for col in cols if (row, col) in grid), default=_LABEL) for row in rows
    ]
    step = side + _GAP
    sheet = Image.new("RGB", (len(cols) * step, sum(heights) + len(rows) * (_GAP + _LABEL)), "white")
    pen, font, top = ImageDraw.Draw(sheet), ImageFont.load_default(14), 0
    for row, height in zip(rows, heights, strict=True):
        for place, col in enumerate(cols):
            if (row, col) in grid:
                picture = Image.fromarray(grid[row, col].pixels)
                sheet.paste(
                    picture.resize(_fitted(grid[row, col], side), Image.Resampling.LANCZOS), (place * step, top)
                )
                label = " x ".join(name for name in (row, col) if name)
                pen.text((place * step + 2, top + height + 2), label, fill="black", font=font)
        top += height + _GAP + _LABEL
    return sheet


def _fitted(picture: Picture, side: int) -> tuple[int, int]:
    scale = side / max(picture.width, picture.height)
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def _name(asked: argparse.Namespace, count: int) -> str:
    """`sheet` for all cells; a part has its own name, so that it never stands where the whole is looked for."""
    return "sheet" if not asked.contents and not asked.styles else f"part-{asked.contents}-{asked.styles}-{count}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.sheet", description="Contact sheets of contents x styles.")
    parser.add_argument("--size", type=int, action="append", help=f"long side, again for another; else {SIZES}")
    parser.add_argument("--contents", default="", help="words in the contents' names, with commas between; else all")
    parser.add_argument("--styles", default="", help="words in the styles' names, with commas between; else all")
    parser.add_argument("--strength", type=float, help="0 to 1; else the engine's default")
    parser.add_argument(
        "--params", default="{}", help='more of the engine\'s parameters, as JSON: {"palette": "planes"}'
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fresh", action="store_true", help="make all cells again")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
