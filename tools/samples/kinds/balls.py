"""Balls: a football, a basketball and a tennis ball."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, views
from tools.samples.graph import Graph, Value

SHOTS = views.shots("balls", 4400)
ELEVATION = 12.0
R = 0.12  # metres


def football() -> bpy.types.Object:
    """A truncated icosahedron, blown up: black pentagons, white hexagons and seams."""
    import bmesh  # there once bpy is

    shell = bmesh.new()
    bmesh.ops.create_icosphere(shell, subdivisions=1, radius=R)
    bmesh.ops.bevel(
        shell,
        geom=list(shell.verts),
        offset=100 / 3,
        offset_type="PERCENT",
        affect="VERTICES",
        segments=1,
    )
    seams = [[np.array(vertex.co) for vertex in edge.verts] for edge in shell.edges]
    for face in shell.faces:
        face.material_index = int(len(face.verts) == 6)
    bmesh.ops.poke(shell, faces=list(shell.faces))
    bmesh.ops.subdivide_edges(shell, edges=list(shell.edges), cuts=5, use_grid_fill=True)
    for vertex in shell.verts:
        vertex.co = vertex.co.normalized() * R
    data = bpy.data.meshes.new("football")
    shell.to_mesh(data)
    shell.free()
    data.materials.append(materials.paint((0.015, 0.015, 0.017), 0.35))
    data.materials.append(materials.paint((0.82, 0.82, 0.8), 0.35))
    data.shade_smooth()
    parts = [scene.link(bpy.data.objects.new("football", data))]
    thread = materials.paint((0.25, 0.25, 0.25), 0.6, 0.0)
    for start, end in seams:
        way = [start + (end - start) * t for t in np.linspace(0, 1, 6)]
        arc = [tuple(map(float, point / np.linalg.norm(point) * R)) for point in way]
        parts.append(geometry.tube(arc, 0.0011, thread))
    return geometry.join(parts, "ball")


def pebbled(colour: materials.Colour, fuzz: bool) -> bpy.types.Material:
    """Pebbled leather, or felt."""

    def shade(g: Graph) -> Value:
        grain = g.noise(g.coords(), 260.0, 5.0, 0.7) if fuzz else g.cells(g.coords(), 330.0)
        bump = g.bump(grain, 0.7 if fuzz else 0.5, 0.003 if fuzz else 0.0015)
        return g.principled(colour, 0.95 if fuzz else 0.5, Sheen_Weight=float(fuzz), Normal=bump)

    return materials.material("pebbled", shade)


def basketball() -> bpy.types.Object:
    """Orange leather with black seams: two great circles and two arcs beside them."""
    turn = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    cos, sin = np.cos(turn), np.sin(turn)
    small = math.sqrt(1 - 0.6**2)
    rings = [np.stack([cos, sin, 0 * cos], -1), np.stack([0 * cos, cos, sin], -1)]
    rings += [np.stack([small * cos, side * 0.6 + 0 * cos, small * sin], -1) for side in (-1, 1)]
    black = materials.rubber()
    parts = [geometry.ball(R, (0, 0, 0), pebbled((0.75, 0.2, 0.03), False), 96)]
    for ring in rings:
        points = [tuple(map(float, point)) for point in ring * (R - 0.0004)]
        parts.append(geometry.tube(points, 0.0022, black, closed=True))
    return geometry.join(parts, "ball")


def tennis() -> bpy.types.Object:
    """Yellow felt; the seam is a curve on the sphere with the symmetry of a saddle."""
    turn = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    a, b = 0.75, 0.25
    seam = np.stack(
        [
            a * np.cos(turn) + b * np.cos(3 * turn),
            a * np.sin(turn) - b * np.sin(3 * turn),
            2 * math.sqrt(a * b) * np.sin(2 * turn),
        ],
        -1,
    )
    points = [tuple(map(float, point)) for point in seam * R]
    white = materials.rubber((0.75, 0.74, 0.7))
    felt = geometry.ball(R, (0, 0, 0), pebbled((0.55, 0.72, 0.05), True), 96)
    return geometry.join([felt, geometry.tube(points, 0.0035, white, closed=True)], "ball")


def make(style: int) -> bpy.types.Object:
    ball = (football, basketball, tennis)[style]()
    ball.data.transform(views.tilted(28, 15))
    return ball


build = views.build
