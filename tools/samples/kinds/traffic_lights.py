"""Traffic lights on poles against the sky and house fronts, one lamp lit."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage
from tools.samples.shot import Shot

LAMPS = {"red": (1.0, 0.02, 0.01), "amber": (1.0, 0.4, 0.01), "green": (0.03, 1.0, 0.3)}
BLACK, YELLOW, GREEN = (0.02, 0.02, 0.022), (0.65, 0.38, 0.02), (0.03, 0.12, 0.07)
SHOTS = stage.shots(
    "traffic_lights",
    [
        {"lit": "red", "case": BLACK, "count": 1, "light": "noon"},
        {"lit": "green", "case": BLACK, "count": 1, "light": "low"},
        {"lit": "red", "case": YELLOW, "count": 2, "light": "noon"},
        {"lit": "amber", "case": YELLOW, "count": 1, "light": "grey"},
        {"lit": "green", "case": GREEN, "count": 1, "light": "noon"},
        {"lit": "red", "case": BLACK, "count": 3, "light": "low"},
        {"lit": "green", "case": YELLOW, "count": 1, "light": "low"},
        {"lit": "amber", "case": BLACK, "count": 2, "light": "grey"},
        {"lit": "red", "case": GREEN, "count": 1, "light": "grey"},
    ],
    seed=2400,
)


def signal(lit: str, case: tuple[float, float, float]) -> bpy.types.Object:
    """A head with three lamps about the origin, 0.9 m high, looking towards -Y."""
    body, inside = materials.paint(case, 0.4, 0.3), materials.paint(BLACK, 0.6, 0.0)
    parts = [geometry.box((0.34, 0.2, 0.98), (0, 0, 0), body, 0.05)]
    back = geometry.box((0.5, 0.012, 1.16), (0, 0.03, 0), inside, 0.004)
    parts.append(back)
    for number, (name, colour) in enumerate(LAMPS.items()):
        z = 0.31 - 0.31 * number
        on = name == lit
        dull = materials.darker(colour, 0.08)
        glass = materials.glow(colour, 2.2) if on else materials.glaze(dull, roughness=0.15)
        lens = geometry.lathe(
            [(0.112, 0), (0.1, 0.022), (0.07, 0.038), (0.03, 0.046), (0, 0.048)], glass, 48
        )
        rim = geometry.lathe(
            stage.smooth(
                [(0.112, -0.01), (0.128, -0.01), (0.128, 0.03), (0.114, 0.03), (0.112, 0)]
            ),
            body,
            48,
        )
        for part in (lens, rim):
            part.rotation_euler.x = math.pi / 2
            part.location = (0, -0.1, z)
            parts.append(part)
        turn = np.radians(np.linspace(-25, 205, 30))
        reach = np.linspace(0, 1, 6)
        s, a = np.meshgrid(reach, turn, indexing="ij")
        deep = 0.03 + 0.2 * s * np.clip(0.45 + 0.55 * np.sin(a), 0.2, 1)
        visor = np.stack([0.124 * np.cos(a), -0.1 - deep, z + 0.124 * np.sin(a)], -1)
        parts.append(geometry.thicken(geometry.sheet(visor, body), 0.005))
    return geometry.join(parts, "signal")


def house(rng: np.random.Generator, x: float, y: float) -> None:
    """A plain front with windows, there to be out of focus."""
    wide, tall = float(rng.uniform(7, 11)), float(rng.uniform(8, 16))
    tone = [(0.5, 0.4, 0.3), (0.42, 0.2, 0.14), (0.55, 0.53, 0.5), (0.35, 0.4, 0.45)][
        int(rng.integers(4))
    ]
    geometry.box((wide, 6, tall), (x, y + 3, tall / 2), materials.paint(tone, 0.85, 0.0))
    pane = materials.glaze((0.03, 0.05, 0.08), roughness=0.08)
    frame = materials.paint((0.7, 0.68, 0.64), 0.6, 0.0)
    for column in np.arange(-wide / 2 + 1.2, wide / 2 - 0.8, 1.9):
        for floor in np.arange(1.8, tall - 1, 3.0):
            geometry.box((1.25, 0.12, 1.85), (x + column, y, floor), frame)
            geometry.box((1.05, 0.16, 1.65), (x + column, y, floor), pane)


def build(shot: Shot) -> None:
    """Signals on their pole, seen from the kerb."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.outdoors(params["light"], shot.seed)
    scene.ground(120, materials.rock((0.08, 0.08, 0.085), 3.0))
    for x in np.arange(-26, 27, 10.5):
        house(rng, float(x), 17 + float(rng.uniform(-1, 1)))
    steel = materials.metal((0.4, 0.42, 0.43), 0.45)
    count = params["count"]
    for number in range(count):
        x = (number - (count - 1) / 2) * 1.15
        head = signal(params["lit"], params["case"])
        head.location = (x, 0, 3.0)
        head.rotation_euler.z = float(rng.uniform(-0.25, 0.25))
    wide = 1.15 * (count - 1) / 2
    geometry.tube([(wide + 0.0, 0.16, 0), (wide, 0.16, 3.9)], 0.07, steel, smooth=False)
    if count > 1:
        geometry.tube([(-wide - 0.3, 0.16, 3.62), (wide, 0.16, 3.62)], 0.05, steel, smooth=False)
    scene.view("AgX", "AgX - Punchy")
    reach = 2.5 + 0.9 * (count - 1)
    stage.shoot((0, 0, 3.0), reach, rng.uniform(-24, -8), rng.uniform(-30, 30), 50, 3.2)
