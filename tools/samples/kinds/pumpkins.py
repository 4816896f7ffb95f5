"""Pumpkins: ribbed, with stems and tendrils, on boards and straw."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage
from tools.samples.graph import Graph, Value
from tools.samples.shot import Shot

ORANGE, GREEN, WHITE, RED = (
    (0.75, 0.2, 0.015),
    (0.08, 0.14, 0.05),
    (0.78, 0.72, 0.58),
    (0.5, 0.06, 0.02),
)
SHOTS = stage.shots(
    "pumpkins",
    [
        {"colours": [ORANGE], "count": 3, "on": "oak", "wall": (0.4, 0.38, 0.34), "light": "day"},
        {
            "colours": [ORANGE],
            "count": 1,
            "on": "walnut",
            "wall": (0.08, 0.07, 0.07),
            "light": "dark",
        },
        {"colours": [WHITE], "count": 3, "on": "slate", "wall": (0.35, 0.38, 0.4), "light": "noon"},
        {
            "colours": [GREEN, ORANGE],
            "count": 5,
            "on": "pale",
            "wall": (0.5, 0.45, 0.36),
            "light": "evening",
        },
        {"colours": [RED], "count": 2, "on": "linen", "wall": (0.45, 0.35, 0.28), "light": "day"},
        {
            "colours": [ORANGE, WHITE, GREEN, RED],
            "count": 7,
            "on": "oak",
            "wall": (0.3, 0.32, 0.34),
            "light": "noon",
        },
        {"colours": [GREEN], "count": 2, "on": "walnut", "wall": (0.2, 0.25, 0.18), "light": "day"},
        {
            "colours": [WHITE],
            "count": 1,
            "on": "oak",
            "wall": (0.3, 0.22, 0.15),
            "light": "evening",
        },
        {
            "colours": [ORANGE],
            "count": 5,
            "on": "slate",
            "wall": (0.2, 0.22, 0.26),
            "light": "noon",
        },
        {
            "colours": [ORANGE, RED],
            "count": 4,
            "on": "pale",
            "wall": (0.25, 0.2, 0.16),
            "light": "day",
        },
    ],
    seed=1900,
    query=9,
)


def rind(colour: tuple[float, float, float]) -> bpy.types.Material:
    """Skin that is paler on the ribs, with warts and scratches."""

    def shade(g: Graph) -> Value:
        fine = g.noise(g.coords(), 55.0, 6.0, 0.6)
        broad = g.noise(g.coords(), 9.0, 4.0)
        tint = g.mix(g.step(broad, 0.35, 0.7), materials.darker(colour, 0.7), colour)
        tint = g.mix(g.step(fine, 0.6, 0.75), tint, materials.darker(colour, 1.25))
        return g.principled(tint, 0.38, Coat_Weight=0.15, Normal=g.bump(fine, 0.25, 0.003))

    return materials.material("rind", shade)


def pumpkin(
    rng: np.random.Generator, colour: tuple[float, float, float], radius: float
) -> bpy.types.Object:
    """A pumpkin that stands on z = 0."""
    ribs, flat = int(rng.integers(9, 13)), float(rng.uniform(0.62, 0.85))
    u, v = np.meshgrid(np.linspace(0, 2 * math.pi, 160, endpoint=False), np.linspace(-90, 90, 60))
    v = np.radians(v)
    groove = np.abs(np.sin(u * ribs / 2 + 0.3 * np.sin(u))) ** 0.55
    lumps = 1 + 0.03 * np.sin(u * 2 + rng.uniform(0, 6)) + 0.02 * np.sin(u * 3 + rng.uniform(0, 6))
    ring = radius * np.cos(v) * (0.84 + 0.16 * groove) * lumps
    dent = 0.26 * np.exp(-((np.cos(v) / 0.3) ** 2)) * np.sign(v)
    height = radius * flat * (np.sin(v) * (0.94 + 0.06 * groove) - dent) + radius * flat * 0.8
    points = np.stack([ring * np.cos(u), ring * np.sin(u), height], -1)
    parts = [geometry.sheet(points, rind(colour), closed=True)]
    top = radius * flat * 1.5
    lean = rng.uniform(-0.35, 0.35, 2) * radius
    stem = materials.wood((0.22, 0.2, 0.08), 6.0, 0.85)
    path = [
        (0, 0, top * 0.94),
        (0, 0, top * 1.06),
        (lean[0] * 0.4, lean[1] * 0.4, top * 1.17),
        (lean[0], lean[1], top * 1.25),
    ]
    parts.append(geometry.tube(path, [radius * s for s in (0.17, 0.085, 0.07, 0.085)], stem))
    return geometry.join(parts, "pumpkin")


def build(shot: Shot) -> None:
    """Pumpkins side by side, the small ones in front, with straw about them."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    placed: list[tuple[float, float, float]] = []
    for number in range(params["count"]):
        radius = float(rng.uniform(0.06, 0.11)) if params["count"] > 1 else 0.12
        for _ in range(400):
            x, y = rng.uniform((-0.3, -0.12), (0.3, 0.25)) * min(1.0, 0.25 + 0.16 * params["count"])
            if all(math.hypot(x - a, y - b) > (radius + r) * 0.93 for a, b, r in placed):
                break
        placed.append((float(x), float(y), radius))
        thing = pumpkin(rng, params["colours"][number % len(params["colours"])], radius)
        thing.location = (x, y, -0.004)
        thing.rotation_euler = (
            rng.uniform(-0.15, 0.15),
            rng.uniform(-0.15, 0.15),
            rng.uniform(0, 6),
        )
    straw = materials.paint((0.6, 0.45, 0.16), 0.7, 0.0)
    stalk = geometry.tube([(-0.05, 0, 0), (0, 0.006, 0.004), (0.05, 0, 0.001)], 0.0011, straw)
    where = [(*rng.normal(0, 0.19, 2), 0.003) for _ in range(220)]
    geometry.scatter([stalk], where, rng, (0.5, 1.3), 9)
    middle = np.mean([(x, y) for x, y, _ in placed], axis=0)
    scene.view("AgX", "AgX - Punchy")
    reach = 0.55 + 0.13 * params["count"]
    stage.shoot(
        (middle[0], middle[1], 0.07),
        min(reach, 1.25),
        rng.uniform(13, 30),
        rng.uniform(-30, 30),
        60,
        4,
    )
