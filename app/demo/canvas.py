"""The ground a scene is composed on: maps of color, form, material and outline that any hand can render its own way.

Lengths are in units of the picture's height: x runs from 0 to `aspect`, y from 0 (top) to 1. A form is a pair of
fields (across, along): strokes run along, and lie side by side across.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Map = NDArray[np.floating[Any]]  # float32, save where a formula widens it
Form = tuple[Map, Map]
Point = tuple[float, float]


class Material(IntEnum):
    """What a place shows, so that a printmaker can decide which plate prints it."""

    SKY = 0
    CLOUD = 1
    LIGHT = 2
    WATER = 3
    FOAM = 4
    LAND = 5
    FIELD = 6
    LEAF = 7
    WOOD = 8
    WALL = 9
    ROOF = 10
    SAIL = 11
    SNOW = 12
    FRUIT = 13
    CLOTH = 14
    ROCK = 15


@dataclass(frozen=True)
class Area:
    """A piece of the canvas: where it lies, how much of each pixel it covers (0 to 1), and the coordinates there."""

    rows: slice
    cols: slice
    mask: Map
    x: Map
    y: Map

    def where(self, mask: Map) -> Area:
        """The same piece, covered only as far as `mask` says as well."""
        return Area(self.rows, self.cols, self.mask * mask, self.x, self.y)


class Canvas:
    """A scene in the making; areas laid later cover earlier ones."""

    def __init__(self, size: int, aspect: float, rng: np.random.Generator) -> None:
        self.width = size if aspect >= 1 else round(size * aspect)
        self.height = size if aspect < 1 else round(size / aspect)
        self.aspect = self.width / self.height
        self.rng = rng
        step = np.float32(1 / self.height)
        rows = (np.arange(self.height, dtype=np.float32) + 0.5) * step
        cols = (np.arange(self.width, dtype=np.float32) + 0.5) * step
        self.y, self.x = (np.ascontiguousarray(m) for m in np.meshgrid(rows, cols, indexing="ij"))
        shape = self.y.shape
        self.color: Map = np.zeros((*shape, 3), np.float32)
        self.across, self.along = self.y.copy(), self.x.copy()
        self.detail: Map = np.zeros(shape, np.float32)
        self.contour: Map = np.zeros(shape, np.float32)
        self.material: NDArray[np.uint8] = np.zeros(shape, np.uint8)
        self.shape: NDArray[np.int32] = np.zeros(shape, np.int32)
        self._laid = 0

    def all(self) -> Area:
        """The whole canvas."""
        return Area(slice(None), slice(None), np.ones_like(self.y), self.x, self.y)

    def inside(self, points: Sequence[Point] | Map) -> Area:
        """The inside of a polygon."""
        outline = np.asarray(points, np.float32) * self.height
        left, top = np.floor(outline.min(0)).astype(int) - 1
        right, bottom = np.ceil(outline.max(0)).astype(int) + 2
        left, right = (int(np.clip(v, 0, self.width)) for v in (left, right))
        top, bottom = (int(np.clip(v, 0, self.height)) for v in (top, bottom))
        rows, cols = slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))
        x, y = self.x[rows, cols], self.y[rows, cols]
        if 0 in x.shape:  # beyond the canvas
            return Area(rows, cols, np.zeros_like(x), x, y)
        sheet = Image.new("L", (x.shape[1] * 3, x.shape[0] * 3))
        corners = [tuple(p) for p in ((outline - (left, top)) * 3).tolist()]
        ImageDraw.Draw(sheet).polygon(corners, fill=255)
        mask = np.asarray(sheet.reduce(3), np.float32) / 255
        return Area(rows, cols, mask, x, y)

    def below(self, line: Map) -> Area:
        """Everything under a skyline, given as one y per column [width]."""
        soft = (self.y - line[None, :]) * self.height + 0.5
        return Area(slice(None), slice(None), np.clip(soft, 0, 1).astype(np.float32), self.x, self.y)

    def disc(self, center: Point, radius: float, *, rough: float = 0.0, squash: float = 1.0, lobes: int = 7) -> Area:
        """A round thing with an outline that wavers by `rough` of its radius; `squash` < 1 makes it flatter."""
        turn = np.linspace(0, 2 * np.pi, 97)[:-1]
        waver = np.zeros_like(turn)
        for k in range(2, lobes + 2):
            a, b = self.rng.normal(size=2) / k**0.6
            waver += a * np.cos(k * turn) + b * np.sin(k * turn)
        r = radius * (1 + rough * waver)
        ring = np.stack([center[0] + r * np.cos(turn), center[1] + squash * r * np.sin(turn)], 1)
        return self.inside(ring.astype(np.float32))

    def lay(
        self,
        area: Area,
        color: Map,
        material: Material,
        *,
        form: Form | None = None,
        detail: float = 0.4,
        contour: float = 1.0,
    ) -> None:
        """Cover the area. `color`: [3] or [h, w, 3]; `detail` 0 to 1: how fine a brush it asks for;
        `contour` 0 to 1: how strongly its outline is drawn; no `form` keeps the strokes of what lies below."""
        at = (area.rows, area.cols)
        m = area.mask[..., None]
        self.color[at] += m * (color - self.color[at])
        inside = area.mask > 0.5
        self.material[at][inside] = material
        self.detail[at][inside] = detail
        if form is not None:
            for map, field in zip((self.across, self.along), form, strict=True):
                map[at][inside] = np.broadcast_to(field, inside.shape)[inside]
        if contour > 0:
            self._laid += 1
            self.shape[at][inside] = self._laid
            self.contour[at][inside] = contour

    def tint(self, area: Area, color: Map, strength: Map | float) -> None:
        """Glaze the area towards a color, leaving form and outline as they are."""
        at = (area.rows, area.cols)
        m = (area.mask * strength)[..., None]
        self.color[at] += m * (color - self.color[at])

    def noise(self, cell: float, *, octaves: int = 3, stretch: float = 1.0) -> Map:
        """Smooth noise of about -1 to 1 over the canvas; `stretch` > 1 lengthens its cells along x."""
        return smooth_noise(self.rng, (self.height, self.width), cell * self.height, octaves=octaves, stretch=stretch)

    def line(self, base: float, swing: float, cell: float, *, octaves: int = 4) -> Map:
        """A wavering skyline: one y per column [width] around `base`."""
        width = cell * self.height
        total = np.zeros(self.width, np.float32)
        for k in range(octaves):
            total += _spline_noise(self.rng, self.width, width / 2**k) / 1.9**k
        return (base + swing * total).astype(np.float32)

    def angle(self) -> Map:
        """The direction of the strokes at each pixel, in radians, from the form."""
        gy, gx = np.gradient(self.across)
        return np.asarray(np.arctan2(-gx, gy), np.float32)


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, int], cell: float, *, octaves: int = 1, stretch: float = 1.0
) -> Map:
    """Sums of cubic B-splines over random grids: [height, width] of about -1 to 1, `cell` in pixels."""
    total = np.zeros(shape, np.float32)
    for k in range(octaves):
        high, wide = max(cell / 2**k, 1.0), max(cell * stretch / 2**k, 1.0)
        rows, cols = _basis(shape[0], high, rng.random()), _basis(shape[1], wide, rng.random())
        grid = rng.normal(size=(rows.shape[1], cols.shape[1])).astype(np.float32)
        total += (rows @ grid @ cols.T) / 1.8**k
    return np.asarray(np.tanh(total * 1.2), np.float32)


def _spline_noise(rng: np.random.Generator, length: int, cell: float) -> Map:
    basis = _basis(length, max(cell, 1.0), rng.random())
    return np.asarray(basis @ rng.normal(size=(basis.shape[1], 1)), np.float32)[:, 0]


def _basis(length: int, cell: float, shift: float) -> Map:
    """Cubic B-spline weights [length, knots] for knots `cell` pixels apart."""
    knots = int(length / cell) + 5
    d = np.abs((np.arange(length) / cell + shift + 1)[:, None] - np.arange(knots)[None, :])
    near = 2 / 3 - d**2 + d**3 / 2
    far = np.clip(2 - d, 0, None) ** 3 / 6
    return np.where(d < 1, near, far).astype(np.float32)


def ramp(t: Map | float, *colors: str) -> Map:
    """Colors [..., 3] of a gradient at t (0 to 1) through evenly spaced stops such as "#1b2a49"."""
    stops = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colors], np.float32)
    at = np.linspace(0, 1, len(colors))
    return np.stack([np.interp(t, at, stops[:, k]) for k in range(3)], -1).astype(np.float32)


def paint(color: str) -> Map:
    """One color [3] in 0 to 1."""
    return ramp(0.0, color)


def step(values: Map, low: Map | float, high: Map | float) -> Map:
    """A smooth step from 0 at `low` to 1 at `high`."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def smooth_curve(points: Sequence[Point], *, closed: bool = True) -> Map:
    """A Catmull-Rom curve [n, 2] through the points."""
    p = np.asarray(points, np.float32)
    p = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([p[:1], p, p[-1:]])
    t = np.linspace(0, 1, 9, dtype=np.float32)[:-1, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True)
    ]
    return np.concatenate([*pieces, p[-2:-1]]).astype(np.float32)


