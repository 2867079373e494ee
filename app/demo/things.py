"""Things that stand in a scene: trees, houses, boats, birds, fruit, flowers; each lays its own areas on a canvas."""

from __future__ import annotations

import numpy as np

from app.demo.canvas import Area, Canvas, Material, Point, level, paint, ramp, rays, rings, smooth_curve, step

Colors = tuple[str, ...]


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
    stem = c.inside([(x - 0.02 * height, y), (x + 0.02 * height, y), (x, y - 0.5 * height)])
    c.lay(stem, paint(colors[-1]), Material.WOOD, form=level(stem, np.pi / 2), detail=0.75)
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
    c.lay(
        front,
        ramp(np.clip((front.y - top) / (y - top), 0, 1), *wall[:2]),
        Material.WALL,
        form=level(front, np.pi / 2),
        detail=0.7,
    )
    slab = c.inside(
        [(x + 0.5 * w, top - 0.03 * w), ridge_end, (x + w + d, y - h + 0.06 * w), (x + 1.07 * w, y - h + 0.06 * w)]
    )
    slant = np.arctan2(0.62, 0.5)
    shade = np.clip((slab.y - top) / (y - h - top + 1e-6), 0, 1)
    c.lay(slab, ramp(shade, *roof), Material.ROOF, form=level(slab, float(slant)), detail=0.7)
    eave = c.inside(
        [
            (x - 0.09 * w, y - h + 0.07 * w),
            (x + 0.5 * w, top - 0.06 * w),
            (x + 0.5 * w, top + 0.07 * w),
            (x, y - h + 0.07 * w),
        ]
    )
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

    def spots(*points: Point) -> list[Point]:
        return [(x + (u + lean * -v) * size, y + v * size) for u, v in points]  # leaning as a whole

    smear = c.disc((x, y + 0.2 * size), 0.32 * size, rough=0.1, squash=0.75)
    ripple = step(np.sin(smear.y / size * 60 + 9 * np.sin(smear.x / size * 7)), -0.7, 0.4)
    c.tint(smear, paint(hull[-1]), 0.75 * ripple * (1 - step(smear.y, y + 0.1 * size, y + 0.34 * size)))
    pole = c.inside(spots((-0.012, -0.08), (0.016, -0.08), (0.008, -1.0), (-0.006, -1.0)))
    c.lay(pole, paint(hull[-1]), Material.WOOD, form=level(pole, np.pi / 2 - lean), detail=0.9, contour=0.0)
    leech = smooth_curve(spots((-0.4, -0.13), (-0.22, -0.55), (-0.012, -0.95)), closed=False)
    main = c.inside([*map(tuple, leech.tolist()), *spots((-0.016, -0.1))])
    t = np.clip((main.x - x) / (0.42 * size) + 0.75, 0, 1)
    c.lay(main, ramp(t, *sail), Material.SAIL, form=level(main, 1.25), detail=0.7)
    luff = smooth_curve(spots((0.018, -0.86), (0.2, -0.5), (0.4, -0.13)), closed=False)
    jib = c.inside([*map(tuple, luff.tolist()), *spots((0.022, -0.11))])
    t = np.clip((jib.x - x) / (0.8 * size), 0, 1)
    c.lay(jib, ramp(t, *sail), Material.SAIL, form=level(jib, 1.0), detail=0.7)
    deck = smooth_curve(spots((-0.44, -0.125), (0.02, -0.085), (0.47, -0.155)), closed=False)
    body = c.inside([*map(tuple, deck.tolist()), *spots((0.32, 0.015), (-0.3, 0.02))])
    t = np.clip((body.y - y + 0.14 * size) / (0.15 * size), 0, 1)
    c.lay(body, ramp(t, *hull), Material.WOOD, form=level(body, -0.05), detail=0.8)


def bird(c: Canvas, at: Point, span: float, color: str, *, lift: float = 0.3) -> None:
    """A bird in flight, seen from the side."""
    x, y = at
    wing = [
        (x - 0.5 * span, y - lift * span),
        (x - 0.2 * span, y - 0.16 * span),
        (x, y),
        (x + 0.22 * span, y - 0.2 * span),
    ]
    tip = [
        (x + 0.5 * span, y - lift * span * 0.8),
        (x + 0.2 * span, y - 0.06 * span),
        (x, y + 0.1 * span),
        (x - 0.2 * span, y - 0.04 * span),
    ]
    area = c.inside(smooth_curve([*wing, *tip]))
    c.lay(area, paint(color), Material.WOOD, form=level(area), detail=1.0, contour=0.0)


