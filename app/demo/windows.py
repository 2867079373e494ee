"""The compositions of the glazier: sunrise, irises, carp, an autumn tree; large things in pure colors."""

from __future__ import annotations

import numpy as np

from app.demo import motifs, things
from app.demo.canvas import (
    Area,
    Canvas,
    Form,
    Map,
    Material,
    Point,
    Scene,
    level,
    paint,
    ramp,
    rays,
    rings,
    smooth_curve,
    step,
)

Colors = tuple[str, ...]


def _beams(c: Canvas, area: Area, sun: Point, near: Colors, far: Colors, *, count: int, reach: float) -> None:
    """Light that runs out from a sun in beams of two kinds, taking turns."""
    across, along = rays(area, sun, spread=0.55)
    turn = np.floor(across / 0.55 * count / (2 * np.pi))
    t = np.clip(along / reach + 0.06 * np.sin(turn * 2.4), 0, 1)
    odd = (turn % 2 == 0)[..., None]
    color = np.where(odd, ramp(t, *near), ramp(t, *far)).astype(np.float32)
    c.lay(area, color, Material.SKY, form=(across, along), detail=0.15, contour=0.2)


def _sun(c: Canvas, at: Point, radius: float, colors: Colors) -> None:
    disc = c.disc(at, radius, rough=0.006)
    far = np.hypot(disc.x - at[0], disc.y - at[1]) / radius
    c.lay(disc, ramp(far, *colors), Material.LIGHT, form=rings(disc, at), detail=0.3)


def _sunrise(c: Canvas) -> None:
    """The sun coming up behind three ranges, its light on a lake, two pines."""
    sun, shore = (0.42 * c.aspect, 0.43), 0.66
    gold, rose = ("#fff0a8", "#ffc23c", "#f58a2c", "#3f8fc8", "#1f5aa8"), ("#ffdf7a", "#f79a3a", "#dd4a5a", "#5a4fae")
    _beams(c, c.all(), sun, gold, rose, count=26, reach=0.95)
    _sun(c, sun, 0.15, ("#fffbe0", "#ffe566", "#ffb41f"))
    ranges = ((0.45, 0.09, 0.34), (0.53, 0.07, 0.28), (0.61, 0.045, 0.24))
    blues = (("#9a7fd8", "#5f48b0", "#3a2f86"), ("#4f86d8", "#2a55b0", "#1c3a80"), ("#3fae8a", "#1d7a66", "#0f4f4c"))
    for (base, swing, cell), colors, tilt in zip(ranges, blues, (0.9, -0.8, 0.7), strict=True):
        motifs.ridge(c, c.line(base, swing, cell), colors, slope=tilt, fade=0.22, facets=0.12)
    lake = c.below(np.full(c.width, shore, np.float32))
    ripple = 0.02 * c.noise(0.25, octaves=2, stretch=3.0)
    depth = np.clip((c.y - shore) / (1 - shore), 0, 1)
    path = np.exp(-(((c.x - sun[0]) / (0.1 + 0.16 * depth)) ** 2))
    water = ramp(depth, "#58c2d4", "#2484b8", "#174a94")
    light = ramp(depth, "#ffe38a", "#ffb340", "#f0763c")
    lit = step(path + 0.25 * c.noise(0.05, stretch=4.0), 0.5, 0.62)[..., None]
    c.lay(lake, water + lit * (light - water), Material.WATER, form=(c.y + ripple, c.x), detail=0.35)
    bank = c.below(c.line(0.93, 0.02, 0.3) - (0.12 * step(c.x[0], 0.66 * c.aspect, 1.0 * c.aspect)).astype(np.float32))
    c.lay(bank, ramp(depth, "#7ac04a", "#1f6a3c"), Material.FIELD, form=level(bank, -0.15), detail=0.35)
    for x, y, h in ((0.78, 0.93, 0.5), (0.91, 0.95, 0.74)):
        _fir(c, (x * c.aspect, y), h)


def _fir(c: Canvas, foot: Point, height: float) -> None:
    """A fir of five broad tiers."""
    x, y = foot
    things.trunk(c, foot, (x, y - 0.4 * height), 0.07 * height, ("#b5713a", "#5a2f2a"))
    for k in range(5):
        low, wide = y - height * (0.1 + 0.165 * k), height * (0.235 - 0.036 * k)
        peak = (x, low - 0.34 * height if k < 4 else y - height)
        hem = [(x - wide, low), (x - 0.4 * wide, low + 0.025), (x + 0.3 * wide, low + 0.03), (x + wide, low)]
        tier = c.inside([peak, *hem])
        t = np.clip(0.5 + (tier.x - x) / (2 * wide) + 0.1 * (k % 2), 0, 1)
        c.lay(tier, ramp(t, "#6fc06a", "#1f8a5c", "#0c4f50"), Material.LEAF, form=rays(tier, peak, spread=0.2))


