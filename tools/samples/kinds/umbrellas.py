"""Beach umbrellas with striped canopies on sand, before the sea."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage, terrain
from tools.samples.shot import Shot

RED, BLUE, YELLOW = (0.6, 0.02, 0.03), (0.02, 0.12, 0.5), (0.8, 0.5, 0.04)
GREEN, WHITE, TEAL = (0.03, 0.3, 0.1), (0.8, 0.78, 0.74), (0.02, 0.35, 0.38)
SHOTS = stage.shots(
    "umbrellas",
    [
        {"pairs": [(RED, WHITE)], "light": "noon"},
        {"pairs": [(BLUE, WHITE), (BLUE, WHITE)], "light": "noon"},
        {"pairs": [(YELLOW, WHITE), (RED, WHITE), (BLUE, WHITE)], "light": "grey"},
        {"pairs": [(RED, YELLOW)], "light": "low"},
        {"pairs": [(GREEN, WHITE), (TEAL, WHITE)], "light": "noon"},
        {"pairs": [(BLUE, YELLOW)], "light": "grey"},
        {"pairs": [(RED, WHITE), (RED, WHITE), (RED, WHITE)], "light": "low"},
        {"pairs": [(TEAL, WHITE)], "light": "noon"},
        {"pairs": [(YELLOW, RED), (YELLOW, WHITE)], "light": "low"},
        {"pairs": [(BLUE, WHITE)], "light": "low"},
    ],
    seed=1600,
    query=9,
)


def umbrella(pair: tuple[tuple[float, ...], ...], tilt: float) -> bpy.types.Object:
    """A canopy of eight panels on a pole, 2.2 m high and wide, its foot at the origin."""
    cloths = [materials.fabric(colour, 0.12, 0.2) for colour in pair]
    wood = materials.wood((0.5, 0.36, 0.22), 4.0)
    parts = [geometry.tube([(0, 0, -0.2), (0, 0, 1.0), (0, 0, 2.22)], 0.02, wood)]
    reach = np.linspace(0.0, 1.0, 16)
    across = np.linspace(0.0, 1.0, 13)
    for panel in range(8):
        start = panel * math.pi / 4
        s, r = np.meshgrid(across, reach)
        angle = start + s * math.pi / 4
        # Cloth hangs between the ribs, the more the further out, and its edge is cut in a bow.
        sag = np.sin(s * math.pi)
        radius = 1.12 * r * (1 - 0.05 * sag * r)
        height = 2.2 - 0.5 * r**1.7 - 0.05 * sag * r**1.5
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], -1)
        cloth = geometry.sheet(points, cloths[panel % 2])
        parts.append(geometry.thicken(cloth, 0.004))
        flap = np.stack(
            [
                points[-1],
                points[-1]
                - np.stack(
                    [0 * across, 0 * across, 0.11 + 0.03 * np.sin(across * 3 * math.pi) ** 2], -1
                ),
            ]
        )
        parts.append(geometry.thicken(geometry.sheet(flap, cloths[panel % 2]), 0.003))
        rib = [
            (radius[i, 0] * math.cos(start), radius[i, 0] * math.sin(start), height[i, 0] - 0.012)
            for i in (1, 6, 11, 15)
        ]
        parts.append(geometry.tube(rib, 0.006, wood))
    parts.append(geometry.ball(0.035, (0, 0, 2.24), wood, 16))
    thing = geometry.join(parts, "umbrella")
    thing.rotation_euler = (0, math.radians(tilt), 0)
    return thing


def build(shot: Shot) -> None:
    """One to three umbrellas with towels, low dunes and a strip of sea behind."""
    rng = np.random.default_rng(shot.seed)
    stage.outdoors(shot.params["light"], shot.seed)

    def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        slope = -0.09 * np.clip(y - 5.0, 0, 8)
        return slope + 0.06 * terrain.fractal(x * 0.5, y * 0.5, shot.seed, 5)

    terrain.heightfield(60, 40, (360, 240), height, materials.sand((0.66, 0.5, 0.32)), (0, 8))
    sea = materials.water((0.01, 0.12, 0.16), 0.7)
    corners = [(-3000, 7, -0.3), (3000, 7, -0.3), (3000, 6000, -0.3), (-3000, 6000, -0.3)]
    geometry.mesh(corners, [(0, 1, 2, 3)], sea, smooth=False)
    pairs = shot.params["pairs"]
    for number, pair in enumerate(pairs):
        x = (number - (len(pairs) - 1) / 2) * 2.6 + rng.uniform(-0.3, 0.3)
        y = rng.uniform(-0.6, 0.8) + 1.2 * (number % 2)
        thing = umbrella(pair, rng.uniform(-9, 9))
        thing.location = (x, y, 0)
        thing.rotation_euler.z = rng.uniform(0, 6.3)
        towel = geometry.box(
            (0.75, 1.6, 0.02), (x + 0.2, y - 0.9, 0.06), materials.fabric(pair[0], 0.2)
        )
        towel.rotation_euler.z = rng.uniform(-0.4, 0.4)
        geometry.bevel(towel, 0.008)
    scene.view("AgX", "AgX - Punchy")
    wide = 4.2 + 1.9 * (len(pairs) - 1)
    portrait = shot.size[1] > shot.size[0]
    stage.shoot(
        (0, 0.3, 1.25),
        wide * (1.35 if portrait else 1.05),
        rng.uniform(3, 12),
        rng.uniform(-25, 25),
        38,
        8,
    )
