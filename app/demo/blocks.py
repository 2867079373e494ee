"""The compositions of the printmaker: storm, heron, snow, furrows, boats, pears. What counts is tone and line; color
only says how dark a place is, its material which block prints it."""

from __future__ import annotations

import numpy as np

from app.demo import motifs, things
from app.demo.canvas import Canvas, Material, Point, Scene, level, paint, ramp, rays, rings, smooth_curve, step

BLACK, WHITE = "#0c0c0c", "#fbfbfb"
_M = Material


def _gray(*tones: float) -> tuple[str, ...]:
    return tuple(f"#{round(255 * t):02x}{round(255 * t):02x}{round(255 * t):02x}" for t in tones)


def _lighthouse(c: Canvas) -> None:
    """A lighthouse on its rock in the first storm, its beam over a climbing sea."""
    x, top = 0.64 * c.aspect, 0.105
    sky = c.all()
    drift = 0.05 * c.noise(0.4, octaves=2)
    tones = ramp(np.clip(c.y / 0.55 + drift, 0, 1), *_gray(0.16, 0.28, 0.5, 0.72))
    c.lay(sky, tones, _M.SKY, form=(0.8 * c.y + 0.6 * c.x + drift, 0.8 * c.x - 0.6 * c.y))
    for center, size in (((0.12, 0.42), (0.26, 0.16)), ((0.88, 0.34), (0.2, 0.2))):
        spot = (center[0] * c.aspect, center[1])
        motifs.billow(c, spot, (size[0] * c.aspect, size[1]), _gray(0.98, 0.8, 0.3), lumps=15)
    for y0, y1 in ((-0.02, 0.12), (0.2, 0.36)):
        beam = c.inside([(x, top - 0.012), (-0.05, y0), (-0.05, y1), (x, top + 0.012)])
        c.lay(beam, paint(WHITE), _M.LIGHT, form=rays(beam, (x, top), spread=0.5), detail=0.3, contour=0.3)
    motifs.water(c, 0.52, _gray(0.75, 0.4, 0.3), mirror=0.0)
    slabs = _gray(1.0, 0.85, 0.5, 0.2, 0.06)
    things.crag(c, (x + 0.05, 0.66), (0.34, 0.25), slabs, slabs=11)
    things.house(c, (x + 0.075, 0.445), (0.085, 0.06, 0.09), _gray(0.97, 0.93, 0.4), _gray(0.35, 0.2))
    ground = [(x - 0.1, 0.47), (x - 0.06, 0.43), (x + 0.2, 0.435), (x + 0.28, 0.5), (x, 0.53)]
    brow = c.inside(smooth_curve(ground))
    c.lay(
        brow,
        ramp(np.clip((brow.x - x) / 0.25 + 0.3, 0, 1), *_gray(0.95, 0.6, 0.25)),
        _M.ROCK,
        form=level(brow, 0.5),
    )
    tower = c.inside([(x - 0.056, 0.455), (x + 0.056, 0.455), (x + 0.036, 0.14), (x - 0.036, 0.14)])
    t = np.clip((tower.x - x) / 0.1 + 0.5, 0, 1)
    wall = (tower.y + 0.9 * (tower.x - x) ** 2, tower.x)
    c.lay(tower, ramp(t, *_gray(1.0, 0.95, 0.3)), _M.WALL, form=wall, detail=0.8)
    for y in (0.2, 0.3, 0.395):
        band = tower.where(((tower.y > y) & (tower.y < y + 0.048)).astype(np.float32))
        c.lay(band, ramp(t, *_gray(0.62, 0.4, 0.05)), _M.ROOF, form=wall, detail=0.8, contour=0.5)
    lantern = ((-0.026, 0.128), (0.026, 0.128), (0.026, 0.078), (-0.026, 0.078))
    cap = ((-0.045, 0.08), (0.045, 0.08), (0.012, 0.042), (0.006, 0.012), (-0.006, 0.012), (-0.012, 0.042))
    deck = ((-0.056, 0.142), (0.056, 0.142), (0.056, 0.126), (-0.056, 0.126))
    for points, tone, kind in ((deck, 0.0, _M.WOOD), (lantern, 1.0, _M.FRUIT), (cap, 0.75, _M.ROOF)):
        area = c.inside([(x + u, v) for u, v in points])
        c.lay(area, ramp(tone, BLACK, WHITE), kind, form=level(area, 1.57), detail=1.0)
    swell = _gray(0.9, 0.55, 0.3, 0.12)
    for base, swing, cell in ((0.6, 0.02, 0.18), (0.67, 0.032, 0.24), (0.77, 0.045, 0.3), (0.89, 0.05, 0.36)):
        motifs.wave(c, base, swing, cell, swell, foam=0.75)
    for u, v, span in ((0.2, 0.44, 0.1), (0.33, 0.38, 0.07), (0.12, 0.4, 0.06)):
        things.bird(c, (u * c.aspect, v), span, WHITE)


