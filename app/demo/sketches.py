"""The compositions of the sketcher in pen and wash: roofs, a mill stream, boats on the sand, a breakfast table."""

from __future__ import annotations

import numpy as np

from app.demo import motifs, things
from app.demo.canvas import Canvas, Material, Point, Scene, level, paint, ramp, rings, smooth_curve, step

Colors = tuple[str, ...]
_ROOFS = (("#e08a5e", "#a8503f"), ("#d98f70", "#96545a"), ("#b98a94", "#6a5a78"))
_WALLS = (
    ("#fdf3dc", "#f0d2a4", "#a890a4"),
    ("#f9e4d0", "#e8b898", "#977f9c"),
    ("#f4f0e4", "#d9d4cc", "#8f94b4"),
    ("#fbeab4", "#e6c074", "#a08890"),
)
_LEAVES = ("#e2dc8e", "#a9b866", "#6a8f66", "#44606c")
_BARK = ("#b9a08c", "#6a5a5e")


def _air(c: Canvas, horizon: float, colors: Colors, *, cover: float = 0.62) -> None:
    """A sky of a few large clouds left white."""
    motifs.sky(c, colors, horizon, sway=0.12)
    field = c.noise(0.3, octaves=4, stretch=1.8) + 0.5 * (c.y / horizon - 0.5)
    white = step(field, 0.55 - cover, 0.75 - cover) * (1 - step(c.y, horizon - 0.12, horizon))
    c.tint(c.all(), paint("#fffdf6"), white)
    shade = step(field, 1.0 - cover, 1.5 - cover) * white
    c.tint(c.all(), paint("#c4bfd0"), 0.45 * shade)


def _wall(c: Canvas, corners: tuple[Point, ...], color: Colors, *, material: Material = Material.WALL) -> None:
    area = c.inside(corners)
    left, right = min(p[0] for p in corners), max(p[0] for p in corners)
    t = np.clip((area.x - left) / (right - left), 0, 1)
    c.lay(area, ramp(t, *color), material, form=level(area, np.pi / 2), detail=0.7)


def _tower(c: Canvas, foot: Point, size: Point) -> None:
    """A church tower with a pointed roof."""
    x, y = foot
    w, h = size
    stone = ("#fbf0da", "#e6cfae", "#8f85a4")
    _wall(c, ((x - w, y), (x + w, y), (x + w, y - h), (x - w, y - h)), stone)
    _wall(c, ((x - 1.2 * w, y - h), (x + 1.2 * w, y - h), (x, y - 1.75 * h)), _ROOFS[2], material=Material.ROOF)
    for v in (0.8, 0.45):
        pane = ((x - 0.28 * w, y - v * h), (x + 0.28 * w, y - v * h))
        arch = c.inside([*pane, *((px, py + 0.14 * h) for px, py in reversed(pane))])
        c.lay(arch, paint("#5c5a74"), Material.WOOD, form=level(arch, np.pi / 2), detail=0.9)


def _town(c: Canvas) -> None:
    """A hill town: houses climbing to a church, poplars, a road in front."""
    _air(c, 0.75, ("#7fb0d8", "#b4d4e2", "#f4ecd8"))
    motifs.ridge(c, c.line(0.5, 0.06, 0.5), ("#c8d0e0", "#98a8cc"), slope=0.3, fade=0.5)
    hill = 0.84 - 0.3 * np.exp(-(((np.linspace(0, 1, c.width) - 0.47) / 0.26) ** 2))
    motifs.ridge(c, hill.astype(np.float32), ("#d6d890", "#a2b46e", "#7f9a7a"), slope=0.3, fade=0.5)
    _tower(c, (0.47 * c.aspect, 0.55), (0.036, 0.24))
    for row, (y, count, w) in enumerate(((0.56, 5, 0.062), (0.63, 7, 0.072), (0.71, 8, 0.08), (0.79, 8, 0.092))):
        spread = 0.1 + 0.115 * row
        for k, u in enumerate(np.linspace(-spread, spread, count)):
            x = (0.46 + float(u) + 0.008 * c.rng.normal()) * c.aspect - 0.6 * w
            foot = (x, y + 0.5 * float(u) ** 2 + 0.008 * c.rng.normal())
            high = w * float(c.rng.uniform(0.85, 1.35))
            wall, roof = _WALLS[int(c.rng.integers(4))], _ROOFS[(k + row) % 3]
            things.house(c, foot, (w, high, 0.95 * w), wall, roof)
        for _ in range(2):
            x = float(c.rng.uniform(0.46 - spread, 0.46 + spread)) * c.aspect
            things.tree(c, (x, y + 0.03), 0.085, _LEAVES, _BARK)
    for x, y, h in ((0.05, 0.9, 0.44), (0.1, 0.92, 0.5), (0.9, 0.9, 0.42), (0.955, 0.92, 0.5)):
        _poplar(c, (x * c.aspect, y), h)
    field = c.below(c.line(0.86, 0.012, 0.4))
    t = np.clip((c.y - 0.85) / 0.15 + 0.2 * c.noise(0.15), 0, 1)
    c.lay(field, ramp(t, "#efe6a8", "#c4bd6e", "#a89a5c"), Material.FIELD, form=level(field, 0.05), detail=0.3)
    left = ((0.08, 1.05), (0.3, 0.95), (0.38, 0.905), (0.33, 0.875), (0.37, 0.845))
    right = ((0.39, 0.845), (0.37, 0.875), (0.44, 0.905), (0.42, 0.96), (0.3, 1.05))
    road = c.inside(smooth_curve([(u * c.aspect, v) for u, v in (*left, *right)]))
    c.lay(road, paint("#f6e8d0"), Material.LAND, form=level(road, 1.4), detail=0.4)


