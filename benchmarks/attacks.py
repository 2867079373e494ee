"""What people do to pictures, seeded: `PUBLIC` is what other benchmarks attack with, `OWN` what we added.

An attack takes RGB, uint8 [height, width, 3], and a generator, and returns RGB of whatever size. `attacks_sounds` has
the same for recordings.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]
Attack = Callable[[Pixels, np.random.Generator], Pixels]


def jpeg(quality: int) -> Attack:
    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        return _coded(a, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])

    return attack


def webp(quality: int) -> Attack:
    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        return _coded(a, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])

    return attack


def _coded(a: Pixels, kind: str, options: list[int]) -> Pixels:
    opened = cv2.imdecode(cv2.imencode(kind, a[:, :, ::-1], options)[1], cv2.IMREAD_COLOR)
    assert opened is not None
    return _same(opened[:, :, ::-1])


def _same(a: NDArray[np.generic]) -> Pixels:
    made: Pixels = np.ascontiguousarray(a, np.uint8)
    return made


def _clipped(a: NDArray[np.floating]) -> Pixels:
    return np.asarray(np.clip(np.rint(a), 0, 255), np.uint8)


def _scaled(a: Pixels, by: float, *, down: int = cv2.INTER_AREA) -> Pixels:
    size = (max(1, round(a.shape[1] * by)), max(1, round(a.shape[0] * by)))
    return _same(cv2.resize(a, size, interpolation=down if by < 1 else cv2.INTER_CUBIC))


def resized(by: float, *, upright: float = 1.0) -> Attack:
    """`upright`: how much taller than wide it becomes."""

    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        size = (max(1, round(a.shape[1] * by)), max(1, round(a.shape[0] * by * upright)))
        return _same(cv2.resize(a, size, interpolation=cv2.INTER_AREA if by < 1 else cv2.INTER_CUBIC))

    return attack


def cut(kept: float) -> Attack:
    """A window of the same shape anywhere; `kept` is the part of the area."""

    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        height, width = (max(8, int(side * math.sqrt(kept))) for side in a.shape[:2])
        y, x = r.integers(0, a.shape[0] - height + 1), r.integers(0, a.shape[1] - width + 1)
        return _same(a[y : y + height, x : x + width])

    return attack


def turned(degrees: float) -> Attack:
    """Corners are cut off and filled with black."""

    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        height, width = a.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        return _same(cv2.warpAffine(a, matrix, (width, height), flags=cv2.INTER_CUBIC))

    return attack


def toned(how: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Attack:
    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        return _clipped(how(a.astype(np.float64)))

    return attack


def blurred(sigma: float) -> Attack:
    """`sigma` in pixels of a picture 800 wide."""

    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        return _same(cv2.GaussianBlur(a, (0, 0), sigma * max(a.shape[:2]) / 800))

    return attack


def noisy(sigma: float) -> Attack:
    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        return _clipped(a + r.normal(0, sigma, a.shape))

    return attack


def chain(*attacks: Attack) -> Attack:
    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        for one in attacks:
            a = one(a, r)
        return a

    return attack


def framed(part: float) -> Attack:
    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        y, x = int(a.shape[0] * part), int(a.shape[1] * part)
        color = [int(r.integers(0, 256))] * 3
        return _same(cv2.copyMakeBorder(a, y, y, x, x, cv2.BORDER_CONSTANT, value=color))

    return attack


def _as_is(a: Pixels, r: np.random.Generator) -> Pixels:
    return a


def _quarter_turn(a: Pixels, r: np.random.Generator) -> Pixels:
    return _same(np.rot90(a))


def _mirrored(a: Pixels, r: np.random.Generator) -> Pixels:
    return _same(a[:, ::-1])


def _gray(a: Pixels, r: np.random.Generator) -> Pixels:
    return _same(np.repeat(cv2.cvtColor(a, cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2))


def _lettered(a: Pixels, r: np.random.Generator) -> Pixels:
    b, (height, width) = a.copy(), a.shape[:2]
    for row in range(3):
        color = (255, 255, 255) if row % 2 else (0, 0, 0)
        at = (int(width * 0.05), int(height * (0.25 + 0.25 * row)))
        text = f"SAMPLE {r.integers(0, 9999)}"
        cv2.putText(b, text, at, cv2.FONT_HERSHEY_DUPLEX, width / 300, color, max(2, width // 200), cv2.LINE_AA)
    return b


def _striped(a: Pixels, r: np.random.Generator) -> Pixels:
    y, x = np.mgrid[: a.shape[0], : a.shape[1]]
    turn = r.uniform(0, math.pi)
    covered = np.sin((x * math.cos(turn) + y * math.sin(turn)) / max(a.shape[:2]) * 40) > 0.6
    b = a.astype(np.float64)
    b[covered] = b[covered] * 0.25 + 150
    return _clipped(b)


def _on_a_phone(a: Pixels, r: np.random.Generator) -> Pixels:
    """A screenshot of a post, 720 x 1280, with bars and a badge."""
    shown = _scaled(a, min(720 / a.shape[1], 900 / a.shape[0]))
    sheet = np.full((1280, 720, 3), r.choice([245, 18]), np.uint8)
    x = (720 - shown.shape[1]) // 2
    sheet[150 : 150 + shown.shape[0], x : x + shown.shape[1]] = shown
    cv2.rectangle(sheet, (0, 0), (720, 60), (40, 40, 40), -1)
    cv2.circle(sheet, (55, 105), 35, (200, 80, 80), -1)
    return jpeg(78)(sheet, r)


def collage(part: float) -> Attack:
    """Laid into a colored, blurred ground of 1000 x 750; `part` is what it covers of it."""

    def attack(a: Pixels, r: np.random.Generator) -> Pixels:
        ground = cv2.GaussianBlur(r.integers(0, 255, (75, 100, 3), np.uint8), (0, 0), 1)
        sheet = _same(cv2.resize(ground, (1000, 750), interpolation=cv2.INTER_CUBIC))
        by = math.sqrt(part * 750_000 / (a.shape[0] * a.shape[1]))
        shown = _scaled(a, min(by, 980 / a.shape[1], 740 / a.shape[0]))
        y, x = r.integers(0, 750 - shown.shape[0] + 1), r.integers(0, 1000 - shown.shape[1] + 1)
        sheet[y : y + shown.shape[0], x : x + shown.shape[1]] = shown
        return sheet

    return attack


def _drawn(a: Pixels, r: np.random.Generator) -> Pixels:
    """A line drawing: gray divided by its blur."""
    gray = cv2.cvtColor(a, cv2.COLOR_RGB2GRAY).astype(np.float64)
    soft = cv2.GaussianBlur(gray, (0, 0), max(a.shape[:2]) / 100)
    return _same(np.repeat(_clipped(255 * np.minimum(1, (gray + 1) / (soft + 1)))[:, :, None], 3, 2))


def _browsed(a: Pixels, r: np.random.Generator) -> Pixels:
    """A screenshot of a web page, 1440 x 900, the picture beside text."""
    sheet = np.full((900, 1440, 3), r.choice([250, 30]), np.uint8)
    shown = _scaled(a, min(760 / a.shape[1], 700 / a.shape[0]))
    ink = (90, 90, 90)
    cv2.rectangle(sheet, (0, 0), (1440, 70), (70, 90, 120), -1)
    for line in range(26):
        cv2.line(sheet, (900, 140 + 26 * line), (900 + int(r.integers(200, 480)), 140 + 26 * line), ink, 7)
    sheet[120 : 120 + shown.shape[0], 80 : 80 + shown.shape[1]] = shown
    return jpeg(85)(sheet, r)


def _rephotographed(a: Pixels, r: np.random.Generator) -> Pixels:
    """A screen photographed askew: perspective, moiré, uneven light, a color cast, soft focus, noise, JPEG."""
    a = _scaled(a, min(1.0, 1100 / max(a.shape[:2])))
    height, width = a.shape[:2]
    y, x = np.mgrid[:height, :width]
    period, slant = r.uniform(2.2, 3.4), r.uniform(-0.2, 0.2)
    grid = 1 + 0.07 * np.sin(2 * math.pi * (x + slant * y) / period) * np.sin(2 * math.pi * (y - slant * x) / period)
    light = 0.75 + 0.35 * (x * r.uniform(0, 1) / width + y * r.uniform(0, 1) / height)
    b = a * grid[:, :, None] * light[:, :, None] * r.uniform(0.9, 1.1, 3)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    away = corners + r.uniform(-0.07, 0.07, (4, 2)).astype(np.float32) * max(width, height)
    matrix = cv2.getPerspectiveTransform(corners, away.astype(np.float32))
    b = cv2.warpPerspective(_clipped(b), matrix, (width, height), borderValue=(35, 33, 30))
    b = cv2.GaussianBlur(b, (0, 0), 0.9)
    return jpeg(80)(noisy(4)(_same(b), r), r)


def _captioned(a: Pixels, r: np.random.Generator) -> Pixels:
    """A meme: white above with black letters, white letters with a black rim below."""
    a = _scaled(a, 800 / a.shape[1])
    bar = int(a.shape[0] * 0.16) + 24
    sheet = np.full((a.shape[0] + bar, 800, 3), 255, np.uint8)
    sheet[bar:] = a
    image = Image.fromarray(sheet)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(52)
    draw.text((400, bar // 2), f"when it is {r.integers(1, 12)} o'clock", "black", font, anchor="mm")
    below = (400, sheet.shape[0] - 44)
    draw.text(below, "AND NOBODY CALLS", "white", font, anchor="mm", stroke_width=4, stroke_fill="black")
    return jpeg(70)(np.array(image), r)


def _animated(a: Pixels, r: np.random.Generator) -> Pixels:
    """The first frame of a small GIF: 480 px, a palette of 64 colors, dithered."""
    small = Image.fromarray(_scaled(a, min(1.0, 480 / max(a.shape[:2]))))
    buffer = io.BytesIO()
    small.quantize(64, dither=Image.Dither.FLOYDSTEINBERG).save(buffer, "GIF")
    return np.array(Image.open(buffer).convert("RGB"))


def _enlarged(a: Pixels, r: np.random.Generator) -> Pixels:
    """A thumbnail enlarged again by plain means: a third, JPEG 75, Lanczos, unsharp mask."""
    small = jpeg(75)(_scaled(a, 1 / 3), r)
    big = cv2.resize(small, (a.shape[1], a.shape[0]), interpolation=cv2.INTER_LANCZOS4).astype(np.float64)
    return _clipped(big + 0.8 * (big - cv2.GaussianBlur(big, (0, 0), 2)))


def _filtered(a: Pixels, r: np.random.Generator) -> Pixels:
    """What an app's filter does: another tone curve for each color, a vignette, less saturation."""
    b = a / 255.0
    b = 0.75 * b + 0.25 * b.mean(2, keepdims=True)
    b = b ** r.uniform(0.75, 1.3, 3) * r.uniform(0.85, 1.0, 3) + r.uniform(0, 0.08, 3)
    y, x = np.mgrid[: a.shape[0], : a.shape[1]]
    away = ((x / a.shape[1] - 0.5) ** 2 + (y / a.shape[0] - 0.5) ** 2) * 2
    return _clipped(255 * b * (1 - 0.5 * away[:, :, None]))