def _reed(c: Canvas, foot: Point, height: float, lean: float) -> None:
    x, y = foot
    tip = (x + lean * height, y - height)
    bow = (x + 0.25 * lean * height, y - 0.55 * height)
    w = 0.0045 + 0.006 * height
    blade = c.inside(smooth_curve([(x - w, y), (bow[0] - w, bow[1]), tip, (bow[0] + w, bow[1]), (x + w, y)]))
    c.lay(blade, paint(BLACK), _M.WOOD, form=level(blade, 1.5), detail=0.9, contour=0.0)


def _heron(c: Canvas) -> None:
    """A heron in the reeds before a red sun, snow mountains across the lake."""
    horizon, sun = 0.58, (0.66 * c.aspect, 0.29)
    sky = c.all()
    c.lay(
        sky,
        ramp(np.clip(c.y / horizon, 0, 1), *_gray(0.55, 0.82, 0.97)),
        _M.SKY,
        form=(c.y + 0.02 * c.noise(0.4), c.x),
    )
    disc = c.disc(sun, 0.17, rough=0.008)
    c.lay(disc, paint(WHITE), _M.LIGHT, form=level(disc), contour=0.7)
    for y, low, high in ((0.15, 0.3, 0.8), (0.31, 0.5, 1.05), (0.4, 0.28, 0.62)):
        streak = smooth_curve(
            [
                (low * c.aspect, y),
                (0.5 * (low + high) * c.aspect, y - 0.016),
                (high * c.aspect, y),
                (0.6 * high * c.aspect + 0.4 * low * c.aspect, y + 0.014),
            ]
        )
        bar = c.inside(streak)
        c.lay(bar, paint(WHITE), _M.SNOW, form=level(bar), contour=0.8)
    for line, tones, tilt in (
        (c.line(0.44, 0.07, 0.36), _gray(1.0, 0.86, 0.72, 0.5, 0.25), 0.9),
        (c.line(0.52, 0.04, 0.26), _gray(0.85, 0.6, 0.4, 0.16), -0.8),
    ):
        motifs.ridge(c, line, tones, _M.LAND, slope=tilt, fade=0.1, facets=0.1)
    shore = c.below(c.line(horizon - 0.012, 0.006, 0.1))
    c.lay(shore, paint(BLACK), _M.LAND, form=level(shore))
    motifs.water(c, horizon, _gray(0.9, 0.75, 0.5), mirror=0.3)
    path = np.exp(-(((c.x - sun[0]) / 0.13) ** 2)) + 0.5 * c.noise(0.03, stretch=5)
    glow = step(path.astype(np.float32), 0.5, 0.62) * (c.y > horizon + 0.02) * (1 - step(c.y, 0.86, 0.9))
    c.lay(c.all().where(glow.astype(np.float32)), paint("#e8e8e8"), _M.LIGHT, detail=0.3, contour=0.0)
    bank = c.below(c.line(0.93, 0.015, 0.3))
    c.lay(bank, ramp(np.clip((c.y - 0.92) / 0.06, 0, 1), *_gray(0.4, 0.05)), _M.ROCK, form=level(bank, 0.1))
    for _ in range(34):
        side = c.rng.random() < 0.62
        x = c.rng.uniform(-0.02, 0.24) if side else c.rng.uniform(0.72, 1.02)
        _reed(c, (float(x) * c.aspect, 1.0), float(c.rng.uniform(0.16, 0.5)), float(c.rng.normal() * 0.2))
    _wader(c, (0.35 * c.aspect, 0.95), 0.52)