def level(area: Area, tilt: float = 0.0) -> Form:
    """Straight strokes at an angle of `tilt` radians (clockwise, 0 is level)."""
    c, s = np.cos(tilt), np.sin(tilt)
    return np.asarray(area.y * c - area.x * s, np.float32), np.asarray(area.x * c + area.y * s, np.float32)


def rings(area: Area, center: Point) -> Form:
    """Strokes that go round a center."""
    dx, dy = area.x - center[0], area.y - center[1]
    r = np.hypot(dx, dy)
    return np.asarray(r, np.float32), np.asarray(np.arctan2(dy, dx) * (r + 0.02), np.float32)


def rays(area: Area, center: Point, *, spread: float) -> Form:
    """Strokes that run out from a center; `spread` sets how far apart they lie."""
    dx, dy = area.x - center[0], area.y - center[1]
    return np.asarray(np.arctan2(dy, dx) * spread, np.float32), np.asarray(np.hypot(dx, dy), np.float32)


@dataclass(frozen=True)
class Scene:
    """A composition: its aspect (width over height) and what lays it on a canvas of that aspect."""

    aspect: float
    compose: Callable[[Canvas], None]

    def canvas(self, size: int, *, seed: int) -> Canvas:
        """The composed scene, `size` pixels on the long side; the same seed gives the same composition at any size."""
        canvas = Canvas(size, self.aspect, np.random.default_rng(seed))
        self.compose(canvas)
        return canvas
