"""Chairs: with slats, with a ladder of rungs, and a stool's child with a round seat."""

import bpy
import numpy as np

from tools.samples import geometry, materials, views

SHOTS = views.shots("chairs", 5100)
ELEVATION = 16.0
SEAT, WIDE, HIGH = 0.45, 0.42, 0.92  # metres: height and width of the seat, height of the back


def leg(
    low: tuple[float, float],
    high: tuple[float, float, float],
    stuff: bpy.types.Material,
    thick: float = 0.019,
) -> bpy.types.Object:
    """A turned leg, thinner at both ends."""
    points = [
        np.array([*low, 0.0]) + (np.array(high) - [*low, 0.0]) * t for t in np.linspace(0, 1, 7)
    ]
    radii = [thick * r for r in (0.62, 0.8, 1.0, 0.85, 1.0, 0.9, 0.75)]
    return geometry.tube([tuple(map(float, point)) for point in points], radii, stuff)


def make(style: int) -> bpy.types.Object:
    """A chair that looks towards -Y."""
    stuff = (
        materials.wood((0.42, 0.22, 0.09), 2.0),
        materials.paint((0.1, 0.32, 0.42), 0.35, 0.5),
        materials.wood((0.1, 0.045, 0.02), 2.0, 0.3),
    )[style]
    half = WIDE / 2
    parts = []
    if style == 2:
        rim = [(0, -0.014), (half - 0.02, -0.014), (half, 0), (half - 0.02, 0.014), (0, 0.008)]
        parts.append(geometry.lathe([(r, SEAT + h) for r, h in rim], stuff, 64))
    else:
        seat = (0.62, 0.48, 0.26) if style == 0 else (0.8, 0.76, 0.66)
        pad = materials.fabric(seat, 0.6) if style == 0 else stuff
        parts.append(geometry.box((WIDE, WIDE, 0.04), (0, 0, SEAT), pad, 0.014))
    for x in (-1, 1):
        front, back = (x * (half - 0.03), -(half - 0.03)), (x * (half - 0.03), half - 0.02)
        spread = 1.14 if style == 2 else 1.03
        parts.append(
            leg(
                (front[0] * spread, front[1] * spread),
                (front[0] * 0.92, front[1] * 0.92, SEAT),
                stuff,
            )
        )
        parts.append(leg((back[0] * spread, back[1] * 1.08), (*back, SEAT), stuff))
        parts.append(leg((back[0], back[1]), (back[0], back[1] + 0.07, HIGH), stuff))
        parts.append(geometry.tube([(*front, 0.16), (*back, 0.16)], 0.011, stuff, smooth=False))
    parts.append(
        geometry.tube([(-half + 0.03, 0, 0.16), (half - 0.03, 0, 0.16)], 0.011, stuff, smooth=False)
    )
    for height in (0.6, 0.72, 0.86) if style == 1 else (0.87,):
        back = half - 0.02 + 0.07 * (height - SEAT) / (HIGH - SEAT)
        parts.append(geometry.box((WIDE - 0.06, 0.018, 0.075), (0, back, height), stuff, 0.007))
    if style != 1:
        for x in np.linspace(-0.13, 0.13, 5):
            rod = [(float(x), half - 0.02, SEAT), (float(x), half + 0.04, 0.85)]
            parts.append(geometry.tube(rod, 0.009, stuff, smooth=False))
    return geometry.join(parts, "chair")


build = views.build
