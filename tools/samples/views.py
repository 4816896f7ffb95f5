"""Nine views of a thing that make it hard to know again: odd stuff, outlines, near, far, clutter.

A kind that is seen so has `make(style)`, which gives one thing that stands on z = 0, and
`ELEVATION`, from where it looks best, in degrees.
"""

import importlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from tools.samples import drawing, materials, places, props, scene, stage
from tools.samples.coats import COATS
from tools.samples.shot import Shot

LYING = 30.0  # degrees: things that are best seen from higher lie on the table
SIZE = 0.3  # metres: the longest side of the thing in every view
KINDS = (
    "balls",
    "vases",
    "bells",
    "globes",
    "buckets",
    "hammers",
    "balloons",
    "trophies",
    "hats",
    "bulbs",
    "chairs",
    "hourglasses",
)
TABLES = ("oak", "linen", "slate", "pale", "walnut", "marble")
WALLS = (
    (0.5, 0.48, 0.42),
    (0.28, 0.36, 0.42),
    (0.5, 0.26, 0.2),
    (0.34, 0.42, 0.3),
    (0.62, 0.6, 0.56),
    (0.6, 0.45, 0.2),
)
LIGHTS = ("day", "noon", "evening", "day", "noon")
VIEWS = ("plain", "plain", "coat", "coat", "outline", "drawing", "close", "far", "clutter")


def shots(kind: str, seed: int) -> list[Shot]:
    """The nine views of a kind; grounds, light and coats go round, so that all kinds share them."""
    turn = KINDS.index(kind)
    coats, pens, grounds = list(COATS), list(drawing.PENS), list(places.GROUNDS)
    variants: list[dict[str, Any]] = []
    for number, view in enumerate(VIEWS):
        others = [KINDS[(turn + step) % len(KINDS)] for step in (3 + number % 2, 7)]
        variants.append(
            {
                "view": view,
                "style": number % 3,
                "coat": coats[(turn * 2 + number - 2) % len(coats)] if view == "coat" else None,
                "pen": pens[turn % len(pens)],
                "dusk": turn % len(places.DUSKS),
                "beside": others if view == "clutter" else [],
                "on": TABLES[(turn + number) % len(TABLES)],
                "wall": WALLS[(turn * 5 + number) % len(WALLS)],
                "light": LIGHTS[(turn + number * 2) % len(LIGHTS)],
            }
        )
        if view == "far":
            variants[-1]["ground"] = grounds[turn % len(grounds)]
        if view == "close":
            variants[-1]["aim"] = "bulk"
    return stage.shots(kind, variants, seed)


def placed(
    kind: str, style: int, at: tuple[float, float] = (0, 0), turn: float = 0.0, size: float = SIZE
) -> bpy.types.Object:
    """A thing of a kind, `size` metres long, on the table, turned about Z by degrees."""
    thing = importlib.import_module(f"tools.samples.kinds.{kind}").make(style)
    corners = np.array([vertex.co for vertex in thing.data.vertices])
    low, high = corners.min(0), corners.max(0)
    middle = (low + high) / 2
    scale = size / float((high - low).max())
    down = Matrix.Translation(-Vector((middle[0], middle[1], low[2])))
    thing.data.transform(Matrix.Scale(scale, 4) @ down)
    thing.matrix_world = stage.turned(turn, (*at, 0))
    return thing


def tilted(lean: float, turn: float, at: scene.Vec = (0, 0, 0)) -> Matrix:
    """The matrix that turns about Z, leans towards +X (both in degrees), and moves to a place."""
    spin = Matrix.Rotation(math.radians(turn), 4, "Z")
    return Matrix.Translation(at) @ Matrix.Rotation(math.radians(lean), 4, "Y") @ spin


def clothe(thing: bpy.types.Object, coat: bpy.types.Material) -> None:
    """Make all of a thing of one material."""
    for slot in thing.material_slots:
        slot.material = coat


