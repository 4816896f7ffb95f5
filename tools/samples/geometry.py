"""Shapes: meshes from numbers, profiles turned, tubes, copies. Lengths in metres."""

import math
from collections.abc import Iterable, Sequence

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

from tools.samples.scene import Vec, link


def mesh(
    points: np.ndarray | Sequence[Vec],
    faces: Iterable[Sequence[int]],
    material: bpy.types.Material | None = None,
    smooth: bool = True,
    name: str = "mesh",
) -> bpy.types.Object:
    """An object in the scene from corners and faces."""
    data = bpy.data.meshes.new(name)
    data.from_pydata([tuple(map(float, point)) for point in points], [], [tuple(f) for f in faces])
    if material:
        data.materials.append(material)
    data.shade_smooth() if smooth else data.shade_flat()
    data.validate()
    return link(bpy.data.objects.new(name, data))


def sheet(
    points: np.ndarray,
    material: bpy.types.Material | None = None,
    closed: bool = False,
    name: str = "sheet",
) -> bpy.types.Object:
    """A smooth surface through a grid of points (rows, columns, 3), with UVs from 0 to 1.

    `closed` joins the last column to the first. Made with foreach_set: a million points take a
    second, where from_pydata takes a minute.
    """
    rows, columns = points.shape[:2]
    spans = columns if closed else columns - 1
    i, j = np.mgrid[: rows - 1, :spans]
    k = (j + 1) % columns
    corners = np.stack(
        [i * columns + j, i * columns + k, (i + 1) * columns + k, (i + 1) * columns + j], -1
    ).reshape(-1)
    count = len(corners) // 4
    data = bpy.data.meshes.new(name)
    data.vertices.add(rows * columns)
    data.vertices.foreach_set("co", points.astype(np.float32).reshape(-1))
    data.loops.add(len(corners))
    data.loops.foreach_set("vertex_index", corners.astype(np.int32))
    data.polygons.add(count)
    data.polygons.foreach_set("loop_start", np.arange(count, dtype=np.int32) * 4)
    layer = data.uv_layers.new(name="UV")
    u = np.stack([j, j + 1, j + 1, j], -1) / spans
    v = np.stack([i, i, i + 1, i + 1], -1) / (rows - 1)
    layer.data.foreach_set("uv", np.stack([u, v], -1).astype(np.float32).reshape(-1))
    data.update(calc_edges=True)
    data.shade_smooth()
    if material:
        data.materials.append(material)
    return link(bpy.data.objects.new(name, data))


def lathe(
    profile: Sequence[tuple[float, float]],
    material: bpy.types.Material | None = None,
    segments: int = 64,
    name: str = "lathe",
) -> bpy.types.Object:
    """A profile of (radius, height) turned about Z, from bottom to top outside."""
    turn = np.linspace(0, 2 * math.pi, segments, endpoint=False)
    outline = np.asarray(profile, float)
    radius, height = outline[:, :1], outline[:, 1:]
    points = np.stack(
        [
            radius * np.cos(turn),
            radius * np.sin(turn),
            np.broadcast_to(height, (len(outline), segments)),
        ],
        -1,
    )
    return sheet(points, material, closed=True, name=name)


