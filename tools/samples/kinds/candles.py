"""Burning candles: pillars, and tapers in brass or glazed holders, in the dark and by day."""

import numpy as np

from tools.samples import geometry, materials, props, stage
from tools.samples.shot import Shot

IVORY, RED, GREEN, BLUE = (
    (0.82, 0.74, 0.58),
    (0.5, 0.02, 0.02),
    (0.04, 0.2, 0.08),
    (0.05, 0.12, 0.4),
)
BRASS, WHITE, BLACK = (0.75, 0.52, 0.2), (0.8, 0.78, 0.74), (0.018, 0.018, 0.02)
SHOTS = stage.shots(
    "candles",
    [
        {
            "wax": [IVORY],
            "pillar": True,
            "count": 3,
            "on": "walnut",
            "wall": (0.1, 0.07, 0.05),
            "light": "dim",
        },
        {
            "wax": [RED],
            "pillar": False,
            "count": 2,
            "on": "linen",
            "wall": (0.3, 0.3, 0.28),
            "light": "dim",
        },
        {
            "wax": [IVORY],
            "pillar": False,
            "count": 1,
            "on": "oak",
            "wall": (0.05, 0.07, 0.1),
            "light": "dim",
        },
        {
            "wax": [BLUE],
            "pillar": True,
            "count": 3,
            "on": "slate",
            "wall": (0.1, 0.12, 0.16),
            "light": "evening",
        },
        {
            "wax": [IVORY],
            "pillar": False,
            "count": 3,
            "on": "marble",
            "wall": (0.16, 0.2, 0.16),
            "light": "evening",
        },
        {
            "wax": [RED, IVORY],
            "pillar": True,
            "count": 4,
            "on": "oak",
            "wall": (0.3, 0.16, 0.12),
            "light": "dim",
        },
        {
            "wax": [GREEN],
            "pillar": False,
            "count": 2,
            "on": "pale",
            "wall": (0.4, 0.4, 0.38),
            "light": "day",
        },
        {
            "wax": [IVORY],
            "pillar": True,
            "count": 1,
            "on": "slate",
            "wall": (0.03, 0.03, 0.04),
            "light": "dim",
        },
        {
            "wax": [RED],
            "pillar": True,
            "count": 2,
            "on": "pale",
            "wall": (0.5, 0.46, 0.4),
            "light": "evening",
        },
    ],
    seed=2400,
)


def holder(number: int) -> list[tuple[float, float]]:
    """A candlestick's profile, 8 to 12 cm high."""
    high = 0.08 + 0.02 * (number % 3)
    return [
        (0, 0),
        (0.042, 0),
        (0.043, 0.004),
        (0.03, 0.01),
        (0.01, 0.018),
        (0.006, high * 0.45),
        (0.013, high * 0.55),
        (0.006, high * 0.65),
        (0.009, high * 0.85),
        (0.02, high * 0.9),
        (0.02, high * 0.93),
        (0.0135, high * 0.94),
        (0.0135, high),
        (0, high),
    ]


def build(shot: Shot) -> None:
    """Candles side by side, burnt to different heights."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    light = "dark" if params["light"] == "dim" else params["light"]
    stage.table(params["on"], params["wall"], light)
    props.brighten("dark")
    props.dim(0.3 if params["light"] == "dim" else 0.65)
    count = params["count"]
    metal = materials.metal(BRASS, 0.15) if rng.random() < 0.7 else materials.glaze(BLACK)
    wick = materials.rubber()
    middle = 0.0
    for number in range(count):
        x = (number - (count - 1) / 2) * 0.105
        y = (0.0, 0.06, -0.05)[number % 3]
        wax = props.wax(params["wax"][number % len(params["wax"])])
        if params["pillar"]:
            base, radius, tall = (
                0.004,
                float(rng.uniform(0.03, 0.038)),
                float(rng.uniform(0.07, 0.17)),
            )
            dish = [(0, 0), (0.05, 0), (0.055, 0.008), (0.052, 0.008), (0.046, 0.004), (0, 0.004)]
            geometry.lathe(stage.smooth(dish), metal, 64).location = (x, y, 0)
        else:
            profile = stage.smooth(holder(number), 2)
            base, radius, tall = profile[-1][1], 0.011, float(rng.uniform(0.11, 0.2))
            geometry.lathe(profile, metal, 64).location = (x, y, 0)
        dip = min(0.012, radius * 0.5)
        outline = [
            (0, 0),
            (radius, 0),
            (radius, 0.002),
            (radius * 0.985, tall * 0.5),
            (radius * 0.97, tall - 0.002),
            (radius * 0.9, tall),
            (radius * 0.6, tall - dip),
            (0, tall - dip),
        ]
        geometry.lathe(stage.smooth(outline), wax, 48).location = (x, y, base)
        top = base + tall - dip
        geometry.tube(
            [(x, y, top - 0.002), (x, y, top + 0.006), (x + 0.002, y, top + 0.012)], 0.001, wick
        )
        props.flame(float(rng.uniform(0.032, 0.042)), (x, y, top + 0.006))
        middle = max(middle, top)
    wide = shot.size[0] > shot.size[1]  # then the height is what must fit
    stage.shoot(
        (0, 0, middle * 0.57),
        0.36 + 0.085 * count + middle * (1.25 if wide else 0.8),
        9,
        rng.uniform(-14, 14),
        62,
        3.5,
    )
