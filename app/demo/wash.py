"""Theo Brandt, a fictional sketcher on the road: a quick pen line under watercolor that pools, grains and runs.

Transparent pigment over white paper, laid in a few washes from light to dark, each with the darker rim it dries to
(after Curtis et al., "Computer-generated watercolor", 1997, though nothing flows here: the rims are drawn).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from app.demo import sketches
from app.demo.canvas import Canvas, Map, smooth_noise, step
from app.demo.canvas import paint as ink_of
from core.media import Picture

ARTIST = "Theo Brandt"
STYLE = "Travel sketches"
SUBJECTS = {
    "Hill Town, Noon": sketches.TOWN,
    "The Mill Bridge": sketches.BRIDGE,
    "Low Water": sketches.BEACH,
    "Marguerites and Lemons": sketches.BREAKFAST,
}

PAPER = ink_of("#fbf7ec")
INK = ink_of("#2a2226")
_FINE = 1.6  # drawn on a finer grid than the picture and averaged down
_HATCH = 6.2  # pixels of 768 between hatched lines


@dataclass(frozen=True)
class Wash:
    """One going-over: it covers what is darker than `below` (0 to 1) and lays `amount` of the color's own density."""

    below: float
    amount: float
    rim: float  # how much darker its edge dries
    soft: float  # how far it runs out, in pixels of 768


WASHES = (
    Wash(below=0.965, amount=0.62, rim=0.34, soft=3.2),
    Wash(below=0.8, amount=0.4, rim=0.4, soft=1.4),
    Wash(below=0.6, amount=0.42, rim=0.4, soft=1.1),
    Wash(below=0.42, amount=0.4, rim=0.3, soft=0.9),
)


