"""Wine glasses, filled, in day and candle light."""

import numpy as np

from tools.samples import geometry, materials, stage
from tools.samples.shot import Shot

RED, WHITE, ROSE = (0.32, 0.005, 0.015), (0.85, 0.72, 0.3), (0.85, 0.3, 0.25)
WATER = (0.93, 0.97, 0.98)
# Radius by height in metres, outside, from the foot to the rim.
STEM = [(0, 0), (0.034, 0), (0.034, 0.002), (0.008, 0.007), (0.0042, 0.02), (0.0042, 0.085)]
BOWLS = [
    [(0.012, 0.095), (0.034, 0.115), (0.043, 0.145), (0.04, 0.18), (0.034, 0.21)],
    [(0.01, 0.095), (0.028, 0.11), (0.034, 0.14), (0.033, 0.18), (0.029, 0.22)],
    [(0.01, 0.095), (0.018, 0.11), (0.024, 0.15), (0.025, 0.19), (0.023, 0.235)],
]
SHOTS = stage.shots(
    "goblets",
    [
        {"wines": [RED], "count": 2, "on": "walnut", "wall": (0.3, 0.2, 0.14), "light": "evening"},
        {"wines": [WHITE], "count": 2, "on": "marble", "wall": (0.6, 0.65, 0.68), "light": "day"},
        {"wines": [RED, WHITE], "count": 3, "on": "oak", "wall": (0.5, 0.46, 0.4), "light": "day"},
        {"wines": [ROSE], "count": 3, "on": "pale", "wall": (0.62, 0.5, 0.46), "light": "noon"},
        {"wines": [RED], "count": 1, "on": "slate", "wall": (0.06, 0.06, 0.07), "light": "dark"},
        {"wines": [WATER], "count": 3, "on": "slate", "wall": (0.2, 0.26, 0.3), "light": "noon"},
        {
            "wines": [RED, ROSE, WHITE],
            "count": 5,
            "on": "linen",
            "wall": (0.4, 0.42, 0.4),
            "light": "day",
        },
        {"wines": [WHITE], "count": 1, "on": "walnut", "wall": (0.12, 0.1, 0.05), "light": "dark"},
        {
            "wines": [WATER, RED],
            "count": 4,
            "on": "marble",
            "wall": (0.3, 0.14, 0.12),
            "light": "evening",
        },
    ],
    seed=1500,
)


def build(shot: Shot) -> None:
    """Glasses in a loose row, the camera at the height of the wine."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    count = params["count"]
    for number in range(count):
        bowl = BOWLS[int(rng.integers(3))]
        inside = [(r - 0.0016, h) for r, h in bowl[::-1]]
        outline = stage.smooth([*STEM, *bowl, *inside, (0, bowl[0][1] + 0.002)])
        parts = [geometry.lathe(outline, materials.glass((0.97, 0.99, 0.99)), 72)]
        level = bowl[2][1] + float(rng.uniform(-0.008, 0.012))
        fill = [(r - 0.0019, h) for r, h in bowl if h < level]
        rim = float(np.interp(level, [h for _, h in bowl], [r for r, _ in bowl])) - 0.0019
        body = stage.smooth([(0, bowl[0][1] + 0.003), *fill, (rim, level)])
        wine = materials.glass(params["wines"][number % len(params["wines"])])
        parts.append(geometry.lathe([*body, (0, level)], wine, 72))
        x = (number - (count - 1) / 2) * 0.1 + rng.uniform(-0.01, 0.01)
        for part in parts:
            part.location = (x, ((number * 7) % 3 - 1) * 0.04, 0)
    stage.shoot((0, 0, 0.11), 0.46 + 0.085 * count, 9, rng.uniform(-14, 14), 65, 3.5)
