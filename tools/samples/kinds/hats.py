"""Hats: a top hat, a bowler and a boater, each with its ribbon."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, stage, views
from tools.samples.graph import Graph, Value

SHOTS = views.shots("hats", 4900)
ELEVATION = 15.0
# Radius by height in metres of the crown, from the brim up.
CROWNS = (
    [
        (0.086, 0.01),
        (0.083, 0.05),
        (0.084, 0.1),
        (0.093, 0.155),
        (0.092, 0.16),
        (0.05, 0.162),
        (0, 0.161),
    ],
    [
        (0.086, 0.01),
        (0.09, 0.03),
        (0.091, 0.06),
        (0.08, 0.098),
        (0.05, 0.12),
        (0.02, 0.126),
        (0, 0.127),
    ],
    [(0.088, 0.006), (0.088, 0.03), (0.088, 0.06), (0.086, 0.068), (0.05, 0.07), (0, 0.07)],
)


def straw() -> bpy.types.Material:
    """Plaited straw: rows that go round."""

    def shade(g: Graph) -> Value:
        rows = g.wave(g.coords(), 60.0, 1.0, wave_type="RINGS", rings_direction="Z")
        weave = g.cells(g.coords(), 150.0)
        tint = g.mix(g.step(weave, 0.1, 0.7), (0.75, 0.55, 0.26), (0.5, 0.32, 0.11))
        height = g.math("ADD", rows, weave)
        return g.principled(tint, 0.7, Normal=g.bump(height, 0.6, 0.003))

    return materials.material("straw", shade)


def make(style: int) -> bpy.types.Object:
    """A hat as it lies on the table, its brim turned up at the sides but for the boater's."""
    stuff = (
        materials.fabric((0.016, 0.016, 0.018), 4.0, 0.8),
        materials.fabric((0.1, 0.055, 0.03), 4.0, 0.6),
        straw(),
    )[style]
    ribbon = materials.fabric(
        ((0.25, 0.02, 0.03), (0.02, 0.02, 0.02), (0.02, 0.05, 0.22))[style], 3.0
    )
    crown = CROWNS[style]
    parts = [geometry.lathe(stage.smooth(crown), stuff, 96)]
    turn = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    rows = []
    for share in (*np.linspace(0, 1, 10), 1.02):
        radius = 0.085 + share * (0.058, 0.045, 0.062)[style]
        curl = (0.024, 0.026, 0.0)[style] * share**2 * np.cos(turn) ** 2
        rows.append(np.stack([radius * np.cos(turn), radius * np.sin(turn), 0.01 + curl], -1))
    brim = geometry.sheet(np.array(rows), stuff, closed=True)
    parts.append(geometry.thicken(brim, 0.004, 0.0))
    low, high = (0.014, 0.05) if style != 2 else (0.01, 0.04)
    heights = np.linspace(low, high, 5)
    outline = stage.smooth(crown)
    inner = [float(np.interp(h, [k for _, k in outline], [r for r, _ in outline])) for h in heights]
    band = [(r + 0.0022, float(h)) for r, h in zip(inner, heights, strict=True)]
    parts.append(geometry.thicken(geometry.lathe(band, ribbon, 96), 0.0015, 1.0))
    bow = geometry.box(
        (0.004, 0.03, 0.026), (inner[2] + 0.005, 0, float(heights[2])), ribbon, 0.0015
    )
    parts.append(bow)
    return geometry.join(parts, "hat")


build = views.build