def box(
    size: Vec, at: Vec, material: bpy.types.Material | None = None, rounded: float = 0.0
) -> bpy.types.Object:
    """A box of three lengths about its centre, with edges rounded by that radius."""
    x, y, z = (part / 2 for part in size)
    points = [(a * x, b * y, c * z) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    thing = mesh(points, faces, material, smooth=False, name="box")
    thing.location = at
    return bevel(thing, rounded) if rounded > 0 else thing


def ball(
    radius: float, at: Vec, material: bpy.types.Material | None = None, segments: int = 32
) -> bpy.types.Object:
    angles = np.linspace(-math.pi / 2, math.pi / 2, segments // 2 + 1)
    profile = [(radius * math.cos(a), radius * math.sin(a)) for a in angles]
    thing = lathe(profile, material, segments, name="ball")
    thing.location = at
    return thing


def bevel(thing: bpy.types.Object, width: float, segments: int = 3) -> bpy.types.Object:
    """Round the edges sharper than 30 degrees, and shade smooth with flat faces kept flat."""
    modifier = thing.modifiers.new("bevel", "BEVEL")
    modifier.width, modifier.segments = width, segments
    modifier.limit_method = "ANGLE"
    modifier.harden_normals = True
    thing.data.shade_smooth()
    return thing


def subdivide(thing: bpy.types.Object, levels: int = 2) -> bpy.types.Object:
    """Round a coarse mesh (Catmull-Clark)."""
    modifier = thing.modifiers.new("subdivide", "SUBSURF")
    modifier.levels = modifier.render_levels = levels
    thing.data.shade_smooth()
    return thing


def thicken(thing: bpy.types.Object, thickness: float, offset: float = -1.0) -> bpy.types.Object:
    """Give a sheet a thickness (offset -1: inwards, 0: both ways, 1: outwards)."""
    modifier = thing.modifiers.new("thicken", "SOLIDIFY")
    modifier.thickness, modifier.offset = thickness, offset
    return thing


def tube(
    points: Sequence[Vec],
    radius: float | Sequence[float],
    material: bpy.types.Material | None = None,
    closed: bool = False,
    smooth: bool = True,
) -> bpy.types.Object:
    """A round tube through points; a radius for each where a sequence."""
    curve = bpy.data.curves.new("tube", "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth = 1.0
    curve.bevel_resolution = 3
    curve.use_fill_caps = True
    spline = curve.splines.new("NURBS" if smooth else "POLY")
    spline.points.add(len(points) - 1)
    radii = [radius] * len(points) if isinstance(radius, (int, float)) else radius
    for point, place, thick in zip(spline.points, points, radii, strict=True):
        point.co = (*place, 1.0)
        point.radius = thick
    spline.use_cyclic_u = closed
    if smooth:
        spline.order_u = min(4, len(points))
        spline.use_endpoint_u = not closed
    if material:
        curve.materials.append(material)
    return link(bpy.data.objects.new("tube", curve))


def copy(
    thing: bpy.types.Object, at: Vec, turn: Vec = (0, 0, 0), scale: float | Vec = 1.0
) -> bpy.types.Object:
    """An instance: it shares the mesh, so thousands cost little. `turn` is in degrees."""
    twin = link(thing.copy())
    size = (scale,) * 3 if isinstance(scale, (int, float)) else scale
    rotation = Euler([math.radians(angle) for angle in turn])
    twin.matrix_world = Matrix.LocRotScale(Vector(at), rotation, Vector(size))
    return twin


def scatter(
    things: Sequence[bpy.types.Object],
    places: Iterable[Vec],
    rng: np.random.Generator,
    scale: tuple[float, float] = (0.8, 1.2),
    tilt: float = 0.0,
) -> list[bpy.types.Object]:
    """Instances of any of the things at places, turned about Z, tilted and scaled by chance."""
    twins = []
    for place in places:
        thing = things[int(rng.integers(len(things)))]
        lean = rng.uniform(-tilt, tilt, 2)
        turn = (lean[0], lean[1], rng.uniform(0, 360))
        twins.append(copy(thing, place, turn, float(rng.uniform(*scale))))
    return twins


def join(things: Sequence[bpy.types.Object], name: str = "joined") -> bpy.types.Object:
    """One mesh object of many (modifiers applied), the materials kept: to be scattered."""
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    for thing in things:
        made = bpy.data.meshes.new_from_object(thing.evaluated_get(graph))
        made.transform(thing.matrix_world)  # the whole has its origin where the scene has it
        twin = link(bpy.data.objects.new(name, made))
        twin.select_set(True)
        bpy.context.view_layer.objects.active = twin
        bpy.data.objects.remove(thing)
    whole = bpy.context.view_layer.objects.active
    bpy.ops.object.join()
    whole.name = name
    whole.select_set(False)
    bpy.context.view_layer.objects.active = None
    bpy.ops.object.select_all(action="DESELECT")
    return whole
