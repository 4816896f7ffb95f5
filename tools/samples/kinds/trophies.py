"""Trophies: cups of gold, silver or copper with two handles, on a base of stone or wood."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, stage, views

SHOTS = views.shots("trophies", 4800)
ELEVATION = 7.0
# Radius by height in metres, above the base.
CUPS = (
    [
        (0.05, 0),
        (0.05, 0.008),
        (0.016, 0.025),
        (0.012, 0.06),
        (0.02, 0.07),
        (0.012, 0.08),
        (0.05, 0.105),
        (0.072, 0.15),
        (0.075, 0.2),
        (0.086, 0.235),
    ],
    [
        (0.055, 0),
        (0.052, 0.01),
        (0.012, 0.03),
        (0.012, 0.05),
        (0.03, 0.062),
        (0.085, 0.09),
        (0.098, 0.13),
        (0.1, 0.16),
    ],
    [
        (0.042, 0),
        (0.04, 0.01),
        (0.014, 0.03),
        (0.02, 0.05),
        (0.012, 0.07),
        (0.035, 0.095),
        (0.045, 0.16),
        (0.055, 0.21),
        (0.07, 0.26),
    ],
)


def make(style: int) -> bpy.types.Object:
    """A cup about 25 cm tall on its base; the first style has a lid."""
    metal = materials.metal(((0.9, 0.62, 0.2), (0.82, 0.82, 0.84), (0.8, 0.42, 0.24))[style], 0.08)
    stone = (
        materials.marble((0.03, 0.03, 0.035), (0.4, 0.4, 0.4), 4.0),
        materials.wood((0.14, 0.06, 0.03), 4.0, 0.25),
        materials.marble(),
    )[style]
    outline = [(r, h + 0.075) for r, h in CUPS[style]]
    inside = [(r - 0.004, h) for r, h in outline[:-4:-1]]
    parts = [geometry.lathe(stage.smooth([*outline, *inside, (0, inside[-1][1])]), metal, 96)]
    parts.append(geometry.box((0.13, 0.13, 0.045), (0, 0, 0.0225), stone, 0.004))
    parts.append(geometry.box((0.105, 0.105, 0.032), (0, 0, 0.06), stone, 0.003))
    parts.append(geometry.box((0.07, 0.002, 0.022), (0, -0.0655, 0.022), metal, 0.0005))
    low, high = outline[-4][1], outline[-1][1] - 0.02
    radius, middle = (high - low) / 2, (high + low) / 2
    rim = outline[-2][0]
    for side in (-1, 1):
        arc = [
            (
                side * (rim * (0.62 + 0.36 * t) + 1.25 * radius * math.sin(a)),
                0,
                middle - radius * math.cos(a),
            )
            for t, a in zip(np.linspace(0, 1, 12), np.linspace(0, math.pi, 12), strict=True)
        ]
        parts.append(geometry.tube(arc, 0.0055, metal))
    if style == 0:
        top = outline[-1]
        lid = [
            (top[0] + 0.003, 0),
            (0.07, 0.018),
            (0.03, 0.032),
            (0.008, 0.04),
            (0.012, 0.055),
            (0, 0.064),
        ]
        parts.append(geometry.lathe(stage.smooth([(r, top[1] + h) for r, h in lid]), metal, 80))
    return geometry.join(parts, "trophy")


build = views.build
