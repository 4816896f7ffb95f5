"""Vases: turned and glazed, bellied or slim, some with ears, some with twigs of cotton."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, stage, views

SHOTS = views.shots("vases", 4100)
ELEVATION = 9.0
# Radius by height in metres, outside, from the foot to the rim.
OUTLINES = (
    [(0, 0), (0.05, 0), (0.055, 0.01), (0.1, 0.1), (0.095, 0.17), (0.04, 0.23), (0.055, 0.27)],
    [(0, 0), (0.045, 0), (0.04, 0.02), (0.05, 0.1), (0.075, 0.2), (0.05, 0.26), (0.035, 0.29)],
    [(0, 0), (0.06, 0), (0.085, 0.03), (0.1, 0.08), (0.05, 0.14), (0.024, 0.2), (0.036, 0.3)],
)
CLAYS = (
    lambda: materials.glaze((0.04, 0.14, 0.4)),
    lambda: materials.glaze((0.72, 0.66, 0.52), 0.6, 0.35),
    lambda: materials.glaze((0.07, 0.3, 0.2)),
)


def make(style: int) -> bpy.types.Object:
    """A vase 30 cm tall; the first style holds twigs, the second has two ears."""
    outline = OUTLINES[style]
    clay = CLAYS[style]()
    inside = [(r - 0.005, h) for r, h in outline[:2:-1]]
    parts = [geometry.lathe(stage.smooth([*outline, *inside]), clay, 96)]
    if style == 1:
        for side in (-1, 1):
            arc = [
                (side * (0.05 + 0.035 * math.sin(a)), 0, 0.225 + 0.045 * math.cos(a))
                for a in np.linspace(0.1, math.pi - 0.1, 8)
            ]
            parts.append(geometry.tube(arc, 0.006, clay))
    if style == 0:
        rng = np.random.default_rng(3)
        bark = materials.wood((0.16, 0.09, 0.05), 5.0)
        wool = materials.fabric((0.82, 0.8, 0.76), 3.0)
        for turn in np.linspace(0, 2 * math.pi, 5, endpoint=False):
            lean = float(rng.uniform(0.06, 0.11))
            tip = (lean * math.cos(turn), lean * math.sin(turn), float(rng.uniform(0.4, 0.47)))
            half = (tip[0] * 0.3, tip[1] * 0.3, 0.3)
            parts.append(geometry.tube([(0, 0, 0.1), half, tip], 0.0025, bark))
            parts.append(geometry.ball(0.021, tip, wool, 20))
    return geometry.join(parts, "vase")


build = views.build