# A heron standing, in heights from its foot: x to the right, y up.
_LEGS = [
    [(u - 0.009, 0.4), (u + 0.009, 0.4), (u + 0.016, 0.2), (u + 0.008, 0.0), (u - 0.008, 0.0), (u + 0.002, 0.2)]
    for u in (-0.03, 0.05)
]
_TAIL = [(-0.1, 0.46), (-0.3, 0.33), (-0.36, 0.26), (-0.22, 0.3), (-0.02, 0.36)]
_BODY = [(0.2, 0.62), (0.08, 0.64), (-0.1, 0.56), (-0.24, 0.4), (-0.1, 0.375), (0.06, 0.38), (0.17, 0.45)]
_THROAT = [(0.06, 0.56), (0.17, 0.62), (0.19, 0.7), (0.11, 0.78), (0.07, 0.87), (0.11, 0.955), (0.19, 0.97)]
_NAPE = [
    (0.23, 0.94),
    (0.18, 0.915),
    (0.145, 0.88),
    (0.17, 0.81),
    (0.25, 0.72),
    (0.25, 0.6),
    (0.16, 0.49),
    (0.05, 0.46),
]
_WING = [(0.06, 0.57), (-0.08, 0.52), (-0.26, 0.36), (-0.1, 0.4), (0.06, 0.45)]
_PLUME = [(0.17, 0.97), (0.1, 0.955), (0.04, 0.9), (0.01, 0.84), (0.06, 0.9), (0.13, 0.945)]
_BILL = [(0.21, 0.965), (0.42, 0.925), (0.21, 0.925)]


def _wader(c: Canvas, foot: Point, height: float) -> None:
    """A heron standing, its bill to the right, `height` to the crown."""
    x, y = foot

    def spots(points: list[Point]) -> list[Point]:
        return [(x + u * height, y - v * height) for u, v in points]

    for points in _LEGS:
        leg = c.inside(spots(points))
        c.lay(leg, paint(BLACK), _M.WOOD, form=level(leg, 1.57), detail=1.0, contour=0.3)
    tail = c.inside(smooth_curve(spots(_TAIL)))
    c.lay(tail, paint(BLACK), _M.WOOD, form=level(tail, -0.6), detail=0.8)
    body = c.inside(smooth_curve(spots(_BODY)))
    t = np.clip((body.y - (y - 0.62 * height)) / (0.26 * height), 0, 1)
    feathers = (body.y - 0.7 * body.x + 0.02 * np.sin(60 * body.x), body.x + 0.7 * body.y)
    c.lay(body, ramp(t, *_gray(1.0, 0.75, 0.35)), _M.SNOW, form=feathers, detail=0.8)
    neck = c.inside(smooth_curve(spots(_THROAT + _NAPE)))
    c.lay(neck, paint(WHITE), _M.SNOW, form=rings(neck, (x + 0.4 * height, y - 0.7 * height)), detail=0.8)
    wing = c.inside(smooth_curve(spots(_WING)))
    t = np.clip((wing.y - (y - 0.55 * height)) / (0.2 * height), 0, 1)
    c.lay(wing, ramp(t, *_gray(0.6, 0.12)), _M.WOOD, form=(wing.y - 0.75 * wing.x, wing.x), detail=0.8)
    plume = c.inside(smooth_curve(spots(_PLUME)))
    c.lay(plume, paint(BLACK), _M.WOOD, form=level(plume), detail=1.0, contour=0.3)
    bill = c.inside(spots(_BILL))
    c.lay(bill, paint(WHITE), _M.FRUIT, form=level(bill), detail=1.0)
    eye = c.disc(spots([(0.195, 0.95)])[0], 0.009 * height)
    c.lay(eye, paint(BLACK), _M.WOOD, detail=1.0)


