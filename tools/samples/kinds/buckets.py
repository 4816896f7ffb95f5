"""Buckets: galvanised, painted, and of wood with hoops."""

import itertools
import math

import bpy
import numpy as np

from tools.samples import geometry, materials, views

SHOTS = views.shots("buckets", 4300)
ELEVATION = 18.0
LOW, HIGH, TALL = 0.095, 0.14, 0.24  # radii at the bottom and the rim, and the height, in metres


def hoop(height: float, thick: float, stuff: bpy.types.Material) -> bpy.types.Object:
    """A ring that lies against the wall at a height."""
    radius = LOW + (HIGH - LOW) * height / TALL + 0.001
    ring = [
        (radius * math.cos(a), radius * math.sin(a), height)
        for a in np.linspace(0, 2 * math.pi, 64, endpoint=False)
    ]
    return geometry.tube(ring, thick, stuff, closed=True)


def make(style: int) -> bpy.types.Object:
    """A bucket with its handle half down."""
    steel = materials.metal((0.62, 0.64, 0.66), 0.3)
    stuff = (
        steel,
        materials.paint((0.6, 0.03, 0.02), 0.25, 0.7),
        materials.wood((0.36, 0.2, 0.09), 4.0, 0.6),
    )[style]
    wall = [(0, 0), (LOW, 0), (HIGH, TALL), (HIGH - 0.005, TALL), (LOW - 0.004, 0.008), (0, 0.008)]
    fine: list[tuple[float, float]] = []
    for (r, h), (s, k) in itertools.pairwise(wall):
        fine += [(r + (s - r) * t, h + (k - h) * t) for t in np.linspace(0, 0.96, 12)]
    parts = [geometry.lathe([*fine, (0, 0.008)], stuff, 96)]
    parts.append(hoop(TALL, 0.005, stuff if style != 2 else steel))
    thick, metal = (0.007, steel) if style == 2 else (0.004, stuff)
    parts += [hoop(height, thick, metal) for height in (0.05, 0.17)]
    lean = math.radians((38, 62, 12)[style])
    arc = []
    for a in np.linspace(0, math.pi, 25):
        out, up = 0.146 * math.cos(a), 0.16 * math.sin(a)
        arc.append((out, up * math.sin(lean), 0.222 + up * math.cos(lean)))
    parts.append(geometry.tube(arc, 0.0035, steel))
    grip = materials.wood((0.5, 0.3, 0.14), 6.0)
    parts.append(geometry.tube(arc[10:15], 0.011, grip))
    parts += [geometry.ball(0.014, (side * 0.141, 0, 0.222), steel, 20) for side in (-1, 1)]
    return geometry.join(parts, "bucket")


build = views.build
