"""Things a scene is made of: skies, ridges, water, trees, houses, boats, fruit; each lays its own areas on a canvas."""

from __future__ import annotations

import numpy as np

from app.demo.canvas import Area, Canvas, Form, Map, Material, Point, level, paint, ramp, rays, rings, smooth_curve, step

Colors = tuple[str, ...]


def sky(c: Canvas, colors: Colors, horizon: float, *, tilt: float = 0.0, sway: float = 0.05) -> None:
    """A graded sky from the top down to the horizon, brushed in long bands that sway."""
    area = c.all()
    across, along = level(area, tilt)
    drift = sway * c.noise(0.45, octaves=2, stretch=1.6)
    t = np.clip(area.y / horizon + 0.5 * drift, 0, 1)
    c.lay(area, ramp(t, *colors), Material.SKY, form=(across + drift, along), detail=0.15)


def clouds(c: Canvas, lit: str, shade: str, *, top: float, bottom: float, cover: float, cell: float = 0.16) -> None:
    """Banks of cloud between two heights, lit from below or above as the two colors say; cover 0 to 1."""
    field = c.noise(cell, octaves=4, stretch=2.8)
    band = step(c.y, top - 0.06, top + 0.05) * (1 - step(c.y, bottom - 0.12, bottom))
    edge = 1 - 2 * cover
    mask = step(field + 0.35 * (band - 1), edge - 0.12, edge + 0.22) * band
    lift = np.roll(field, max(1, c.height // 40), 0) - field
    light = np.clip(0.5 + 1.1 * lift, 0, 1)
    area = c.all().where(mask)
    across = c.y + 0.09 * field
    c.lay(area, ramp(light, shade, lit), Material.CLOUD, form=(across, c.x), detail=0.3, contour=0.0)


def orb(c: Canvas, center: Point, radius: float, core: str, glow: str, *, reach: float = 0.5) -> None:
    """A sun or moon with its glow."""
    far = np.hypot(c.x - center[0], c.y - center[1])
    c.tint(c.all(), paint(glow), 0.75 * np.exp(-((far / reach) ** 1.3)).astype(np.float32))
    area = c.disc(center, radius, rough=0.012)
    c.lay(area, paint(core), Material.LIGHT, form=rings(area, center), detail=0.7, contour=0.6)


def ridge(
    c: Canvas,
    line: Map,
    colors: Colors,
    material: Material = Material.LAND,
    *,
    slope: float = 0.6,
    fade: float = 0.25,
    facets: float = 0.12,
    contour: float = 1.0,
) -> None:
    """Land under a skyline: colors from lit to shaded, faceted by slopes whose strokes fall at `slope` radians."""
    area = c.below(line)
    body = c.noise(facets, octaves=3)
    depth = np.clip((c.y - line[None, :]) / fade, 0, 1)
    light = step(body + 0.4 * (0.5 - depth), -0.35, 0.35)
    across, along = level(area, slope)
    fall = c.y - 0.55 * line[None, :]
    form = (0.45 * across + 0.75 * fall + 0.05 * body, along)
    c.lay(area, ramp(1 - light, *colors), material, form=form, detail=0.3, contour=contour)


def furrows(c: Canvas, line: Map, colors: Colors, vanishing: Point, *, rows: float = 60.0) -> None:
    """A field under a skyline whose rows run to a vanishing point above it."""
    area = c.below(line)
    turn = np.arctan2(c.x - vanishing[0], c.y - vanishing[1])
    wave = 0.5 + 0.5 * np.sin(turn * rows + 1.5 * c.noise(0.3))
    depth = np.clip((c.y - line[None, :]) / 0.35, 0, 1)
    color = ramp(np.clip(0.65 * wave + 0.45 * (1 - depth) - 0.05, 0, 1), *colors)
    form: Form = (turn.astype(np.float32) * 0.9, np.hypot(c.x - vanishing[0], c.y - vanishing[1]).astype(np.float32))
    c.lay(area, color, Material.FIELD, form=form, detail=0.35)


def water(c: Canvas, horizon: float, colors: Colors, *, mirror: float = 0.45, swell: float = 0.012) -> None:
    """Water from the horizon down, its ripples widening towards us, mirroring what stands above."""
    line = np.full(c.width, horizon, np.float32)
    area = c.below(line)
    depth = np.clip((c.y - horizon) / (1 - horizon), 0, 1)
    near = c.noise(0.05, octaves=2, stretch=5.0)
    far = c.noise(0.018, octaves=2, stretch=6.0)
    ripple = far + (near - far) * depth
    rows = np.clip(horizon - (c.y - horizon) * 0.9 + 0.05 * ripple * (0.15 + depth), 0, horizon - 0.004)
    at = np.clip((rows * c.height).astype(int), 0, c.height - 1)
    cols = np.broadcast_to(np.arange(c.width)[None, :], at.shape)
    own = ramp(np.clip(depth + 0.22 * ripple, 0, 1), *colors)
    blend = np.clip(mirror * (1.15 - 0.8 * depth) * (1 - 0.5 * np.abs(ripple)), 0, 1)[..., None]
    color = own + blend * (c.color[at, cols] - own)
    form = (c.y + swell * (0.3 + depth) * ripple, c.x)
    c.lay(area, color.astype(np.float32), Material.WATER, form=form, detail=0.35, contour=0.7)


def glints(c: Canvas, x: float, horizon: float, color: str, *, spread: float = 0.3, amount: float = 0.5) -> None:
    """Broken light on the water under a sun or moon."""
    depth = np.clip((c.y - horizon) / (1 - horizon), 0, 1)
    broken = c.noise(0.02, octaves=2, stretch=7.0) + 0.6 * c.noise(0.007, octaves=1, stretch=7.0)
    wide = np.exp(-(((c.x - x) / (0.03 + spread * depth**1.2)) ** 2))
    mask = step(broken + 1.9 * wide, 2.2 - 1.4 * amount, 2.6 - 1.4 * amount) * (c.y > horizon)
    c.lay(c.all().where(mask.astype(np.float32)), paint(color), Material.LIGHT, detail=0.75, contour=0.0)


def crown(c: Canvas, center: Point, size: Point, colors: Colors, *, lumps: int = 16, outline: float = 0.8) -> None:
    """A tree's crown: lumps of leaves, lit from the upper left, from lit to shaded."""
    rng = c.rng
    turn, far = rng.uniform(0, 2 * np.pi, lumps), np.sqrt(rng.uniform(0, 1, lumps))
    places = np.stack([far * np.cos(turn), far * np.sin(turn)], 1)
    places = places[np.argsort(-places[:, 1] + 0.3 * places[:, 0])]
    for u, v in places:
        spot = (center[0] + 0.75 * size[0] * u, center[1] + 0.75 * size[1] * v)
        r = 0.42 * min(size) * rng.uniform(0.75, 1.15)
        area = c.disc(spot, r, rough=0.09, squash=0.85)
        ball = ((area.x - spot[0]) * 0.6 + (area.y - spot[1])) / r
        shade = np.clip(0.42 + 0.33 * ball + 0.24 * v + 0.12 * u, 0, 1)
        form = rings(area, (spot[0] + 0.6 * r, spot[1] + 1.3 * r))
        c.lay(area, ramp(shade, *colors), Material.LEAF, form=form, detail=0.6, contour=outline)


def trunk(c: Canvas, foot: Point, top: Point, width: float, colors: Colors) -> None:
    """A trunk or post, lit from the left, narrower at the top."""
    lean = np.array([top[0] - foot[0], top[1] - foot[1]])
    bend = c.rng.normal() * width * 0.7
    side = [(foot[0] - 0.75 * width, foot[1]), (foot[0] - 0.4 * width + bend, foot[1] + 0.45 * lean[1])]
    back = [(foot[0] + 0.45 * width + bend, foot[1] + 0.45 * lean[1]), (foot[0] + 0.75 * width, foot[1])]
    tips = [(top[0] - 0.28 * width, top[1]), (top[0] + 0.28 * width, top[1])]
    area = c.inside(smooth_curve([*side, *tips, *back]))
    t = np.clip((area.x - foot[0] - bend * 0.5) / width + 0.5, 0, 1)
    c.lay(area, ramp(t, *colors), Material.WOOD, form=level(area, np.pi / 2), detail=0.75)


def tree(c: Canvas, foot: Point, height: float, leaves: Colors, bark: Colors, *, shadow: str | None = None) -> None:
    """A broad tree, with its shadow to the right when a color for it is given."""
    x, y = foot
    if shadow is not None:
        area = c.disc((x + 0.32 * height, y + 0.02 * height), 0.42 * height, rough=0.08, squash=0.2)
        c.tint(area, paint(shadow), 0.75)
    trunk(c, (x, y), (x + 0.03 * height, y - 0.55 * height), 0.07 * height, bark)
    crown(c, (x, y - 0.66 * height), (0.42 * height, 0.36 * height), leaves)


def pine(c: Canvas, foot: Point, height: float, colors: Colors, *, snow: str | None = None) -> None:
    """A conifer of ragged tiers, lit from the left."""
    x, y = foot
    trunk(c, (x, y), (x, y - 0.5 * height), 0.035 * height, (colors[-1], colors[-1]))
    tiers = 7
    for k in range(tiers):
        low, wide = y - height * (0.06 + 0.125 * k), height * 0.23 * (1 - k / (tiers + 0.4))
        peak = low - height * 0.24
        ragged = np.linspace(-1, 1, 9)
        hem = [
            (x + wide * u * c.rng.uniform(0.9, 1.1), low - 0.035 * height * (i % 2) + 0.02 * height * abs(u))
            for i, u in enumerate(ragged)
        ]
        area = c.inside([(x, peak), *hem[::-1]])
        t = np.clip(0.5 + 0.5 * (area.x - x) / wide + 0.25 * (area.y - peak) / (low - peak) - 0.1, 0, 1)
        fan = rays(area, (x, peak - 0.05 * height), spread=0.3 * height)
        c.lay(area, ramp(t, *colors), Material.LEAF, form=fan, detail=0.6, contour=0.7)
        if snow is not None and k % 2 == 0:
            cap = area.where(step(x + 0.1 * wide - area.x, 0, 0.1 * wide) * step(area.y, peak, low))
            c.lay(cap, paint(snow), Material.SNOW, form=fan, detail=0.6, contour=0.0)


def house(
    c: Canvas, foot: Point, size: tuple[float, float, float], wall: Colors, roof: Colors, *, lamp: str | None = None
) -> None:
    """A gabled house; size: front width, wall height, depth to the right. `lamp`: the color of its windows if lit."""
    (x, y), (w, h, d) = foot, size
    top = y - h - 0.62 * w
    ridge_end = (x + 0.5 * w + d, top)
    side = c.inside([(x + w, y), (x + w + d, y), (x + w + d, y - h), (x + w, y - h)])
    c.lay(side, paint(wall[-1]), Material.WALL, form=level(side, 0.04), detail=0.7)
    front = c.inside([(x, y), (x + w, y), (x + w, y - h), (x + 0.5 * w, top), (x, y - h)])
    c.lay(front, ramp(np.clip((front.y - top) / (y - top), 0, 1), *wall[:2]), Material.WALL, form=level(front, np.pi / 2), detail=0.7)
    slab = c.inside([(x + 0.5 * w, top - 0.03 * w), ridge_end, (x + w + d, y - h + 0.06 * w), (x + 1.07 * w, y - h + 0.06 * w)])
    slant = np.arctan2(0.62, 0.5)
    shade = np.clip((slab.y - top) / (y - h - top + 1e-6), 0, 1)
    c.lay(slab, ramp(shade, *roof), Material.ROOF, form=level(slab, float(slant)), detail=0.7)
    eave = c.inside([(x - 0.09 * w, y - h + 0.07 * w), (x + 0.5 * w, top - 0.06 * w), (x + 0.5 * w, top + 0.07 * w), (x, y - h + 0.07 * w)])
    c.lay(eave, paint(roof[-1]), Material.ROOF, form=level(eave, -float(slant)), detail=0.8)
    pane, count = 0.17 * w, max(1, round(d / w * 1.6))
    spots = [(x + 0.2 * w, y - 0.68 * h), (x + 0.63 * w, y - 0.68 * h)]
    spots += [(x + w + d * (i + 0.5) / count - 0.5 * pane, y - 0.68 * h) for i in range(count)]
    for px, py in spots:
        area = c.inside([(px, py), (px + pane, py), (px + pane, py + 1.5 * pane), (px, py + 1.5 * pane)])
        lit = lamp is not None and c.rng.random() < 0.7
        color = paint(lamp) if lamp is not None and lit else ramp(0.75, wall[-1], "#10141f")
        c.lay(area, color, Material.LIGHT if lit else Material.WOOD, form=level(area), detail=1.0, contour=0.5)


def sailboat(c: Canvas, at: Point, size: float, hull: Colors, sail: Colors, *, lean: float = 0.06) -> None:
    """A sailing boat on the water line `at`, `size` high, sails lit to shaded, with its broken reflection."""
    x, y = at
    mast = (x + lean * size, y - size)
    smear = c.disc((x, y + 0.2 * size), 0.32 * size, rough=0.1, squash=0.75)
    ripple = step(np.sin(smear.y / size * 60 + 9 * np.sin(smear.x / size * 7)), -0.7, 0.4)
    c.tint(smear, paint(hull[-1]), 0.75 * ripple * (1 - step(smear.y, y + 0.1 * size, y + 0.34 * size)))
    body = c.inside(
        smooth_curve([(x - 0.4 * size, y - 0.12 * size), (x + 0.02 * size, y - 0.085 * size), (x + 0.44 * size, y - 0.15 * size)], closed=False).tolist()
        + [(x + 0.3 * size, y + 0.015 * size), (x - 0.28 * size, y + 0.02 * size)]
    )
    t = np.clip((body.y - y + 0.14 * size) / (0.15 * size), 0, 1)
    c.lay(body, ramp(t, *hull), Material.WOOD, form=level(body, -0.05), detail=0.8)
    main = c.inside(smooth_curve([(x - 0.34 * size, y - 0.16 * size), (mast[0] - 0.16 * size, y - 0.6 * size), mast], closed=False).tolist() + [(x + 0.02 * size, y - 0.15 * size)])
    t = np.clip((main.x - x + 0.3 * size) / (0.36 * size), 0, 1)
    c.lay(main, ramp(t, *sail), Material.SAIL, form=level(main, 1.25), detail=0.7)
    jib = c.inside([(x + 0.07 * size, y - 0.17 * size), (mast[0] + 0.01 * size, mast[1] + 0.1 * size), (x + 0.41 * size, y - 0.18 * size)])
    c.lay(jib, ramp(0.25, *sail), Material.SAIL, form=level(jib, 1.0), detail=0.7)
    pole = c.inside([(x + 0.02 * size, y - 0.1 * size), (x + 0.045 * size, y - 0.1 * size), (mast[0] + 0.01 * size, mast[1] - 0.03 * size), (mast[0] - 0.008 * size, mast[1] - 0.03 * size)])
    c.lay(pole, paint(hull[-1]), Material.WOOD, detail=1.0, contour=0.0)


def bird(c: Canvas, at: Point, span: float, color: str, *, lift: float = 0.3) -> None:
    """A bird in flight, seen from the side."""
    x, y = at
    wing = [(x - 0.5 * span, y - lift * span), (x - 0.2 * span, y - 0.16 * span), (x, y), (x + 0.22 * span, y - 0.2 * span)]
    tip = [(x + 0.5 * span, y - lift * span * 0.8), (x + 0.2 * span, y - 0.06 * span), (x, y + 0.1 * span), (x - 0.2 * span, y - 0.04 * span)]
    area = c.inside(smooth_curve([*wing, *tip]))
    c.lay(area, paint(color), Material.WOOD, form=level(area), detail=1.0, contour=0.0)


def globe(c: Canvas, center: Point, radius: float, colors: Colors, *, squash: float = 0.93, material: Material = Material.FRUIT) -> Area:
    """A round thing lit from the upper left, from light through local color to shade and a little returned light."""
    area = c.disc(center, radius, rough=0.018, squash=squash)
    u, v = (area.x - center[0]) / radius, (area.y - center[1]) / (radius * squash)
    depth = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    light = np.clip(-0.52 * u - 0.6 * v + 0.6 * depth, -1, 1)
    back = 0.22 * step(u + v, 0.7, 1.35)
    across = (center[1] + radius * np.arcsin(np.clip(0.8 * v + 0.5 * u, -1, 1))).astype(np.float32)
    c.lay(area, ramp(np.clip(0.5 - 0.55 * light - back, 0, 1), *colors), material, form=(across, area.x), detail=0.6)
    return area
