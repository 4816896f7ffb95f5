"""Table lamps, switched on: cloth shades on turned or metal feet, by a wall."""

import bpy
import numpy as np

from tools.samples import geometry, materials, props, stage
from tools.samples.graph import Graph, Value
from tools.samples.shot import Shot

CREAM, RED, GREEN, BLUE, WHITE = (
    (0.8, 0.68, 0.48),
    (0.55, 0.06, 0.04),
    (0.1, 0.3, 0.14),
    (0.1, 0.2, 0.5),
    (0.8, 0.8, 0.78),
)
SHOTS = stage.shots(
    "lamps",
    [
        {
            "shade": CREAM,
            "foot": "brass",
            "on": "walnut",
            "wall": (0.3, 0.22, 0.16),
            "light": "evening",
        },
        {"shade": WHITE, "foot": "blue", "on": "oak", "wall": (0.5, 0.48, 0.42), "light": "day"},
        {"shade": RED, "foot": "wood", "on": "walnut", "wall": (0.1, 0.12, 0.16), "light": "dark"},
        {
            "shade": GREEN,
            "foot": "brass",
            "on": "oak",
            "wall": (0.3, 0.25, 0.2),
            "light": "evening",
        },
        {"shade": CREAM, "foot": "white", "on": "pale", "wall": (0.36, 0.42, 0.44), "light": "day"},
        {
            "shade": BLUE,
            "foot": "wood",
            "on": "linen",
            "wall": (0.4, 0.36, 0.3),
            "light": "evening",
        },
        {
            "shade": WHITE,
            "foot": "black",
            "on": "marble",
            "wall": (0.12, 0.13, 0.15),
            "light": "dark",
        },
        {
            "shade": CREAM,
            "foot": "red",
            "on": "walnut",
            "wall": (0.2, 0.28, 0.24),
            "light": "evening",
        },
        {"shade": RED, "foot": "brass", "on": "pale", "wall": (0.5, 0.5, 0.48), "light": "day"},
    ],
    seed=2600,
)
FEET = {
    "brass": lambda: materials.metal((0.75, 0.52, 0.2), 0.15),
    "wood": lambda: materials.wood((0.2, 0.09, 0.04), 3.0, 0.3),
    "blue": lambda: materials.glaze((0.03, 0.1, 0.34)),
    "white": lambda: materials.glaze((0.8, 0.78, 0.74)),
    "black": lambda: materials.glaze((0.018, 0.018, 0.02)),
    "red": lambda: materials.glaze((0.45, 0.03, 0.02)),
}
SLIM = [
    (0, 0),
    (0.07, 0),
    (0.072, 0.008),
    (0.05, 0.018),
    (0.014, 0.03),
    (0.01, 0.08),
    (0.022, 0.11),
    (0.012, 0.14),
    (0.009, 0.2),
    (0.016, 0.22),
    (0.01, 0.235),
    (0, 0.236),
]
VASE = [
    (0, 0),
    (0.05, 0),
    (0.052, 0.006),
    (0.045, 0.015),
    (0.06, 0.05),
    (0.078, 0.1),
    (0.07, 0.15),
    (0.03, 0.195),
    (0.018, 0.215),
    (0.012, 0.235),
    (0, 0.236),
]


def lit_cloth(colour: tuple[float, float, float]) -> bpy.types.Material:
    """A shade with a bulb in it: brightest at the height of the bulb, woven."""

    def shade(g: Graph) -> Value:
        up = g.split(g.coords("Generated"))[2]
        near = g.ramp(up, [(0.0, (0.45,) * 3), (0.4, (1, 1, 1)), (1.0, (0.4,) * 3)])
        weave = g.noise(g.scale(g.coords(), (1, 1, 6)), 160.0, 2.0)
        tint = g.mix(
            1.0,
            g.mix(g.step(weave, 0.3, 0.7), materials.darker(colour, 0.8), colour),
            near,
            "MULTIPLY",
        )
        warm = g.mix(1.0, tint, (1.0, 0.72, 0.4), "MULTIPLY")
        return g.principled(colour, 0.9, Emission_Color=warm, Emission_Strength=2.2)

    return materials.material("shade", shade)


def build(shot: Shot) -> None:
    """A lamp near the wall, with books or a cup at its foot."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    props.brighten("day")
    props.dim(0.6)
    geometry.box((8, 0.05, 4), (0, 0.55, 2), materials.paint(params["wall"], 0.8, 0.0))
    outline = SLIM if params["foot"] in ("brass", "wood", "black") else VASE
    geometry.lathe(stage.smooth(outline), FEET[params["foot"]](), 80)
    geometry.tube([(0, 0, 0.23), (0, 0, 0.27), (0, 0, 0.3)], 0.008, FEET["brass"]())
    low, high = (0.15, 0.095) if rng.random() < 0.6 else (0.13, 0.12)
    cloth = geometry.lathe([(low, 0.25), (high, 0.44)], lit_cloth(params["shade"]), 96, "shade")
    geometry.thicken(cloth, 0.002)
    trim = materials.fabric(materials.darker(params["shade"], 0.6))
    for radius, height in ((low, 0.25), (high, 0.44)):
        ring = [
            (radius * np.cos(a), radius * np.sin(a), height)
            for a in np.linspace(0, 6.2832, 48, False)
        ]
        geometry.tube(ring, 0.0025, trim, closed=True)
    lamp = bpy.data.lights.new("bulb", "POINT")
    lamp.energy, lamp.color, lamp.shadow_soft_size = 9.0, (1.0, 0.68, 0.36), 0.03
    bulb = bpy.data.objects.new("bulb", lamp)
    bulb.location = (0, 0, 0.33)
    bpy.context.scene.collection.objects.link(bulb)
    side = float(rng.choice([-1, 1]))
    if rng.random() < 0.5:
        for number in range(3):
            cover = materials.fabric(tuple(rng.uniform(0.02, 0.4, 3)))
            book = geometry.box((0.2, 0.14, 0.026), (0, 0, 0), cover, 0.002)
            book.matrix_world = stage.turned(
                float(rng.uniform(-20, 20)), (side * 0.24, 0.03, 0.014 + 0.027 * number)
            )
    else:
        clay = materials.glaze((0.7, 0.66, 0.58), 0.4)
        for part in [*props.cup(clay, props.coffee(False)), props.saucer(clay)]:
            part.matrix_world = stage.turned(float(rng.uniform(0, 90)), (side * 0.2, -0.04, 0))
    stage.shoot((side * 0.03, 0, 0.225), 1.2, rng.uniform(4, 10), rng.uniform(-12, 12), 60, 3.2)
