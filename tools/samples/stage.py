"""A table, a wall and a window: the studio that the small things share."""

import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

import bpy
import numpy as np

from tools.samples import geometry, materials, scene
from tools.samples.scene import Vec
from tools.samples.shot import QUERY, Shot

SIZES = ((640, 480), (480, 640), (640, 480), (640, 480), (480, 640), (640, 640))

SURFACES: dict[str, Callable[[], bpy.types.Material]] = {
    "oak": lambda: materials.wood((0.42, 0.25, 0.12), 1.2, 0.4, planks=0.14),
    "walnut": lambda: materials.wood((0.13, 0.06, 0.03), 1.0, 0.3, planks=0.18),
    "pale": lambda: materials.wood((0.6, 0.45, 0.3), 1.4, 0.5, planks=0.2),
    "marble": lambda: materials.marble(scale=1.5),
    "slate": lambda: materials.rock((0.06, 0.065, 0.075), 6.0),
    "linen": lambda: materials.fabric((0.62, 0.58, 0.5), 0.5),
    "green felt": lambda: materials.fabric((0.02, 0.17, 0.06), 1.4),
    "blue felt": lambda: materials.fabric((0.02, 0.09, 0.3), 1.4),
    "red felt": lambda: materials.fabric((0.3, 0.02, 0.03), 1.4),
}


def shots(kind: str, variants: Iterable[dict[str, Any]], seed: int, query: int = -1) -> list[Shot]:
    """A shot for every variant, numbered; the one at `query` is the query picture."""
    made = []
    for number, (params, size) in enumerate(zip(variants, itertools.cycle(SIZES), strict=False)):
        name = QUERY if number == query else f"{number + 1:02}"
        made.append(Shot(kind, name, size, seed + number, params))
    return made


def table(surface: str, wall: Vec = (0.5, 0.5, 0.48), light: str = "day") -> None:
    """A table top at z = 0, a wall behind it, and light: day, noon, evening or dark.

    In the evening and the dark a lamp washes the wall, so that things stand out from it.
    """
    scene.view("AgX", "AgX - Punchy")
    scene.ground(8.0, SURFACES[surface]())
    geometry.box((10, 0.1, 5), (0, 2.2, 2.4), materials.paint(wall, 0.8, 0.0))
    if light == "day":
        scene.area((-1.7, -0.5, 1.5), (0, 0, 0.1), 1.2, 70, (1.0, 0.97, 0.92))
        scene.plain_world((0.75, 0.86, 1.0), 0.4)
    elif light == "noon":
        scene.area((0.5, -0.6, 2.4), (0, 0, 0), 2.0, 120, (1.0, 1.0, 0.98))
        scene.plain_world((0.95, 0.97, 1.0), 0.55)
    elif light == "evening":
        scene.area((1.5, -0.4, 0.9), (0, 0, 0.05), 0.4, 42, (1.0, 0.58, 0.27))
        scene.area((-0.6, 1.2, 2.6), (-0.3, 2.2, 0.7), 0.6, 60, (1.0, 0.66, 0.38))
        scene.plain_world((0.42, 0.45, 0.6), 0.4)
    else:
        scene.area((-1.1, 1.0, 1.1), (0, 0, 0.1), 0.5, 55, (0.85, 0.92, 1.0))
        scene.area((1.4, -1.0, 0.8), (0, 0, 0.1), 0.6, 26, (1.0, 0.84, 0.68))
        scene.area((0.4, 1.2, 2.6), (0.2, 2.2, 0.7), 0.6, 110, (0.8, 0.9, 1.0))
        scene.plain_world((0.45, 0.5, 0.6), 0.3)


def outdoors(light: str, seed: int) -> None:
    """Sun and sky: noon, low, or overcast."""
    turn = 120 + 37 * (seed % 5)
    if light == "noon":
        scene.sky(48, turn, 0.11, clouds=0.45, seed=seed)
    elif light == "low":
        scene.sky(7, turn - 60, 0.2, dust=2.5, clouds=0.35, seed=seed, cloud_colour=(5, 3.4, 2.6))
    else:
        scene.sky(30, turn, 0.2, sun_intensity=0.05, clouds=0.95, seed=seed)


def shoot(
    target: Vec,
    distance: float,
    elevation: float,
    azimuth: float = 0.0,
    focal: float = 60.0,
    fstop: float = 4.0,
) -> None:
    """The camera at a distance from the target, in front of it and above; angles in degrees."""
    up, turn = math.radians(elevation), math.radians(azimuth)
    away = np.array([math.sin(turn) * math.cos(up), -math.cos(turn) * math.cos(up), math.sin(up)])
    position = np.asarray(target, float) + distance * away
    scene.camera(tuple(map(float, position)), target, focal, fstop)


def smooth(outline: Iterable[tuple[float, float]], rounds: int = 3) -> list[tuple[float, float]]:
    """A profile for the lathe with its corners rounded (Chaikin, 1974); the ends stay."""
    points = np.asarray(list(outline), float)
    for _ in range(rounds):
        a, b = points[:-1], points[1:]
        cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], 1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut, points[-1:]])
    return [(float(r), float(h)) for r, h in points]


def turned(degrees: float, at: Vec) -> Any:
    """The matrix that turns about Z and moves to a place."""
    from mathutils import Matrix

    return Matrix.Translation(at) @ Matrix.Rotation(math.radians(degrees), 4, "Z")
