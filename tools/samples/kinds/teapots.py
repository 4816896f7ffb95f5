"""Teapots: two shapes in seven glazes and metals, so colour says little about the kind."""

import math

import numpy as np

from tools.samples import geometry, materials, props, stage
from tools.samples.shot import Shot

WHITE, BLUE, RED, TEAL = (
    (0.8, 0.78, 0.73),
    (0.03, 0.1, 0.34),
    (0.45, 0.03, 0.02),
    (0.03, 0.25, 0.22),
)
BROWN, YELLOW, BLACK = (0.16, 0.06, 0.025), (0.75, 0.42, 0.05), (0.018, 0.018, 0.02)
COPPER, STEEL = (0.8, 0.36, 0.2), (0.72, 0.72, 0.72)
# Radius by height in metres, outside, from the foot to the shoulder.
ROUND = [
    (0, 0),
    (0.05, 0),
    (0.052, 0.005),
    (0.075, 0.025),
    (0.09, 0.06),
    (0.08, 0.1),
    (0.045, 0.122),
]
TALL = [
    (0, 0),
    (0.07, 0),
    (0.075, 0.006),
    (0.077, 0.03),
    (0.068, 0.09),
    (0.055, 0.135),
    (0.043, 0.15),
]
SHOTS = stage.shots(
    "teapots",
    [
        {"body": ROUND, "glaze": BLUE, "on": "oak", "wall": (0.5, 0.48, 0.42), "light": "day"},
        {"body": TALL, "glaze": WHITE, "on": "walnut", "wall": (0.25, 0.3, 0.33), "light": "day"},
        {
            "body": ROUND,
            "glaze": BROWN,
            "on": "linen",
            "wall": (0.4, 0.36, 0.3),
            "light": "evening",
        },
        {
            "body": ROUND,
            "metal": COPPER,
            "on": "slate",
            "wall": (0.12, 0.13, 0.15),
            "light": "dark",
        },
        {"body": ROUND, "glaze": RED, "on": "pale", "wall": (0.6, 0.58, 0.54), "light": "noon"},
        {"body": TALL, "metal": STEEL, "on": "marble", "wall": (0.3, 0.36, 0.4), "light": "day"},
        {"body": TALL, "glaze": TEAL, "on": "oak", "wall": (0.5, 0.48, 0.42), "light": "evening"},
        {"body": ROUND, "glaze": YELLOW, "on": "walnut", "wall": (0.1, 0.2, 0.3), "light": "noon"},
        {"body": ROUND, "glaze": BLACK, "on": "marble", "wall": (0.62, 0.6, 0.58), "light": "day"},
        {"body": ROUND, "glaze": WHITE, "on": "linen", "wall": (0.36, 0.2, 0.15), "light": "day"},
    ],
    seed=2100,
    query=9,
)


def build(shot: Shot) -> None:
    """One pot, its spout to the side, the camera a little above it."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    props.brighten(params["light"])
    if "metal" in params:
        clay = materials.metal(params["metal"], 0.13)
    else:
        clay = materials.glaze(params["glaze"], float(rng.choice([0.0, 0.5])))
    outline = params["body"]
    radius, top = outline[-1]
    wide = max(r for r, _ in outline)
    parts = [geometry.lathe(stage.smooth([*outline, (radius - 0.004, top - 0.004)]), clay, 96)]
    lid = [
        (radius + 0.003, top - 0.003),
        (radius + 0.004, top + 0.003),
        (radius * 0.8, top + 0.013),
        (radius * 0.3, top + 0.019),
        (0.006, top + 0.021),
        (0.006, top + 0.028),
        (0.013, top + 0.034),
        (0.011, top + 0.044),
        (0, top + 0.046),
    ]
    parts.append(geometry.lathe(stage.smooth(lid), clay, 72))
    spout = [
        (wide * 0.7, 0, top * 0.3),
        (wide * 1.15, 0, top * 0.36),
        (wide * 1.35, 0, top * 0.62),
        (wide * 1.48, 0, top * 0.86),
        (wide * 1.72, 0, top * 1.0),
    ]
    parts.append(geometry.tube(spout, [0.026, 0.023, 0.016, 0.012, 0.0105], clay))
    mouth = geometry.tube([spout[-1], (wide * 1.723, 0, top * 1.002)], 0.008, materials.rubber())
    parts.append(mouth)
    angles = np.linspace(0.42 * math.pi, 1.58 * math.pi, 9)
    reach = 0.052
    handle = [
        (-wide * 0.83 + reach * math.cos(a) * 1.1, 0, top * 0.56 + reach * math.sin(a) * 0.86)
        for a in angles
    ]
    parts.append(geometry.tube(handle, 0.0075, clay))
    turn = float(rng.uniform(-32, 20)) + (180 if rng.random() < 0.4 else 0)
    for part in parts:
        part.matrix_world = stage.turned(turn, (0, 0, 0))
    away = 0.74 if shot.size[0] < shot.size[1] else 0.6
    stage.shoot((0.01, 0, top * 0.52), away, rng.uniform(10, 24), rng.uniform(-10, 10), 58, 3.5)