def _village(c: Canvas) -> None:
    """A village under snow, a moon with its rings, pines at both sides."""
    moon = (0.3 * c.aspect, 0.2)
    sky = c.all()
    far = np.hypot(c.x - moon[0], c.y - moon[1])
    ring = (far + 0.03 * c.noise(0.3)).astype(np.float32)
    turn = (np.arctan2(c.y - moon[1], c.x - moon[0]) * (far + 0.05)).astype(np.float32)
    c.lay(sky, ramp(np.clip(far / 0.9, 0, 1), *_gray(0.75, 0.48, 0.34, 0.26)), _M.SKY, form=(ring, turn))
    disc = c.disc(moon, 0.075, rough=0.01)
    c.lay(disc, paint(WHITE), _M.LIGHT, form=rings(disc, moon), contour=0.9)
    snow = _gray(1.0, 0.97, 0.62)
    motifs.ridge(c, c.line(0.46, 0.05, 0.5), _gray(0.95, 0.6, 0.2), _M.WATER, slope=0.8, facets=0.1)
    for x in np.linspace(0.02, 0.98, 17):
        things.pine(
            c,
            (float(x) * c.aspect, 0.56 + 0.02 * c.rng.normal()),
            0.12 * c.rng.uniform(0.7, 1.2),
            _gray(0.3, 0.05, 0.0),
        )
    motifs.ridge(c, c.line(0.56, 0.02, 0.5), snow, _M.SNOW, slope=0.2, fade=0.4, facets=0.3)
    walls, roofs = _gray(0.45, 0.3, 0.1), _gray(1.0, 0.93)
    back = ((0.28, 0.6, 0.085), (0.44, 0.585, 0.08), (0.61, 0.6, 0.085), (0.76, 0.62, 0.08))
    for x, y, w in (*back, (0.36, 0.69, 0.11), (0.58, 0.705, 0.12), (0.2, 0.73, 0.11), (0.74, 0.76, 0.11)):
        things.house(c, (x * c.aspect, y), (w, 0.8 * w, 1.05 * w), walls, roofs, lamp=WHITE)
        drift = c.disc(((x + 0.09) * c.aspect, y + 0.012), 1.35 * w, squash=0.16, rough=0.05)
        c.lay(drift, paint(WHITE), _M.SNOW, form=level(drift), contour=0.35)
    motifs.ridge(c, c.line(0.82, 0.02, 0.4), snow, _M.SNOW, slope=-0.25, fade=0.5, facets=0.25)
    bends = (
        (0.42, 1.02),
        (0.47, 0.92),
        (0.58, 0.85),
        (0.52, 0.79),
        (0.49, 0.76),
        (0.5, 0.755),
        (0.56, 0.79),
        (0.66, 0.85),
        (0.6, 0.93),
        (0.62, 1.02),
    )
    path = c.inside(smooth_curve([(x * c.aspect, y) for x, y in bends]))
    c.lay(
        path,
        ramp(np.clip((path.y - 0.75) / 0.25, 0, 1), *_gray(0.75, 0.5)),
        _M.WATER,
        form=level(path, 0.1),
        contour=0.4,
    )
    dark = _gray(0.5, 0.2, 0.06)
    for x, y, h in ((0.08, 0.9, 0.62), (0.93, 0.93, 0.7), (0.2, 0.99, 0.42), (0.8, 1.0, 0.36)):
        things.pine(c, (x * c.aspect, y), h, dark, snow=WHITE)
        drift = c.disc((x * c.aspect, y + 0.01), 0.3 * h, squash=0.16, rough=0.06)
        c.lay(drift, paint(WHITE), _M.SNOW, form=level(drift), contour=0.4)