def _poplar(c: Canvas, foot: Point, height: float) -> None:
    x, y = foot
    things.trunk(c, foot, (x, y - 0.3 * height), 0.03 * height, _BARK)
    half = ((0.0, 1.0), (0.055, 0.86), (0.085, 0.6), (0.09, 0.36), (0.055, 0.2), (0.0, 0.15))
    side = [(x + u * height, y - v * height) for u, v in half]
    area = c.inside(smooth_curve([*side, *((2 * x - px, py) for px, py in side[-2:0:-1])]))
    t = np.clip((area.x - x) / (0.2 * height) + 0.5 + 0.3 * c.noise(0.04)[area.rows, area.cols], 0, 1)
    c.lay(area, ramp(t, *_LEAVES), Material.LEAF, form=level(area, np.pi / 2), detail=0.5)
    for u, v in ((-0.02, 0.75), (0.02, 0.55), (-0.025, 0.4), (0.015, 0.3)):  # boughs that part from the rest
        _bough(c, (x + u * height, y - v * height), 0.09 * height)


def _bough(c: Canvas, at: Point, size: float) -> None:
    x, y = at
    points = ((-0.25, 0.8), (-0.42, 0.1), (-0.05, -0.9), (0.3, 0.0), (0.15, 0.6))
    area = c.inside(smooth_curve([(x + u * size, y + v * size) for u, v in points]))
    c.lay(area, ramp(0.75, *_LEAVES), Material.LEAF, form=level(area, np.pi / 2), detail=0.7, contour=0.5)