def _petal(c: Canvas, base: Point, turn: float, size: Point, colors: Colors) -> None:
    """A broad petal of length and width `size`, from its base outward; colors from base to rim."""
    (u, v), (length, width) = (float(np.cos(turn)), float(np.sin(turn))), size
    outline = ((0.0, 0.0), (0.3, 0.55), (0.7, 1.0), (0.97, 0.55), (1.04, 0.0), (0.95, -0.6), (0.66, -1.0), (0.28, -0.5))
    spots = [(base[0] + p * length * u - q * width * v, base[1] + p * length * v + q * width * u) for p, q in outline]
    area = c.inside(smooth_curve(spots))
    out = np.clip(((area.x - base[0]) * u + (area.y - base[1]) * v) / length, 0, 1)
    form = (rays(area, base, spread=0.5 * length)[0], out.astype(np.float32) * np.float32(length))
    c.lay(area, ramp(out, *colors), Material.FRUIT, form=form, detail=0.55)


def _iris(c: Canvas, at: Point, size: float, fall: Colors, standard: Colors) -> None:
    """An iris blossom: three petals that stand, three that hang, each of these with a golden tongue."""
    for turn in (-2.15, -1.0, -1.57):
        _petal(c, at, turn, (0.62 * size, 0.24 * size), standard)
    for turn in (2.6, 0.54, 1.57):
        _petal(c, at, turn, (0.66 * size, 0.27 * size), fall)
        _petal(c, at, turn, (0.34 * size, 0.055 * size), ("#fff3a0", "#ffc02a", "#f08a1f"))


def _blade(c: Canvas, foot: Point, tip: Point, width: float, colors: Colors) -> None:
    bow = (0.65 * foot[0] + 0.35 * tip[0], 0.45 * foot[1] + 0.55 * tip[1])
    left, right = (bow[0] - 0.8 * width, bow[1]), (bow[0] + 0.8 * width, bow[1])
    area = c.inside(smooth_curve([(foot[0] - width, foot[1]), left, tip, right, (foot[0] + width, foot[1])]))
    t = np.clip((area.y - tip[1]) / (foot[1] - tip[1]), 0, 1)
    tilt = float(np.arctan2(tip[1] - foot[1], tip[0] - foot[0]))
    c.lay(area, ramp(t, *colors), Material.LEAF, form=level(area, tilt), detail=0.3)


def _irises(c: Canvas) -> None:
    """Irises before a pale moon, a stream behind them."""
    moon = (0.63 * c.aspect, 0.27)
    far = np.hypot(c.x - moon[0], c.y - moon[1])
    sky: Form = ((far + 0.03 * c.noise(0.4)).astype(np.float32), rings(c.all(), moon)[1])
    c.lay(c.all(), ramp(np.clip(far / 0.8, 0, 1), "#fff2c0", "#b9e6c0", "#5fbfc0", "#2f86b8"), Material.SKY, form=sky)
    _sun(c, moon, 0.15, ("#fffef2", "#fff4c4", "#ffe9a0"))
    motifs.ridge(c, c.line(0.57, 0.03, 0.4), ("#86cf8a", "#2f9a7a"), slope=0.3)
    for base, colors in (
        (0.66, ("#8fe0e0", "#3fa5d0")),
        (0.76, ("#6fc8e4", "#2a78c0")),
        (0.87, ("#4aa0d8", "#1f549c")),
    ):
        line = c.line(base, 0.014, 0.25)
        area = c.below(line)
        t = np.clip((c.y - line[None, :]) / 0.12 + 0.2 * c.noise(0.1, stretch=4.0), 0, 1)
        c.lay(area, ramp(t, *colors), Material.WATER, form=((c.y - line[None, :]).astype(np.float32), c.x), detail=0.3)
    greens = (("#d6ea6a", "#5fb04a", "#1d7048"), ("#a8d85a", "#2f9a58", "#125a4c"))
    for k, u in enumerate(np.linspace(0.02, 0.98, 11)):
        x = float(u + 0.02 * c.rng.normal()) * c.aspect
        lean = 0.09 * c.rng.normal()
        _blade(c, (x, 1.04), (x + float(lean), float(c.rng.uniform(0.5, 0.74))), 0.026, greens[k % 2])
    violet, blue = ("#f3dcff", "#a066e0", "#5a2aa8"), ("#dff0ff", "#6a8af0", "#2a3ac0")
    plum, pink = ("#ffd6ec", "#e05aa8", "#8a1f78"), ("#fff0f0", "#f79ac0", "#d64a90")
    for x, y, s, fall, standard in (
        (0.24, 0.36, 0.3, violet, ("#e6d0ff", "#c09af4", "#8a58d0")),
        (0.78, 0.5, 0.29, blue, ("#e4f4ff", "#a4c4ff", "#5a7ae8")),
        (0.46, 0.66, 0.34, plum, pink),
        (0.14, 0.78, 0.24, blue, ("#e4f4ff", "#a4c4ff", "#5a7ae8")),
        (0.86, 0.83, 0.26, violet, ("#e6d0ff", "#c09af4", "#8a58d0")),
    ):
        at = (x * c.aspect, y)
        _blade(c, (at[0] + 0.02, 1.04), at, 0.011, ("#7ac04a", "#2f8a48"))
        _iris(c, at, s, fall, standard)


