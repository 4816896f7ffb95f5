"""Hand bells of brass, silver and painted iron."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, stage, views

SHOTS = views.shots("bells", 4200)
ELEVATION = 8.0
BELL = [
    (0.0, 0.118),
    (0.03, 0.116),
    (0.045, 0.1),
    (0.052, 0.06),
    (0.062, 0.03),
    (0.088, 0.004),
    (0.092, 0.0),
]
HANDLES = (
    [(0.012, 0), (0.014, 0.02), (0.011, 0.045), (0.019, 0.09), (0.017, 0.125), (0, 0.14)],
    [(0.01, 0), (0.018, 0.012), (0.01, 0.025), (0.01, 0.08), (0.022, 0.1), (0, 0.122)],
)


def make(style: int) -> bpy.types.Object:
    """A bell 18 cm wide at its mouth with a turned handle, or with a ring in the third style."""
    metals = (
        materials.metal((0.85, 0.6, 0.22), 0.14),
        materials.metal((0.8, 0.8, 0.82), 0.1),
        materials.paint((0.04, 0.2, 0.3), 0.3, 0.6),
    )
    inside = [(max(r - 0.004, 0.0), h - 0.003) for r, h in BELL]
    wall = stage.smooth([*inside, *BELL[::-1]])
    wall = [(r, max(h, 0.001)) for r, h in wall]
    body = metals[style]
    parts = [geometry.lathe(wall, body, 96)]
    for height, radius in ((0.018, 0.0745), (0.085, 0.0492)):
        ring = [
            (radius * math.cos(a), radius * math.sin(a), height)
            for a in np.linspace(0, 2 * math.pi, 40, endpoint=False)
        ]
        parts.append(geometry.tube(ring, 0.0022, body, closed=True))
    parts.append(geometry.ball(0.016, (0.02, 0, 0.016), materials.metal((0.3, 0.3, 0.3), 0.3)))
    if style == 2:
        arc = [
            (0.026 * math.sin(a), 0, 0.138 - 0.026 * math.cos(a))
            for a in np.linspace(0, 2 * math.pi, 24, endpoint=False)
        ]
        parts.append(geometry.tube(arc, 0.005, body, closed=True))
    else:
        turned = stage.smooth([(r, h + 0.114) for r, h in HANDLES[style]])
        wood = materials.wood(((0.26, 0.1, 0.04), (0.03, 0.02, 0.02))[style], 4.0, 0.2)
        parts.append(geometry.lathe(turned, wood, 48))
    return geometry.join(parts, "bell")


build = views.build
