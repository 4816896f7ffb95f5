"""Hardback books: stacks and rows, with gilded spines."""

import bpy
import numpy as np

from tools.samples import geometry, materials, stage
from tools.samples.graph import Graph, Value
from tools.samples.shot import Shot

REDS = [(0.35, 0.02, 0.02), (0.2, 0.01, 0.02), (0.45, 0.06, 0.03)]
BLUES = [(0.02, 0.06, 0.22), (0.03, 0.13, 0.3), (0.01, 0.03, 0.1)]
GREENS = [(0.02, 0.12, 0.06), (0.06, 0.18, 0.09), (0.1, 0.14, 0.05)]
BROWNS = [(0.2, 0.09, 0.03), (0.3, 0.17, 0.07), (0.1, 0.04, 0.02)]
MIXED = [REDS[0], BLUES[1], GREENS[0], BROWNS[1], (0.55, 0.42, 0.12), (0.5, 0.48, 0.42)]
SHOTS = stage.shots(
    "books",
    [
        {
            "of": REDS,
            "row": False,
            "count": 5,
            "on": "oak",
            "wall": (0.55, 0.5, 0.42),
            "light": "day",
        },
        {
            "of": BLUES,
            "row": True,
            "count": 9,
            "on": "oak",
            "wall": (0.5, 0.52, 0.55),
            "light": "day",
        },
        {
            "of": MIXED,
            "row": False,
            "count": 7,
            "on": "walnut",
            "wall": (0.25, 0.2, 0.15),
            "light": "evening",
        },
        {
            "of": BROWNS,
            "row": True,
            "count": 10,
            "on": "walnut",
            "wall": (0.12, 0.08, 0.05),
            "light": "evening",
        },
        {
            "of": GREENS,
            "row": False,
            "count": 4,
            "on": "pale",
            "wall": (0.3, 0.4, 0.33),
            "light": "noon",
        },
        {
            "of": MIXED,
            "row": True,
            "count": 8,
            "on": "pale",
            "wall": (0.6, 0.6, 0.58),
            "light": "noon",
        },
        {
            "of": BLUES,
            "row": False,
            "count": 6,
            "on": "marble",
            "wall": (0.1, 0.14, 0.22),
            "light": "dark",
        },
        {
            "of": REDS,
            "row": True,
            "count": 7,
            "on": "slate",
            "wall": (0.2, 0.06, 0.05),
            "light": "dark",
        },
        {
            "of": BROWNS,
            "row": False,
            "count": 3,
            "on": "linen",
            "wall": (0.5, 0.4, 0.3),
            "light": "evening",
        },
        {
            "of": MIXED,
            "row": False,
            "count": 6,
            "on": "oak",
            "wall": (0.3, 0.4, 0.45),
            "light": "day",
        },
    ],
    seed=1300,
    query=9,
)


def pages() -> bpy.types.Material:
    """The edges of many sheets."""

    def shade(g: Graph) -> Value:
        lines = g.wave(g.coords(), 420.0, 0.4, bands_direction="X")
        tint = g.mix(lines, (0.72, 0.66, 0.52), (0.5, 0.44, 0.32))
        return g.principled(tint, 0.85, Normal=g.bump(lines, 0.25, 0.0008))

    return materials.material("pages", shade)


def book(height: float, depth: float, thick: float, colour: tuple[float, ...]) -> bpy.types.Object:
    """A book that stands on z = 0, its spine towards -Y, its thickness along X."""
    cover = materials.fabric(colour, 2.5, 0.1)
    gold = materials.metal((0.85, 0.62, 0.25), 0.3)
    board, middle = 0.0028, height / 2
    parts = [
        geometry.box((board, depth, height), (side * (thick - board) / 2, 0, middle), cover, 0.001)
        for side in (-1, 1)
    ]
    parts.append(geometry.box((thick, 0.004, height), (0, -depth / 2, middle), cover, 0.0015))
    block = (thick - 2 * board, depth - 0.008, height - 0.008)
    parts.append(geometry.box(block, (0, -0.001, middle), pages()))
    for share, width in ((0.1, 0.002), (0.13, 0.004), (0.72, 0.02), (0.86, 0.004), (0.9, 0.002)):
        size = (thick * 0.86, 0.0006, width)
        parts.append(geometry.box(size, (0, -depth / 2 - 0.0021, height * share), gold))
    return geometry.join(parts, "book")


def build(shot: Shot) -> None:
    """A stack that was put down by hand, or a row of which the last one leans."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    made = []
    for number in range(params["count"]):
        thick = float(rng.uniform(0.02, 0.042))
        size = float(rng.uniform(0.19, 0.235)), float(rng.uniform(0.135, 0.165)), thick
        made.append((book(*size, params["of"][number % len(params["of"])]), size))
    if params["row"]:
        x = -sum(size[2] for _, size in made) / 2
        for thing, (_, _, thick) in made[:-1]:
            thing.location = (x + thick / 2, float(rng.uniform(-0.008, 0.008)), 0)
            x += thick + 0.001
        last, (_, _, thick) = made[-1]
        last.location, last.rotation_euler = (x + 0.062 + thick / 2, 0, 0.002), (0, -0.28, 0)
        stage.shoot((0.02, 0, 0.1), 0.72, 10, rng.uniform(-20, 20), 60, 3.2)
        return
    z = 0.0
    for thing, (height, _, thick) in sorted(made, key=lambda pair: -pair[1][0]):
        turn = float(rng.uniform(-11, 11))
        lying = geometry.copy(thing, (0, 0, 0), (0, 90, 0))
        # It lies along X from where it stood; the stack is about the origin.
        lying.matrix_world = (
            stage.turned(turn, (0, 0, z + thick / 2))
            @ stage.turned(0, (-height / 2, 0, 0))
            @ lying.matrix_world
        )
        thing.location = (0, 0, -5)
        z += thick + 0.0005
    stage.shoot((0, 0, z / 2), 0.5 + z, 14, rng.uniform(-24, 24), 60, 3.2)