def _bridge(c: Canvas) -> None:
    """A stone bridge of two arches over a mill stream, willows, the mill."""
    _air(c, 0.5, ("#86b4d4", "#bcd8e0", "#f8f0dc"))
    motifs.ridge(c, c.line(0.42, 0.05, 0.5), ("#c4cfe0", "#94a9c8"), slope=0.4, fade=0.4)
    motifs.ridge(c, c.line(0.5, 0.025, 0.4), ("#d9dc9a", "#9fb47a"), slope=-0.2, fade=0.4)
    for x, h in ((0.9, 0.3), (0.8, 0.26), (0.98, 0.34)):
        things.tree(c, (x * c.aspect, 0.58), h, _LEAVES, _BARK)
    things.house(c, (0.1 * c.aspect, 0.6), (0.16, 0.17, 0.2), _WALLS[0], _ROOFS[0])
    things.house(c, (0.02 * c.aspect, 0.63), (0.12, 0.11, 0.14), _WALLS[1], _ROOFS[2])
    motifs.water(c, 0.57, ("#cfe0e0", "#8fb4c8", "#5f8fb0"), mirror=0.5)
    stone = ("#f8ecd4", "#dcc4a4", "#a394a8")
    deck = [(u * c.aspect, 0.56 - 0.11 * float(np.sin(np.pi * u))) for u in np.linspace(-0.02, 1.02, 15)]
    span = c.inside([*deck, (1.02 * c.aspect, 0.72), (-0.02 * c.aspect, 0.72)])
    courses = (span.y + 0.11 * np.sin(np.pi * span.x / c.aspect)).astype(np.float32)
    t = np.clip((courses - 0.55) / 0.16 + 0.12 * c.noise(0.06)[span.rows, span.cols], 0, 1)
    c.lay(span, ramp(t, *stone), Material.ROCK, form=(courses, span.x), detail=0.6)
    for u in (0.32, 0.68):
        x, r = u * c.aspect, 0.15 * c.aspect
        turn = np.linspace(np.pi, 2 * np.pi, 15)
        arch = [(x + r * float(np.cos(a)), 0.7 + 0.2 * float(np.sin(a))) for a in turn]
        ring = c.inside([(x + 1.13 * (p - x), 0.7 + 1.13 * (q - 0.7)) for p, q in arch])
        c.lay(ring, paint("#e9d6b6"), Material.ROCK, form=rings(ring, (x, 0.7)), detail=0.8)
        hole = c.inside([*arch, (x + r, 0.74), (x - r, 0.74)])
        t = np.clip((hole.y - 0.5) / 0.2 + 0.25 * (hole.x - x) / r, 0, 1)
        c.lay(hole, ramp(t, "#6a6478", "#8fa4b4", "#c9dada"), Material.WATER, form=level(hole), detail=0.5)
    stream = c.below(np.full(c.width, 0.715, np.float32))
    ripple = c.noise(0.06, octaves=2, stretch=5.0)
    t = np.clip((c.y - 0.7) / 0.3 + 0.22 * ripple, 0, 1)
    c.lay(stream, ramp(t, "#dfeae4", "#9cc0cc", "#6f9cba"), Material.WATER, form=(c.y + 0.02 * ripple, c.x), detail=0.3)
    for u in (0.32, 0.68):
        shade = c.disc((u * c.aspect, 0.755), 0.19, squash=0.2, rough=0.06)
        c.tint(shade, paint("#66788c"), 0.7 * step(0.5 + ripple[shade.rows, shade.cols], 0.1, 0.4))
    bank = c.below(
        (0.99 - 0.2 * step(-np.linspace(0, 1, c.width), -0.42, -0.02)).astype(np.float32) + c.line(0.0, 0.01, 0.15)
    )
    c.lay(
        bank,
        ramp(np.clip((c.y - 0.78) / 0.2, 0, 1), "#e6df98", "#93a05e"),
        Material.FIELD,
        form=level(bank, 0.4),
        detail=0.4,
    )
    things.rowboat(c, (0.72 * c.aspect, 0.9), 0.4, ("#f0dcc0", "#c08a6a", "#6a5062"), "#8a6a5e")
    _rushes(c, 0.0, 0.33, 22)


def _rushes(c: Canvas, low: float, high: float, count: int) -> None:
    for _ in range(count):
        x, y = float(c.rng.uniform(low, high)) * c.aspect, float(c.rng.uniform(0.93, 1.03))
        h, lean = float(c.rng.uniform(0.1, 0.24)), 0.05 * float(c.rng.normal())
        blade = c.inside([(x - 0.006, y), (x + lean, y - h), (x + 0.006, y)])
        c.lay(blade, ramp(0.3, *_LEAVES), Material.LEAF, form=level(blade, 1.5), detail=0.9, contour=0.7)


def _beach(c: Canvas) -> None:
    """Boats drawn up on the sand at low water, a headland, gulls."""
    _air(c, 0.46, ("#74acd8", "#a8d0e4", "#f6efdc"), cover=0.72)
    motifs.ridge(c, c.line(0.41, 0.012, 0.3), ("#b9c4d8", "#8f9fc4"), slope=0.2)
    stone = ("#f6e6c8", "#d8b894", "#a08c94", "#6a6a84", "#565a76")
    sea = c.below(np.full(c.width, 0.45, np.float32))
    ripple = c.noise(0.05, octaves=2, stretch=7.0)
    t = np.clip((c.y - 0.45) / 0.16 + 0.2 * ripple, 0, 1)
    c.lay(sea, ramp(t, "#5f9cb8", "#86bcc4", "#c4e0d4"), Material.WATER, form=(c.y + 0.01 * ripple, c.x), detail=0.3)
    things.crag(c, (0.98 * c.aspect, 0.5), (0.3, 0.26), stone, slabs=7)
    things.sailboat(c, (0.3 * c.aspect, 0.485), 0.13, ("#c98a70", "#6a5062"), ("#fffaf0", "#d9ccd0"))
    things.sailboat(c, (0.5 * c.aspect, 0.475), 0.09, ("#c98a70", "#6a5062"), ("#f6d8b8", "#c09a98"))
    sand = c.below(c.line(0.585, 0.012, 0.45))
    t = np.clip((c.y - 0.58) / 0.42 + 0.16 * c.noise(0.2, stretch=3.0), 0, 1)
    c.lay(sand, ramp(t, "#fbf0d4", "#f0d8a8", "#dcb887"), Material.LAND, form=level(sand, 0.08), detail=0.25)
    for y, w in ((0.66, 0.3), (0.73, 0.2)):
        pool = c.disc((0.16 * c.aspect + w, y), w, squash=0.07, rough=0.05)
        c.lay(
            pool,
            ramp(np.clip((pool.y - y) / 0.03 + 0.5, 0, 1), "#a9cdd8", "#dcebe4"),
            Material.WATER,
            form=level(pool),
            detail=0.4,
            contour=0.4,
        )
    blue, red, green = (
        ("#d4e6ee", "#6a9cc0", "#3f5f8c"),
        ("#f6d0b4", "#d0664a", "#84404e"),
        ("#dfe8c0", "#88a878", "#4a6a64"),
    )
    for x, y, s, hull in ((0.66, 0.66, 0.3, green), (0.24, 0.79, 0.46, blue), (0.74, 0.87, 0.58, red)):
        at = (x * c.aspect, y)
        c.tint(
            c.disc((at[0] + 0.04, at[1] + 0.065 * s / 0.5), 0.56 * s, squash=0.12, rough=0.04), paint("#8f86a4"), 0.7
        )
        things.rowboat(c, at, s, hull, "#a98a74")
        things.trunk(
            c,
            (at[0] - 0.05 * s, at[1] - 0.1 * s),
            (at[0] - 0.1 * s, at[1] - 0.95 * s),
            0.022 * s + 0.003,
            ("#c9a884", "#6a5a5e"),
        )
    for u, v, span in ((0.2, 0.14, 0.09), (0.3, 0.22, 0.06), (0.62, 0.1, 0.08), (0.7, 0.17, 0.05)):
        things.bird(c, (u * c.aspect, v), span, "#6a7088")


