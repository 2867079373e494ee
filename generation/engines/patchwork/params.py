"""What a fan may ask of patchwork, and what that means inside: a handful of weights that move with one `strength`."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Literal

from pydantic import Field

from generation.engine import Params, Preset

AIMED = 0.7  # the search aims at this part of the cap, because its price on large pieces is soft
_LEAST_CAP = 1e-6
SMALLEST, LARGEST = 64, 4096  # long side of a work, in pixels
PREVIEW = 512  # of a preview, at most
PREVIEWED_WHOLE = 384  # a work that is no longer is its own preview


class PatchworkParams(Params):
    """The form a fan fills in."""

    strength: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Strength",
        description="How far the style may go: 0 keeps small things readable, 1 lets it run wild.",
    )
    structure: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Structure",
        description="How tightly the content's edges are held: 0 lets strokes cross them, 1 keeps every contour.",
    )
    own_colors: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Colors of your picture",
        description="0 paints with the style's colors, 1 mixes the style's paint to those of your picture.",
    )
    stroke_scale: float = Field(
        1.0,
        ge=0.5,
        le=2,
        title="Stroke size",
        description="2 paints with strokes twice as large, 0.5 with half as large ones.",
    )
    size: int = Field(
        512,
        ge=SMALLEST,
        le=LARGEST,
        title="Size",
        description="Long side of the work in pixels, at most twice that of the content. A masked work keeps its size.",
    )
    palette: Literal["style", "planes"] = Field(
        "style",
        title="Surfaces",
        description="How color is laid on: soft, as the style's own surfaces are, or in crisp planes.",
    )
    wished_color: str = Field(
        "",
        pattern=r"^(#[0-9a-fA-F]{6})?$",
        title="A color of your wish",
        description="The whole work leans to this color, such as #c03020; empty for none.",
        json_schema_extra={"format": "color"},
    )
    portraits: bool = Field(
        True,
        title="Keep faces",
        description="Faces that are found in the content are painted finer and closer to it.",
    )
    source_is: Literal["picture", "sketch", "colors"] = Field(
        "picture",
        title="Your picture is",
        description="A picture is redrawn; a rough sketch, or blobs of color, only say what goes where in a new work.",
        json_schema_extra={"when": "source"},
    )
    kind: Literal["variation", "retarget", "texture", "tile"] = Field(
        "variation",
        title="New work",
        description="Without a picture of yours: a new arrangement, the artist's own in another shape, the style's"
        " texture alone, or that as a tile that repeats without a seam.",
        json_schema_extra={"when": "compose"},
    )
    shape: Literal["as it is", "1:1", "5:4", "4:5", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "2:1", "1:2", "3:1"] = (
        Field(
            "as it is",
            title="Shape",
            description="Width to height of a new work.",
            json_schema_extra={"when": "compose"},
        )
    )
    copy_cap: float = Field(
        0.01,
        ge=0.002,
        le=1,
        title="Largest copied piece",
        description="No connected piece from one place of a licensed work is larger, as a fraction of the work.",
    )

    @property
    def ratio(self) -> float | None:
        """Width over height of a new work; None is as it is."""
        if self.shape == "as it is":
            return None
        width, height = self.shape.split(":")
        return int(width) / int(height)


class PreviewParams(PatchworkParams):
    """The same wish for a preview: the work's own search is stopped early. `size` stays that of the work.

    It is a type of its own and no parameter, so that nobody can order one as a work.
    """


PRESETS = (
    Preset("balanced", "Balanced", {}),
    Preset("faithful", "Close to the picture", {"strength": 0.2, "structure": 0.65}),
    Preset("bold", "Bold strokes", {"strength": 0.75}),
    Preset("wild", "Wild", {"strength": 1.0, "structure": 0.4}),
    Preset("planes", "Planes of color", {"strength": 0.75, "palette": "planes"}),
    Preset("own-colors", "The picture's own colors", {"own_colors": 1.0}),
)


@dataclass(frozen=True)
class Coloring:
    """How the content is redrawn in the style's colors before it guides the search. All are weights, most 0 to 4."""

    hue: float  # keep the content's hue
    position: float  # a color goes where the style has it: sky above, ground below
    balance: float  # use each color about as much as the style does
    bold: float  # prefer strong colors
    contrast: float  # local contrast given to the content first, 0 to 1
    smooth: float  # neighbor regions of like color stay alike
    place: float  # how much a region is a place rather than a color
    softness: float  # how softly regions blend into each other, in units of color distance
    transport: float  # mixed in: plain color transport, 0 to 1
    sharpen: float  # how much louder small features speak
    lines: float  # outlines, as a fraction of what the style itself has
    spare: float = 1.0  # how much flat places are spared that contrast, 0 to 1: a sky stays one surface
    own: float = 0.0  # how much of the content's own color is kept, 0 to 1
    regions: int = 40
    belonging: float = 0.1  # take the colors of the material that belongs there
    panes: float = 1.0  # how many times as wide as the style's, where its lines enclose panes


