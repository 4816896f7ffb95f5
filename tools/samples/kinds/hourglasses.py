"""Hourglasses between wooden or brass plates, with sand that runs."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, stage, views

SHOTS = views.shots("hourglasses", 5200)
ELEVATION = 7.0
HALF = [
    (0.0045, 0.0),
    (0.012, 0.012),
    (0.042, 0.045),
    (0.052, 0.075),
    (0.046, 0.105),
    (0.02, 0.118),
]
MIDDLE, PLATE = 0.14, 0.016  # metres: height of the neck, thickness of a plate


def make(style: int) -> bpy.types.Object:
    """An hourglass 28 cm tall; the sand has run through by a third or more."""
    stuff = (
        materials.wood((0.24, 0.1, 0.04), 4.0, 0.3),
        materials.metal((0.82, 0.58, 0.22), 0.18),
        materials.wood((0.55, 0.36, 0.18), 4.0, 0.4),
    )[style]
    grains = materials.sand(((0.75, 0.55, 0.3), (0.6, 0.08, 0.05), (0.2, 0.4, 0.6))[style])
    both = stage.smooth([*[(r, -h) for r, h in HALF[::-1]], *HALF])
    outer = [(r, h + MIDDLE) for r, h in both]
    inner = [(max(r - 0.0016, 0.002), h) for r, h in outer[::-1]]
    parts = [geometry.lathe([*outer, *inner], materials.glass((0.97, 0.99, 0.98)), 80)]
    top = [(r - 0.0022, h + MIDDLE) for r, h in stage.smooth(HALF) if 0.004 < h < 0.055]
    level = top[-1][1] - 0.012
    parts.append(geometry.lathe([(0, top[0][1]), *top, (0, level)], grains, 64))
    low = [(r - 0.0022, MIDDLE - h) for r, h in stage.smooth(HALF)[::-1] if h > 0.075]
    parts.append(geometry.lathe([(0, low[0][1]), *low, (0, low[-1][1] + 0.022)], grains, 64))
    parts.append(geometry.tube([(0, 0, 0.05), (0, 0, MIDDLE + 0.01)], 0.0012, grains, smooth=False))
    disc = [(0, 0), (0.07, 0), (0.075, 0.004), (0.075, 0.011), (0.07, PLATE), (0, PLATE)]
    bases = (MIDDLE - 0.118 - PLATE, MIDDLE + 0.118)
    parts += [geometry.lathe([(r, h + base) for r, h in disc], stuff, 80) for base in bases]
    for turn in np.linspace(0.5, 2 * math.pi + 0.5, 3, endpoint=False):
        x, y = 0.063 * math.cos(turn), 0.063 * math.sin(turn)
        heights = np.linspace(MIDDLE - 0.12, MIDDLE + 0.12, 13)
        thick = [0.0055 + 0.0028 * math.cos(6 * math.pi * (h - MIDDLE) / 0.24) for h in heights]
        parts.append(geometry.tube([(x, y, float(h)) for h in heights], thick, stuff))
    return geometry.join(parts, "hourglass")


build = views.build