def _breakfast(c: Canvas) -> None:
    """A breakfast table by the window: a jug of marguerites, lemons, a cup."""
    wall = c.all()
    glow = np.clip(0.55 * c.x / c.aspect + 0.3 * c.y + 0.14 * c.noise(0.3), 0, 1)
    c.lay(wall, ramp(glow, "#fbeedc", "#f0d8c4", "#cdb4bc"), Material.WALL, form=level(wall, 1.2), detail=0.2)
    frame = ((0.06, 0.05), (0.62, 0.05), (0.62, 0.6), (0.06, 0.6))
    _wall(c, tuple((u * c.aspect, v) for u, v in frame), ("#f4f0e8", "#d4ccd4"), material=Material.WOOD)
    for left, right in ((0.095, 0.325), (0.355, 0.585)):
        pane = c.inside([(u * c.aspect, v) for u, v in ((left, 0.08), (right, 0.08), (right, 0.57), (left, 0.57))])
        t = np.clip((pane.y - 0.08) / 0.5 + 0.2 * c.noise(0.2)[pane.rows, pane.cols], 0, 1)
        c.lay(pane, ramp(t, "#94c2de", "#c4dfe6", "#fbf4dc"), Material.SKY, form=level(pane), detail=0.2)
        hill = pane.where(step(pane.y - 0.43 - 0.03 * np.sin(9 * pane.x), 0.0, 0.004))
        c.lay(
            hill,
            ramp(np.clip((pane.y - 0.42) / 0.15, 0, 1), "#b4c890", "#7f9f7c"),
            Material.FIELD,
            form=level(pane, 0.3),
            detail=0.3,
            contour=0.6,
        )
    curtain = c.inside(
        smooth_curve(
            [
                (0.6 * c.aspect, -0.05),
                (1.05 * c.aspect, -0.05),
                (1.05 * c.aspect, 0.66),
                (0.8 * c.aspect, 0.66),
                (0.7 * c.aspect, 0.3),
            ]
        )
    )
    fold = 0.5 + 0.5 * np.sin(52 * (curtain.x + 0.12 * np.sin(4 * curtain.y)))
    c.lay(curtain, ramp(fold, "#f9ead8", "#ecc9b4", "#cc9c9c"), Material.CLOTH, form=level(curtain, 1.5), detail=0.4)
    table = c.below(np.full(c.width, 0.68, np.float32))
    t = np.clip((c.y - 0.68) / 0.32 + 0.1 * c.noise(0.15), 0, 1)
    c.lay(table, ramp(t, "#fffaf0", "#efe6e4", "#cfc8d8"), Material.CLOTH, form=level(table, 0.1), detail=0.25)
    squares = step(np.sin(46 * (c.x - 0.3 * c.y)), 0.55, 0.75) + step(np.sin(70 * c.y), 0.6, 0.8)
    c.tint(table, paint("#7f9cc8"), 0.3 * np.clip(squares, 0, 1.6))
    for at, r in (((0.37 * c.aspect, 0.9), 0.2), ((0.74 * c.aspect, 0.88), 0.17), ((0.6 * c.aspect, 0.94), 0.12)):
        c.tint(c.disc((at[0] + 0.6 * r, at[1]), r, squash=0.24, rough=0.03), paint("#8088b0"), 0.6)
    glaze = ("#f4f6f0", "#dce8ee", "#9fc0da", "#5f8fc0", "#4a6a9c", "#86a8cc")
    things.jug(c, (0.36 * c.aspect, 0.9), 0.32, glaze, "#fff8e4")
    for _ in range(46):
        turn, reach = float(c.rng.uniform(0, 2 * np.pi)), float(np.sqrt(c.rng.uniform(0, 1)))
        x, y = 0.36 * c.aspect + 0.2 * reach * np.cos(turn), 0.4 + 0.17 * reach * np.sin(turn)
        things.leaf(c, (0.36 * c.aspect, 0.56), (float(x), float(y)), 0.022, _LEAVES)
    for _ in range(17):
        turn, reach = float(c.rng.uniform(0, 2 * np.pi)), float(np.sqrt(c.rng.uniform(0, 1)))
        _daisy(
            c, (0.36 * c.aspect + 0.23 * reach * float(np.cos(turn)), 0.37 + 0.19 * reach * float(np.sin(turn))), 0.06
        )
    lemon = ("#fffbd0", "#f8de6a", "#d8ac4a", "#a8824a")
    for x, y, r in ((0.62, 0.885, 0.058), (0.72, 0.92, 0.062), (0.54, 0.945, 0.054)):
        things.globe(c, (x * c.aspect, y), r, lemon, squash=0.82)
    _cup(c, (0.86 * c.aspect, 0.83), 0.1)


