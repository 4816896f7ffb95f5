"""Cacti in pots: ribbed barrels, columns with arms, and prickly pears, on sills and tables."""

import math
from typing import Any

import bpy
import numpy as np

from tools.samples import geometry, materials, props, stage, terrain
from tools.samples.graph import Graph, Value
from tools.samples.shot import Shot

CLAY, WHITE, BLUE, RED, YELLOW = (
    (0.5, 0.18, 0.08),
    (0.8, 0.78, 0.74),
    (0.03, 0.1, 0.34),
    (0.45, 0.03, 0.02),
    (0.75, 0.42, 0.05),
)
SHOTS = stage.shots(
    "cacti",
    [
        {
            "plants": ["barrel"],
            "pots": [CLAY],
            "on": "oak",
            "wall": (0.5, 0.48, 0.42),
            "light": "day",
        },
        {
            "plants": ["column"],
            "pots": [WHITE],
            "on": "pale",
            "wall": (0.5, 0.54, 0.56),
            "light": "noon",
        },
        {
            "plants": ["barrel", "column", "pad"],
            "pots": [CLAY],
            "on": "walnut",
            "wall": (0.6, 0.58, 0.54),
            "light": "day",
        },
        {
            "plants": ["pad"],
            "pots": [BLUE],
            "on": "linen",
            "wall": (0.4, 0.42, 0.44),
            "light": "day",
        },
        {
            "plants": ["column"],
            "pots": [RED],
            "on": "slate",
            "wall": (0.2, 0.22, 0.24),
            "light": "evening",
        },
        {
            "plants": ["barrel", "barrel"],
            "pots": [WHITE, YELLOW],
            "on": "marble",
            "wall": (0.3, 0.36, 0.4),
            "light": "noon",
        },
        {
            "plants": ["column", "pad"],
            "pots": [CLAY, BLUE],
            "on": "oak",
            "wall": (0.36, 0.2, 0.15),
            "light": "evening",
        },
        {
            "plants": ["barrel"],
            "pots": [YELLOW],
            "on": "walnut",
            "wall": (0.25, 0.3, 0.33),
            "light": "day",
        },
        {
            "plants": ["pad", "column", "barrel"],
            "pots": [WHITE, RED, BLUE],
            "on": "linen",
            "wall": (0.5, 0.5, 0.48),
            "light": "noon",
        },
    ],
    seed=2700,
)


def flesh(colour: tuple[float, float, float]) -> bpy.types.Material:
    def shade(g: Graph) -> Value:
        tone = g.noise(g.coords(), 30.0, 6.0)
        tint = g.mix(g.step(tone, 0.3, 0.7), materials.darker(colour, 0.6), colour)
        return g.principled(tint, 0.5, Subsurface_Weight=0.05, Normal=g.bump(tone, 0.2, 0.003))

    return materials.material("flesh", shade)


def star() -> bpy.types.Object:
    """An areole: a tuft of wool and eight spines, pointing to +Z."""
    pale = materials.paint((0.75, 0.66, 0.42), 0.5)
    parts = [geometry.ball(0.0012, (0, 0, 0), materials.fabric((0.8, 0.76, 0.66)), 8)]
    for number in range(8):
        a = number * math.pi / 4
        lean = 0.25 if number == 0 else 0.9
        tip = (0.008 * lean * math.cos(a), 0.008 * lean * math.sin(a), 0.008 * (1.15 - lean))
        points = [(0, 0, 0), tuple(0.5 * part for part in tip), tip]
        parts.append(geometry.tube(points, [0.0004, 0.0003, 0.0001], pale, smooth=False))
    return geometry.join(parts, "star")