def _carp(c: Canvas, at: Point, turn: float, size: float, colors: Colors, spots: str) -> None:
    """A carp seen from above, swimming towards `turn`; its body bends."""
    u, v = float(np.cos(turn)), float(np.sin(turn))

    def place(points: tuple[Point, ...]) -> list[Point]:
        bent = [(p, q + 0.22 * (p + 0.1) ** 2) for p, q in points]
        return [(at[0] + size * (p * u - q * v), at[1] + size * (p * v + q * u)) for p, q in bent]

    root = place(((-0.34, 0.0),))[0]
    for fin in (
        ((-0.3, 0.0), (-0.48, 0.04), (-0.66, 0.2), (-0.52, 0.02)),
        ((-0.3, 0.0), (-0.5, -0.02), (-0.68, -0.12)),
    ):
        tail = c.inside(smooth_curve(place(fin)))
        c.lay(tail, ramp(0.8, *colors), Material.SAIL, form=rays(tail, root, spread=0.25), detail=0.6)
    for side in (1, -1):
        fin = ((0.22, 0.1 * side), (0.12, 0.3 * side), (0.0, 0.33 * side), (0.06, 0.12 * side))
        flap = c.inside(smooth_curve(place(fin)))
        c.lay(
            flap, ramp(0.25, *colors), Material.SAIL, form=rays(flap, place(((0.24, 0.0),))[0], spread=0.25), detail=0.6
        )
    half = ((0.5, 0.0), (0.42, 0.1), (0.2, 0.155), (-0.08, 0.12), (-0.3, 0.045), (-0.36, 0.0))
    body = c.inside(smooth_curve(place((*half, *((p, -q) for p, q in half[-2:0:-1])))))
    p = ((body.x - at[0]) * u + (body.y - at[1]) * v) / size
    q = ((body.y - at[1]) * u - (body.x - at[0]) * v) / size - 0.22 * (p + 0.1) ** 2
    scales: Form = ((q * size).astype(np.float32), (p * size).astype(np.float32))
    c.lay(body, ramp(np.clip(0.5 + 3 * q, 0, 1), *colors), Material.FRUIT, form=scales, detail=0.75)
    for center, radius in (((0.24, 0.02), 0.11), ((-0.04, -0.03), 0.09), ((-0.22, 0.02), 0.045)):
        spot = c.disc(place((center,))[0], radius * size, rough=0.12)
        inside = body.mask.copy()
        whole = np.zeros(c.x.shape, np.float32)
        whole[body.rows, body.cols] = inside
        c.lay(
            spot.where(whole[spot.rows, spot.cols]), paint(spots), Material.FRUIT, form=level(spot, turn), detail=0.75
        )
    for side in (1, -1):
        c.lay(c.disc(place(((0.4, 0.062 * side),))[0], 0.016 * size), paint("#101018"), Material.ROCK, detail=1.0)


def _pond(c: Canvas) -> None:
    """Three carp under rings of water, lilies."""
    drops = ((0.3 * c.aspect, 0.32), (0.8 * c.aspect, 0.62), (0.1 * c.aspect, 0.95))
    far = np.stack([np.hypot(c.x - x, c.y - y) for x, y in drops])
    near, which = far.min(0), far.argmin(0)
    turn = np.arctan2(*[np.take_along_axis(m, which[None], 0)[0] for m in _offsets(c, drops)])
    band = 0.5 + 0.5 * np.sin(near * 30)
    t = np.clip(0.25 + 0.55 * near + 0.25 * band, 0, 1)
    color = ramp(t, "#a6ecd8", "#3fb8c8", "#1f7ac0", "#1a3f98")
    c.lay(c.all(), color, Material.WATER, form=(near.astype(np.float32), (turn * (near + 0.05)).astype(np.float32)))
    for x, y, r, notch in (
        (0.83, 0.2, 0.17, 2.4),
        (0.16, 0.63, 0.15, 0.4),
        (0.66, 0.93, 0.15, -1.2),
        (0.02, 0.1, 0.16, 1.0),
    ):
        _pad(c, (x * c.aspect, y), r, notch)
    fire, snow = ("#ffd24a", "#f77a1f", "#c8321f"), ("#fffdf0", "#fbe9d8", "#e0b8a8")
    _carp(c, (0.46 * c.aspect, 0.3), 0.5, 0.5, fire, "#b01f24")
    _carp(c, (0.4 * c.aspect, 0.76), -0.65, 0.52, snow, "#e0402a")
    _carp(c, (0.8 * c.aspect, 0.62), -2.3, 0.42, ("#ffe98a", "#ffb52a", "#e0741f"), "#fff6d8")
    for x, y, s, colors in (
        (0.84, 0.19, 0.2, ("#fff3c0", "#ff9ac8", "#d83a8a")),
        (0.15, 0.62, 0.17, ("#fff8d8", "#ffd6e6", "#f07ab0")),
    ):
        at = (x * c.aspect, y)
        for ring, count in ((1.0, 8), (0.66, 6)):
            for k in range(count):
                _petal(c, at, 2 * np.pi * (k + 0.5 * ring) / count, (0.5 * s * ring, 0.14 * s * ring), colors)
        _sun(c, at, 0.09 * s, ("#fff0a0", "#ffb02a"))