def _daisy(c: Canvas, at: Point, size: float) -> None:
    x, y = at
    start = float(c.rng.uniform(0, 1))
    for k in range(11):
        turn = 2 * np.pi * (k + start) / 11
        tip = (x + size * float(np.cos(turn)), y + 0.85 * size * float(np.sin(turn)))
        things.leaf(c, (x, y), tip, 0.16 * size, ("#fffefa", "#f4f0f4", "#c9c4dc"))
    things.globe(c, at, 0.28 * size, ("#ffe98a", "#f0b83a", "#b9783a"))


def _cup(c: Canvas, at: Point, size: float) -> None:
    """A cup on its saucer, seen from slightly above."""
    x, y = at
    china = ("#ffffff", "#f0ecf0", "#b4b4d0")
    for r, v in ((1.55, 0.62), (0.95, 0.6)):
        plate = c.disc((x, y + v * size), r * size, squash=0.3, rough=0.0)
        c.lay(
            plate,
            ramp(np.clip(0.3 + 0.4 * (plate.x - x) / size, 0, 1), *china),
            Material.CLOTH,
            form=rings(plate, at),
            detail=0.6,
        )
    handle = c.disc((x + 0.95 * size, y), 0.42 * size, rough=0.0)
    far = np.hypot(handle.x - x - 0.95 * size, handle.y - y) / size
    c.lay(
        handle.where((far > 0.27).astype(np.float32)),
        ramp(0.5, *china),
        Material.CLOTH,
        form=rings(handle, at),
        detail=0.8,
    )
    side = [(x - size, y - 0.55 * size), (x - 0.8 * size, y + 0.3 * size), (x - 0.3 * size, y + 0.66 * size)]
    body = c.inside(smooth_curve([*side, *((2 * x - p, q) for p, q in reversed(side))]))
    t = np.clip((body.x - x) / (2 * size) + 0.5, 0, 1)
    c.lay(body, ramp(t, *china), Material.CLOTH, form=level(body, 1.5), detail=0.6)
    c.tint(body.where(step(np.abs(body.y - y + 0.1 * size), 0.1 * size, 0.07 * size)), paint("#6a94cc"), 0.8)
    rim = c.disc((x, y - 0.55 * size), size, squash=0.3, rough=0.0)
    c.lay(rim, ramp(0.15, *china), Material.CLOTH, form=rings(rim, at), detail=0.8)
    tea = c.disc((x, y - 0.53 * size), 0.84 * size, squash=0.27, rough=0.0)
    c.lay(tea, paint("#b9764a"), Material.WATER, form=level(tea), detail=0.7)


TOWN = Scene(4 / 3, _town)
BRIDGE = Scene(4 / 3, _bridge)
BEACH = Scene(4 / 3, _beach)
BREAKFAST = Scene(1.0, _breakfast)
