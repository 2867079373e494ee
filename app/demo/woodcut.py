"""Jonas Okafor, a fictional printmaker: woodcuts whose carved lines follow the form and swell and taper with tone.

A scene's `across` field numbers the lines, its `along` field cuts them into gouge marks; the key block prints black
over one or two color plates that never quite register.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from app.demo import blocks
from app.demo.canvas import Canvas, Map, Material, Scene, smooth_noise, step
from app.demo.canvas import paint as ink_of
from core.media import Picture

ARTIST = "Jonas Okafor"
STYLE = "Northern woodcuts"


@dataclass(frozen=True)
class Plate:
    """One color block: its ink, the materials it prints, how far it slipped (pixels of 768)."""

    ink: str
    prints: frozenset[Material]
    slip: tuple[float, float] = (0.0, 0.0)
    lights: float = 1.1  # tones above this are cut away
    fade: tuple[float, float] | None = None  # wiped from full at the first height to nothing at the second


@dataclass(frozen=True)
class Print:
    """How one subject is cut: the scene, its plates, and the tones (0 to 1) that become all ink and all paper."""

    scene: Scene
    plates: tuple[Plate, ...]
    black: float = 0.02
    white: float = 0.9


PAPER = "#f3e8d0"
INK = "#17161a"
_M = Material
_SKY = frozenset({_M.SKY, _M.CLOUD})
_SEA = frozenset({_M.WATER})
_LAND = frozenset({_M.LAND, _M.FIELD, _M.ROCK})
_WARM = frozenset({_M.ROOF, _M.FRUIT, _M.LIGHT})

SUBJECTS = {
    "Lighthouse, First Storm": Print(
        blocks.LIGHTHOUSE,
        (
            Plate("#7fa3a0", _SEA | {_M.SKY}, (2.0, -1.0), lights=0.8),
            Plate("#d0532f", frozenset({_M.ROOF, _M.FRUIT}), (-1.5, 1.5)),
        ),
    ),
    "Heron, Red Sun": Print(
        blocks.HERON,
        (
            Plate("#c9d3c6", _SEA | {_M.SNOW, _M.SKY}, (1.5, 1.0), fade=(0.75, 0.1)),
            Plate("#d6492c", frozenset({_M.LIGHT, _M.CLOUD, _M.FRUIT}), (-1.0, 1.0)),
        ),
    ),
    "Village Under Snow": Print(
        blocks.VILLAGE,
        (
            Plate("#8fa9c4", frozenset({_M.SKY, _M.WATER, _M.WALL}), (1.5, -1.0), fade=(0.0, 0.75)),
            Plate("#f0b23f", frozenset({_M.LIGHT}), (-1.0, 0.5)),
        ),
    ),
    "Plowed Field, Evening": Print(
        blocks.FURROWS,
        (
            Plate("#ef8f3a", frozenset({_M.SKY, _M.CLOUD, _M.ROOF}), (1.0, 1.0), fade=(0.5, -0.15)),
            Plate("#a9a45c", frozenset({_M.FIELD, _M.LEAF, _M.LAND}), (-1.5, 1.0)),
        ),
    ),
    "Herring Boats": Print(
        blocks.BOATS,
        (
            Plate("#dd8a45", frozenset({_M.SAIL, _M.LIGHT, _M.FRUIT}), (-1.0, 1.5)),
            Plate("#5f93a8", _SEA | {_M.SKY}, (1.5, -1.0), fade=(1.0, -0.3)),
        ),
    ),
    "Pears on the Sill": Print(
        blocks.PEARS,
        (
            Plate("#c4b04a", frozenset({_M.FRUIT, _M.LEAF}), (1.5, 1.0)),
            Plate("#b9553a", frozenset({_M.CLOTH, _M.ROOF}), (-1.5, 0.5)),
        ),
    ),
}

_FINE = 1.9  # cut on a finer grid than the picture and averaged down
_PITCH = 8.4  # pixels of 768 between carved lines
_MARK = 70.0  # mean length of a gouge mark


def paint(subject: str, *, seed: int, size: int = 640) -> Picture:
    """One of SUBJECTS as a print, `size` pixels on the long side.

    The same seed gives the same pixels on one kind of machine.
    """
    cut = SUBJECTS[subject]
    scene = cut.scene.canvas(round(size * _FINE), seed=seed)
    rng = np.random.default_rng([seed, size])
    unit = max(scene.width, scene.height) / 768
    luma = scene.color @ np.array([0.3, 0.59, 0.11], np.float32)
    tone = np.clip((luma - cut.black) / (cut.white - cut.black), 0, 1)
    key = np.maximum(_lines(rng, scene, tone, unit), _outlines(rng, scene, unit))
    key = step(ndimage.gaussian_filter(key, 0.8 * unit), 0.34, 0.66) * _grain(rng, key.shape, unit)
    fiber = 1 + 0.022 * rng.normal(size=(*tone.shape, 1))
    sheet: Map = np.asarray(ink_of(PAPER) * fiber, np.float32)
    for plate in cut.plates:
        sheet = _printed(sheet, _plate(rng, scene, plate, tone, unit), plate.ink)
    sheet = sheet + key[..., None] * 0.97 * (ink_of(INK) - sheet)
    image = Image.fromarray((np.clip(sheet, 0, 1) * 255 + 0.5).astype(np.uint8))
    scale = size / max(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    return Picture(np.array(image))


def _lines(rng: np.random.Generator, scene: Canvas, tone: Map, unit: float) -> Map:
    """Ink between the gouges: 1 where the block was left standing."""
    shape = (scene.height, scene.width)
    waver = 2.4 * smooth_noise(rng, shape, 50 * unit, octaves=2)
    pitch = _PITCH * np.where(scene.detail > 0.65, 0.72, 1.0)
    turn = (scene.across * scene.height / unit + waver) / pitch
    line = np.floor(turn).astype(np.int64) + 7919 * scene.shape
    off = np.abs(turn - np.floor(turn) - 0.5) * 2  # 0 in the middle of a ridge, 1 in the middle of a gouge
    length = _MARK * (0.55 + 0.9 * _hash(line, 1))
    place = scene.along * scene.height / unit / length + _hash(line, 2) * 17
    into = place - np.floor(place)
    taper = np.sqrt(np.clip(np.minimum(into / 0.4, (1 - into) / 0.6), 0, 1))
    mark = line * 31 + np.floor(place).astype(np.int64)
    dark = 1 - tone
    uneven = 0.16 * (_hash(mark, 3) - 0.5) * step(dark, 0.02, 0.2) * (1 - step(dark, 0.8, 0.97))
    dark = np.clip(dark + uneven, 0, 1)
    gouged = 1 - (1 - dark) * taper  # dark places: white marks that taper
    ridged = dark * (0.3 + 0.7 * taper)  # light places: black lines that taper
    wide = ridged + step(dark, 0.36, 0.62) * (gouged - ridged)
    wide = wide + 0.3 * step(dark, 0.9, 1.0) - 0.3 * (1 - step(dark, 0.02, 0.12))  # past these all ink, all paper
    soft = 2.0 / (pitch * unit)
    return np.asarray(step((wide - off).astype(np.float32), -soft, soft), np.float32)


def _hash(number: np.ndarray, salt: int) -> Map:
    """A fixed random number in 0 to 1 for each whole number."""
    mixed = (number + 1_000_003 * salt) * 2_654_435_761 % 4_294_967_296
    mixed = (mixed ^ (mixed >> 15)) * 2_246_822_519 % 4_294_967_296
    return np.asarray((mixed ^ (mixed >> 13)) % 65_536 / 65_536, np.float32)


def _outlines(rng: np.random.Generator, scene: Canvas, unit: float) -> Map:
    """Bold lines where one thing ends and another begins, of a width that the knife varies."""
    edge, weight = np.zeros(scene.shape.shape, bool), np.zeros(scene.shape.shape, np.float32)
    for axis in (0, 1):
        other = np.roll(scene.shape, 1, axis)
        change = scene.shape != other
        change[(0, slice(None)) if axis == 0 else (slice(None), 0)] = False
        strength = np.where(scene.shape > other, scene.contour, np.roll(scene.contour, 1, axis))
        weight = np.where(change, np.maximum(weight, strength), weight)
        edge |= change
    weight = np.where(edge, weight, 0)
    strong = edge & (weight > 0.05)
    far, (rows, cols) = ndimage.distance_transform_edt(~strong, return_indices=True)
    width = (0.8 + 1.9 * weight[rows, cols]) * unit * (1 + 0.55 * smooth_noise(rng, far.shape, 30 * unit, octaves=2))
    return np.asarray(1 - step((far - width).astype(np.float32), -0.6, 0.6), np.float32)


def _grain(rng: np.random.Generator, shape: tuple[int, int], unit: float) -> Map:
    """How well the ink took: 1, a little less in short hairs along the grain of the wood."""
    hairs = smooth_noise(rng, shape, 1.4 * unit, stretch=9)
    patch = smooth_noise(rng, shape, 90 * unit, octaves=2, stretch=2)
    return np.asarray(1 - 0.3 * step(hairs + 0.45 * patch, 1.1, 1.35), np.float32)


def _plate(rng: np.random.Generator, scene: Canvas, plate: Plate, tone: Map, unit: float) -> Map:
    """Where a color block prints, 0 to 1: slipped, cut away in the lights, wiped, showing its grain."""
    flat = np.isin(scene.material, [int(m) for m in plate.prints]) & (tone < plate.lights)
    shift = (plate.slip[1] * unit, plate.slip[0] * unit)
    soft = ndimage.gaussian_filter(flat.astype(np.float32), 1.2 * unit)
    soft = step(ndimage.shift(soft, shift, order=1, mode="nearest"), 0.35, 0.65)
    veins = smooth_noise(rng, (scene.height, scene.width), 3.2 * unit, octaves=2, stretch=36)
    ink = np.clip(0.9 + 0.16 * veins, 0, 1)
    if plate.fade is not None:
        full, none = plate.fade
        ink = ink * np.clip((scene.y - none) / (full - none) + 0.05 * veins, 0, 1)
    return np.asarray(soft * ink, np.float32)


def _printed(sheet: Map, cover: Map, ink: str) -> Map:
    """Transparent ink over what is already on the sheet."""
    return np.asarray(sheet * (1 - cover[..., None] * (1 - ink_of(ink) / ink_of(PAPER))), np.float32)