def _furrows(c: Canvas) -> None:
    """Furrows running to a sun on the horizon, an oak, crows."""
    horizon, sun = 0.42, (0.36 * c.aspect, 0.37)
    sky = c.all()
    far = np.hypot(c.x - sun[0], c.y - sun[1])
    beams = rays(sky, sun, spread=0.34)
    flicker = 0.1 * np.sin(beams[0] * 40 + 3 * c.noise(0.3))
    c.lay(sky, ramp(np.clip(far / 0.85 + flicker, 0, 1), *_gray(0.95, 0.75, 0.5, 0.3)), _M.SKY, form=beams)
    disc = c.disc(sun, 0.1, rough=0.008)
    c.lay(disc, paint(WHITE), _M.LIGHT, form=rings(disc, sun))
    motifs.ridge(c, c.line(horizon - 0.04, 0.02, 0.4), _gray(0.7, 0.3, 0.1), _M.LAND, slope=0.3)
    motifs.ridge(c, c.line(horizon, 0.008, 0.4), _gray(0.9, 0.6), _M.FIELD, slope=0.1)
    for x, w in ((0.56, 0.06), (0.63, 0.05)):
        things.house(c, (x * c.aspect, horizon + 0.01), (w, 0.7 * w, 1.3 * w), _gray(1.0, 0.9, 0.3), _gray(0.2, 0.1))
    for x, h in ((0.53, 0.09), (0.7, 0.11), (0.74, 0.08), (0.08, 0.09), (0.13, 0.07)):
        things.tree(c, (x * c.aspect, horizon + 0.015), h, _gray(0.6, 0.2, 0.0), _gray(0.1, 0.0))
    line = c.line(0.47, 0.006, 0.5)
    area = c.below(line)
    gone = (0.44 * c.aspect, 0.36)
    turn = np.arctan2(c.x - gone[0], c.y - gone[1]).astype(np.float32)
    rows = 0.5 + 0.5 * np.sin(turn * 46)
    depth = np.clip((c.y - 0.47) / 0.5, 0, 1)
    reach = np.hypot(c.x - gone[0], c.y - gone[1]).astype(np.float32)
    tones = ramp(np.clip(0.1 + 0.85 * rows - 0.25 * depth + 0.1 * c.noise(0.08), 0, 1), *_gray(0.08, 0.4, 0.95))
    c.lay(area, tones, _M.FIELD, form=(turn * 0.62, reach))
    things.trunk(c, (0.83 * c.aspect, 0.82), (0.835 * c.aspect, 0.3), 0.05, _gray(0.5, 0.3, 0.1))
    for u, v in ((0.73, 0.36), (0.94, 0.33), (0.79, 0.25), (0.89, 0.2)):
        things.trunk(c, (0.833 * c.aspect, 0.45), (u * c.aspect, v), 0.022, _gray(0.5, 0.1))
    for u, v, s in ((0.72, 0.3, 0.12), (0.95, 0.28, 0.12), (0.83, 0.2, 0.17), (0.9, 0.13, 0.11), (0.76, 0.16, 0.11)):
        things.crown(c, (u * c.aspect, v), (s * 1.15, s * 0.85), _gray(1.0, 0.75, 0.35, 0.1), lumps=14)
    shadow = c.disc((0.9 * c.aspect, 0.84), 0.24, squash=0.12, rough=0.05)
    c.tint(shadow, paint(BLACK), 0.75)
    for u, v, span in ((0.2, 0.16, 0.09), (0.29, 0.1, 0.06), (0.12, 0.25, 0.05), (0.5, 0.2, 0.055)):
        things.bird(c, (u * c.aspect, v), span, BLACK)


def _boats(c: Canvas) -> None:
    """Herring boats running home between cliffs before a heap of cloud."""
    horizon = 0.5
    sky = c.all()
    c.lay(
        sky,
        ramp(np.clip(c.y / horizon, 0, 1), *_gray(0.3, 0.55, 0.9)),
        _M.SKY,
        form=(c.y + 0.04 * c.noise(0.5), c.x),
    )
    for u, v, w, h in ((0.5, 0.42, 0.34, 0.3), (0.78, 0.46, 0.2, 0.17), (0.2, 0.46, 0.2, 0.15)):
        motifs.billow(c, (u * c.aspect, v), (w * c.aspect, h), _gray(1.0, 0.92, 0.5), lumps=18)
    motifs.ridge(c, c.line(horizon - 0.02, 0.014, 0.3), _gray(0.6, 0.3, 0.1), _M.LAND, slope=0.4)
    stone = _gray(1.0, 0.8, 0.4, 0.2, 0.06)
    motifs.water(c, horizon, _gray(0.95, 0.6, 0.35), mirror=0.25)
    things.crag(c, (1.0 * c.aspect, 0.57), (0.34, 0.44), stone, slabs=9)
    things.crag(c, (-0.02, 0.6), (0.27, 0.36), stone, slabs=8)
    swell = _gray(0.98, 0.72, 0.48, 0.25)
    motifs.wave(c, 0.58, 0.01, 0.15, swell, foam=0.35)
    things.sailboat(c, (0.27 * c.aspect, 0.6), 0.22, _gray(0.6, 0.1), _gray(1.0, 0.5))
    things.sailboat(c, (0.83 * c.aspect, 0.63), 0.26, _gray(0.6, 0.1), _gray(1.0, 0.5), lean=0.09)
    motifs.wave(c, 0.68, 0.016, 0.2, swell, foam=0.5)
    things.sailboat(c, (0.52 * c.aspect, 0.815), 0.66, _gray(0.95, 0.6, 0.1), _gray(1.0, 0.85, 0.4), lean=0.1)
    motifs.wave(c, 0.84, 0.018, 0.26, swell, foam=0.6)
    motifs.wave(c, 0.93, 0.03, 0.3, swell, foam=0.6)
    for u, v, span in ((0.14, 0.16, 0.11), (0.24, 0.1, 0.07), (0.82, 0.1, 0.08)):
        things.bird(c, (u * c.aspect, v), span, BLACK)


