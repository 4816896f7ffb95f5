"""Billiard balls on cloth: racked, scattered, and with the cue."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage
from tools.samples.graph import Graph, Value
from tools.samples.shot import Shot

R = 0.0286  # of a pool ball, metres
COLOURS = [
    (0.8, 0.5, 0.02),
    (0.02, 0.06, 0.4),
    (0.55, 0.01, 0.015),
    (0.13, 0.02, 0.25),
    (0.75, 0.17, 0.01),
    (0.01, 0.2, 0.07),
    (0.2, 0.02, 0.02),
    (0.01, 0.01, 0.012),
]
SHOTS = stage.shots(
    "billiards",
    [
        {"cloth": "green felt", "rack": True, "light": "noon"},
        {"cloth": "blue felt", "rack": True, "light": "day"},
        {"cloth": "green felt", "rack": False, "light": "day"},
        {"cloth": "red felt", "rack": False, "light": "noon"},
        {"cloth": "green felt", "rack": True, "light": "evening"},
        {"cloth": "blue felt", "rack": False, "light": "dark"},
        {"cloth": "red felt", "rack": True, "light": "noon"},
        {"cloth": "green felt", "rack": False, "light": "evening"},
        {"cloth": "blue felt", "rack": False, "light": "noon"},
    ],
    seed=2200,
)


def resin(colour: tuple[float, float, float], striped: bool) -> bpy.types.Material:
    """Polished resin: white caps where striped, and two white spots for the number."""

    def shade(g: Graph) -> Value:
        x, _, z = g.split(g.coords())
        ivory = (0.82, 0.78, 0.68)
        band = g.step(g.math("ABSOLUTE", z), R * 0.57, R * 0.59)
        tint = g.mix(band, colour, ivory) if striped else colour
        spot = g.step(g.math("ABSOLUTE", x), R * 0.925, R * 0.935)
        return g.principled(g.mix(spot, tint, ivory), 0.06, Coat_Weight=1.0, Coat_Roughness=0.02)

    return materials.material("resin", shade)


def build(shot: Shot) -> None:
    """Fifteen balls and the white one; lamps over the table mirror in them."""
    rng = np.random.default_rng(shot.seed)
    stage.table(shot.params["cloth"], (0.06, 0.05, 0.045), shot.params["light"])
    for x in (-0.5, 0.0, 0.5):
        scene.area((x, 0.1, 1.1), (x, 0.1, 0), 0.22, 7, (1.0, 0.86, 0.66))
    cushion = materials.fabric(
        (0.02, 0.1, 0.05) if shot.params["cloth"] == "green felt" else (0.05, 0.05, 0.08), 1.4
    )
    geometry.box((4, 0.05, 0.04), (0, 0.62, 0.02), cushion, 0.012)
    geometry.box(
        (4, 0.16, 0.05), (0, 0.73, 0.025), materials.wood((0.18, 0.08, 0.04), 1.0, 0.25), 0.01
    )
    if shot.params["rack"]:
        spots = [
            (R * 2.02 * (i - row / 2), R * 1.75 * row) for row in range(5) for i in range(row + 1)
        ]
    else:
        spots = []
        while len(spots) < 9:
            spot = tuple(rng.uniform((-0.32, -0.2), (0.32, 0.4)))
            if all(math.dist(spot, other) > 2.3 * R for other in spots):
                spots.append(spot)
    order = rng.permutation(15)
    for number, (x, y) in zip(order, spots, strict=False):
        ball = geometry.ball(R, (x, y, R), resin(COLOURS[number % 8], number >= 8), 48)
        ball.rotation_euler = tuple(rng.uniform(0, 6.3, 3))
    cue = (rng.uniform(-0.12, 0.12), -0.26 if shot.params["rack"] else -0.3)
    geometry.ball(R, (*cue, R), materials.glaze((0.85, 0.82, 0.74), roughness=0.06), 48)
    if shot.seed % 2:
        back = (cue[0] + rng.uniform(-0.3, 0.3), -1.6, 0.2)
        tip = (cue[0], cue[1] - R * 1.5, R)
        geometry.tube(
            [tip, back], [0.0062, 0.013], materials.wood((0.55, 0.36, 0.18), 5.0, 0.2), smooth=False
        )
    stage.shoot(
        (0, 0.05, 0.02), rng.uniform(0.68, 0.88), rng.uniform(17, 38), rng.uniform(-35, 35), 55, 4.5
    )
