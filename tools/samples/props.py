"""Small things that several kinds need: a cup, a bowl, soil, a flame."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage
from tools.samples.graph import Graph, Value
from tools.samples.materials import Colour


def cup(clay: bpy.types.Material, drink: bpy.types.Material) -> list[bpy.types.Object]:
    """A cup 9 cm wide with a handle towards +X, filled; it stands on a saucer 3 mm thick."""
    outline = [
        (0, 0.006),
        (0.022, 0.006),
        (0.024, 0.009),
        (0.036, 0.025),
        (0.042, 0.05),
        (0.044, 0.07),
        (0.0415, 0.07),
        (0.039, 0.05),
        (0.033, 0.026),
        (0, 0.012),
    ]
    body = geometry.lathe(stage.smooth(outline), clay, 80)
    fill = geometry.lathe([(0.0413, 0.0605), (0.0395, 0.0602), (0, 0.0602)], drink, 64)
    angles = np.linspace(0.6 * math.pi, -0.62 * math.pi, 9)
    ring = [(0.045 + 0.02 * math.cos(a), 0, 0.043 + 0.019 * math.sin(a)) for a in angles]
    return [body, fill, geometry.tube(ring, 0.0042, clay)]


def saucer(clay: bpy.types.Material) -> bpy.types.Object:
    """A saucer 15 cm wide."""
    outline = [
        (0, 0),
        (0.04, 0),
        (0.042, 0.002),
        (0.06, 0.009),
        (0.075, 0.015),
        (0.0755, 0.0165),
        (0.06, 0.0125),
        (0.036, 0.0055),
        (0, 0.005),
    ]
    return geometry.lathe(stage.smooth(outline), clay, 80)


def coffee(foam: bool) -> bpy.types.Material:
    """Black coffee, or milk foam drawn into a swirl."""

    def shade(g: Graph) -> Value:
        x, y, _ = g.split(g.coords())
        away = g.math("SQRT", g.math("ADD", g.math("MULTIPLY", x, x), g.math("MULTIPLY", y, y)))
        if not foam:
            rim = g.step(away, 0.036, 0.0405)
            return g.principled(g.mix(rim, (0.018, 0.006, 0.002), (0.2, 0.08, 0.025)), 0.05)
        bent = g.noise(g.coords(), 45.0, 2.0, distortion=1.5)
        bands = g.wave(g.coords(), 26.0, 5.0, bands_direction="X")
        milk = g.math("MULTIPLY", g.step(bands, 0.5, 0.62), g.step(away, 0.033, 0.026))
        tint = g.mix(g.step(bent, 0.3, 0.7), (0.24, 0.09, 0.03), (0.34, 0.15, 0.05))
        return g.principled(g.mix(milk, tint, (0.86, 0.75, 0.6)), 0.25)

    return materials.material("coffee", shade)


def bowl(clay: bpy.types.Material, radius: float = 0.15, height: float = 0.075) -> bpy.types.Object:
    """An open bowl on a foot."""
    shape = [
        (0, 0),
        (0.38, 0),
        (0.4, 0.06),
        (0.5, 0.12),
        (0.78, 0.4),
        (0.95, 0.8),
        (1, 1),
        (0.965, 1),
        (0.91, 0.8),
        (0.74, 0.44),
        (0.45, 0.2),
        (0, 0.17),
    ]
    return geometry.lathe(stage.smooth([(radius * r, height * h) for r, h in shape]), clay, 96)


def flame(height: float, at: tuple[float, float, float], strength: float = 14.0) -> None:
    """A candle's flame: a drop, blue at the wick, white in the middle, orange at the tip."""

    def shade(g: Graph) -> Value:
        up = g.split(g.coords("Generated"))[2]
        tint = g.ramp(
            up,
            [
                (0.0, (0.05, 0.12, 0.6)),
                (0.16, (1, 0.42, 0.1)),
                (0.45, (1, 0.72, 0.3)),
                (1.0, (1, 0.36, 0.05)),
            ],
        )
        power = g.math("MULTIPLY", g.step(up, -0.1, 0.4), strength)
        return g.node("Emission", {"Color": tint, "Strength": power}).outputs[0]

    drop = [(0, 0), (0.13, 0.08), (0.21, 0.24), (0.19, 0.42), (0.11, 0.68), (0.04, 0.9), (0, 1)]
    outline = stage.smooth([(height * r, height * h) for r, h in drop])
    fire = geometry.lathe(outline, materials.material("flame", shade), 24, "flame")
    fire.location = at
    fire.visible_shadow = False
    lamp = bpy.data.lights.new("flame", "POINT")
    lamp.energy, lamp.color, lamp.shadow_soft_size = 2.2, (1.0, 0.55, 0.2), 0.012
    light = bpy.data.objects.new("flame", lamp)
    light.location = (at[0], at[1], at[2] + height * 0.5)
    bpy.context.scene.collection.objects.link(light)


def wax(colour: Colour) -> bpy.types.Material:
    """Wax that lets light in a few millimetres."""

    def shade(g: Graph) -> Value:
        bump = g.bump(g.noise(g.coords(), 60.0, 3.0), 0.15, 0.002)
        return g.principled(
            colour,
            0.4,
            Subsurface_Weight=0.6,
            Subsurface_Radius=(0.02, 0.009, 0.004),
            Subsurface_Scale=1.0,
            Normal=bump,
        )

    return materials.material("wax", shade)


def dim(by: float) -> None:
    """Turn down the lamps and the world of the stage, so that a flame or a bulb leads."""
    for lamp in bpy.data.lights:
        if lamp.type == "AREA":
            lamp.energy *= by
    for node in bpy.context.scene.world.node_tree.nodes:
        if node.type == "BACKGROUND":
            node.inputs["Strength"].default_value *= by


def brighten(light: str) -> None:
    """Expose for the subject rather than the table, most of all where there is little light."""
    scene.view("AgX", "AgX - Punchy", 0.9 if light in ("dark", "evening") else 0.55)
