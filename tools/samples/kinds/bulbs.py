"""Light bulbs: clear with a filament, clear and tall, and opal."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, stage, views

SHOTS = views.shots("bulbs", 5000)
ELEVATION = 8.0
# Radius by height in metres, of the glass above the cap.
GLASS = (
    [
        (0.0125, 0.0),
        (0.014, 0.012),
        (0.021, 0.028),
        (0.0305, 0.048),
        (0.03, 0.066),
        (0.017, 0.079),
        (0, 0.082),
    ],
    [
        (0.0125, 0.0),
        (0.013, 0.012),
        (0.017, 0.035),
        (0.026, 0.07),
        (0.026, 0.09),
        (0.013, 0.108),
        (0, 0.112),
    ],
    [
        (0.0125, 0.0),
        (0.018, 0.012),
        (0.034, 0.03),
        (0.042, 0.055),
        (0.034, 0.08),
        (0.018, 0.093),
        (0, 0.096),
    ],
)
CAP = 0.03  # metres, the height of the cap


def make(style: int) -> bpy.types.Object:
    """A bulb that stands on its cap."""
    steel = materials.metal(((0.72, 0.72, 0.72), (0.8, 0.58, 0.24), (0.72, 0.72, 0.72))[style], 0.2)
    outline = [(r, h + CAP) for r, h in GLASS[style]]
    opal = materials.glaze((0.85, 0.84, 0.8))
    clear = materials.glass((0.98, 0.97, 0.93))
    wall = stage.smooth(outline)
    if style != 2:
        inside = [(max(r - 0.0008, 0.0), h - 0.0004) for r, h in wall[::-1]]
        wall = [*wall, *inside]
    parts = [geometry.lathe(wall, opal if style == 2 else clear, 80)]
    thread = [
        (0.0128 + 0.0009 * math.cos(2 * math.pi * h / 0.0042), float(h))
        for h in np.linspace(0.008, CAP + 0.002, 60)
    ]
    parts.append(geometry.lathe(thread, steel, 48))
    parts.append(geometry.lathe([(0.006, 0.0025), (0.0122, 0.008)], materials.rubber(), 40))
    parts.append(geometry.lathe([(0, 0), (0.005, 0.0005), (0.006, 0.0025)], steel, 32))
    if style != 2:
        low, high = CAP + 0.004, CAP + (0.045, 0.078)[style]
        wire = materials.metal((0.3, 0.3, 0.3), 0.3)
        stem = stage.smooth(
            [(0.009, low), (0.005, low + 0.012), (0.0035, low + 0.022), (0, low + 0.023)]
        )
        parts.append(geometry.lathe(stem, materials.glass((0.9, 0.95, 0.95)), 32))
        for side in (-1, 1):
            post = [
                (side * 0.003, 0, low + 0.01),
                (side * 0.006, 0, low + 0.02),
                (side * 0.012, 0, high),
            ]
            parts.append(geometry.tube(post, 0.0005, wire))
        coil = [
            (
                0.012 * t,
                0.0018 * math.sin(40 * t),
                high + 0.0018 * math.cos(40 * t) - 0.008 * t * t + 0.008,
            )
            for t in np.linspace(-1, 1, 120)
        ]
        parts.append(geometry.tube(coil, 0.0006, materials.glow((1.0, 0.55, 0.16), 22.0)))
    return geometry.join(parts, "bulb")


build = views.build
