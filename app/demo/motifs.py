"""The ground of a scene: skies, clouds, lights, land, fields, water; each motif lays its own areas on a canvas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.demo.canvas import Canvas, Form, Map, Material, Point, level, paint, ramp, rings, step

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
    over = np.clip(np.arange(c.height) - max(1, c.height // 40), 0, None)
    lift = field[over] - field
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
) -> None:
    """Land under a skyline: colors from lit to shaded, faceted by slopes whose strokes fall at `slope` radians."""
    area = c.below(line)
    body = c.noise(facets, octaves=3)
    depth = np.clip((c.y - line[None, :]) / fade, 0, 1)
    light = step(body + 0.4 * (0.5 - depth), -0.35, 0.35)
    across, along = level(area, slope)
    fall = c.y - 0.55 * line[None, :]
    form = (0.45 * across + 0.75 * fall + 0.05 * body, along)
    c.lay(area, ramp(1 - light, *colors), material, form=form, detail=0.3, contour=0.9)


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


def glints(
    c: Canvas, xs: Sequence[float], horizon: float, color: str, *, spread: float = 0.3, amount: float = 0.5
) -> None:
    """Broken light on the water under a sun, a moon or lamps at `xs`."""
    depth = np.clip((c.y - horizon) / (1 - horizon), 0, 1)
    broken = c.noise(0.02, octaves=2, stretch=7.0) + 0.6 * c.noise(0.007, octaves=1, stretch=7.0)
    near = np.min([np.abs(c.x - x) for x in xs], 0)
    wide = np.exp(-((near / (0.03 + spread * depth**1.2)) ** 2))
    mask = step(broken + 1.9 * wide, 2.2 - 1.4 * amount, 2.6 - 1.4 * amount) * (c.y > horizon)
    c.lay(c.all().where(mask.astype(np.float32)), paint(color), Material.LIGHT, detail=0.75, contour=0.0)


def wave(c: Canvas, base: float, swing: float, cell: float, colors: Colors, *, foam: float = 0.5) -> None:
    """A swell across the canvas around y = `base`, `swing` high, with foam on its back (0 none, 1 much)."""
    line = c.line(base, swing, cell, octaves=3)
    area = c.below(line)
    depth = c.y - line[None, :]
    ripple = c.noise(0.05, octaves=3, stretch=2.5)
    body = np.clip(depth / (5 * swing) + 0.25 * ripple, 0, 1)
    form = (depth + 0.35 * swing * ripple, c.x)
    c.lay(area, ramp(body, *colors), Material.WATER, form=form, detail=0.4)
    crest = step(0.75 * ripple - depth / (1.8 * foam * swing + 1e-6), -0.7, -0.25) * (depth > 0)
    spray = (depth + swing * ripple, c.x)
    white = ramp(np.clip(depth / swing, 0, 1), "#fdf8e8", "#b9d3d0")
    c.lay(area.where(crest.astype(np.float32)), white, Material.FOAM, form=spray, detail=0.7, contour=0.4)


def billow(c: Canvas, center: Point, size: Point, colors: Colors, *, lumps: int = 14, contour: float = 0.8) -> None:
    """A heaped cloud with a flat base, lit from the upper left, each heap curled on itself."""
    rng = c.rng
    u = np.sort(rng.uniform(-1, 1, lumps))[rng.permutation(lumps)]
    rise = (1 - u**2) * rng.uniform(0.35, 1.0, lumps)
    for k in np.argsort(-rise):
        r = size[1] * rng.uniform(0.38, 0.56) * (1.15 - 0.5 * abs(u[k]))
        spot = (center[0] + size[0] * float(u[k]), center[1] - size[1] * 0.75 * float(rise[k]))
        area = c.disc(spot, r, rough=0.05, squash=0.8)
        shade = np.clip(0.45 + 0.5 * ((area.y - spot[1]) + 0.4 * (area.x - spot[0])) / r, 0, 1)
        flat = area.where(1 - step(area.y, center[1] - 0.01, center[1] + 0.03))
        c.lay(
            flat,
            ramp(shade, *colors),
            Material.CLOUD,
            form=rings(area, (spot[0] + 0.5 * r, spot[1] + 1.1 * r)),
            detail=0.4,
            contour=contour,
        )
