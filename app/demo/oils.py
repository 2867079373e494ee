"""The compositions of the painter in oil: harbor, orchard, flowers, sea, lamps, birches, in color and in light."""

from __future__ import annotations

import numpy as np

from app.demo import motifs, things
from app.demo.canvas import Canvas, Material, Scene, level, paint, ramp, rays, smooth_curve, step


def _across(c: Canvas) -> np.ndarray:
    return np.linspace(0, 1, c.width, dtype=np.float32)


def _harbor(c: Canvas) -> None:
    """Sails coming home: a low sun, houses on a headland, three boats, a dark quay in front."""
    horizon, sun = 0.46, 0.7 * c.aspect
    motifs.sky(c, ("#27335f", "#565088", "#b86d84", "#f09a66", "#fbd88a"), horizon)
    motifs.clouds(c, "#fbb27c", "#57497c", top=0.03, bottom=0.4, cover=0.56, cell=0.2)
    motifs.orb(c, (sun, horizon - 0.06), 0.046, "#fff6cf", "#fcc873", reach=0.3)
    motifs.ridge(c, c.line(horizon - 0.03, 0.014, 0.35), ("#a07c98", "#75658f"), slope=0.2)
    rise = 0.17 * step(-_across(c), -0.5, -0.12)
    motifs.ridge(c, c.line(horizon + 0.012, 0.012, 0.16) - rise.astype(np.float32), ("#8d6471", "#3b3357"), slope=0.5)
    wall, roof = ("#ffc897", "#e09a78", "#6f4c68"), ("#c25a43", "#7c3440")
    spots = ((0.01, -0.07, 0.06), (0.1, -0.085, 0.055), (0.2, -0.06, 0.055))
    for x, lift, w in (*spots, (0.05, -0.012, 0.07), (0.16, -0.008, 0.062), (0.27, -0.005, 0.06), (0.36, 0.0, 0.045)):
        size = (w, w * c.rng.uniform(0.75, 1.1), w * 0.85)
        things.house(c, (x * c.aspect, horizon + lift), size, wall, roof, lamp="#ffe08a")
    motifs.water(c, horizon, ("#dc9580", "#75608c", "#30406f", "#1b254c"), mirror=0.72)
    motifs.glints(c, [sun], horizon, "#ffe3a0", spread=0.15, amount=0.66)
    things.sailboat(c, (0.9 * c.aspect, 0.515), 0.17, ("#6b4658", "#2b2746"), ("#e9b98f", "#8d6070"))
    things.sailboat(c, (0.53 * c.aspect, 0.565), 0.25, ("#8a3b40", "#33203a"), ("#f8d0a0", "#9c5a62"), lean=0.1)
    things.sailboat(c, (0.3 * c.aspect, 0.78), 0.6, ("#2f5f73", "#141a38"), ("#ffe9bd", "#c26f5c"), lean=0.04)
    quay = c.below(c.line(0.97, 0.006, 0.3) - (0.1 * step(_across(c), 0.63, 0.7)).astype(np.float32))
    shade = ramp(np.clip((c.y - 0.86) / 0.13 + 0.2 * c.noise(0.05), 0, 1), "#8a5f5c", "#3a2b48", "#1c1934")
    c.lay(quay, shade, Material.ROCK, form=level(quay, 0.02), detail=0.5)
    for x, top in ((0.735, 0.74), (0.79, 0.68), (0.93, 0.72)):
        things.trunk(c, (x * c.aspect, 0.96), (x * c.aspect, top), 0.036, ("#e09a6a", "#5a3a4a", "#231a36"))


