"""Attacks on a style's shares: what adds nothing to it is refused, merged or held, so it never earns anything."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.media import Picture
from creators import assets
from creators.inspection import NothingInIt
from creators.models import Asset
from generation.engine import Asset as Licensed
from generation.engine import Exact, Ingredient, Request, silent
from tests.creators.studio import AT, Studio, draft
from tests.fakes import Toy, texture

Attack = Callable[[Image.Image], Image.Image]
FLIP = Image.Transpose


@cache
def strokes(seed: int) -> Picture:
    """Strokes of many directions and colors on a ground, 640 x 480."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(texture(seed, height=480, width=640).pixels).filter(ImageFilter.GaussianBlur(12))
    pixels = np.asarray(image).astype(np.float32)
    y, x = np.mgrid[:480, :640]
    for _ in range(150):
        (row, column), turn, color = rng.uniform(0, (480, 640)), rng.uniform(0, np.pi), rng.uniform(0, 255, 3)
        along = (x - column) * np.cos(turn) + (y - row) * np.sin(turn)
        across = (y - row) * np.cos(turn) - (x - column) * np.sin(turn)
        pixels[(np.abs(along) < rng.uniform(10, 60)) & (np.abs(across) < rng.uniform(2, 8))] = color
    return Picture(pixels.clip(0, 255).astype(np.uint8))


def picture(image: Image.Image) -> Picture:
    return Picture(np.array(image.convert("RGB")))


def saved(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out)


def noised(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image, np.float32)
    return Image.fromarray(
        (pixels + np.random.default_rng(0).normal(0, 10, pixels.shape)).clip(0, 255).astype(np.uint8)
    )


