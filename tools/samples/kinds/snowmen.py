"""Snowmen with hats, scarves, coal and carrots, on snow before dark firs."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage, terrain
from tools.samples.shot import Shot

RED, BLUE, GREEN, YELLOW = (
    (0.5, 0.02, 0.03),
    (0.03, 0.12, 0.45),
    (0.03, 0.25, 0.08),
    (0.7, 0.45, 0.04),
)
BLACK = (0.015, 0.015, 0.017)
SHOTS = stage.shots(
    "snowmen",
    [
        {"scarf": RED, "hat": BLACK, "count": 1, "light": "noon"},
        {"scarf": BLUE, "hat": BLUE, "count": 1, "light": "grey"},
        {"scarf": GREEN, "hat": RED, "count": 2, "light": "noon"},
        {"scarf": YELLOW, "hat": BLACK, "count": 1, "light": "low"},
        {"scarf": RED, "hat": RED, "count": 1, "light": "grey"},
        {"scarf": BLUE, "hat": BLACK, "count": 3, "light": "low"},
        {"scarf": GREEN, "hat": GREEN, "count": 1, "light": "noon"},
        {"scarf": RED, "hat": BLACK, "count": 1, "light": "low"},
        {"scarf": YELLOW, "hat": BLUE, "count": 2, "light": "grey"},
    ],
    seed=2300,
)


def lump(radius: float, z: float, seed: int, snow: bpy.types.Material) -> bpy.types.Object:
    """A rolled ball of snow, not quite round."""
    u, v = np.meshgrid(
        np.linspace(0, 2 * math.pi, 120, endpoint=False), np.radians(np.linspace(-90, 90, 70))
    )
    x, y, h = np.cos(v) * np.cos(u), np.cos(v) * np.sin(u), np.sin(v)
    rough = terrain.fractal(x * 2 + h, y * 2 + h * 0.7, seed, 6)
    r = radius * (1 + 0.035 * rough)
    return geometry.sheet(np.stack([r * x, r * y, 0.92 * r * h + z], -1), snow, closed=True)


def snowman(
    rng: np.random.Generator, scarf: tuple[float, ...], hat: tuple[float, ...]
) -> bpy.types.Object:
    """A snowman 1.5 m high at the origin, looking towards -Y."""
    snow, coal = materials.snow(), materials.rock((0.02, 0.02, 0.02), 20.0)
    parts = [
        lump(radius, z, int(rng.integers(1000)), snow)
        for radius, z in ((0.4, 0.33), (0.29, 0.84), (0.2, 1.24))
    ]
    wool = materials.fabric(scarf, 0.25, 0.6)
    ring = [
        (0.2 * math.cos(a), 0.2 * math.sin(a), 1.07 + 0.02 * math.sin(2 * a))
        for a in np.linspace(0, 2 * math.pi, 20, endpoint=False)
    ]
    parts.append(geometry.tube(ring, 0.055, wool, closed=True))
    tail = [(0.12, -0.19, 1.06), (0.17, -0.27, 0.95), (0.19, -0.32, 0.82), (0.2, -0.33, 0.68)]
    end = geometry.tube(tail, [0.05, 0.055, 0.06, 0.062], wool)
    parts.append(end)
    carrot = geometry.tube(
        [(0, -0.18, 1.24), (0, -0.3, 1.235), (0.01, -0.42, 1.22)],
        [0.034, 0.022, 0.004],
        materials.paint((0.8, 0.22, 0.02), 0.6, 0.0),
    )
    parts.append(carrot)
    parts += [geometry.ball(0.024, (x, -0.178, 1.31), coal, 14) for x in (-0.07, 0.07)]
    for step in range(5):
        a = math.radians(-36 + 18 * step)
        parts.append(
            geometry.ball(
                0.014, (0.11 * math.sin(a), -0.178, 1.17 - 0.035 * math.cos(a) + 0.02), coal, 12
            )
        )
    for z, y in ((0.98, -0.252), (0.85, -0.285), (0.72, -0.262)):
        parts.append(geometry.ball(0.026, (0, y, z), coal, 14))
    felt = materials.fabric(hat, 0.5, 0.4)
    brim = [
        (0, 1.395),
        (0.21, 1.395),
        (0.215, 1.405),
        (0.14, 1.41),
        (0.125, 1.42),
        (0.13, 1.63),
        (0.12, 1.645),
        (0, 1.64),
    ]
    top = geometry.lathe(stage.smooth(brim), felt, 64)
    band = geometry.lathe([(0.1305, 1.43), (0.1325, 1.47)], wool, 64)
    for part in (top, band):
        part.rotation_euler = (0.04, 0.06, 0)
        parts.append(part)
    bark = materials.wood((0.16, 0.1, 0.06), 8.0, 0.9)
    for side in (-1, 1):
        arm = [(0.24 * side, 0, 0.9), (0.5 * side, -0.03, 1.02), (0.72 * side, -0.06, 1.2)]
        parts.append(geometry.tube(arm, [0.02, 0.014, 0.008], bark))
        for twig in (-0.09, 0.07):
            tip = (0.66 * side, -0.05, 1.02 - twig)
            parts += [geometry.tube([arm[1], tip], [0.01, 0.005], bark, smooth=False)]
    return geometry.join(parts, "snowman")


def fir(
    rng: np.random.Generator, needles: bpy.types.Material, snow: bpy.types.Material
) -> bpy.types.Object:
    """A fir of ragged tiers with snow on them, 5 m high."""
    parts = []
    for tier in range(7):
        z, r = 0.6 + tier * 0.62, 1.35 * (1 - tier / 7.6)
        turn = np.linspace(0, 2 * math.pi, 60, endpoint=False)
        ragged = 1 + 0.16 * np.sin(turn * 11 + rng.uniform(0, 6)) + 0.1 * rng.normal(size=60)
        rows = [
            np.stack(
                [
                    r * s * ragged * np.cos(turn),
                    r * s * ragged * np.sin(turn),
                    z + 1.0 * (1 - s) - 0.25 * s * s * ragged,
                ],
                -1,
            )
            for s in (0.02, 0.35, 0.7, 1.0)
        ]
        parts.append(geometry.sheet(np.stack(rows), needles, closed=True))
        white = [row * (0.9, 0.9, 1) + (0, 0, 0.06) for row in rows[:3]]
        parts.append(geometry.sheet(np.stack(white), snow, closed=True))
    return geometry.join(parts, "fir")


def build(shot: Shot) -> None:
    """Snowmen on a soft field of snow."""
    rng = np.random.default_rng(shot.seed)
    stage.outdoors(shot.params["light"], shot.seed)

    def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (
            0.12 * terrain.fractal(x * 0.35, y * 0.35, shot.seed, 7)
            + 0.004 * np.clip(y, 0, 40) ** 1.5
        )

    snow = materials.snow()
    terrain.heightfield(60, 60, (320, 320), height, snow, (0, 20))
    trees = [fir(rng, materials.leaf((0.02, 0.06, 0.025)), snow) for _ in range(3)]
    for tree in trees:
        tree.location = (0, 0, -40)
    places = [
        (x, rng.uniform(7, 18), 0.2) for x in np.linspace(-14, 14, 26) + rng.uniform(-0.5, 0.5, 26)
    ]
    geometry.scatter(trees, places, rng, (0.7, 1.4))
    count = shot.params["count"]
    for number in range(count):
        thing = snowman(rng, shot.params["scarf"], shot.params["hat"])
        x = (number - (count - 1) / 2) * 1.5
        y = 0.35 * (number % 2)
        thing.location = (x, y, float(height(np.array([x]), np.array([y]))[0]) - 0.03)
        thing.rotation_euler.z = rng.uniform(-0.4, 0.4)
        thing.scale = (float(rng.uniform(0.85, 1.05)),) * 3
    scene.view("AgX", "AgX - Punchy", -0.25)
    stage.shoot(
        (0, 0, 0.85), 3.4 + 1.1 * (count - 1), rng.uniform(3, 10), rng.uniform(-22, 22), 50, 4
    )