def _orchard(c: Canvas) -> None:
    """An orchard on a slope in late summer, a farm behind it, blue hills beyond."""
    motifs.sky(c, ("#2f63a0", "#6f9fc4", "#c4d6cc", "#f6e6b8"), 0.4)
    motifs.clouds(c, "#fff6e0", "#9aaed0", top=0.0, bottom=0.33, cover=0.8, cell=0.2)
    motifs.ridge(c, c.line(0.3, 0.05, 0.5), ("#8aa0c0", "#56709d"), slope=0.3)
    motifs.ridge(c, c.line(0.38, 0.03, 0.4), ("#a9b884", "#4f7474"), slope=-0.3)
    far = ("#7d8b3c", "#d9b95a", "#f6e298")
    motifs.furrows(c, c.line(0.45, 0.03, 0.6), far, (0.2 * c.aspect, 0.3), rows=44)
    farm = ("#fdebc8", "#e8c997", "#9b8fa8")
    things.house(c, (0.64 * c.aspect, 0.47), (0.1, 0.085, 0.17), farm, ("#dd6540", "#8e3a35"))
    for x, y, h in ((0.6, 0.49, 0.19), (0.89, 0.49, 0.22), (0.96, 0.5, 0.15)):
        things.tree(c, (x * c.aspect, y), h, ("#b7b155", "#5d7f48", "#24485a"), ("#6b4a3c", "#33283c"))
    slope = c.line(0.6, 0.02, 0.5) + 0.12 * (_across(c) - 0.5)
    motifs.furrows(c, slope, ("#3f6a40", "#94a647", "#e9d067"), (0.72 * c.aspect, 0.2), rows=34)
    bends = ((0.5, 1.05), (0.53, 0.8), (0.66, 0.66), (0.68, 0.62), (0.7, 0.62), (0.7, 0.68), (0.66, 0.82), (0.72, 1.05))
    path = c.inside(smooth_curve([(x * c.aspect, y) for x, y in bends]))
    sand = ramp(np.clip(0.6 + 0.35 * c.noise(0.1)[path.rows, path.cols], 0, 1), "#c98e6a", "#f6d8a4")
    c.lay(path, sand, Material.LAND, form=level(path, 1.9), detail=0.4, contour=0.4)
    greens, bark = ("#e6d35a", "#86a340", "#33613f", "#1d3a4c"), ("#b07a52", "#3a2a3e")
    near = ((0.42, 0.66, 0.24), (0.84, 0.72, 0.3), (0.27, 0.72, 0.33), (0.96, 0.86, 0.46), (0.1, 0.86, 0.58))
    for x, y, h in (*near, (0.4, 0.91, 0.42)):
        foot = (x * c.aspect, y)
        things.tree(c, foot, h, greens, bark, shadow="#2b4a66")
        for _ in range(11):
            turn, reach = c.rng.uniform(0, 2 * np.pi), c.rng.uniform(0.3, 0.95)
            spot = (
                foot[0] + 0.36 * h * reach * float(np.cos(turn)),
                y - 0.66 * h + 0.3 * h * reach * float(np.sin(turn)),
            )
            things.globe(c, spot, 0.022 * h + 0.006, ("#ffb36a", "#e0452c", "#7c2438"))


