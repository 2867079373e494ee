"""Mara Lindqvist, a fictional painter in oil: bristle strokes along the forms of a scene, from broad to fine.

Each pass lays strokes where the picture is still far from the scene (Hertzmann, "Painterly rendering with curved
brush strokes of multiple sizes", 1998); a stroke is two half-mixed colors carried by bristles that run dry, and
their thickness is lit as relief.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from app.demo import oils
from app.demo.canvas import Canvas, Map, smooth_noise
from core.media import Picture

ARTIST = "Mara Lindqvist"
STYLE = "Harbor oils"
SUBJECTS = {
    "Sails Coming Home": oils.HARBOR,
    "Orchard, Late August": oils.ORCHARD,
    "Peonies in the Blue Jug": oils.PEONIES,
    "Breaker, Outer Skerry": oils.BREAKER,
    "Lamps Along the Quay": oils.LAMPS,
    "Birches, First Frost": oils.BIRCHES,
}

_FINE = 1.9  # strokes are laid on a finer grid than the picture and averaged down
_SPACING = 0.8  # pixels of that grid between samples of a stroke
_GROUND = np.array([[0.58, 0.36, 0.27], [0.66, 0.44, 0.32]], np.float32)  # burnt sienna, thinned
_ACCENTS = np.array([[0.93, 0.55, 0.32], [0.3, 0.28, 0.55], [0.95, 0.85, 0.6], [0.16, 0.3, 0.42]], np.float32)


@dataclass(frozen=True)
class Pass:
    """One going-over of the canvas; lengths in pixels of a picture 768 long."""

    width: float
    length: float
    cover: float  # how many times the strokes could cover the canvas
    tolerance: float  # color distance below which the picture is left alone
    leave: float  # color distance at which a stroke stops short of another thing
    body: float  # thickness of the paint


PASSES = (
    Pass(width=46, length=200, cover=2.6, tolerance=-1.0, leave=0.5, body=0.55),
    Pass(width=27, length=150, cover=2.3, tolerance=0.045, leave=0.25, body=0.8),
    Pass(width=16, length=105, cover=2.3, tolerance=0.09, leave=0.18, body=0.95),
    Pass(width=9.5, length=62, cover=2.1, tolerance=0.14, leave=0.15, body=1.0),
    Pass(width=5.2, length=32, cover=2.4, tolerance=0.22, leave=0.14, body=0.85),
)


@dataclass
class Layer:
    """What the strokes left on the fine grid: which stroke is on top, how its colors mix, how thick it lies."""

    owner: NDArray[np.int32]
    mix: Map
    relief: Map


@dataclass(frozen=True)
class Strokes:
    """Strokes ready to lay: paths [n, nodes, 2] (x, y) on the fine grid, their first and last node, half widths."""

    path: Map
    begin: NDArray[np.int32]
    end: NDArray[np.int32]
    half: Map

    def only(self, some: slice) -> Strokes:
        """A few of them."""
        return Strokes(self.path[some], self.begin[some], self.end[some], self.half[some])


def paint(subject: str, *, seed: int, size: int = 640) -> Picture:
    """One of SUBJECTS in oil, `size` pixels on the long side.

    The same seed gives the same pixels on one kind of machine.
    """
    scene = SUBJECTS[subject].canvas(round(size * _FINE), seed=seed)
    rng = np.random.default_rng([seed, size])
    unit = max(scene.width, scene.height) / 768
    shape = scene.y.shape
    layer = Layer(np.zeros(shape, np.int32), np.zeros(shape, np.float32), np.zeros(shape, np.float32))
    angle = _directions(scene, unit) + 0.2 * smooth_noise(rng, shape, 60 * unit, octaves=2)
    bristles = _bristles(rng, unit)
    pigments = 0.5 * (_GROUND + scene.color.mean((0, 1)))[None]
    for going in PASSES:
        blur = 0.11 * going.width * unit
        seen = ndimage.gaussian_filter(scene.color, (blur, blur, 0))
        now = ndimage.uniform_filter(_colors(layer, pigments), (max(3, int(0.8 * going.width * unit)),) * 2 + (1,))
        seeds = _seeds(rng, going, np.abs(seen - now).sum(2), scene.detail, unit)
        strokes = _trace(rng, going, seeds, seen, angle, unit)
        _lay(rng, layer, strokes, bristles, first=len(pigments), body=going.body)
        pigments = np.concatenate([pigments, _pigments(rng, seen, seeds)])
    color = _lit(_colors(layer, pigments), layer.relief, unit)
    sheet = Image.fromarray((np.clip(color, 0, 1) * 255 + 0.5).astype(np.uint8))
    scale = size / max(sheet.size)
    sheet = sheet.resize((round(sheet.width * scale), round(sheet.height * scale)), Image.Resampling.LANCZOS)
    return Picture(np.array(sheet))


def _directions(scene: Canvas, unit: float) -> Map:
    """Along the form, but along the outline where two things meet, as a hand that draws its edges would go."""
    edge = np.zeros(scene.shape.shape, bool)
    for axis in (0, 1):
        change = np.diff(scene.shape, axis=axis) != 0
        inner = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        edge[inner] |= change & (scene.contour[inner] > 0.3)
    if not edge.any():
        return scene.angle()
    far = ndimage.distance_transform_edt(~edge).astype(np.float32)
    gy, gx = np.gradient(ndimage.gaussian_filter(far, 2 * unit))
    outline = 2 * np.arctan2(gx, -gy)  # doubled: a stroke has no head
    form = 2 * scene.angle()
    pull = 2.6 * np.exp(-((far / (9 * unit)) ** 2)) * np.hypot(gx, gy) ** 2  # none in the middle of a thin thing
    y, x = np.sin(form) + pull * np.sin(outline), np.cos(form) + pull * np.cos(outline)
    return np.asarray(0.5 * np.arctan2(y, x), np.float32)


def _colors(layer: Layer, pigments: Map) -> Map:
    first, second = pigments[:, 0], pigments[:, 1]
    return np.asarray(first[layer.owner] + layer.mix[..., None] * (second - first)[layer.owner], np.float32)


def _seeds(rng: np.random.Generator, going: Pass, error: Map, detail: Map, unit: float) -> NDArray[np.int32]:
    """Where strokes start [n, 2] (x, y): evenly scattered, kept where the picture is still wrong."""
    height, width = error.shape
    cell = float(np.sqrt(0.7 * going.width * going.length / going.cover)) * unit
    rows, cols = np.mgrid[0 : height / cell, 0 : width / cell]
    spots = np.stack([cols.ravel(), rows.ravel()], 1) + rng.uniform(0, 1, (rows.size, 2))
    spots = np.clip(spots * cell, 0, (width - 1, height - 1)).astype(np.int32)
    rng.shuffle(spots)
    x, y = spots.T
    return np.asarray(spots[error[y, x] * (0.4 + detail[y, x]) > going.tolerance], np.int32)


def _trace(
    rng: np.random.Generator, going: Pass, seeds: NDArray[np.int32], seen: Map, angle: Map, unit: float
) -> Strokes:
    """Follow the form both ways from each seed until the length is used up or another color begins."""
    count, stride = len(seeds), max(2.0, 0.22 * going.width * unit)
    most = max(2, round(going.length * unit / stride / 2))
    reach = rng.uniform(0.45, 1.0, (2, count)) * most
    start = seen[seeds[:, 1], seeds[:, 0]]
    sides, ends = [], []
    turn = rng.choice([0.0, np.pi], count)
    for side in (0, 1):
        at = seeds.astype(np.float32)
        heading = angle[seeds[:, 1], seeds[:, 0]] + turn + np.pi * side
        before = np.stack([np.cos(heading), np.sin(heading)], 1)
        alive, taken, points = np.ones(count, bool), np.zeros(count, np.int32), []
        for k in range(most):
            x, y = _pixel(at, angle.shape)
            alive &= (k < reach[side]) & (np.abs(seen[y, x] - start).sum(1) < going.leave)
            way = np.stack([np.cos(angle[y, x]), np.sin(angle[y, x])], 1)
            way *= np.where((way * before).sum(1) < 0, -1, 1)[:, None]
            before = 0.65 * way + 0.35 * before
            at = at + stride * before / np.maximum(np.linalg.norm(before, axis=1, keepdims=True), 1e-6)
            taken += alive
            points.append(at)
        sides.append(np.stack(points, 1))
        ends.append(taken)
    path = np.concatenate([sides[1][:, ::-1], seeds[:, None, :].astype(np.float32), sides[0]], 1)
    half = 0.5 * going.width * unit * rng.uniform(0.65, 1.15, count)
    return Strokes(path.astype(np.float32), most - ends[1], most + ends[0], half.astype(np.float32))


def _pixel(at: Map, shape: tuple[int, ...]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    x = np.clip(at[..., 0], 0, shape[1] - 1).astype(np.int32)
    return x, np.clip(at[..., 1], 0, shape[0] - 1).astype(np.int32)


def _pigments(rng: np.random.Generator, seen: Map, seeds: NDArray[np.int32]) -> Map:
    """Two half-mixed colors per stroke [n, 2, 3]: the color seen, broken towards warm or cool, light or dark."""
    color = seen[seeds[:, 1], seeds[:, 0]]
    gray = color.mean(1, keepdims=True)
    color = gray + 1.12 * (color - gray)
    pair = np.repeat(color[:, None, :], 2, 1)
    pair += rng.normal(0, 0.05, (len(seeds), 2, 1)) * np.array([1.0, 0.15, -1.0])
    pair += rng.normal(0, 0.042, (len(seeds), 2, 1))
    accent = rng.random(len(seeds)) < 0.3
    pair[accent, 1] += 0.16 * (_ACCENTS[rng.integers(0, len(_ACCENTS), accent.sum())] - pair[accent, 1])
    return np.asarray(np.clip(pair, 0.02, 1), np.float32)


def _bristles(rng: np.random.Generator, unit: float) -> Map:
    """What a loaded brush leaves [2, 512, 512] in 0 to 1, along the first axis: thickness, and how its colors mix."""
    fine = smooth_noise(rng, (512, 512), 1.5 * unit, stretch=28)
    broad = smooth_noise(rng, (512, 512), 4.5 * unit, stretch=22)
    thick = np.argsort(np.argsort((0.75 * fine + 0.5 * broad).ravel())).reshape(512, 512) / 512**2
    mix = np.clip(0.5 + 0.9 * smooth_noise(rng, (512, 512), 3.5 * unit, stretch=30), 0, 1)
    return np.stack([thick.T, mix.T]).astype(np.float32)


def _lay(rng: np.random.Generator, layer: Layer, strokes: Strokes, bristles: Map, *, first: int, body: float) -> None:
    """Lay the strokes one over the other, a batch at a time."""
    count, nodes = strokes.path.shape[:2]
    across = np.linspace(-1, 1, int(2 * strokes.half.max(initial=1) / _SPACING) + 2, dtype=np.float32)
    stride = float(np.linalg.norm(np.diff(strokes.path, axis=1), axis=2).max(initial=1))
    fine = int(np.ceil(stride / _SPACING))
    batch = max(1, 1_000_000 // (nodes * fine * len(across)))
    for low in range(0, count, batch):
        some = strokes.only(slice(low, low + batch))
        at, thick, mix, owner = _stamped(rng, some, bristles, across, fine)
        x, y = at[:, 0].astype(np.int32), at[:, 1].astype(np.int32)
        on = (at.min(1) >= 0) & (x < layer.owner.shape[1]) & (y < layer.owner.shape[0])
        spot = (y * layer.owner.shape[1] + x)[on]
        layer.owner.ravel()[spot] = owner[on] + first + low
        layer.mix.ravel()[spot] = mix[on]
        layer.relief.ravel()[spot] = body * thick[on]


def _stamped(
    rng: np.random.Generator, strokes: Strokes, bristles: Map, across: Map, fine: int
) -> tuple[Map, Map, Map, NDArray[np.int32]]:
    """The dots of paint of some strokes, in order: place [n, 2], thickness, mix, and which stroke."""
    count, nodes = strokes.path.shape[:2]
    place = np.arange((nodes - 1) * fine, dtype=np.float32) / fine
    node = place.astype(np.int32)
    leg = strokes.path[:, node + 1] - strokes.path[:, node]
    line = strokes.path[:, node] + (place - node)[None, :, None] * leg
    stride = np.maximum(np.linalg.norm(leg, axis=2, keepdims=True), 1e-6)
    normal = np.stack([-leg[..., 1], leg[..., 0]], 2) / stride
    half = strokes.half[:, None]
    since = (place[None, :] - strokes.begin[:, None]) * stride[..., 0] / half  # in half widths
    until = (strokes.end[:, None] - place[None, :]) * stride[..., 0] / half
    stroke, step = np.nonzero((since > -0.6) & (until > 0))
    since, until = since[stroke, step][:, None], until[stroke, step][:, None]
    bow = across[None, :] ** 2
    bare = 1 - _rise(since + 0.6 - 0.7 * bow, 0.35) * _rise(until - 0.5 * bow, 2.4) * _rise(1.06 - np.abs(across), 0.3)
    shift = rng.integers(0, 512, (2, count))[:, stroke]
    row = (shift[0] + step)[:, None] % 512
    col = (shift[1][:, None] + across[None, :] * (half[stroke] / _SPACING)).astype(np.int32) % 512
    thick = bristles[0][row, col]
    wet = thick > 0.96 * bare
    at = line[stroke, step][:, None, :] + (across[None, :] * half[stroke])[..., None] * normal[stroke, step][:, None, :]
    lip = 0.16 * np.exp(-(((np.abs(across) - 0.8) / 0.12) ** 2))
    body = 0.3 + 0.7 * thick + lip
    owner = np.broadcast_to(stroke[:, None], wet.shape)
    return at[wet], body[wet], bristles[1][row, col][wet], owner[wet].astype(np.int32)


def _rise(distance: Map, over: float) -> Map:
    return np.asarray(np.clip(distance / over, 0, 1))


def _lit(color: Map, relief: Map, unit: float) -> Map:
    """The paint under a lamp at the upper left: slopes that face it are lighter, wet ridges shine."""
    height = ndimage.gaussian_filter(relief, 0.55 * unit)
    slope = (height - np.roll(height, (1, 1), (0, 1))) / unit
    light = np.tanh(3.2 * slope)[..., None]
    return np.asarray(color * (1 + 0.3 * light) + 0.1 * np.clip(light - 0.45, 0, 1), np.float32)