@dataclass(frozen=True)
class Recipe:
    """The weights of one search. Distances are in units of the median patch distance."""

    guide: float  # weight of a guide against appearance
    loose: float  # the guide's factor in flat places
    tight: float  # and at contours
    coherence: float  # wish to go on copying what the neighbors copy
    keep: float  # by what factor a fresh candidate must be better, in flat places
    usage: float  # cost of using the same place again
    upright: float  # cost of turned strokes in flat places
    patches: tuple[int, ...]  # patch sides, coarse to fine; the last serves all finer levels
    coloring: Coloring
    copy_cap: float  # that is aimed at


_QUIET = Coloring(0.8, 1.0, 0.03, 0.1, 0.4, 0.0, 0.25, 0.02, 0.3, 1.0, 0.5, spare=0.0, belonging=0.03)
_PAINT = Coloring(0.9, 8.0, 0.02, 0.3, 0.6, 10.0, 0.25, 0.02, 0.6, 0.8, 1.0)
_PLANES = Coloring(0.7, 2.0, 0.07, 0.4, 0.6, 0.0, 0.6, 0.004, 0.0, 0.8, 1.0, regions=60)

PORTRAIT = replace(  # what faces are colored by at any strength: one hue of skin, wherever the style puts it
    _QUIET,
    hue=2.0,
    position=0.0,
    balance=0.0,
    bold=0.0,
    smooth=20.0,
    transport=0.0,
    panes=3.0,
)

# strength: guide, loose, tight, coherence, keep. Found by eye on public-domain paintings and plain photographs.
_ANCHORS: tuple[tuple[float, tuple[float, ...]], ...] = (
    (0.0, (1.2, 0.40, 4.0, 0.6, 1.5)),
    (0.5, (0.6, 0.25, 3.0, 2.2, 2.2)),
    (0.75, (0.5, 0.15, 2.4, 3.0, 2.5)),
    (1.0, (0.4, 0.08, 1.8, 4.0, 3.0)),
)
_PATCHES: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.25, (9, 9, 7, 7)),
    (0.65, (9, 9, 9, 9)),
    (0.90, (11, 11, 11, 9)),
    (2.00, (13, 13, 11, 11)),
)


def recipe_of(params: PatchworkParams, *, most_copy: float = 1.0) -> Recipe:
    """Weights move evenly with strength between four tried settings; patch sizes step, since they are odd numbers.

    `most_copy`: the largest copied piece that is allowed. The cap is soft, so a lower one is aimed at.
    """
    guide, loose, tight, coherence, keep = _between(params.strength)
    planes = params.palette == "planes"
    held = 2 * params.structure  # 1 is as tried
    coloring = _PLANES if planes else _mixed(_QUIET, _PAINT, min(1.0, params.strength / 0.5))
    return Recipe(
        guide=guide,
        loose=loose * held**0.5,
        tight=tight * (0.3 + 0.7 * held),
        coherence=coherence * (1.5 - 0.5 * held),
        keep=keep,
        usage=0.3 if planes else 0.4,
        upright=2.0,
        patches=next(patches for below, patches in _PATCHES if params.strength < below),
        coloring=replace(coloring, lines=coloring.lines * held**0.5, own=params.own_colors),
        copy_cap=max(_LEAST_CAP, AIMED * min(params.copy_cap, most_copy)),
    )


def _between(strength: float) -> tuple[float, ...]:
    for (low, a), (high, b) in pairwise(_ANCHORS):
        if strength <= high:
            part = (strength - low) / (high - low)
            return tuple(x + part * (y - x) for x, y in zip(a, b, strict=True))
    raise ValueError(f"strength is 0 to 1, not {strength}")


def _mixed(a: Coloring, b: Coloring, part: float) -> Coloring:
    names = [f.name for f in fields(Coloring) if f.name not in ("own", "regions", "panes")]
    return Coloring(**{name: getattr(a, name) * (1 - part) + getattr(b, name) * part for name in names})
