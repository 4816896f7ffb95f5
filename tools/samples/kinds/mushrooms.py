"""Mushrooms on a forest floor of moss and grass."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage, terrain
from tools.samples.graph import Graph, Value
from tools.samples.shot import Shot

RED, BROWN, TAN, WHITE = (0.5, 0.015, 0.01), (0.2, 0.08, 0.03), (0.45, 0.28, 0.12), (0.75, 0.7, 0.6)
SHOTS = stage.shots(
    "mushrooms",
    [
        {"cap": RED, "dots": True, "count": 3, "light": "noon"},
        {"cap": BROWN, "dots": False, "count": 4, "light": "grey"},
        {"cap": RED, "dots": True, "count": 1, "light": "low"},
        {"cap": TAN, "dots": False, "count": 6, "light": "noon"},
        {"cap": WHITE, "dots": False, "count": 3, "light": "grey"},
        {"cap": BROWN, "dots": False, "count": 1, "light": "low"},
        {"cap": RED, "dots": True, "count": 5, "light": "grey"},
        {"cap": TAN, "dots": True, "count": 2, "light": "low"},
        {"cap": WHITE, "dots": False, "count": 5, "light": "noon"},
    ],
    seed=2100,
)


def moss() -> bpy.types.Material:
    def shade(g: Graph) -> Value:
        patch = g.noise(g.position(), 6.0, 8.0, 0.65)
        tint = g.ramp(
            patch,
            [(0.3, (0.035, 0.02, 0.01)), (0.5, (0.05, 0.08, 0.015)), (0.7, (0.12, 0.2, 0.03))],
        )
        tuft = g.noise(g.position(), 160.0, 6.0, 0.7)
        return g.principled(tint, 0.95, Sheen_Weight=0.05, Normal=g.bump(tuft, 0.9, 0.012))

    return materials.material("moss", shade)


def mushroom(
    rng: np.random.Generator, cap: tuple[float, float, float], dots: bool
) -> bpy.types.Object:
    """One mushroom that stands on z = 0, about 10 cm high."""
    tall, wide, dome = rng.uniform(0.07, 0.11), rng.uniform(0.035, 0.055), rng.uniform(0.5, 0.9)
    skin = materials.glaze(cap, roughness=0.3)
    flesh = materials.paint((0.75, 0.68, 0.55), 0.75, 0.0)
    bend = rng.uniform(-0.012, 0.012, 2)
    path = [
        (0, 0, -0.01),
        (bend[0] * 0.3, bend[1] * 0.3, tall * 0.4),
        (bend[0], bend[1], tall * 0.8),
        (*bend, tall + 0.004),
    ]
    parts = [geometry.tube(path, [0.016, 0.011, 0.0095, 0.01], flesh)]
    height = wide * dome
    edge = [(wide * math.cos(a), height * math.sin(a)) for a in np.radians(np.linspace(0, 90, 18))]
    under = [(0.009, 0.006), (wide * 0.55, 0.005), (wide * 0.95, -0.003), (wide * 1.0, -0.002)]
    head = geometry.lathe([*under, *edge[:-1], (0, height)], skin, 64)
    gills = geometry.lathe(
        [(0.006, 0.0048), (wide * 0.55, 0.0035), (wide * 0.93, -0.004)], flesh, 64
    )
    for part in (head, gills):
        part.location = (*bend, tall)
        parts.append(part)
    skirt = [(0.0105, tall * 0.7), (0.017, tall * 0.63), (0.021, tall * 0.56)]
    parts.append(geometry.thicken(geometry.lathe(stage.smooth(skirt), flesh, 48), 0.001))
    for _ in range(26 if dots else 0):
        a, up = rng.uniform(0, 2 * math.pi), math.radians(rng.uniform(12, 88))
        at = (
            wide * math.cos(up) * math.cos(a) + bend[0],
            wide * math.cos(up) * math.sin(a) + bend[1],
            height * math.sin(up) + tall,
        )
        wart = geometry.ball(float(rng.uniform(0.0016, 0.0042)), at, flesh, 12)
        wart.scale = (1, 1, 0.6)
        parts.append(wart)
    return geometry.join(parts, "mushroom")


def build(shot: Shot) -> None:
    """A group of mushrooms in grass, trunks out of focus behind."""
    rng = np.random.default_rng(shot.seed)
    stage.outdoors(shot.params["light"], shot.seed)

    def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 0.05 * terrain.fractal(x * 2.2, y * 2.2, shot.seed, 6) + 0.02 * y

    terrain.heightfield(8, 8, (400, 400), height, moss(), (0, 2.5))

    def on_ground(x: float, y: float) -> tuple[float, float, float]:
        return x, y, float(height(np.array([x]), np.array([y]))[0])

    count = shot.params["count"]
    for number in range(count):
        angle = 2.4 * number + shot.seed
        away = 0.0 if count == 1 else 0.035 + 0.022 * number
        thing = mushroom(rng, shot.params["cap"], shot.params["dots"])
        thing.location = on_ground(away * math.cos(angle), away * math.sin(angle))
        thing.scale = (float(rng.uniform(0.65, 1.15)),) * 3
        thing.rotation_euler = (*rng.uniform(-0.2, 0.2, 2), rng.uniform(0, 6))
    blade = np.array(
        [
            [(-0.0012, 0, 0), (0.0012, 0, 0)],
            [(-0.001, 0.004, 0.025), (0.001, 0.004, 0.025)],
            [(-0.0006, 0.014, 0.046), (0.0006, 0.014, 0.046)],
            [(0, 0.03, 0.058), (0.0001, 0.03, 0.058)],
        ]
    )
    grass = geometry.sheet(blade, materials.leaf((0.07, 0.17, 0.02)))
    places = [on_ground(*rng.normal((0, 0.25), (0.4, 0.4))) for _ in range(3400)]
    geometry.scatter(
        [grass], [p for p in places if math.hypot(p[0], p[1]) > 0.06], rng, (0.5, 1.4), 22
    )
    litter = geometry.sheet(
        np.array(
            [
                [(-0.02, 0, 0), (-0.01, 0.012, 0.004), (0.02, 0, 0)],
                [(-0.02, 0.0001, 0), (-0.01, -0.012, 0.003), (0.02, 0.0001, 0)],
            ]
        ),
        materials.leaf((0.3, 0.12, 0.03)),
    )
    geometry.scatter(
        [litter],
        [on_ground(*rng.normal((0, 0.2), (0.35, 0.4))) for _ in range(140)],
        rng,
        (0.6, 1.3),
        20,
    )
    bark = materials.rock((0.13, 0.09, 0.06), 5.0)
    for _ in range(9):
        x, y = rng.uniform(-2.2, 2.2), rng.uniform(1.6, 5)
        geometry.tube(
            [(x, y, -0.3), (x + 0.05, y, 1.5), (x, y, 4)], float(rng.uniform(0.08, 0.2)), bark
        )
    scene.view("AgX", "AgX - Punchy", 0.4)
    stage.shoot(
        (0, 0, 0.075), 0.55 + 0.045 * count, rng.uniform(4, 14), rng.uniform(-25, 25), 70, 3.2
    )
