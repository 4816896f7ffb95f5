"""Balloons on strings: one or three."""

import math

import bpy
import numpy as np
from mathutils import Matrix

from tools.samples import geometry, materials, stage, views

SHOTS = views.shots("balloons", 4700)
ELEVATION = 4.0
# Radius by height in metres, from the neck up.
SKIN = [(0, -0.006), (0.008, -0.004), (0.006, 0.004), (0.012, 0.014), (0.045, 0.055)]
SKIN += [(0.092, 0.12), (0.112, 0.19), (0.098, 0.255), (0.055, 0.292), (0, 0.302)]
COLOURS = ((0.65, 0.02, 0.03), (0.03, 0.25, 0.6), (0.85, 0.5, 0.03), (0.1, 0.4, 0.16))


def rubber(colour: materials.Colour) -> bpy.types.Material:
    """Stretched latex: glossy, and a little light comes through."""
    return materials.material(
        "latex",
        lambda g: g.principled(
            colour, 0.14, Subsurface_Weight=0.35, Subsurface_Scale=0.05, Coat_Weight=0.5
        ),
    )


def make(style: int) -> bpy.types.Object:
    """A balloon with its string to the table; the second style is a bunch of three."""
    places = (
        [(0.0, 0.0, 0.0)]
        if style != 1
        else [(-13.0, 0.0, 0.0), (15.0, 0.02, -0.05), (2.0, -0.1, 0.05)]
    )
    thread = materials.fabric((0.75, 0.73, 0.7))
    parts = []
    for number, (lean, y, up) in enumerate(places):
        skin = rubber(COLOURS[(number + style) % len(COLOURS)])
        drop = geometry.lathe(stage.smooth(SKIN), skin, 80)
        neck = (math.sin(math.radians(lean)) * 0.4, y, 0.12 + up)
        drop.matrix_world = Matrix.Translation(neck) @ Matrix.Rotation(math.radians(lean), 4, "Y")
        parts.append(drop)
        string = [
            (neck[0] * t + 0.012 * math.sin(6 * t + number) * (1 - t), neck[1] * t, neck[2] * t)
            for t in np.linspace(0, 1, 14)
        ]
        parts.append(geometry.tube(string, 0.0016, thread))
    if style == 1:
        parts.append(
            geometry.box((0.05, 0.05, 0.03), (0, 0, 0.015), materials.paint((0.5, 0.5, 0.5)), 0.006)
        )
    return geometry.join(parts, "balloons")


build = views.build
