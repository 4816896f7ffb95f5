"""Hammers that lie on the table: a claw hammer, a mallet and a sledge hammer."""

import math

import bpy
import numpy as np
from mathutils import Matrix

from tools.samples import geometry, materials, stage, views

SHOTS = views.shots("hammers", 4600)
ELEVATION = 38.0
GRIP = [(0, 0), (0.014, 0.002), (0.017, 0.03), (0.013, 0.1), (0.0115, 0.18), (0.011, 0.3), (0, 0.3)]


def claw(steel: bpy.types.Material) -> list[bpy.types.Object]:
    """Two curved, flattened prongs towards -X, 28 cm up."""
    prongs = []
    for side in (-1, 1):
        rows = []
        for t in np.linspace(0, 1, 14):
            x, z = -0.012 - 0.075 * t, 0.288 - 0.045 * t * t
            half, thick = 0.0085 * (1 - 0.3 * t), 0.012 * (1 - 0.75 * t)
            y = side * (0.0075 + 0.006 * t)
            ring = np.linspace(0, 2 * math.pi, 16, endpoint=False)
            rows.append([(x, y + half * np.cos(a), z + thick * np.sin(a)) for a in ring])
        prongs.append(geometry.sheet(np.array(rows), steel, closed=True))
    return prongs


def drum(length: float, radius: float, at: float, stuff: bpy.types.Material) -> bpy.types.Object:
    """A cylinder along X with bevelled ends, its middle at x = `at`, 28.5 cm up."""
    end, rim = length / 2, min(0.004, radius / 4)
    outline = [(0, -end), (radius - rim, -end), (radius, rim - end), (radius, end - rim)]
    body = geometry.lathe([*outline, (radius - rim, end), (0, end)], stuff, 64)
    body.matrix_world = Matrix.Translation((at, 0, 0.285)) @ Matrix.Rotation(math.pi / 2, 4, "Y")
    return body


def make(style: int) -> bpy.types.Object:
    """A hammer on its side, its handle towards the camera's left."""
    steel = materials.metal((0.55, 0.56, 0.58), 0.28)
    ash = materials.wood((0.55, 0.34, 0.16), 5.0, 0.35)
    handle = geometry.lathe(stage.smooth(GRIP), ash, 40)
    handle.scale = (1.25, 0.85, 1.0)
    parts = [handle]
    if style == 0:
        parts += [drum(0.05, 0.0115, 0.03, steel), drum(0.022, 0.0175, 0.062, steel)]
        parts += [geometry.box((0.036, 0.03, 0.034), (0, 0, 0.285), steel, 0.005), *claw(steel)]
        rubber = materials.rubber((0.03, 0.1, 0.3))
        sleeve = geometry.lathe([(0.0145, 0.004), (0.0178, 0.03), (0.0142, 0.12)], rubber, 40)
        sleeve.scale = (1.28, 0.9, 1.0)
        parts.append(sleeve)
    elif style == 1:
        parts.append(drum(0.14, 0.042, 0.0, materials.wood((0.4, 0.2, 0.08), 4.0)))
    else:
        red = materials.paint((0.5, 0.03, 0.02), 0.4)
        parts.append(geometry.box((0.13, 0.05, 0.05), (0, 0, 0.285), red, 0.008))
        parts += [
            geometry.box((0.012, 0.044, 0.044), (s * 0.07, 0, 0.285), steel, 0.004) for s in (-1, 1)
        ]
    whole = geometry.join(parts, "hammer")
    whole.data.transform(
        Matrix.Rotation(math.radians(62), 4, "Z") @ Matrix.Rotation(math.pi / 2, 4, "X")
    )
    return whole


build = views.build