def extent(thing: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """The middle and the three lengths of a thing where it stands, in metres."""
    bpy.context.view_layer.update()
    corners = np.array([thing.matrix_world @ vertex.co for vertex in thing.data.vertices])
    low, high = corners.min(0), corners.max(0)
    return (low + high) / 2, high - low


def bulk(thing: bpy.types.Object) -> np.ndarray:
    """The middle of most of a thing's surface: of the bell, not of its long handle."""
    faces = thing.data.polygons
    areas = [face.area for face in faces]
    centres = [thing.matrix_world @ face.center for face in faces]
    return np.average(np.array(centres), axis=0, weights=areas)


def raise_up(thing: bpy.types.Object) -> None:
    """Stand a thing that lies on end, so that its outline shows."""
    thing.matrix_world = Matrix.Rotation(math.pi / 2, 4, "X") @ thing.matrix_world
    middle, lengths = extent(thing)
    away = Vector((-middle[0], -middle[1], lengths[2] / 2 - middle[2]))
    thing.matrix_world = Matrix.Translation(away) @ thing.matrix_world


def look(thing: bpy.types.Object, shot: Shot, rng: np.random.Generator, elevation: float) -> None:
    """Put the camera where the view wants it."""
    middle, lengths = extent(thing)
    view = shot.params["view"]
    wide, high = float(np.hypot(lengths[0], 0.5 * lengths[1])), float(lengths[2])
    across, up = shot.size[0] / max(shot.size), shot.size[1] / max(shot.size)
    tall = high + float(lengths[1]) * math.sin(math.radians(elevation))
    need = max(wide / across, tall / up)
    reach = {"close": 0.6, "far": 5.0, "clutter": 1.7}.get(view, 1.35) * need
    sway = {"close": (0.22, 0.15), "far": (1.6, 0.2)}.get(view, (0.05, 0.04))
    right, above = rng.uniform(-1, 1, 2) * sway
    if view == "close":
        middle = bulk(thing)
    target = middle + np.array([right * wide, 0, above * high])
    fstop = 11.0 if view in ("close", "far") else 7.0
    tilt = elevation * {"outline": 0.3, "far": 0.5}.get(view, 1.0) + rng.uniform(-2, 5)
    angle = float(rng.uniform(-28, 28))
    lens = 50.0 if view == "far" else 60.0
    stage.shoot(tuple(map(float, target)), reach * lens / 36, float(tilt), angle, lens, fstop)


def build(shot: Shot) -> Callable[[Path], np.ndarray] | None:
    """Build the scene of a view; a drawing is returned as the function that draws it."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    view = params["view"]
    elevation = importlib.import_module(f"tools.samples.kinds.{shot.kind}").ELEVATION
    thing = placed(shot.kind, params["style"], turn=float(rng.uniform(-35, 35)))
    if view == "drawing":
        scene.plain_world((1, 1, 1), 0.12)
        scene.area((-1.2, -1.0, 1.6), (0, 0, 0.1), 0.5, 60)
        clothe(thing, materials.paint((0.75, 0.75, 0.75), 0.9, 0.0))
        look(thing, shot, rng, elevation)
        return lambda folder: drawing.draw(thing, folder, params["pen"], shot.seed)
    if view == "outline":
        places.dusk(params["dusk"])
        if elevation > LYING:
            raise_up(thing)
        clothe(thing, materials.paint((0.012, 0.012, 0.014), 0.9, 0.0))
    elif view == "far":
        places.outdoors(rng, shot.seed, params["ground"], params["light"])
    else:
        stage.table(params["on"], params["wall"], params["light"])
        props.brighten(params["light"])
    if params["coat"]:
        clothe(thing, COATS[params["coat"]]())
    for number, other in enumerate(params["beside"]):
        way = -1 if number else 1
        at = (way * float(rng.uniform(0.24, 0.29)), float(rng.uniform(-0.12, 0.16)))
        placed(other, number, at, float(rng.uniform(0, 360)), 0.58 * SIZE)
    look(thing, shot, rng, elevation)
    return None