def _peonies(c: Canvas) -> None:
    """Peonies in a blue jug by a window, pears on the striped cloth."""
    wall = c.all()
    glow = np.exp(-(((c.x - 0.12) / 0.6) ** 2 + ((c.y - 0.2) / 0.75) ** 2)) + 0.14 * c.noise(0.3)
    tones = ramp(np.clip(glow, 0, 1), "#1d2c3c", "#2f4f57", "#6f8f7c", "#dccb94")
    c.lay(wall, tones, Material.WALL, form=level(wall, 1.05), detail=0.12)
    edge = np.full(c.width, 0.74, np.float32) + 0.02 * (_across(c) - 0.5)
    table = c.below(edge)
    wood = np.clip((c.y - 0.74) / 0.4 + 0.2 * c.noise(0.08, stretch=5), 0, 1)
    c.lay(table, ramp(wood, "#b5734a", "#7a3f3a", "#4a2a3c"), Material.WOOD, form=level(table, 0.06), detail=0.25)
    hem = (
        (-0.05, 0.79),
        (0.2, 0.775),
        (0.56, 0.775),
        (0.76, 0.8),
        (0.83, 0.93),
        (0.62, 0.985),
        (0.3, 1.08),
        (-0.1, 1.0),
    )
    cloth = c.inside(smooth_curve(hem))
    fold = 0.5 + 0.5 * np.sin(11 * cloth.x + 5 * cloth.y + 2 * c.noise(0.3)[cloth.rows, cloth.cols])
    linen = ramp(1 - fold, "#fff6df", "#dccfcb", "#8f8fae")
    c.lay(cloth, linen, Material.CLOTH, form=level(cloth, -0.2), detail=0.35)
    stripes = step(np.sin(60 * (cloth.y + 0.16 * cloth.x + 0.03 * fold)), 0.45, 0.7)
    c.tint(cloth, paint("#c2544a"), 0.75 * stripes)
    c.tint(c.disc((0.57, 0.895), 0.22, squash=0.2, rough=0.03), paint("#2c3054"), 0.75)
    glaze = ("#7fb0d8", "#a9cfe6", "#3f74b5", "#22448a", "#16285c", "#2f5296")
    things.jug(c, (0.42, 0.905), 0.36, glaze, "#f3e3bc")
    heads = ((0.2, 0.5, 0.1), (0.6, 0.49, 0.105), (0.41, 0.545, 0.11), (0.13, 0.33, 0.085), (0.66, 0.3, 0.1))
    top = ((0.3, 0.19, 0.1), (0.51, 0.14, 0.08), (0.38, 0.36, 0.135))
    green = ("#a9bf6a", "#4f7f4c", "#1f4a44", "#12302f")
    for x, y, r in (*heads, *top):
        for _ in range(4):
            turn = float(c.rng.uniform(0, 2 * np.pi))
            tip = (x + 1.75 * r * float(np.cos(turn)), y + 1.6 * r * float(np.sin(turn)))
            things.leaf(c, (x + 0.3 * r * float(np.cos(turn)), y + 0.3 * r * float(np.sin(turn))), tip, 0.33 * r, green)
    rose = ("#fff0ea", "#f9b8b4", "#e0647f", "#9a2c55")
    white = ("#fffdf2", "#f5e6d8", "#d7b3b8", "#8c7296")
    coral = ("#ffe0b8", "#fb9f78", "#d9503f", "#8a2338")
    for k, (x, y, r) in enumerate((*heads, *top)):
        things.peony(c, (x, y), r, (rose, white, coral)[(0, 2, 1, 1, 0, 2, 0, 0)[k]], "#f7d774")
    pear = ("#fff3b0", "#e8c24a", "#a5882f", "#5a4a3a")
    for x, y, r in ((0.7, 0.875, 0.062), (0.62, 0.93, 0.058)):
        c.tint(c.disc((x + 0.6 * r, y + 0.8 * r), 0.95 * r, squash=0.3, rough=0.03), paint("#3a3556"), 0.75)
        things.globe(c, (x + 0.08 * r, y - 0.85 * r), 0.55 * r, pear, squash=1.3)
        things.globe(c, (x, y), r, pear)
        things.trunk(c, (x + 0.1 * r, y - 1.4 * r), (x + 0.3 * r, y - 2.0 * r), 0.2 * r, ("#6a4a3c", "#2a1c2c"))
    c.tint(c.disc((0.21, 0.96), 0.09, squash=0.35, rough=0.05), paint("#3a3556"), 0.7)
    things.peony(c, (0.17, 0.92), 0.075, rose, "#f7d774")


def _breaker(c: Canvas) -> None:
    """A breaker on the outer skerries: a clearing sky, a far sail, spray thrown up by the rocks."""
    horizon = 0.4
    motifs.sky(c, ("#26344f", "#4c6479", "#9db3ac", "#f3dfa6"), horizon, tilt=-0.3, sway=0.1)
    motifs.clouds(c, "#fff0cc", "#33435f", top=-0.3, bottom=0.34, cover=0.5, cell=0.22)
    motifs.water(c, horizon, ("#9fb8a8", "#3f7385", "#1f4660"), mirror=0.35)
    motifs.glints(c, [0.36 * c.aspect], horizon, "#fbeec0", spread=0.2, amount=0.55)
    things.sailboat(c, (0.24 * c.aspect, 0.435), 0.11, ("#5a4658", "#2b2746"), ("#fbe6c0", "#c79a80"), lean=0.12)
    deep = ("#a7d0b4", "#4a9490", "#1f5270", "#14304f")
    motifs.wave(c, 0.49, 0.012, 0.16, deep)
    motifs.wave(c, 0.56, 0.02, 0.22, deep)
    stone = ("#f0c08c", "#b5806c", "#5a4a66", "#2c2747", "#191733")
    things.crag(c, (0.87 * c.aspect, 0.72), (0.3, 0.44), stone, slabs=9)
    things.crag(c, (0.68 * c.aspect, 0.7), (0.14, 0.2), stone, slabs=5)
    _spray(c, (0.6 * c.aspect, 0.64), 0.33)
    motifs.wave(c, 0.66, 0.03, 0.3, deep, foam=0.8)
    _spray(c, (0.92 * c.aspect, 0.72), 0.2)
    motifs.wave(c, 0.78, 0.045, 0.36, deep, foam=0.7)
    motifs.wave(c, 0.93, 0.035, 0.4, ("#7fb8a8", "#2f7080", "#17405f", "#0f2444"), foam=0.6)