def globe(
    c: Canvas,
    center: Point,
    radius: float,
    colors: Colors,
    *,
    squash: float = 0.93,
    material: Material = Material.FRUIT,
) -> Area:
    """A round thing lit from the upper left, from light through local color to shade and a little returned light."""
    area = c.disc(center, radius, rough=0.018, squash=squash)
    u, v = (area.x - center[0]) / radius, (area.y - center[1]) / (radius * squash)
    depth = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    light = np.clip(-0.52 * u - 0.6 * v + 0.6 * depth, -1, 1)
    back = 0.22 * step(u + v, 0.7, 1.35)
    across = (center[1] + radius * np.arcsin(np.clip(0.8 * v + 0.5 * u, -1, 1))).astype(np.float32)
    c.lay(area, ramp(np.clip(0.5 - 0.55 * light - back, 0, 1), *colors), material, form=(across, area.x), detail=0.6)
    return area


def leaf(c: Canvas, base: Point, tip: Point, width: float, colors: Colors) -> None:
    """A pointed leaf with a lit and a shaded half."""
    way = np.array([tip[0] - base[0], tip[1] - base[1]])
    side = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6) * width
    start = np.array(base)
    ring = [start, start + 0.35 * way + side, start + 0.75 * way + 0.6 * side, np.array(tip)]
    ring += [start + 0.7 * way - 0.6 * side, start + 0.3 * way - 0.9 * side]
    area = c.inside(smooth_curve([(float(p[0]), float(p[1])) for p in ring]))
    across = ((area.x - base[0]) * side[0] + (area.y - base[1]) * side[1]) / width**2
    tilt = float(np.arctan2(way[1], way[0]))
    shade = np.clip(0.5 - 0.45 * across * np.sign(side[1] + 1e-6) * -1, 0, 1)
    c.lay(area, ramp(shade, *colors), Material.LEAF, form=level(area, tilt), detail=0.6, contour=0.7)


def peony(c: Canvas, center: Point, radius: float, colors: Colors, heart: str) -> None:
    """A full flower seen slightly from above: rings of petals, the outer ones lighter, lit from the upper left."""
    x, y = center
    for ring, (reach, count, wide) in enumerate(((0.78, 9, 0.42), (0.5, 7, 0.4), (0.24, 5, 0.34))):
        turns = np.linspace(0, 2 * np.pi, count, endpoint=False) + c.rng.uniform(0, 2 * np.pi)
        turns = turns[np.argsort(np.sin(turns))]
        for turn in turns:
            spot = (x + reach * radius * float(np.cos(turn)), y + 0.82 * reach * radius * float(np.sin(turn)))
            r = wide * radius * c.rng.uniform(0.85, 1.15)
            area = c.disc(spot, r, rough=0.07, squash=0.85, lobes=4)
            out = ((area.x - x) * np.cos(turn) + (area.y - y) * np.sin(turn)) / radius - reach  # -r to r, tip last
            light = 0.42 + 0.12 * ring + 0.2 * (np.cos(turn) + 1.3 * np.sin(turn)) - 0.75 * out
            color = ramp(np.clip(light + 0.1 * c.rng.normal(), 0, 1), *colors)
            c.lay(area, color, Material.FRUIT, form=rings(area, (x, y)), detail=0.6, contour=0.6)
    for _ in range(5):
        u, v = c.rng.normal(size=2) * 0.09 * radius
        core = c.disc((x + u, y - 0.04 * radius + 0.7 * v), 0.07 * radius, rough=0.15)
        c.lay(core, paint(heart), Material.LIGHT, form=rings(core, center), detail=0.9, contour=0.3)


def jug(c: Canvas, foot: Point, height: float, colors: Colors, band: str) -> None:
    """A bellied jug with a handle at the right, lit from the left, standing on `foot`."""
    x, y = foot
    profile = ((0.2, 0.0), (0.31, 0.12), (0.37, 0.32), (0.33, 0.55), (0.2, 0.76), (0.17, 0.88), (0.2, 0.99))
    right = [(x + u * height, y - v * height) for u, v in profile]
    left = [(2 * x - px, py) for px, py in reversed(right)]
    bottom = [(x - 0.1 * height, y + 0.025 * height), (x + 0.1 * height, y + 0.025 * height)]
    hub = (x + 0.3 * height, y - 0.68 * height)
    handle = c.disc(hub, 0.2 * height, squash=1.1, rough=0.008)
    far = np.hypot(handle.x - hub[0] + 0.02 * height, (handle.y - hub[1]) / 1.1)
    ring = np.clip((far - 0.135 * height) * c.height, 0, 1).astype(np.float32)
    bow = handle.where(ring)
    c.lay(bow, ramp(np.clip(0.55 + (handle.y - hub[1]) / height, 0, 1), *colors), Material.CLOTH, form=rings(bow, hub))
    body = c.inside(smooth_curve([*right, *left, *bottom]))
    turn = np.clip((body.x - x) / (0.74 * height) + 0.5, 0, 1)
    form = ((body.y + 0.5 * (turn - 0.5) ** 2 * height).astype(np.float32), body.x)
    c.lay(body, ramp(turn, *colors), Material.CLOTH, form=form, detail=0.5)
    bend = (body.y - (y - 0.56 * height) - 0.1 * height * (1 - (2 * turn - 1) ** 2)).astype(np.float32)
    c.tint(body.where(step(np.abs(bend), 0.035 * height, 0.02 * height)), paint(band), 0.9 * (1 - 0.55 * turn))
    c.tint(c.disc((x - 0.17 * height, y - 0.38 * height), 0.035 * height, squash=2.6), paint("#f8f6ea"), 0.9)


