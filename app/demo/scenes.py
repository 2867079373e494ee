"""The scenes both hands draw from: each composes motifs on a canvas and knows nothing of how it will be rendered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.demo import motifs
from app.demo.canvas import Canvas, Material, level, paint, ramp, smooth_curve, step


@dataclass(frozen=True)
class Scene:
    """A composition: its aspect (width over height) and what lays it on a canvas of that aspect."""

    aspect: float
    compose: Callable[[Canvas], None]

    def canvas(self, size: int, *, seed: int) -> Canvas:
        """The composed scene, `size` pixels on the long side; the same seed gives the same maps at every size."""
        canvas = Canvas(size, self.aspect, np.random.default_rng(seed))
        self.compose(canvas)
        return canvas


def _harbor(c: Canvas) -> None:
    """Sails coming home: a low sun, a headland with houses, three boats, a dark quay in front."""
    horizon, sun = 0.47, 0.63 * c.aspect
    motifs.sky(c, ("#2b3763", "#5d5687", "#b56f86", "#eb9a6b", "#f9d489"), horizon)
    motifs.clouds(c, "#f5a774", "#5a4a7c", top=0.04, bottom=0.4, cover=0.5)
    motifs.orb(c, (sun, horizon - 0.075), 0.042, "#fff3c4", "#fbc56e", reach=0.32)
    motifs.ridge(c, c.line(horizon - 0.05, 0.022, 0.35), ("#8d7396", "#6b5f8c"), slope=0.2, contour=0.6)
    head = c.line(horizon - 0.03, 0.012, 0.2) + 0.3 * step(np.linspace(0, 1, c.width, dtype=np.float32), 0.2, 0.62)
    motifs.ridge(c, head - 0.09, ("#7a5a6e", "#3b3357"), slope=0.5)
    for x, w in ((0.02, 0.07), (0.13, 0.055), (0.21, 0.06), (0.32, 0.05), (0.41, 0.045)):
        wall, roof = ("#f0b98a", "#d98f72", "#6a4a66"), ("#b4523f", "#7c3440")
        motifs.house(c, (x * c.aspect, horizon + 0.002), (w, w * c.rng.uniform(0.8, 1.3), w * 0.8), wall, roof, lamp="#ffd97a")
    motifs.water(c, horizon, ("#d08a7c", "#6d5b88", "#2f3b68", "#1d2750"), mirror=0.7)
    motifs.glints(c, sun, horizon, "#ffdf94", spread=0.16, amount=0.62)
    motifs.sailboat(c, (0.86 * c.aspect, 0.53), 0.2, ("#6b4658", "#2b2746"), ("#f7d6a4", "#c07c62"))
    motifs.sailboat(c, (0.2 * c.aspect, 0.66), 0.34, ("#a03d3c", "#33203a"), ("#f3c893", "#9c5a52"), lean=0.1)
    motifs.sailboat(c, (0.57 * c.aspect, 0.79), 0.56, ("#2f5f73", "#141a38"), ("#fbe3b6", "#c9745a"), lean=0.04)
    quay = c.below(c.line(0.965, 0.006, 0.3) - 0.1 * step(-np.linspace(-1, 0, c.width, dtype=np.float32), 0.66, 0.7))
    c.lay(quay, ramp(np.clip((c.y - 0.86) / 0.12, 0, 1), "#6a4a55", "#231c3a"), Material.ROCK, form=level(quay, 0.02), detail=0.5)
    for x in (0.05, 0.12, 0.2, 0.27):
        motifs.trunk(c, (x * c.aspect, 0.95), (x * c.aspect, 0.8 + 0.02 * c.rng.normal()), 0.026, ("#c78262", "#2a1e37"))


def _orchard(c: Canvas) -> None:
    """An orchard on a slope in late summer, a farm behind it, blue hills beyond."""
    motifs.sky(c, ("#3f6fa3", "#7fa8c4", "#cdd6c8", "#f3e3b8"), 0.4)
    motifs.clouds(c, "#fbf3dc", "#9fb0c4", top=0.0, bottom=0.34, cover=0.62, cell=0.2)
    motifs.ridge(c, c.line(0.3, 0.05, 0.5), ("#8aa0b8", "#5f789d"), slope=0.3, contour=0.7)
    motifs.ridge(c, c.line(0.38, 0.03, 0.4), ("#9fae84", "#4f7474"), slope=-0.3)
    motifs.furrows(c, c.line(0.45, 0.03, 0.6), ("#7d8b3c", "#d9b95a", "#f0dc8e"), (0.2 * c.aspect, 0.3), rows=44)
    motifs.house(c, (0.66 * c.aspect, 0.47), (0.085, 0.075, 0.15), ("#f7e5c0", "#e3c391", "#9b8fa0"), ("#cf5f3c", "#8e3a35"))
    for x, y, h in ((0.61, 0.49, 0.17), (0.9, 0.49, 0.2), (0.96, 0.5, 0.15)):
        motifs.tree(c, (x * c.aspect, y), h, ("#b7b155", "#5d7f48", "#24485a"), ("#6b4a3c", "#33283c"))
    slope = c.line(0.6, 0.02, 0.5) + 0.12 * (np.linspace(0, 1, c.width, dtype=np.float32) - 0.5)
    motifs.furrows(c, slope, ("#3f6a40", "#94a647", "#dfc75e"), (0.72 * c.aspect, 0.2), rows=34)
    path = c.inside(smooth_curve([(0.5 * c.aspect, 1.05), (0.53 * c.aspect, 0.8), (0.66 * c.aspect, 0.66), (0.68 * c.aspect, 0.62), (0.7 * c.aspect, 0.62), (0.7 * c.aspect, 0.68), (0.66 * c.aspect, 0.82), (0.72 * c.aspect, 1.05)]))
    c.lay(path, ramp(np.clip(0.5 + c.noise(0.1)[path.rows, path.cols], 0, 1), "#c98e5a", "#f0d29a"), Material.LAND, form=level(path, 1.9), detail=0.4, contour=0.4)
    leaves, bark = ("#d8c553", "#7d9a3f", "#33613f", "#1d3a4c"), ("#9a6a4a", "#3a2a3e")
    for x, y, h in ((0.42, 0.66, 0.24), (0.84, 0.72, 0.3), (0.27, 0.72, 0.33), (0.96, 0.86, 0.46), (0.1, 0.86, 0.56), (0.4, 0.9, 0.42)):
        foot = (x * c.aspect, y)
        motifs.tree(c, foot, h, leaves, bark, shadow="#2b4a5c")
        for _ in range(9):
            u, v = c.rng.normal(size=2) * 0.15
            motifs.globe(c, (foot[0] + u * h * 1.3, y - 0.64 * h + v * h), 0.02 * h + 0.004, ("#ffc27a", "#d9482f", "#7c2438"))


def _night(c: Canvas) -> None:
    """A village asleep under a turning sky, a dark pine in front of it."""
    motifs.sky(c, ("#0e1738", "#1c2f66", "#34598e", "#6d93a8"), 0.62)
    centers = [(0.78 * c.aspect, 0.17, 1.0), (0.36 * c.aspect, 0.3, 0.8), (0.58 * c.aspect, 0.4, 0.5), (0.12 * c.aspect, 0.14, 0.5)]
    across = c.across.copy()
    pull = np.zeros_like(across)
    for x, y, strength in centers:
        r = np.hypot(c.x - x, (c.y - y) * 1.15)
        near = strength * np.exp(-((r / 0.2) ** 2))
        across = across * (1 - near) + (r + 0.3) * near
        pull += near
    bands = 0.5 + 0.5 * np.sin(38 * across + 2.2 * c.noise(0.25))
    c.lay(c.all(), ramp(np.clip(0.62 * (c.y / 0.6) + 0.42 * (bands - 0.5) + 0.12 * pull, 0, 1), "#0f1a40", "#20407c", "#3f72a5", "#9cc0b8"), Material.SKY, form=(across.astype(np.float32), c.x), detail=0.25)
    motifs.orb(c, (0.78 * c.aspect, 0.17), 0.055, "#fff0b0", "#f0c968", reach=0.17)
    for x, y in ((0.36, 0.3), (0.58, 0.4), (0.12, 0.14), (0.26, 0.08), (0.5, 0.12), (0.62, 0.24), (0.93, 0.38), (0.95, 0.06), (0.2, 0.42), (0.44, 0.46)):
        motifs.orb(c, (x * c.aspect, y), c.rng.uniform(0.008, 0.016), "#fff6cf", "#e9d27c", reach=0.045)
    motifs.ridge(c, c.line(0.56, 0.045, 0.5), ("#4a6c96", "#1f3565"), slope=0.5)
    motifs.ridge(c, c.line(0.64, 0.03, 0.35), ("#2f5375", "#132247"), slope=-0.5)
    motifs.furrows(c, c.line(0.76, 0.015, 0.4), ("#122c44", "#2f5a5a", "#6a8650"), (0.55 * c.aspect, 0.55), rows=36)
    for x, y, w in ((0.34, 0.76, 0.06), (0.45, 0.74, 0.055), (0.6, 0.745, 0.06), (0.74, 0.765, 0.07), (0.87, 0.75, 0.06), (0.52, 0.8, 0.08), (0.66, 0.83, 0.085), (0.82, 0.85, 0.09), (0.4, 0.86, 0.09)):
        motifs.house(c, (x * c.aspect, y), (w, w * 0.8, w * 1.1), ("#5d7fa0", "#3d5c86", "#1b2a52"), ("#3a3a63", "#1a1c40"), lamp="#ffc95a")
        motifs.crown(c, ((x - 0.03) * c.aspect, y - 0.02), (0.035, 0.03), ("#44706a", "#1c3f55", "#0c1a38"), lumps=6)
    shadow = c.below(c.line(0.94, 0.012, 0.3))
    c.lay(shadow, ramp(np.clip(0.5 + 0.5 * c.noise(0.06), 0, 1), "#0d1a33", "#2b4a4c"), Material.LAND, form=level(shadow, -0.15), detail=0.4)
    for x, h in ((0.06, 0.5), (0.235, 0.4), (0.14, 0.86)):
        motifs.pine(c, (x * c.aspect, 1.0), h, ("#2f6a5c", "#16394c", "#081228"))


def _still_life(c: Canvas) -> None:
    """Pears, apples and a blue jug on a striped cloth by a window."""
    wall = c.all()
    glow = np.exp(-(((c.x - 0.2) / 0.7) ** 2 + ((c.y - 0.15) / 0.6) ** 2)) + 0.16 * c.noise(0.3)
    c.lay(wall, ramp(np.clip(glow, 0, 1), "#2a2c46", "#5a4f66", "#a0736a", "#dfae7c"), Material.WALL, form=level(wall, 1.05), detail=0.12)
    edge = np.full(c.width, 0.6, np.float32) + 0.03 * np.linspace(-1, 1, c.width, dtype=np.float32)
    table = c.below(edge)
    c.lay(table, ramp(np.clip((c.y - 0.6) / 0.4 + 0.2 * c.noise(0.08, stretch=5), 0, 1), "#c9834f", "#8a4a3c", "#4a2a3c"), Material.WOOD, form=level(table, 0.06), detail=0.25)
    cloth = c.inside(smooth_curve([(0.02, 0.72), (0.2, 0.64), (0.62, 0.665), (0.98, 0.7), (1.06, 0.83), (0.8, 0.92), (0.55, 1.02), (0.2, 1.04), (-0.05, 0.9)]))
    fold = 0.5 + 0.5 * np.sin(9 * cloth.x + 6 * cloth.y + 2 * c.noise(0.3)[cloth.rows, cloth.cols])
    stripes = step(np.sin(46 * (cloth.y + 0.25 * cloth.x + 0.03 * fold)), 0.55, 0.75)
    color = ramp(1 - fold, "#fdf3dc", "#d9cbc4", "#8d8ba6")
    c.lay(cloth, color, Material.CLOTH, form=level(cloth, -0.35), detail=0.35)
    c.tint(cloth, paint("#38598f"), 0.8 * stripes)
    jug = [(0.63, 0.3), (0.6, 0.36), (0.53, 0.46), (0.52, 0.6), (0.58, 0.7), (0.7, 0.715), (0.82, 0.7), (0.88, 0.6), (0.86, 0.46), (0.79, 0.36), (0.77, 0.29)]
    shade = c.disc((0.9, 0.72), 0.2, squash=0.22, rough=0.03)
    c.tint(shade, paint("#2f2a4a"), 0.75)
    handle = c.disc((0.875, 0.45), 0.09, squash=1.15, rough=0.01)
    hole = np.clip((np.hypot(handle.x - 0.865, (handle.y - 0.45) / 1.15) - 0.058) * c.height, 0, 1).astype(np.float32)
    c.lay(handle.where(hole), paint("#27457e"), Material.CLOTH, form=motifs.rings(handle, (0.87, 0.45)), detail=0.6)
    body = c.inside(smooth_curve(jug))
    turn = np.clip((body.x - 0.52) / 0.36, 0, 1)
    c.lay(body, ramp(turn, "#5f8fc0", "#8fb8d6", "#3f6cab", "#22407c", "#182a5a", "#2f4a84"), Material.CLOTH, form=(body.y + 0.12 * (turn - 0.5) ** 2, body.x), detail=0.45)
    band = body.where(step(np.abs(body.y - 0.44 - 0.05 * (turn - 0.5) ** 2), 0.022, 0.012))
    c.tint(band, paint("#f1dfb6"), 0.85 * (1 - 0.6 * turn))
    mouth = c.disc((0.7, 0.295), 0.072, squash=0.28)
    c.lay(mouth, paint("#131c40"), Material.CLOTH, form=level(mouth), detail=0.7)
    shine = c.disc((0.6, 0.5), 0.022, squash=2.2, rough=0.05)
    c.tint(shine, paint("#f6f4e4"), 0.9)
    pear, apple, plum = ("#fff0a8", "#e2b53f", "#a5812f", "#5a4a3a"), ("#ffd09a", "#df5a3a", "#a02c35", "#4a1c3a"), ("#b9a6d0", "#5a3f7c", "#2c1f4c", "#3a2a55")
    for x, y, r, colors, neck in ((0.33, 0.6, 0.095, pear, True), (0.16, 0.68, 0.09, apple, False), (0.47, 0.71, 0.1, pear, True), (0.3, 0.76, 0.09, apple, False), (0.67, 0.79, 0.085, apple, False), (0.14, 0.81, 0.055, plum, False), (0.46, 0.86, 0.052, plum, False), (0.55, 0.89, 0.05, plum, False)):
        shadow = c.disc((x + 0.75 * r, y + 0.72 * r), 0.95 * r, squash=0.35, rough=0.03)
        c.tint(shadow, paint("#3a3556"), 0.7)
        if neck:
            motifs.globe(c, (x + 0.12 * r, y - 0.95 * r), 0.52 * r, colors, squash=1.25)
        motifs.globe(c, (x, y), r, colors)
        motifs.trunk(c, (x + 0.1 * r, y - (1.35 if neck else 0.75) * r), (x + 0.35 * r, y - (1.95 if neck else 1.3) * r), 0.16 * r, ("#5a3a2c", "#2a1c2c"))
        c.tint(c.disc((x - 0.35 * r, y - 0.38 * r), 0.13 * r, rough=0.1), paint("#fffbe6"), 0.9)


def _lighthouse(c: Canvas) -> None:
    """A lighthouse on its rock in a gale, the sea climbing towards us."""
    motifs.sky(c, ("#33415f", "#5f7488", "#9fb0ac", "#e6d9a8"), 0.5, tilt=-0.35, sway=0.16)
    motifs.clouds(c, "#e9e2c6", "#3c4a66", top=0.0, bottom=0.45, cover=0.58, cell=0.22)
    motifs.water(c, 0.5, ("#7f9c98", "#3f6f80", "#1f4660"), mirror=0.2)
    x = 0.66 * c.aspect
    rock = c.inside([(x - 0.3, 0.62), (x - 0.2, 0.5), (x - 0.13, 0.47), (x - 0.08, 0.41), (x + 0.09, 0.4), (x + 0.15, 0.46), (x + 0.22, 0.47), (x + 0.4, 0.6), (x + 0.5, 0.7), (x - 0.3, 0.7)])
    facets = c.noise(0.06, octaves=3)[rock.rows, rock.cols]
    c.lay(rock, ramp(step(facets + 1.5 * (rock.x - x), -0.5, 0.5), "#b98f6c", "#6b5a62", "#2a2b45"), Material.ROCK, form=(rock.x + 0.45 * rock.y + 0.03 * facets, rock.y), detail=0.5)
    tower = c.inside([(x - 0.05, 0.41), (x + 0.05, 0.41), (x + 0.034, 0.13), (x - 0.034, 0.13)])
    t = np.clip((tower.x - x) / 0.09 + 0.5, 0, 1)
    c.lay(tower, ramp(t, "#fff6e0", "#e8d6bd", "#8d8fa5"), Material.WALL, form=(tower.y + 0.6 * (tower.x - x) ** 2, tower.x), detail=0.8)
    for y in (0.2, 0.31):
        band = tower.where(((tower.y > y) & (tower.y < y + 0.05)).astype(np.float32))
        c.lay(band, ramp(t, "#d5553c", "#b23a36", "#5c2440"), Material.ROOF, form=(tower.y, tower.x), detail=0.8, contour=0.5)
    for points, color in (([(-0.05, 0.135), (0.05, 0.135), (0.05, 0.12), (-0.05, 0.12)], "#23253f"), ([(-0.026, 0.12), (0.026, 0.12), (0.026, 0.075), (-0.026, 0.075)], "#ffe08a"), ([(-0.04, 0.075), (0.04, 0.075), (0.0, 0.035)], "#a8342f")):
        area = c.inside([(x + u, v) for u, v in points])
        c.lay(area, paint(color), Material.LIGHT if color == "#ffe08a" else Material.ROOF, form=level(area), detail=1.0)
    motifs.house(c, (x + 0.07, 0.42), (0.07, 0.05, 0.08), ("#f3e6cc", "#d9c7ac", "#7d7f98"), ("#a84a3a", "#5c2b3c"))
    waves = ((0.58, 0.018, 0.16), (0.66, 0.026, 0.22), (0.76, 0.038, 0.3), (0.88, 0.05, 0.4))
    for base, swing, cell in waves:
        line = c.line(base, swing, cell, octaves=3)
        area = c.below(line)
        depth = c.y - line[None, :]
        ripple = c.noise(0.05, octaves=3, stretch=2.5)
        body = np.clip(depth / (5 * swing) + 0.25 * ripple, 0, 1)
        c.lay(area, ramp(body, "#8fc0b0", "#3f8390", "#1d4a68", "#122b4c"), Material.WATER, form=(depth + 0.35 * swing * ripple, c.x), detail=0.4)
        foam = step(0.75 * ripple - depth / (0.9 * swing), -0.7, -0.25) * (depth > 0)
        c.lay(area.where(foam.astype(np.float32)), ramp(np.clip(depth / swing, 0, 1), "#fdf8e8", "#b9d3d0"), Material.FOAM, form=(depth + swing * ripple, c.x), detail=0.7, contour=0.4)
    for u, v, span in ((0.2, 0.2, 0.075), (0.32, 0.13, 0.05), (0.13, 0.33, 0.045), (0.4, 0.26, 0.04)):
        motifs.bird(c, (u * c.aspect, v), span, "#f4efe0")


HARBOR = Scene(4 / 3, _harbor)
ORCHARD = Scene(4 / 3, _orchard)
NIGHT = Scene(5 / 4, _night)
STILL_LIFE = Scene(1.0, _still_life)
LIGHTHOUSE = Scene(4 / 5, _lighthouse)