def _spray(c: Canvas, foot: tuple[float, float], height: float) -> None:
    """Water thrown up from `foot`."""
    fan = rays(c.all(), (foot[0], foot[1] + 0.3 * height), spread=0.5)
    far = np.hypot((c.x - foot[0]) * 1.25, np.minimum(c.y - foot[1], 0)) / height
    torn = c.noise(0.045, octaves=4) + 0.5 * np.sin(60 * fan[0] + 2 * c.noise(0.1))
    mask = step(0.95 - far + 0.28 * torn, 0.3, 0.48) * (1 - step(c.y, foot[1], foot[1] + 0.06))
    white = ramp(np.clip(0.15 + 0.6 * far + 0.3 * torn, 0, 1), "#fffdf0", "#e3ecdf", "#9fc0c4")
    c.lay(c.all().where(mask.astype(np.float32)), white, Material.FOAM, form=fan, detail=0.55, contour=0.4)


def _lamps(c: Canvas) -> None:
    """A quay after dark: lamplight broken on the water, a moon behind thin cloud, two boats asleep."""
    horizon, moon = 0.47, (0.27 * c.aspect, 0.17)
    motifs.sky(c, ("#0f1a3c", "#1d3a68", "#35688a", "#7fa69a"), horizon)
    motifs.orb(c, moon, 0.043, "#fff6d8", "#b9cfb4", reach=0.3)
    motifs.clouds(c, "#8fb0b0", "#1f3560", top=0.08, bottom=0.42, cover=0.52, cell=0.18)
    c.lay(c.disc(moon, 0.043, rough=0.012), paint("#fff6d8"), Material.LIGHT, detail=0.8, contour=0.6)
    motifs.ridge(c, c.line(horizon - 0.1, 0.035, 0.4), ("#3f6a88", "#1d3a60"), slope=0.4)
    motifs.ridge(c, c.line(horizon - 0.04, 0.015, 0.2), ("#274a68", "#142747"), slope=-0.4)
    x, lamps = 0.33 * c.aspect, []
    walls = (("#8a6478", "#5a476a", "#2a2448"), ("#4f7292", "#38557a", "#1d2b50"), ("#b07a66", "#74525f", "#2f2748"))
    for k in range(13):
        w = float(c.rng.uniform(0.06, 0.085))
        size = (w, w * float(c.rng.uniform(1.0, 2.2)), 0.28 * w)
        foot = (x, horizon + 0.006 * float(c.rng.normal()))
        things.house(c, foot, size, walls[int(c.rng.integers(3))], ("#2f2b50", "#16173a"), lamp="#ffcf6a")
        x += (1.5 if k % 3 == 2 else 1.22) * w
        if k % 3 == 2:
            lamps.append(x - 0.13 * w)
    lamps = [at for at in lamps if at < 0.97 * c.aspect]
    wharf = c.inside(
        [
            (0.12 * c.aspect, horizon - 0.012),
            (c.aspect + 0.1, horizon - 0.005),
            (c.aspect + 0.1, 0.5),
            (0.13 * c.aspect, 0.49),
        ]
    )
    c.lay(
        wharf,
        ramp(np.clip((wharf.y - horizon) / 0.03, 0, 1), "#6a5468", "#231f3f"),
        Material.ROCK,
        form=level(wharf),
        detail=0.6,
    )
    horizon = 0.488
    motifs.water(c, horizon, ("#3f6f8a", "#1f3f68", "#14264c", "#0b1430"), mirror=0.75)
    motifs.glints(c, [moon[0]], horizon, "#d9e6cc", spread=0.1, amount=0.42)
    motifs.glints(c, lamps, horizon, "#ffb84f", spread=0.05, amount=0.62)
    motifs.glints(c, lamps, horizon, "#fff0b0", spread=0.015, amount=0.4)
    for at in lamps:
        things.trunk(c, (at, horizon - 0.005), (at, horizon - 0.105), 0.011, ("#4a4058", "#15163a"))
        motifs.orb(c, (at, horizon - 0.115), 0.012, "#fff6cf", "#ffb84f", reach=0.05)
    things.rowboat(c, (0.25 * c.aspect, 0.74), 0.44, ("#4fa0a0", "#23506c", "#0d1a38"), "#16284a")
    things.rowboat(c, (0.74 * c.aspect, 0.88), 0.56, ("#e0694a", "#8a3044", "#24163a"), "#3a1f3c")


