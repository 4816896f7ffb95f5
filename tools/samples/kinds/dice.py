"""Dice with rounded edges and sunk pips, on felt or wood."""

import itertools

import bpy
import numpy as np

from tools.samples import geometry, materials, stage
from tools.samples.shot import Shot

SIDE = 0.05
RED, IVORY, BLUE, BLACK = (
    (0.5, 0.01, 0.015),
    (0.8, 0.75, 0.62),
    (0.01, 0.06, 0.4),
    (0.01, 0.01, 0.012),
)
GREEN = (0.01, 0.25, 0.07)
# Places of the pips on a face, in quarters of the side; opposite faces add up to seven.
PIPS = {
    1: [(0, 0)],
    2: [(-1, -1), (1, 1)],
    3: [(-1, -1), (0, 0), (1, 1)],
    4: [(-1, -1), (-1, 1), (1, -1), (1, 1)],
    5: [(-1, -1), (-1, 1), (0, 0), (1, -1), (1, 1)],
    6: [(-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)],
}
AXES = {1: (2, 1), 6: (2, -1), 2: (1, -1), 5: (1, 1), 3: (0, 1), 4: (0, -1)}
SHOTS = stage.shots(
    "dice",
    [
        {"colours": [RED], "count": 3, "on": "green felt", "light": "day"},
        {"colours": [IVORY], "count": 5, "on": "green felt", "light": "evening"},
        {"colours": [BLUE, IVORY], "count": 4, "on": "walnut", "light": "day"},
        {"colours": [BLACK], "count": 2, "on": "red felt", "light": "dark"},
        {"colours": [IVORY, RED], "count": 6, "on": "oak", "light": "noon"},
        {"colours": [RED, BLUE, GREEN, IVORY], "count": 7, "on": "slate", "light": "noon"},
        {"colours": [GREEN], "count": 3, "on": "pale", "light": "day"},
        {"colours": [IVORY], "count": 2, "on": "blue felt", "light": "dark"},
        {"colours": [RED], "count": 5, "on": "marble", "light": "evening"},
    ],
    seed=1200,
)


def die(colour: tuple[float, float, float]) -> bpy.types.Object:
    """A die about the origin."""
    body = materials.paint(colour, 0.18, 0.8)
    light = sum(colour) > 1
    spot = materials.paint((0.02, 0.02, 0.02) if light else (0.85, 0.85, 0.8), 0.4, 0.2)
    parts = [geometry.box((SIDE,) * 3, (0, 0, 0), body, 0.0065)]
    for face, (axis, sign) in AXES.items():
        for u, v in PIPS[face]:
            place = [0.0, 0.0, 0.0]
            place[axis] = sign * SIDE / 2
            others = [i for i in range(3) if i != axis]
            place[others[0]], place[others[1]] = u * SIDE * 0.26, v * SIDE * 0.26
            pip = geometry.ball(SIDE * 0.095, place, spot, 20)
            flat = [1.0, 1.0, 1.0]
            flat[axis] = 0.12
            pip.scale = flat
            parts.append(pip)
    return geometry.join(parts, "die")


def build(shot: Shot) -> None:
    """Dice as thrown, one of them leaning where there are many."""
    rng = np.random.default_rng(shot.seed)
    stage.table(shot.params["on"], (0.16, 0.14, 0.12), shot.params["light"])
    models = [die(colour) for colour in shot.params["colours"]]
    for model in models:
        model.location = (0, 0, -5)
    places: list[np.ndarray] = []
    while len(places) < shot.params["count"]:
        spot = rng.uniform((-0.13, -0.09), (0.13, 0.11))
        if all(np.linalg.norm(spot - other) > 0.078 for other in places):
            places.append(spot)
    turns = list(itertools.product((0, 90, 180, 270), repeat=2))
    for number, spot in enumerate(places):
        x, y = turns[int(rng.integers(len(turns)))]
        thrown = geometry.copy(models[number % len(models)], (0, 0, 0), (x, y, 0))
        place = (float(spot[0]), float(spot[1]), SIDE / 2)
        turn = stage.turned(float(rng.uniform(0, 90)), place)
        thrown.matrix_world = turn @ thrown.matrix_world
    stage.shoot(
        (0, 0, 0.02), rng.uniform(0.5, 0.62), rng.uniform(22, 42), rng.uniform(-25, 25), 70, 5
    )