def rowboat(c: Canvas, at: Point, length: float, hull: Colors, inside: str) -> None:
    """An empty rowing boat seen from above its side, its bow to the right."""
    x, y = at
    rim = [(-0.5, -0.1), (-0.2, -0.07), (0.2, -0.08), (0.52, -0.19)]
    back = [(0.25, -0.16), (-0.1, -0.155), (-0.4, -0.15)]
    keel = [(0.4, 0.02), (0.1, 0.075), (-0.25, 0.075), (-0.44, 0.03)]
    well = [(x + u * length, y + v * length) for u, v in (*rim, *back)]
    side = [(x + u * length, y + v * length) for u, v in (*rim, *keel)]
    body = c.inside(smooth_curve(side))
    t = np.clip((body.y - y + 0.12 * length) / (0.2 * length), 0, 1)
    form = ((body.y - 0.22 * (body.x - x) ** 2 / length).astype(np.float32), body.x)
    c.lay(body, ramp(t, *hull), Material.WOOD, form=form, detail=0.6)
    hollow = c.inside(smooth_curve(well))
    c.lay(hollow, paint(inside), Material.WOOD, form=level(hollow, -0.05), detail=0.7)
    for u in (-0.22, 0.1):
        bench = ((u, -0.14), (u + 0.05, -0.14), (u + 0.065, -0.085), (u + 0.01, -0.085))
        plank = c.inside([(x + p * length, y + q * length) for p, q in bench])
        c.lay(plank, ramp(0.45, *hull), Material.WOOD, form=level(plank, 1.3), detail=0.8, contour=0.5)


def birch(c: Canvas, foot: Point, top: Point, width: float, bark: Colors, mark: str) -> None:
    """A birch trunk with its dark marks."""
    trunk(c, foot, top, width, bark)
    for _ in range(round(16 * (foot[1] - top[1]))):
        t = c.rng.uniform(0.03, 0.97)
        x = foot[0] + t * (top[0] - foot[0]) + c.rng.normal() * 0.3 * width
        spot = c.disc((x, foot[1] + t * (top[1] - foot[1])), width * c.rng.uniform(0.15, 0.34), squash=0.4, rough=0.12)
        wood = c.material[spot.rows, spot.cols] == Material.WOOD
        c.lay(spot.where(wood.astype(np.float32)), paint(mark), Material.ROCK, detail=0.8, contour=0.0)


def leaves(c: Canvas, center: Point, size: Point, colors: Colors, *, count: int, leaf: float) -> None:
    """Loose leaves that hang in the air around a center, nearer ones lighter."""
    for _ in range(count):
        u, v = c.rng.normal(size=2)
        spot = (center[0] + size[0] * float(u), center[1] + size[1] * float(v))
        area = c.disc(spot, leaf * c.rng.uniform(0.6, 1.3), rough=0.2, squash=0.7)
        shade = np.clip(0.45 + 0.25 * v + 0.25 * c.rng.normal(), 0, 1)
        c.lay(area, ramp(shade, *colors), Material.LEAF, form=level(area, c.rng.normal()), detail=0.7, contour=0.5)


def crag(c: Canvas, foot: Point, size: Point, colors: Colors, *, slabs: int = 7) -> None:
    """A rock of leaning slabs, each with a lit face at the left, a dark one at the right and a bright top edge."""
    x, y = foot
    rough = 0.16 * c.noise(0.03, octaves=2)
    for u in np.sort(c.rng.uniform(-1, 1, slabs))[np.argsort(-np.abs(np.linspace(-1, 1, slabs)) % 0.5)]:
        high = size[1] * (1 - 0.75 * u * u) * c.rng.uniform(0.75, 1.05)
        wide = size[0] * c.rng.uniform(0.3, 0.45)
        mid = x + 0.72 * size[0] * u
        peak = (mid + 0.25 * wide * c.rng.normal(), y - high)
        brow = (mid + 0.55 * wide, y - 0.8 * high)
        toe = (mid + 0.12 * wide * c.rng.normal(), y)
        left = [(mid - wide, y), (mid - 0.85 * wide, y - 0.45 * high), (mid - 0.35 * wide, y - 0.9 * high), peak, toe]
        right = [peak, brow, (mid + 0.9 * wide, y - 0.4 * high), (mid + wide, y), toe]
        for points, low, tilt in ((left, 0.0, 1.15), (right, 0.5, 2.0)):
            face = c.inside(points)
            shade = low + 0.5 * np.clip((face.y - y + high) / high + rough[face.rows, face.cols], 0, 1)
            c.lay(face, ramp(shade, *colors), Material.ROCK, form=level(face, tilt), detail=0.55, contour=0.7)
