"""Inês Carvalho, a fictional glazier: leaded windows of jewel-colored glass, cut along the forms of a scene.

A scene's `across` and `along` fields say how each thing is cut into panes; every pane is one sheet of streaky glass,
and the lead between them is rounded and catches the light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from app.demo import windows
from app.demo.canvas import Canvas, Map, smooth_noise, step
from core.media import Picture

ARTIST = "Inês Carvalho"
STYLE = "Chapel windows"
SUBJECTS = {
    "Three Ranges, Sunrise": windows.SUNRISE,
    "Irises at Moonrise": windows.IRISES,
    "Carp Under the Lilies": windows.POND,
    "The Tree at Michaelmas": windows.AUTUMN,
}

_FINE = 1.6  # cut on a finer grid than the picture and averaged down
_WIDE, _LONG = 42.0, 78.0  # of a pane, in pixels of a picture 768 long
_LEAST = 260.0  # smaller panes become part of the one beside them, in square pixels of 768
_LEAD = np.array([0.075, 0.07, 0.09], np.float32)
_SHEETS = 5  # kinds of streaky glass


def paint(subject: str, *, seed: int, size: int = 640) -> Picture:
    """One of SUBJECTS as a window, `size` pixels on the long side.

    The same seed gives the same pixels on one kind of machine.
    """
    scene = SUBJECTS[subject].canvas(round(size * _FINE), seed=seed)
    rng = np.random.default_rng([seed, size])
    unit = max(scene.width, scene.height) / 768
    panes = _panes(rng, scene, unit)
    seam, outline = _seams(panes), _seams(scene.shape) & (scene.contour > 0.25)
    glass = _glass(rng, scene, panes, unit)
    glow = np.clip(ndimage.distance_transform_edt(~seam) / (11 * unit), 0, 1)[..., None]
    glass = glass * (0.8 + 0.2 * glow) + 0.05 * glow * glass
    lead, round_ = _lead(rng, seam, outline, unit)
    metal = _LEAD + 0.2 * np.clip(_relief(round_, unit), 0, 1)[..., None]
    window = glass + lead[..., None] * (metal - glass)
    halo = ndimage.gaussian_filter(glass * (1 - lead[..., None]), (5 * unit, 5 * unit, 0))
    window = np.clip(window + 0.1 * halo, 0, 1)  # bright glass outshines the lead a little
    image = Image.fromarray((window * 255 + 0.5).astype(np.uint8))
    scale = size / max(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    return Picture(np.array(image))


def _panes(rng: np.random.Generator, scene: Canvas, unit: float) -> NDArray[np.int32]:
    """Which pane each pixel belongs to, numbered from 0: rows along the form, each cut at its own places."""
    shape = (scene.height, scene.width)
    fine = np.where(scene.detail > 0.5, 0.62, 1.0)
    sway = 0.3 * smooth_noise(rng, shape, 70 * unit), 0.35 * smooth_noise(rng, shape, 60 * unit)
    row = np.floor(scene.across * scene.height / unit / (_WIDE * fine) + sway[0]).astype(np.int64)
    cut = scene.along * scene.height / unit / (_LONG * fine) + sway[1] + _hash(row + 131 * scene.shape)
    number = (scene.shape.astype(np.int64) * 4096 + row % 4096) * 4096 + np.floor(cut).astype(np.int64) % 4096
    _, panes = np.unique(number.ravel(), return_inverse=True)
    return _without_splinters(_connected(panes.reshape(shape).astype(np.int32)), _LEAST * unit**2)


def _connected(panes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Parts of a pane that do not touch become panes of their own; pixels at a border go with the nearest inside."""
    inner, _ = ndimage.label(ndimage.grey_dilation(panes, size=3) == ndimage.grey_erosion(panes, size=3))
    far = ndimage.distance_transform_edt(inner == 0, return_distances=False, return_indices=True)
    return np.asarray(inner[far[0], far[1]], np.int32)


def _without_splinters(panes: NDArray[np.int32], least: float) -> NDArray[np.int32]:
    """Panes too small to cut are given to the nearest large one."""
    small = np.bincount(panes.ravel())[panes] < least
    if small.all():
        return panes
    rows, cols = ndimage.distance_transform_edt(small, return_distances=False, return_indices=True)
    return np.asarray(panes[rows, cols], np.int32)


