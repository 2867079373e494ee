"""Jonas Okafor, a fictional printmaker: woodcuts whose carved lines follow the form and swell and taper with tone.

A scene's `across` field numbers the lines, its `along` field cuts them into gouge marks; the key block prints black
over one or two color plates that never quite register.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from app.demo import scenes
from app.demo.canvas import Canvas, Map, Material, paint as ink_of, smooth_noise, step
from core.media import Picture

ARTIST = "Jonas Okafor"
STYLE = "Northern woodcuts"


@dataclass(frozen=True)
class Plate:
    """One color block: its ink, the materials it prints, how far it slipped (pixels of 768), how deep its tone."""

    ink: str
    prints: frozenset[Material]
    slip: tuple[float, float]
    lights: float = 0.86  # tones above this are cut away


@dataclass(frozen=True)
class Print:
    """How one subject is cut: the scene, its plates, and the tones (0 to 1) that become all ink and all paper."""

    scene: scenes.Scene
    plates: tuple[Plate, ...]
    black: float = 0.1
    white: float = 0.9


PAPER = "#f2e7cf"
INK = "#17161a"
_M = Material
_LAND = frozenset({_M.LAND, _M.FIELD, _M.ROCK})
_WARM = frozenset({_M.ROOF, _M.LIGHT, _M.FRUIT})

SUBJECTS = {
    "Lighthouse, First Storm": Print(
        scenes.LIGHTHOUSE,
        (
            Plate("#7fa3a0", frozenset({_M.WATER, _M.SKY}), (2.0, -1.0), lights=0.75),
            Plate("#c8502f", _WARM, (-1.5, 1.5), lights=1.1),
        ),
    ),
}

_FINE = 1.5  # cut on a finer grid than the picture and averaged down
_PITCH = 8.2  # pixels of 768 between carved lines
_MARK = 62.0  # mean length of a gouge mark


def paint(subject: str, *, seed: int, size: int = 640) -> Picture:
    """One of SUBJECTS as a print, `size` pixels on the long side. The same seed gives the same pixels."""
    cut = SUBJECTS[subject]
    scene = cut.scene.canvas(round(size * _FINE), seed=seed)
    rng = np.random.default_rng([seed, size])
    unit = max(scene.width, scene.height) / 768
    luma = scene.color @ np.array([0.3, 0.59, 0.11], np.float32)
    tone = np.clip((luma - cut.black) / (cut.white - cut.black), 0, 1)
    lines = _lines(rng, scene, tone, unit)
    key = np.maximum(lines, _outlines(rng, scene, unit))
    key = step(ndimage.gaussian_filter(key, 0.75 * unit), 0.36, 0.64) * _grain(rng, key.shape, unit)
    sheet = np.broadcast_to(ink_of(PAPER), (*tone.shape, 3)) * (1 + 0.025 * rng.normal(size=(*tone.shape, 1)))
    for plate in cut.plates:
        sheet = _printed(rng, sheet, _plate(rng, scene, plate, tone, unit), plate.ink)
    sheet = sheet + key[..., None] * 0.97 * (ink_of(INK) - sheet)
    image = Image.fromarray((np.clip(sheet, 0, 1) * 255 + 0.5).astype(np.uint8))
    scale = size / max(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    return Picture(np.array(image))


def _lines(rng: np.random.Generator, scene: Canvas, tone: Map, unit: float) -> Map:
    """Ink between the gouges: 1 where the block was left standing."""
    shape = (scene.height, scene.width)
    waver = 2.6 * smooth_noise(rng, shape, 46 * unit, octaves=2)
    pitch = _PITCH * np.where(scene.detail > 0.65, 0.72, 1.0)
    turn = (scene.across * scene.height / unit + waver) / pitch
    line = np.floor(turn).astype(np.int64) + 7919 * scene.shape
    off = np.abs(turn - np.floor(turn) - 0.5) * 2  # 0 in the middle of a ridge, 1 in the middle of a gouge
    length = _MARK * (0.55 + 0.9 * _hash(line, 1))
    place = scene.along * scene.height / unit / length + _hash(line, 2) * 17
    into = place - np.floor(place)
    taper = np.sqrt(np.clip(np.minimum(into / 0.45, (1 - into) / 0.55), 0, 1))
    mark = line * 31 + np.floor(place).astype(np.int64)
    dark = np.clip(1 - tone + 0.13 * (_hash(mark, 3) - 0.5), 0, 1)
    gouged = 1 - (1 - dark) * taper  # dark places: white marks that taper
    ridged = dark * (0.35 + 0.65 * taper)  # light places: black lines that taper
    wide = np.where(dark > 0.5, gouged, ridged)
    wide = np.where(dark > 0.86, 1.2, np.where(dark < 0.14, -0.2, wide))
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
    """How well the ink took: 1, less in hairs along the grain of the wood."""
    hairs = smooth_noise(rng, shape, 1.3 * unit, stretch=40)
    patch = smooth_noise(rng, shape, 90 * unit, octaves=2, stretch=3)
    return np.asarray(1 - 0.75 * step(hairs + 0.45 * patch, 0.82, 1.12), np.float32)


def _plate(rng: np.random.Generator, scene: Canvas, plate: Plate, tone: Map, unit: float) -> Map:
    """Where a color block prints, 0 to 1: slipped, cut away in the lights, showing its grain."""
    flat = np.isin(scene.material, [int(m) for m in plate.prints]) & (tone < plate.lights)
    shift = (plate.slip[1] * unit, plate.slip[0] * unit)
    soft = ndimage.gaussian_filter(flat.astype(np.float32), 1.2 * unit)
    soft = step(ndimage.shift(soft, shift, order=1, mode="nearest"), 0.35, 0.65)
    veins = smooth_noise(rng, tone.shape, 3.2 * unit, octaves=2, stretch=36)
    return np.asarray(soft * np.clip(0.9 + 0.16 * veins, 0, 1), np.float32)


def _printed(rng: np.random.Generator, sheet: Map, cover: Map, ink: str) -> Map:
    """Transparent ink over what is already on the sheet."""
    return np.asarray(sheet * (1 - cover[..., None] * (1 - ink_of(ink) / ink_of(PAPER))), np.float32)
