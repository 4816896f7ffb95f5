"""Oak barrels with iron hoops, standing and lying, in cellars and outdoors."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage
from tools.samples.graph import Graph, Value
from tools.samples.shot import Shot

OAK, DARK, PALE, RED = (0.36, 0.2, 0.09), (0.14, 0.07, 0.03), (0.55, 0.38, 0.2), (0.3, 0.07, 0.04)
HEIGHT, END, BULGE = 0.9, 0.29, 0.37
SHOTS = stage.shots(
    "barrels",
    [
        {"wood": OAK, "standing": 2, "lying": 0, "light": "noon"},
        {"wood": DARK, "standing": 1, "lying": 1, "light": "cellar"},
        {"wood": PALE, "standing": 0, "lying": 3, "light": "noon"},
        {"wood": OAK, "standing": 3, "lying": 0, "light": "cellar"},
        {"wood": RED, "standing": 1, "lying": 0, "light": "grey"},
        {"wood": DARK, "standing": 0, "lying": 3, "light": "cellar"},
        {"wood": PALE, "standing": 2, "lying": 1, "light": "low"},
        {"wood": OAK, "standing": 1, "lying": 0, "light": "low"},
        {"wood": RED, "standing": 2, "lying": 1, "light": "noon"},
    ],
    seed=1800,
)


def bricks(colour: tuple[float, float, float]) -> bpy.types.Material:
    def shade(g: Graph) -> Value:
        x, y, z = g.split(g.position())
        inputs = {"Vector": g.join(g.math("ADD", x, y), z, 0.0), "Color1": colour, "Scale": 4.0}
        inputs |= {"Color2": materials.darker(colour, 0.55), "Mortar": (0.3, 0.28, 0.25)}
        wall = g.node("TexBrick", {**inputs, "Mortar Size": 0.018})
        stains = g.noise(g.position(), 3.0, 8.0, 0.65)
        tint = g.mix(
            g.step(stains, 0.3, 0.7), g.mix(1.0, wall.outputs[0], 0.45, "MULTIPLY"), wall.outputs[0]
        )
        return g.principled(tint, 0.9, Normal=g.bump(wall.outputs[1], -0.6, 0.01))

    return materials.material("bricks", shade)


def bulge(z: float | np.ndarray) -> float | np.ndarray:
    """The radius at a height."""
    return BULGE - (BULGE - END) * (2 * z / HEIGHT - 1) ** 2


def barrel(wood: tuple[float, float, float], rng: np.random.Generator) -> bpy.types.Object:
    """A barrel that stands on z = 0: 22 staves, six hoops, two heads."""
    parts = []
    z = np.linspace(0, HEIGHT, 24)
    count = 22
    for stave in range(count):
        tone = tuple(part * float(rng.uniform(0.75, 1.2)) for part in wood)
        start = 2 * math.pi * stave / count
        angle = start + np.linspace(0.012, 2 * math.pi / count - 0.012, 5)
        radius = bulge(z)[:, None] * np.ones(5)
        lift = z[:, None] * np.ones(5)
        turned = materials.wood(tone, 2.0, 0.6)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle), lift], -1)
        parts.append(geometry.thicken(geometry.sheet(points, turned), 0.02))
    iron = materials.rust((0.12, 0.12, 0.13), 0.35)
    for low, wide in (
        (0.01, 0.05),
        (0.12, 0.04),
        (0.27, 0.04),
        (0.59, 0.04),
        (0.74, 0.04),
        (0.84, 0.05),
    ):
        outline = [(bulge(h) + 0.004, h) for h in np.linspace(low, low + wide, 6)]
        parts.append(geometry.thicken(geometry.lathe(outline, iron, 96), 0.004))
    for z_head in (0.035, HEIGHT - 0.035):
        head = geometry.lathe(
            [(0, z_head), (bulge(z_head) - 0.012, z_head)],
            materials.wood(wood, 1.5, 0.6, planks=0.09),
            64,
        )
        parts.append(geometry.thicken(head, 0.02, 0))
    bung = geometry.lathe(
        [(0, 0), (0.03, 0), (0.026, 0.02), (0, 0.021)], materials.wood((0.3, 0.2, 0.12), 3), 24
    )
    bung.location, bung.rotation_euler = (0, -bulge(HEIGHT / 2), HEIGHT / 2), (math.pi / 2, 0, 0)
    parts.append(bung)
    return geometry.join(parts, "barrel")


def build(shot: Shot) -> None:
    """Barrels against a brick wall, or on planks in the open."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    if params["light"] == "cellar":
        scene.ground(20, materials.rock((0.16, 0.14, 0.12), 2.5))
        geometry.box((14, 0.2, 5), (0, 1.5, 2.5), bricks((0.3, 0.14, 0.09)))
        scene.area((-1.8, -1.6, 2.4), (0, 0, 0.4), 0.5, 160, (1.0, 0.7, 0.4))
        scene.area((2.4, -0.6, 1.6), (0, 0, 0.5), 0.5, 22, (0.6, 0.75, 1.0))
        scene.plain_world((0.3, 0.35, 0.5), 0.12)
    else:
        stage.outdoors(params["light"], shot.seed)
        scene.ground(30, materials.wood((0.34, 0.27, 0.2), 0.6, 0.75, planks=0.24))
        geometry.box((14, 0.2, 5), (0, 2.0, 2.5), bricks((0.5, 0.36, 0.26)))
    x = -0.42 * (params["standing"] + params["lying"] - 1)
    for _ in range(params["standing"]):
        thing = barrel(params["wood"], rng)
        thing.location = (x, rng.uniform(-0.1, 0.25), 0)
        thing.rotation_euler.z = rng.uniform(-0.5, 0.5)
        x += 0.84
    for number in range(params["lying"]):
        thing = barrel(params["wood"], rng)
        on_top = number == 2 and params["lying"] == 3 and not params["standing"]
        place = (x - 2 * 0.84 + 0.42, 0.42, BULGE * 2.7) if on_top else (x, 0.42, BULGE)
        thing.location, thing.rotation_euler = place, (math.pi / 2, rng.uniform(-0.4, 0.4), 0)
        x += 0.84
    many = params["standing"] + params["lying"]
    scene.view("AgX", "AgX - Punchy")
    middle = (0.0, 0.0, 0.62 if params["lying"] == 3 else 0.45)
    stage.shoot(middle, 2.1 + 0.55 * many, rng.uniform(6, 18), rng.uniform(-18, 18), 50, 5)
