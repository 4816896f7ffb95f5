"""Glass bottles with corks and labels, in three shapes and five colours."""

import numpy as np

from tools.samples import geometry, materials, stage
from tools.samples.shot import Shot

GREEN, BROWN, BLUE = (0.16, 0.5, 0.2), (0.5, 0.2, 0.04), (0.12, 0.3, 0.75)
CLEAR, ROSE = (0.93, 0.98, 0.96), (0.85, 0.35, 0.4)
COLOURS = {"green": GREEN, "brown": BROWN, "blue": BLUE, "clear": CLEAR, "rose": ROSE}
# Outer radius by height in metres: a claret, a burgundy and a round flask.
SHAPES = [
    [(0, 0), (0.036, 0), (0.038, 0.01), (0.038, 0.18), (0.035, 0.2), (0.015, 0.225), (0.014, 0.3)],
    [(0, 0), (0.04, 0), (0.042, 0.01), (0.042, 0.13), (0.03, 0.19), (0.015, 0.24), (0.014, 0.3)],
    [(0, 0), (0.05, 0), (0.058, 0.02), (0.06, 0.06), (0.045, 0.11), (0.017, 0.13), (0.015, 0.19)],
]
SHOTS = stage.shots(
    "bottles",
    [
        {"colours": ["green"], "count": 3, "on": "oak", "wall": (0.6, 0.57, 0.5), "light": "day"},
        {
            "colours": ["brown"],
            "count": 2,
            "on": "walnut",
            "wall": (0.3, 0.22, 0.16),
            "light": "evening",
        },
        {
            "colours": ["blue", "clear"],
            "count": 4,
            "on": "marble",
            "wall": (0.6, 0.65, 0.7),
            "light": "noon",
        },
        {
            "colours": ["clear"],
            "count": 3,
            "on": "slate",
            "wall": (0.08, 0.09, 0.1),
            "light": "dark",
        },
        {"colours": ["rose"], "count": 1, "on": "linen", "wall": (0.7, 0.6, 0.55), "light": "day"},
        {
            "colours": ["green", "brown", "clear"],
            "count": 5,
            "on": "pale",
            "wall": (0.2, 0.3, 0.3),
            "light": "day",
        },
        {
            "colours": ["green"],
            "count": 1,
            "on": "walnut",
            "wall": (0.05, 0.12, 0.07),
            "light": "dark",
        },
        {
            "colours": ["blue"],
            "count": 3,
            "on": "oak",
            "wall": (0.15, 0.2, 0.35),
            "light": "evening",
        },
        {
            "colours": ["brown", "green"],
            "count": 4,
            "on": "slate",
            "wall": (0.45, 0.42, 0.36),
            "light": "noon",
        },
        {
            "colours": ["green", "rose"],
            "count": 3,
            "on": "oak",
            "wall": (0.5, 0.48, 0.4),
            "light": "evening",
        },
    ],
    seed=1100,
    query=9,
)


def build(shot: Shot) -> None:
    """A row of bottles, staggered, with the camera low."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    count = params["count"]
    cork = materials.wood((0.5, 0.33, 0.2), 5.0, 0.8)
    for number in range(count):
        colour = params["colours"][number % len(params["colours"])]
        outline = SHAPES[int(rng.integers(3))]
        x = (number - (count - 1) / 2) * 0.125 + rng.uniform(-0.015, 0.015)
        at = (x, rng.uniform(-0.05, 0.07), 0)
        scale = rng.uniform(0.92, 1.08)
        top, wall = outline[-1][1], 0.0035
        lip = [(0.018, top), (0.018, top + 0.012), (0.011, top + 0.012)]
        inside = [(max(r - wall, 0), h + (wall if r > 0.02 else 0)) for r, h in outline[:0:-1]]
        profile = stage.smooth([*outline, *lip, *inside, (0, 0.006)])
        parts = [geometry.lathe(profile, materials.glass(COLOURS[colour]), 72)]
        plug = [(0, top - 0.02), (0.0108, top - 0.02), (0.0125, top + 0.03), (0, top + 0.031)]
        parts.append(geometry.lathe(plug, cork, 32))
        radius = max(r for r, h in outline if h < 0.14) + 0.0006
        low, high = 0.05, 0.12
        tint = [(0.75, 0.7, 0.58), (0.62, 0.12, 0.1), (0.1, 0.13, 0.22)][int(rng.integers(3))]
        if outline is not SHAPES[2]:
            paper = materials.paint(tint, 0.7, 0.0)
            parts.append(geometry.lathe([(radius, low), (radius, high)], paper, 72))
            band = materials.metal((0.8, 0.6, 0.25), 0.35)
            out = radius + 2e-4
            parts += [
                geometry.lathe([(out, edge), (out, edge + 0.002)], band, 72)
                for edge in (low + 0.006, high - 0.008)
            ]
        for part in parts:
            part.location, part.scale = at, (scale,) * 3
    stage.shoot((0, 0, 0.13), 0.6 + 0.1 * count, 8, rng.uniform(-14, 14), 65, 3.2)
