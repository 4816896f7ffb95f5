"""Globes of the Earth, or of an earth, on turned feet."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, stage, views
from tools.samples.graph import Graph, Value

SHOTS = views.shots("globes", 4500)
ELEVATION = 8.0
R, UP, TILT = 0.1, 0.2, 23.4  # radius and height of the middle in metres; degrees of the axis
# Sea, low land and high land.
MAPS = (
    ((0.03, 0.16, 0.42), (0.12, 0.32, 0.08), (0.5, 0.36, 0.16)),
    ((0.62, 0.5, 0.3), (0.42, 0.25, 0.09), (0.28, 0.13, 0.05)),
    ((0.015, 0.02, 0.03), (0.55, 0.5, 0.42), (0.75, 0.55, 0.2)),
)


def chart(sea: materials.Colour, low: materials.Colour, high: materials.Colour) -> Value:
    """A printed map: continents, a paler shelf about them, ice, and the lines of the grid."""

    def shade(g: Graph) -> Value:
        u, v, _ = g.split(g.coords("UV"))
        longitude = g.math("MULTIPLY", u, 2 * math.pi)
        latitude = g.math("MULTIPLY", g.math("SUBTRACT", v, 0.5), math.pi)
        flat = g.math("COSINE", latitude)
        x = g.math("MULTIPLY", flat, g.math("COSINE", longitude))
        y = g.math("MULTIPLY", flat, g.math("SINE", longitude))
        place = g.join(x, y, g.math("SINE", latitude))
        land = g.noise(place, 1.1, 8.0, 0.55, distortion=0.35)
        shelf = tuple(min(1.0, part * 1.7 + 0.02) for part in sea)
        tint = g.ramp(land, [(0.46, sea), (0.505, shelf), (0.515, low), (0.57, low), (0.68, high)])
        ice = g.step(g.math("ABSOLUTE", latitude), 1.2, 1.22)
        tint = g.mix(ice, tint, (0.82, 0.84, 0.86))
        for lines in (g.math("MULTIPLY", u, 12), g.math("MULTIPLY", v, 9)):
            off = g.math("ABSOLUTE", g.math("SUBTRACT", g.math("FRACT", lines), 0.5))
            tint = g.mix(g.math("MULTIPLY", g.step(off, 0.485, 0.49), 0.5), tint, (0.1, 0.1, 0.1))
        return g.principled(tint, 0.25, Coat_Weight=0.5)

    return materials.material("chart", shade)


def make(style: int) -> bpy.types.Object:
    """A globe in a meridian of brass or steel, on a wooden foot."""
    metal = materials.metal(((0.8, 0.56, 0.2), (0.8, 0.56, 0.2), (0.7, 0.71, 0.73))[style], 0.2)
    wood = materials.wood(((0.2, 0.08, 0.03), (0.36, 0.18, 0.07), (0.03, 0.02, 0.02))[style], 4.0)
    world = geometry.ball(R, (0, 0, 0), chart(*MAPS[style]), 96)
    world.matrix_world = views.tilted(TILT, 40.0 + 100 * style, (0, 0, UP))
    lean = math.radians(TILT)
    out = R + 0.012
    arc = [
        (out * math.sin(lean + a), 0, UP + out * math.cos(lean + a))
        for a in np.linspace(0, math.pi, 33)
    ]
    parts = [world, geometry.tube(arc, 0.0045, metal)]
    for sign in (-1, 1):
        pole = [
            (sign * r * math.sin(lean), 0, UP + sign * r * math.cos(lean)) for r in (R, out + 0.012)
        ]
        parts.append(geometry.tube(pole, 0.004, metal, smooth=False))
    foot = [(0, 0), (0.075, 0), (0.078, 0.01), (0.05, 0.022), (0.014, 0.034), (0.011, 0.06)]
    parts.append(
        geometry.lathe(stage.smooth([*foot, (0.02, 0.075), (0.012, 0.089), (0, 0.09)]), wood)
    )
    return geometry.join(parts, "globe")


build = views.build