def _hash(number: NDArray[np.int64]) -> Map:
    """A fixed random number in 0 to 1 for each whole number."""
    mixed = (number * 2_654_435_761) % 4_294_967_296
    mixed = (mixed ^ (mixed >> 15)) * 2_246_822_519 % 4_294_967_296
    return np.asarray((mixed ^ (mixed >> 13)) % 65_536 / 65_536, np.float32)


def _seams(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels at whose upper or left side another label begins."""
    seam = np.zeros(labels.shape, bool)
    seam[1:] |= labels[1:] != labels[:-1]
    seam[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    return seam


def _glass(rng: np.random.Generator, scene: Canvas, panes: NDArray[np.int32], unit: float) -> Map:
    """The panes' colors with their streaks: one sheet of glass to a pane, a little of the scene's own shading kept."""
    count = int(panes.max()) + 1
    sizes = np.maximum(np.bincount(panes.ravel(), minlength=count), 1)
    mean = np.stack(
        [np.bincount(panes.ravel(), scene.color[..., k].ravel(), count) / sizes for k in range(3)], 1
    ).astype(np.float32)
    gray = mean.mean(1, keepdims=True)
    mean = gray + 1.18 * (mean - gray)
    mean = mean * (1 + 0.16 * rng.normal(size=(count, 1))) + 0.035 * rng.normal(size=(count, 3))
    color = np.clip(mean, 0.02, 1)[panes] + 0.3 * (scene.color - gray.ravel()[panes][..., None] - (mean - gray)[panes])
    shape = (scene.height, scene.width)
    streaks = np.stack([_streaky(rng, shape, unit, turn) for turn in np.linspace(0, np.pi, _SHEETS, endpoint=False)])
    kind = rng.integers(0, _SHEETS, count)[panes]
    streak = np.take_along_axis(streaks, kind[None], 0)[0]
    milky = np.clip(0.5 + 0.5 * streak, 0, 1)[..., None]
    color = color * (0.84 + 0.3 * milky) + 0.1 * milky**3
    grain = 1 + 0.035 * smooth_noise(rng, shape, 3.0 * unit)
    return np.asarray(np.clip(color * grain[..., None], 0, 1), np.float32)


def _streaky(rng: np.random.Generator, shape: tuple[int, int], unit: float, turn: float) -> Map:
    """Streaks of about -1 to 1 that run at an angle: noise drawn along it, sampled from a larger field."""
    side = int(np.ceil(np.hypot(*shape))) + 2
    field = smooth_noise(rng, (side, side), 9 * unit, octaves=2, stretch=6)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    y, x = y - shape[0] / 2, x - shape[1] / 2
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    rows = np.clip(c * y - s * x + side / 2, 0, side - 1).astype(np.int32)
    cols = np.clip(c * x + s * y + side / 2, 0, side - 1).astype(np.int32)
    return np.asarray(field[rows, cols], np.float32)


def _lead(
    rng: np.random.Generator, seam: NDArray[np.bool_], outline: NDArray[np.bool_], unit: float
) -> tuple[Map, Map]:
    """How much lead covers a pixel, and how high it stands, both 0 to 1: broad around things, thin within them."""
    wide = 1 + 0.25 * smooth_noise(rng, seam.shape, 40 * unit)
    thin = ndimage.distance_transform_edt(~seam) / (1.9 * unit * wide)
    broad = ndimage.distance_transform_edt(~outline) / (3.3 * unit * wide) if outline.any() else thin
    far = np.minimum(thin, broad).astype(np.float32)
    return 1 - step(far, 0.8, 1.2), np.sqrt(np.clip(1 - far**2, 0, 1)).astype(np.float32)


def _relief(height: Map, unit: float) -> Map:
    """Slopes that face a lamp at the upper left, 0 to about 1."""
    smooth = ndimage.gaussian_filter(height, 0.5 * unit)
    return np.asarray((smooth - np.roll(smooth, (1, 1), (0, 1))) * unit, np.float32)