def ribbed(
    path: list[tuple[float, float, float, float]],
    ribs: int,
    skin: bpy.types.Material,
    spine: bpy.types.Object,
) -> None:
    """A ribbed body along (x, y, z, radius) with spines on the crests."""
    line = np.array(path)
    turn = np.linspace(0, 2 * math.pi, ribs * 8, endpoint=False)
    wave = 1 - 0.2 * (1 - np.abs(np.cos(turn * ribs / 2))) ** 0.8
    along = np.gradient(line[:, :3], axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    a = np.cross(along, (0.0, 1.0, 0.001))
    a /= np.linalg.norm(a, axis=1, keepdims=True)
    b = np.cross(along, a)
    ring = a[:, None] * np.cos(turn)[:, None] + b[:, None] * np.sin(turn)[:, None]
    points = line[:, None, :3] + ring * (wave[:, None] * line[:, 3][:, None, None])
    geometry.sheet(points, skin, closed=True)
    for row in range(2, len(path) - 1, 2):
        if line[row, 3] < 0.006:
            continue
        for rib in range(ribs):
            out = ring[row, rib * 8] + along[row] * 0.3
            way = vector(out).to_track_quat("Z", "Y").to_euler()
            geometry.copy(spine, tuple(points[row, rib * 8]), tuple(math.degrees(x) for x in way))


def vector(value: np.ndarray) -> Any:
    from mathutils import Vector

    return Vector(tuple(map(float, value)))


def capped(points: np.ndarray, radius: float) -> list[tuple[float, float, float, float]]:
    """A path with a round end."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    left = np.clip((length[-1] - length) / radius, 0, 1)
    width = radius * np.sqrt(1 - (1 - left) ** 2) + 0.0004
    return [(*map(float, p), float(w)) for p, w in zip(points, width, strict=True)]


def plant(
    sort: str, x: float, y: float, base: float, rng: np.random.Generator, spine: bpy.types.Object
) -> float:
    """One cactus standing at a height; gives the height of its top."""
    skin = flesh(((0.07, 0.2, 0.06), (0.1, 0.26, 0.1), (0.09, 0.2, 0.12))[int(rng.integers(3))])
    if sort == "barrel":
        size = float(rng.uniform(0.05, 0.062))
        angle = np.linspace(-1.1, math.pi / 2, 22)
        path = [
            (x, y, base + size * (0.8 + 0.95 * math.sin(a)), size * math.cos(a) + 0.0004)
            for a in angle
        ]
        ribbed(path, 16, skin, spine)
        return base + size * 1.75
    if sort == "column":
        tall = float(rng.uniform(0.17, 0.22))
        high = np.concatenate(
            [np.linspace(0, tall - 0.03, 14), tall - 0.03 * (1 - np.linspace(0.1, 1, 9))]
        )
        trunk = np.stack([np.full_like(high, x), np.full_like(high, y), base + high], -1)
        ribbed(capped(trunk, 0.03), 9, skin, spine)
        for side, start in ((1, 0.4), (-1, 0.55)):
            t = np.linspace(0, 1, 18)
            out = side * 0.062 * np.sin(np.clip(t * 2, 0, 1) * math.pi / 2)
            lift = 0.1 * np.clip(t - 0.25, 0, 1) ** 1.2
            arm = np.stack([x + out, np.full_like(t, y), base + tall * start + lift], -1)
            ribbed(capped(arm, 0.017), 7, skin, spine)
        return base + tall
    pads = [
        ((0, 0), 0.0, 1.0),
        ((0.02, 0.08), 35.0, 0.8),
        ((-0.022, 0.085), -30.0, 0.75),
        ((0.062, 0.14), 15.0, 0.55),
        ((-0.06, 0.148), -50.0, 0.5),
    ]
    for (dx, dz), lean, scale in pads:
        pad = geometry.ball(0.045 * scale, (0, 0, 0), skin, 40)
        pad.scale = (0.78, 0.2, 1.12)
        tilt = math.radians(lean)
        pad.rotation_euler = (0, tilt, float(rng.uniform(-0.4, 0.4)))
        middle = 0.045 * scale
        pad.location = (
            x + dx + middle * math.sin(tilt),
            y,
            base + 0.005 + dz * 0.97 + middle * math.cos(tilt),
        )
        bpy.context.view_layer.update()
        for u in np.linspace(-0.75, 0.75, 6):
            for v in np.linspace(-0.75, 0.75, 7):
                if u * u + v * v < 0.85:
                    front = vector(np.array([u, -math.sqrt(1 - u * u - v * v), v]) * middle)
                    at = pad.matrix_world @ front
                    geometry.copy(spine, tuple(at), (90, 0, float(rng.uniform(0, 90))), 0.7)
    return base + 0.24


def build(shot: Shot) -> None:
    """Pots in a row, filled with gravelly soil."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    props.brighten(params["light"])
    spine = star()
    count, top = len(params["plants"]), 0.0
    pot = [
        (0, 0),
        (0.042, 0),
        (0.044, 0.003),
        (0.056, 0.068),
        (0.061, 0.07),
        (0.063, 0.088),
        (0.058, 0.088),
        (0.054, 0.07),
        (0, 0.07),
    ]
    for number, sort in enumerate(params["plants"]):
        x, y = (number - (count - 1) / 2) * 0.155, (number % 2) * 0.05
        colour = params["pots"][number % len(params["pots"])]
        stuff = materials.paint(colour, 0.8, 0.0) if colour == CLAY else materials.glaze(colour)
        geometry.lathe(stage.smooth(pot, 2), stuff, 72).location = (x, y, 0)
        soil = materials.sand((0.16, 0.1, 0.06))
        grid = np.linspace(0, 1, 24)[:, None] * 0.056
        angle = np.linspace(0, 2 * math.pi, 60, endpoint=False)[None]
        sx, sy = grid * np.cos(angle), grid * np.sin(angle)
        sz = 0.078 + 0.004 * terrain.fractal(sx * 150, sy * 150, shot.seed, 3)
        geometry.sheet(np.stack([sx, sy, sz], -1), soil, closed=True).location = (x, y, 0)
        top = max(top, plant(sort, x, y, 0.076, rng, spine))
    spine.hide_render = True
    stage.shoot(
        (0, 0, top * 0.5),
        0.26 + top * 1.05 + 0.13 * count,
        rng.uniform(10, 18),
        rng.uniform(-14, 14),
        60,
        4,
    )