def _birches(c: Canvas) -> None:
    """Birches by a lake in October: white trunks, gold leaves, long violet shadows towards us."""
    motifs.sky(c, ("#5f8fc0", "#a9c6d4", "#f4e2bc"), 0.4)
    motifs.clouds(c, "#fff4dc", "#b9c4d8", top=0.0, bottom=0.36, cover=0.6, cell=0.2)
    motifs.ridge(c, c.line(0.35, 0.04, 0.4), ("#8a9cc4", "#5f74a8"), slope=0.3)
    motifs.ridge(c, c.line(0.42, 0.02, 0.25), ("#c98a4c", "#8a5a58", "#46486f"), slope=-0.4)
    motifs.water(c, 0.46, ("#b9cfd4", "#6f98b8", "#426f9c"), mirror=0.65)
    bank = c.line(0.7, 0.02, 0.4) - (0.07 * _across(c)).astype(np.float32)
    motifs.ridge(c, bank, ("#f6cf6a", "#dc9440", "#a35a3c"), Material.FIELD, slope=-0.15, fade=0.5)
    gold = ("#fff0a0", "#f8c443", "#e08a2c", "#a84a2c")
    for x, y, w in ((0.06, 0.16, 0.2), (0.5, 0.08, 0.26), (0.78, 0.2, 0.16)):
        things.leaves(c, (x * c.aspect, y), (w, 0.1), gold, count=70, leaf=0.016)
    bark = ("#fffaf0", "#efe4e0", "#b3a6c4", "#6a6090")
    stems = ((0.86, 0.72, 0.8, 0.026), (0.56, 0.74, 0.59, 0.03), (0.16, 0.8, 0.2, 0.042), (0.7, 0.86, 0.75, 0.052))
    for x, y, top, width in (*stems, (0.36, 0.95, 0.31, 0.07)):
        foot = x * c.aspect
        reach = c.inside([(foot - width, y), (foot + width, y), (foot + 0.42, 1.3), (foot + 0.22, 1.3)])
        c.tint(reach, paint("#5a4a84"), 0.62)
        things.birch(c, (foot, y), (top * c.aspect, -0.05), width, bark, "#2f2a48")
        tuft = c.disc((foot, y + 0.012), 1.25 * width, squash=0.22, rough=0.25)
        c.lay(tuft, paint("#c9803c"), Material.LEAF, form=level(tuft, 0.3), detail=0.6, contour=0.3)
    for x, y, w in ((0.24, 0.1, 0.2), (0.62, 0.26, 0.14), (0.9, 0.05, 0.16), (0.1, 0.34, 0.07)):
        things.leaves(c, (x * c.aspect, y), (w, 0.09), gold, count=80, leaf=0.019)
    for _ in range(60):
        x, y = c.rng.uniform(0, c.aspect), c.rng.uniform(0.76, 1.0)
        things.leaves(c, (float(x), float(y)), (0.01, 0.01), gold, count=1, leaf=0.006 + 0.012 * float(y - 0.7))


HARBOR = Scene(4 / 3, _harbor)
ORCHARD = Scene(4 / 3, _orchard)
PEONIES = Scene(4 / 5, _peonies)
BREAKER = Scene(4 / 3, _breaker)
LAMPS = Scene(4 / 3, _lamps)
BIRCHES = Scene(4 / 5, _birches)
