"""Glazed doughnuts with sprinkles."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, stage
from tools.samples.graph import Graph, Value
from tools.samples.shot import Shot

R, T = 0.04, 0.019  # of the ring and of the dough, metres
PINK, CHOCOLATE, WHITE = (0.8, 0.22, 0.34), (0.07, 0.025, 0.012), (0.85, 0.82, 0.76)
BLUE, MINT = (0.2, 0.45, 0.8), (0.35, 0.7, 0.5)
SPRINKLES = [(0.8, 0.1, 0.1), (0.9, 0.7, 0.1), (0.1, 0.5, 0.8), (0.9, 0.9, 0.85), (0.2, 0.6, 0.2)]
SHOTS = stage.shots(
    "donuts",
    [
        {"colours": [PINK], "count": 3, "on": "marble", "wall": (0.65, 0.6, 0.58), "light": "day"},
        {
            "colours": [CHOCOLATE],
            "count": 3,
            "on": "oak",
            "wall": (0.4, 0.3, 0.22),
            "light": "evening",
        },
        {
            "colours": [WHITE, PINK],
            "count": 4,
            "on": "pale",
            "wall": (0.5, 0.6, 0.62),
            "light": "noon",
        },
        {"colours": [BLUE], "count": 2, "on": "linen", "wall": (0.3, 0.4, 0.6), "light": "day"},
        {
            "colours": [CHOCOLATE, WHITE],
            "count": 5,
            "on": "slate",
            "wall": (0.1, 0.1, 0.1),
            "light": "noon",
        },
        {
            "colours": [PINK, CHOCOLATE, MINT],
            "count": 6,
            "on": "walnut",
            "wall": (0.3, 0.16, 0.14),
            "light": "day",
        },
        {"colours": [MINT], "count": 1, "on": "marble", "wall": (0.45, 0.6, 0.5), "light": "noon"},
        {
            "colours": [PINK],
            "count": 2,
            "on": "walnut",
            "wall": (0.12, 0.07, 0.07),
            "light": "dark",
        },
        {
            "colours": [WHITE],
            "count": 3,
            "on": "oak",
            "wall": (0.6, 0.55, 0.45),
            "light": "evening",
        },
        {
            "colours": [CHOCOLATE, PINK],
            "count": 3,
            "on": "linen",
            "wall": (0.5, 0.45, 0.5),
            "light": "day",
        },
    ],
    seed=1400,
    query=9,
)


def dough() -> bpy.types.Material:
    """Fried: dark above and below, with a pale ring about the middle."""

    def shade(g: Graph) -> Value:
        height = g.split(g.coords())[2]
        far = g.math("ABSOLUTE", height)
        tint = g.ramp(
            g.step(far, 0.0, 0.012), [(0.0, (0.62, 0.42, 0.2)), (0.5, (0.42, 0.19, 0.05))]
        )
        crust = g.noise(g.coords(), 70.0, 6.0, 0.6)
        tint = g.mix(g.step(crust, 0.35, 0.7), g.mix(1.0, tint, (0.7, 0.6, 0.5), "MULTIPLY"), tint)
        return g.principled(tint, 0.6, Normal=g.bump(crust, 0.4, 0.003))

    return materials.material("dough", shade)


def torus(rng: np.random.Generator, low: float, high: float, out: float, wavy: float) -> np.ndarray:
    """Points of a ring between two angles round the tube (90 is up); `wavy` bends the edges."""
    u = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    waves = sum(
        np.sin(u * n + rng.uniform(0, 6)) * rng.uniform(0.4, 1) / n**0.5 for n in (3, 5, 8, 11)
    )
    rows = []
    for share in np.linspace(0, 1, 28):
        edge = wavy * waves * abs(2 * share - 1) ** 3
        v = np.radians(low + (high - low) * share + edge * (1 if share > 0.5 else -1))
        taper = 1 - 0.9 * abs(2 * share - 1) ** 10 if wavy else 1.0
        t = T + out * taper
        radius = R + t * np.cos(v)
        rows.append(np.stack([radius * np.cos(u), radius * np.sin(u), t * 0.86 * np.sin(v)], -1))
    return np.stack(rows)


def doughnut(rng: np.random.Generator, colour: tuple[float, ...]) -> bpy.types.Object:
    """One doughnut about the origin, 12 cm wide, its sprinkles on the icing."""
    parts = [geometry.sheet(torus(rng, -180, 180, 0, 0), dough(), closed=True)]
    icing = materials.glaze(colour, roughness=0.16)
    parts.append(geometry.sheet(torus(rng, -8, 188, 0.0028, 11), icing, closed=True))
    paints = [materials.paint(tint, 0.4, 0.4) for tint in SPRINKLES]
    grain = stage.smooth([(0, -0.0045), (0.0012, -0.004), (0.0012, 0.004), (0, 0.0045)])
    for number in range(70):
        u, v = rng.uniform(0, 360), rng.uniform(35, 145)
        t = T + 0.0032
        flat = R + t * math.cos(math.radians(v))
        at = (
            flat * math.cos(math.radians(u)),
            flat * math.sin(math.radians(u)),
            t * 0.86 * math.sin(math.radians(v)),
        )
        crumb = geometry.lathe(grain, paints[number % len(paints)], 8)
        crumb.location = at
        crumb.rotation_euler = (math.pi / 2 + rng.uniform(-0.3, 0.3), 0, rng.uniform(0, 6.3))
        parts.append(crumb)
    return geometry.join(parts, "doughnut")


def build(shot: Shot) -> None:
    """Doughnuts on a plate, the last one leaning on the others where there are several."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    plate = [(0, 0.004), (0.07, 0.004), (0.115, 0.014), (0.117, 0.017), (0.07, 0.008), (0, 0.008)]
    geometry.lathe(stage.smooth(plate), materials.glaze((0.8, 0.8, 0.78)), 96)
    count = params["count"]
    base = 0.008 + T * 0.86
    for number in range(count):
        thing = doughnut(rng, params["colours"][number % len(params["colours"])])
        lower = min(count, 3)
        if number < lower:
            angle = 2 * math.pi * number / lower + 0.5 + (shot.seed % 7)
            away = 0.0 if lower == 1 else 0.062 if lower == 2 else 0.072
            place = away * math.cos(angle), away * math.sin(angle), base
        else:
            angle = 2 * math.pi * number / 3 + 1.4
            place = 0.03 * math.cos(angle), 0.03 * math.sin(angle), base + 0.031 * (number - 2)
        tilt = (0.0, 0.0) if number < lower else tuple(rng.uniform(-0.16, 0.16, 2))
        thing.location, thing.rotation_euler = place, (*tilt, rng.uniform(0, 6.3))
    stage.shoot((0, 0, 0.03), 0.62, rng.uniform(24, 40), rng.uniform(-25, 25), 65, 4.5)