def cut(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = image.size
    return image.crop((round(left * width), round(top * height), round(right * width), round(bottom * height)))


def bordered(image: Image.Image, color: str, part: float) -> Image.Image:
    margin = round(part * image.width)
    out = Image.new("RGB", (image.width + 2 * margin, image.height + 2 * margin), color)
    out.paste(image, (margin, margin))
    return out


def carved(image: Image.Image) -> Image.Image:
    """In a frame with a texture of its own."""
    rng = np.random.default_rng(0)
    frame = rng.integers(40, 140, (image.height + 120, image.width + 120, 3), dtype=np.uint8)
    out = Image.fromarray(frame).filter(ImageFilter.GaussianBlur(2))
    out.paste(image, (60, 60))
    return out


COPIES: dict[str, Attack] = {
    "duplicate": lambda i: i,
    "saved anew": lambda i: saved(i, 60),
    "half size": lambda i: saved(i.resize((i.width // 2, i.height // 2)), 60),
    "toned": lambda i: ImageEnhance.Color(ImageEnhance.Brightness(i).enhance(1.15)).enhance(0.6),
    "blurred": lambda i: i.filter(ImageFilter.GaussianBlur(1.5)),
    "noised": noised,
    "mirrored": lambda i: i.transpose(FLIP.FLIP_LEFT_RIGHT),
    "upside down": lambda i: i.transpose(FLIP.ROTATE_180),
    "flipped": lambda i: i.transpose(FLIP.FLIP_TOP_BOTTOM),
    "turned": lambda i: i.transpose(FLIP.ROTATE_90),
    "turned and mirrored": lambda i: i.transpose(FLIP.TRANSPOSE),
    "tilted": lambda i: cut(i.rotate(5, Image.Resampling.BICUBIC), 0.1, 0.1, 0.9, 0.9),
    "cut to 70 %": lambda i: cut(i, 0.1, 0.05, 0.94, 0.88),
    "cut to half": lambda i: cut(i, 0.2, 0.25, 0.91, 0.96),
    "left half": lambda i: cut(i, 0, 0, 0.5, 1),
    "lower half": lambda i: cut(i, 0, 0.5, 1, 1),
    "cut, mirrored, saved anew": lambda i: saved(cut(i, 0.1, 0.2, 0.81, 0.91).transpose(FLIP.FLIP_LEFT_RIGHT), 70),
    "cut and turned": lambda i: cut(i, 0.1, 0.2, 0.81, 0.91).transpose(FLIP.ROTATE_270),
    "white border": lambda i: bordered(i, "white", 0.08),
    "wide red border": lambda i: bordered(i, "#b41e14", 0.2),
    "carved frame": carved,
}
# One of each kind; the long form tries all.
KINDS = ("saved anew", "half size", "toned", "mirrored", "turned", "tilted", "left half", "wide red border")
RNG = np.random.default_rng(1)
EMPTY = {
    "black": np.zeros((512, 512, 3), np.uint8),
    "one color": np.full((300, 500, 3), (200, 30, 20), np.uint8),
    "one pixel": np.full((1, 1, 3), 90, np.uint8),
    "one pixel, enlarged": np.kron(np.uint8([[[10, 200, 90]]]), np.ones((600, 400, 1), np.uint8)),
    "black with one white pixel": np.pad(np.full((1, 1, 3), 255, np.uint8), ((200, 311), (100, 411), (0, 0))),
    "a ramp": np.repeat(np.repeat(np.linspace(0, 255, 512).astype(np.uint8)[:, None, None], 400, 1), 3, 2),
    "noise": RNG.integers(0, 256, (400, 400, 3), dtype=np.uint8),
    "gray with noise": RNG.normal(128, 12, (400, 400, 3)).clip(0, 255).astype(np.uint8),
    "black with weak noise": RNG.integers(0, 9, (400, 400, 3), dtype=np.uint8),
}


@pytest.mark.parametrize("name", EMPTY)
def test_what_holds_nothing_is_refused_and_leaves_nothing(session: Session, studio: Studio, name: str) -> None:
    with pytest.raises(NothingInIt, match="send a work"):
        studio.take(session, draft(session), Picture(EMPTY[name]))
    assert session.scalar(select(func.count()).select_from(Asset)) == 0
    assert not [path for path in studio.root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("attacks", [KINDS, pytest.param(tuple(COPIES), marks=pytest.mark.slow)], ids=["kinds", "all"])
def test_copies_of_own_works_are_merged_and_of_others_works_held(
    session: Session, studio: Studio, attacks: tuple[str, ...]
) -> None:
    """One after the other: no copy gets into the index, so none changes how the next is judged."""
    ada, eve = draft(session), draft(session, name="Eve Moss")
    first = studio.take(session, ada, strokes(1))
    assert studio.take(session, ada, strokes(2)).state == "live"  # among which it has to be told apart
    missed = {}
    for name in attacks:
        copy = studio.store(picture(COPIES[name](Image.fromarray(strokes(1).pixels))), creator=ada.creator)
        own = assets.take(session, style=ada.id, upload=copy, title="Again", at=AT)
        same = replace(copy, creator=eve.creator)  # the same file by somebody else: it was measured already
        other = assets.take(session, style=eve.id, upload=same, title="Mine", at=AT)
        if (own.state, own.merged_into, other.state) != ("merged", first.id, "held"):
            missed[name] = (own.state, other.state)
    assert missed == {}
    assert [row.id for row in assets.live(session, style=eve.id)] == []
    assert ada.version == 2


def test_copies_take_no_share_of_a_work(session: Session, studio: Studio) -> None:
    """A style of three, padded with copies of one: shares are those of the style without them."""
    style = draft(session)
    rows = [studio.take(session, style, strokes(seed)) for seed in (1, 2, 3)]
    before = shares(session, studio, style.id)
    for name in ("duplicate", "cut, mirrored, saved anew", "cut and turned"):
        padding = studio.take(session, style, picture(COPIES[name](Image.fromarray(strokes(1).pixels))), name)
        assert padding.id not in {row.id for row in rows}
    assert shares(session, studio, style.id) == before
    assert [row.id for row in assets.live(session, style=style.id)] == [row.id for row in rows]


def shares(session: Session, studio: Studio, style: str) -> dict[str, int]:
    """Each asset's part, in millionths, of a work that the toy engine composes from a style."""
    live = assets.live(session, style=style)
    known = [Licensed(row.id, assets.original(row, blobs=studio.blobs, keys=studio.keys)) for row in live]
    prepared = Toy().prepare(known, report=silent)
    made = Toy().render([Request((Ingredient(prepared),), Toy.Params(), seed=1)], report=silent)[0]
    assert isinstance(made.provenance, Exact)
    return {share.asset: share.share for share in made.provenance.shares}


def test_strangers_of_one_hand_are_no_copies(session: Session, studio: Studio) -> None:
    ada, eve = draft(session), draft(session, name="Eve Moss")
    for seed in range(1, 5):
        owner = ada if seed % 2 else eve
        assert studio.take(session, owner, strokes(seed)).state == "live"