def paint(subject: str, *, seed: int, size: int = 640) -> Picture:
    """One of SUBJECTS in pen and wash, `size` pixels on the long side.

    The same seed gives the same pixels on one kind of machine.
    """
    scene = SUBJECTS[subject].canvas(round(size * _FINE), seed=seed)
    rng = np.random.default_rng([seed, size])
    unit = max(scene.width, scene.height) / 768
    luma = scene.color @ np.array([0.3, 0.59, 0.11], np.float32)
    paper = _paper(rng, (scene.height, scene.width), unit)
    sheet = PAPER * (1 + 0.03 * paper[..., None]) * np.exp(-_pigment(rng, scene, luma, paper, unit))
    pen = np.maximum(_outlines(rng, scene, unit), 0.8 * _hatching(rng, scene, luma, unit))
    pen = pen * (0.9 + 0.1 * paper)
    sheet = sheet + np.clip(pen, 0, 1)[..., None] * 0.9 * (INK - sheet)
    image = Image.fromarray((np.clip(sheet, 0, 1) * 255 + 0.5).astype(np.uint8))
    scale = size / max(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    return Picture(np.array(image))


def _paper(rng: np.random.Generator, shape: tuple[int, int], unit: float) -> Map:
    """The tooth of the paper, about -1 to 1."""
    return np.asarray(
        0.7 * smooth_noise(rng, shape, 3.2 * unit, octaves=2) + 0.5 * smooth_noise(rng, shape, 1.6 * unit), np.float32
    )


def _pigment(rng: np.random.Generator, scene: Canvas, luma: Map, paper: Map, unit: float) -> Map:
    """Optical density [height, width, 3] of all washes."""
    shape = (scene.height, scene.width)
    slip = tuple(1.6 * unit * smooth_noise(rng, shape, 60 * unit) for _ in range(2))  # the brush misses the line a bit
    color = np.stack([_shifted(scene.color[..., k], slip) for k in range(3)], -1)
    tone = _shifted(luma, slip)
    gray = color.mean(2, keepdims=True)
    color = np.clip(gray + 1.35 * (color - gray), 0.03, 1)
    absorbs = -np.log(np.clip(ndimage.gaussian_filter(color, (2 * unit, 2 * unit, 0)), 0.03, 0.985))
    waver = 0.05 * smooth_noise(rng, shape, 26 * unit, octaves=3)
    pool = 0.3 * smooth_noise(rng, shape, 90 * unit, octaves=3)
    total = np.zeros(shape, np.float32)
    for going in WASHES:
        edge = ndimage.gaussian_filter(tone, going.soft * unit) + waver
        cover = 1 - step(edge, going.below - 0.03, going.below + 0.03)
        near = ndimage.gaussian_filter(cover, 1.3 * unit) - ndimage.gaussian_filter(cover, 5.5 * unit)
        rim = cover * np.clip(4 * near, 0, 1)
        total += going.amount * (cover * (1 + pool) + going.rim * rim)
    total *= (1 + 0.2 * paper * step(total, 0.1, 0.7)) * _gaps(rng, scene, unit)
    run = ndimage.gaussian_filter(absorbs, (9 * unit, 9 * unit, 0))  # wet colors run into each other
    wet = np.clip(0.35 + 0.5 * smooth_noise(rng, shape, 70 * unit, octaves=2), 0, 0.8)[..., None]
    return np.asarray(total[..., None] * (absorbs + wet * (run - absorbs)), np.float32)


def _shifted(field: Map, slip: tuple[Map, ...]) -> Map:
    height, width = field.shape
    rows = np.clip(np.arange(height)[:, None] + slip[0], 0, height - 1).astype(np.int32)
    cols = np.clip(np.arange(width)[None, :] + slip[1], 0, width - 1).astype(np.int32)
    return field[rows, cols]


def _gaps(rng: np.random.Generator, scene: Canvas, unit: float) -> Map:
    """1, but 0 in slivers beside some outlines, where dry paper keeps two washes from running together."""
    far: Map = np.asarray(ndimage.distance_transform_edt(~_edges(scene, 0.3)), np.float32)
    width = np.clip(2.2 * unit * smooth_noise(rng, (scene.height, scene.width), 36 * unit, octaves=2), 0, None)
    return step(far - width, -0.6 * unit, 0.9 * unit)


def _edges(scene: Canvas, least: float) -> NDArray[np.bool_]:
    """Where one thing ends and another begins, if either is outlined by at least `least`."""
    edge = np.zeros(scene.shape.shape, bool)
    for axis in (0, 1):
        other, contour = np.roll(scene.shape, 1, axis), np.roll(scene.contour, 1, axis)
        change = (scene.shape != other) & (np.where(scene.shape > other, scene.contour, contour) > least)
        change[(0, slice(None)) if axis == 0 else (slice(None), 0)] = False
        edge |= change
    return edge


def _outlines(rng: np.random.Generator, scene: Canvas, unit: float) -> Map:
    """Two passes of the pen along the outlines: neither quite on them, thick and thin, lifted now and then."""
    shape = (scene.height, scene.width)
    lines: Map = np.zeros(shape, np.float32)
    for least, reach, width, lift in ((0.25, 1.3, 0.95, -0.55), (0.75, 2.6, 0.6, 0.1)):
        slip = tuple(reach * unit * smooth_noise(rng, shape, 42 * unit, octaves=2) for _ in range(2))
        far = _shifted(ndimage.distance_transform_edt(~_edges(scene, least)).astype(np.float32), slip)
        press = smooth_noise(rng, shape, 34 * unit, octaves=2)
        wide = width * unit * (1 + 0.6 * press)
        line = 1 - step(far - wide, -0.5 * unit, 0.6 * unit)
        lines = np.maximum(lines, line * step(press, lift - 0.15, lift + 0.15))
    return lines


def _hatching(rng: np.random.Generator, scene: Canvas, luma: Map, unit: float) -> Map:
    """Slanting pen strokes in the shadows, in short rows that end where the hand was lifted."""
    shape = (scene.height, scene.width)
    dark = ndimage.gaussian_filter(luma, 4 * unit)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / np.float32(unit)
    sway = 2.2 * smooth_noise(rng, shape, 60 * unit)
    lines = np.zeros(shape, np.float32)
    for below, turn in ((0.6, -0.95), (0.43, -0.35)):
        c, s = np.cos(turn), np.sin(turn)
        off = (c * y - s * x + sway) / _HATCH
        near = np.abs(off - np.round(off)) * _HATCH
        patch = smooth_noise(rng, shape, 24 * unit, octaves=2)
        shade = 1 - step(dark + 0.07 * patch, below - 0.05, below)
        wide = 0.35 + 0.35 * shade
        lines = np.maximum(lines, (1 - step(near - wide, -0.3, 0.5)) * shade * step(patch, -0.5, -0.3))
    return lines