def _offsets(c: Canvas, drops: tuple[Point, ...]) -> tuple[Map, Map]:
    return np.stack([c.y - y for _, y in drops]), np.stack([c.x - x for x, _ in drops])


def _pad(c: Canvas, at: Point, radius: float, notch: float) -> None:
    """A lily pad, cut open towards `notch`."""
    disc = c.disc(at, radius, rough=0.015)
    away = np.abs((np.arctan2(disc.y - at[1], disc.x - at[0]) - notch + np.pi) % (2 * np.pi) - np.pi)
    leaf = disc.where((away > 0.3).astype(np.float32))
    t = np.clip(np.hypot(disc.x - at[0], disc.y - at[1]) / radius, 0, 1)
    c.lay(leaf, ramp(t, "#e0f07a", "#5fb84a", "#1a7a4a"), Material.LEAF, form=rays(leaf, at, spread=0.12), detail=0.4)


def _autumn(c: Canvas) -> None:
    """A tree in its autumn colors before a low sun, fields to the hills."""
    sun = (0.5 * c.aspect, 0.46)
    pale, deep = ("#fffbe0", "#ffe9a0", "#a8dcd0", "#4aa0d0"), ("#fff2b8", "#ffd27a", "#7ac4d0", "#2f78b8")
    _beams(c, c.all(), sun, pale, deep, count=22, reach=0.7)
    motifs.ridge(c, c.line(0.6, 0.035, 0.4), ("#8a9ae0", "#4a5ab0"), slope=0.5)
    motifs.ridge(c, c.line(0.67, 0.03, 0.35), ("#6fc08a", "#2a8070"), slope=-0.4)
    motifs.furrows(c, c.line(0.74, 0.02, 0.5), ("#b8742a", "#e8b83a", "#fff08a"), (0.5 * c.aspect, 0.5), rows=22)
    foot = (0.5 * c.aspect, 0.95)
    bark = ("#a8643a", "#6a3530", "#3a1f30")
    things.trunk(c, foot, (0.5 * c.aspect, 0.42), 0.085, bark)
    for x, y, low in ((0.16, 0.38, 0.7), (0.86, 0.36, 0.68), (0.3, 0.2, 0.6), (0.7, 0.17, 0.58), (0.5, 0.12, 0.5)):
        things.trunk(c, (0.5 * c.aspect, low), (x * c.aspect, y), 0.032, bark)
    reds = (("#ffe27a", "#f7a52a", "#d8641f"), ("#ff9a5a", "#e0402a", "#98183a"), ("#fff09a", "#ffc83a", "#e88a1f"))
    for _ in range(64):
        turn, reach = c.rng.uniform(0, 2 * np.pi), np.sqrt(c.rng.uniform(0.05, 1))
        at = (foot[0] + 0.42 * c.aspect * float(reach * np.cos(turn)), 0.33 + 0.29 * float(reach * np.sin(turn)))
        _petal(c, at, float(c.rng.uniform(0, 2 * np.pi)), (0.13, 0.045), reds[int(c.rng.integers(3))])
    for _ in range(14):
        at = (float(c.rng.uniform(0.05, 0.95)) * c.aspect, float(c.rng.uniform(0.86, 0.97)))
        _petal(c, at, float(c.rng.uniform(-0.6, 0.6)), (0.09, 0.026), reds[int(c.rng.integers(3))])


SUNRISE = Scene(4 / 3, _sunrise)
IRISES = Scene(4 / 5, _irises)
POND = Scene(1.0, _pond)
AUTUMN = Scene(4 / 5, _autumn)