def _negative(a: Pixels, r: np.random.Generator) -> Pixels:
    return _same(255 - a)


PUBLIC: dict[str, Attack] = {
    "none": _as_is,
    "jpeg 90": jpeg(90),
    "jpeg 30": jpeg(30),
    "webp 40": webp(40),
    "half size": resized(0.5),
    "aspect +10 %": resized(1.05, upright=1 / 1.1),
    "cut to 80 %": cut(0.8),
    "cut to 50 %": cut(0.5),
    "turned 3°": turned(3),
    "turned 90°": _quarter_turn,
    "mirrored": _mirrored,
    "mirrored, cut to 50 %": chain(cut(0.5), _mirrored),
    "lettering": _lettered,
    "frame 25 %": framed(0.25),
    "stripes": _striped,
    "phone screenshot": _on_a_phone,
    "collage 40 %": collage(0.4),
    "brighter": toned(lambda v: v * 1.5),
    "contrast": toned(lambda v: (v - 128) * 1.6 + 128),
    "gamma .6": toned(lambda v: 255 * (v / 255) ** 0.6),
    "gray": _gray,
    "blur 3": blurred(3),
    "noise 25": noisy(25),
    "social": chain(cut(0.9), lambda a, r: _scaled(a, 720 / max(a.shape[:2])), jpeg(60)),
    "webp 60, jpeg 70": chain(webp(60), jpeg(70)),
}
OWN: dict[str, Attack] = {
    "line drawing": _drawn,
    "collage 15 %": collage(0.15),
    "blur 6": blurred(6),
    "negative": _negative,
    "page screenshot": _browsed,
    "photographed screen": _rephotographed,
    "meme": _captioned,
    "gif 64 colors": _animated,
    "enlarged thumbnail": _enlarged,
    "app filter": _filtered,
    "turned 25°, jpeg 50": chain(turned(25), jpeg(50)),
    "cut to 25 %": cut(0.25),
    "jpeg 10": jpeg(10),
    "quarter size": resized(0.25),
    "aspect +33 %": resized(1.1, upright=0.75),
    "mirrored, drawn over": chain(_mirrored, _lettered, jpeg(40)),
}
HARD = frozenset({"line drawing", "collage 15 %"})  # named where a floor is asked of each attack
PICTURES: dict[str, Attack] = {**PUBLIC, **OWN}