def _pears(c: Canvas) -> None:
    """Pears and a jug on a window sill, hills and a new moon outside."""
    room = c.all()
    c.lay(room, ramp(np.clip(0.2 + 0.1 * c.x, 0, 1), BLACK, WHITE), _M.WALL, form=(0.9 * c.y + 0.45 * c.x, c.x))
    left, right, top, sill = 0.1, c.aspect - 0.1, 0.08, 0.72
    pane = c.inside([(left, top), (right, top), (right, sill), (left, sill)])
    night = np.clip((pane.y - top) / 0.5, 0, 1)
    swirl = pane.y + 0.05 * c.noise(0.4, octaves=2)[pane.rows, pane.cols]
    c.lay(pane, ramp(night, *_gray(0.35, 0.6, 0.95)), _M.SKY, form=(swirl, pane.x))
    moon = c.disc((0.72, 0.24), 0.062, rough=0.008)
    bite = np.clip((np.hypot(moon.x - 0.752, moon.y - 0.225) - 0.055) * c.height, 0, 1)
    c.lay(moon.where(bite.astype(np.float32)), paint(WHITE), _M.LIGHT, form=level(moon), contour=0.8)
    frame = pane.mask > 0.5
    for base, swing, tones, tilt in ((0.5, 0.06, _gray(1.0, 0.6, 0.15), 0.7), (0.6, 0.03, _gray(0.8, 0.3, 0.05), -0.5)):
        line = c.line(base, swing, 0.3)
        depth = np.clip((c.y - line[None, :]) / 0.16, 0, 1)
        hill = c.below(line)
        inside = np.zeros_like(hill.mask)
        inside[pane.rows, pane.cols] = frame
        form = (c.y - 0.6 * line[None, :] + 0.3 * np.sin(tilt) * c.x, c.x)
        c.lay(hill.where(inside), ramp(depth, *tones), _M.LEAF, form=form, contour=0.9)
    for a, b in (
        ((left - 0.035, top - 0.035), (right + 0.035, top)),
        ((left - 0.035, top), (left, sill)),
        ((right, top), (right + 0.035, sill)),
        ((0.485 * c.aspect, top), (0.515 * c.aspect, sill)),
    ):
        bar = c.inside([a, (b[0], a[1]), b, (a[0], b[1])])
        tall = b[1] - a[1] > b[0] - a[0]
        c.lay(bar, ramp(0.9, BLACK, WHITE), _M.WOOD, form=level(bar, 1.57 if tall else 0.0), detail=0.8)
    table = c.below(np.full(c.width, sill, np.float32))
    plank = np.clip((c.y - sill) / 0.28 + 0.1 * c.noise(0.1, stretch=5), 0, 1)
    c.lay(table, ramp(plank, *_gray(0.97, 0.75, 0.25)), _M.CLOTH, form=(c.y + 0.008 * c.noise(0.1, stretch=4), c.x))
    things.jug(c, (0.33, 0.885), 0.5, _gray(0.95, 1.0, 0.6, 0.25, 0.05, 0.25), WHITE)
    fruit = _gray(1.0, 0.8, 0.35, 0.08)
    for x, y, r, neck in (
        (0.62, 0.78, 0.085, True),
        (0.8, 0.8, 0.075, False),
        (0.72, 0.875, 0.095, True),
        (0.56, 0.9, 0.07, False),
        (0.16, 0.92, 0.085, True),
    ):
        shadow = c.disc((x + 0.7 * r, y + 0.78 * r), 1.1 * r, squash=0.26, rough=0.03)
        c.lay(shadow, paint(BLACK), _M.CLOTH, form=level(shadow), contour=0.0)
        if neck:
            things.globe(c, (x + 0.12 * r, y - 0.9 * r), 0.55 * r, fruit, squash=1.3)
        things.globe(c, (x, y), r, fruit)
        high = (1.5 if neck else 0.8) * r
        things.trunk(c, (x + 0.1 * r, y - high), (x + 0.35 * r, y - high - 0.6 * r), 0.14 * r, _gray(0.1, 0.0))
        if neck:
            things.leaf(
                c, (x + 0.25 * r, y - high - 0.2 * r), (x + 1.3 * r, y - high - 0.5 * r), 0.28 * r, _gray(0.9, 0.2)
            )


LIGHTHOUSE = Scene(4 / 5, _lighthouse)
HERON = Scene(4 / 5, _heron)
VILLAGE = Scene(5 / 4, _village)
FURROWS = Scene(4 / 3, _furrows)
BOATS = Scene(4 / 5, _boats)
PEARS = Scene(1.0, _pears)
