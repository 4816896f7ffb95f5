"""Scene, camera and light. Lengths are metres, angles degrees, colours linear RGB."""

import math
from collections.abc import Sequence

import bpy
from mathutils import Vector

from tools.samples.graph import Graph

Vec = Sequence[float]


def reset() -> bpy.types.Scene:
    """An empty scene, set up for Cycles on the CPU."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device = "CPU"
    scene.render.threads_mode, scene.render.threads = "FIXED", 2
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_prefilter = "FAST"  # accurate guides take as long as the paths themselves
    cycles.denoising_quality = "BALANCED"
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.02
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.max_bounces = 6
    cycles.diffuse_bounces = cycles.glossy_bounces = 3
    cycles.transmission_bounces = 6
    cycles.transparent_max_bounces = 8
    cycles.sample_clamp_indirect = 4.0  # fewer fireflies for the denoiser to smear
    view("AgX")
    return scene


def view(transform: str = "AgX", look: str = "None", exposure: float = 0.0) -> None:
    """Tone mapping: 'AgX' or 'Filmic'; look e.g. 'AgX - Punchy'; exposure in stops."""
    settings = bpy.context.scene.view_settings
    settings.view_transform = transform
    settings.look = look
    settings.exposure = exposure


def link(thing: bpy.types.Object) -> bpy.types.Object:
    bpy.context.scene.collection.objects.link(thing)
    return thing


def aim(thing: bpy.types.Object, target: Vec, roll: float = 0.0) -> None:
    """Turn an object's -Z axis (cameras and lights look along it) to a point."""
    way = Vector(target) - thing.location
    thing.rotation_euler = way.to_track_quat("-Z", "Y").to_euler()
    thing.rotation_euler.rotate_axis("Z", math.radians(roll))


def camera(
    position: Vec,
    target: Vec,
    focal: float = 50.0,
    fstop: float | None = None,
    focus: Vec | None = None,
    roll: float = 0.0,
) -> bpy.types.Object:
    """A 36 mm camera of `focal` mm; with an f-stop, sharp at `focus` (default: the target)."""
    lens = bpy.data.cameras.new("camera")
    lens.lens = focal
    lens.clip_end = 100_000.0
    eye = link(bpy.data.objects.new("camera", lens))
    eye.location = position
    aim(eye, target, roll)
    if fstop is not None:
        lens.dof.use_dof = True
        lens.dof.aperture_fstop = fstop
        lens.dof.focus_distance = (Vector(focus or target) - eye.location).length
    bpy.context.scene.camera = eye
    return eye


def sun(
    elevation: float,
    azimuth: float,
    energy: float = 3.0,
    angle: float = 0.6,
    colour: Vec = (1.0, 0.95, 0.88),
) -> bpy.types.Object:
    """Sunlight from an azimuth (0 is +Y, 90 is +X); `angle` is the sun's apparent size."""
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy, lamp.angle, lamp.color = energy, math.radians(angle), colour
    thing = link(bpy.data.objects.new("sun", lamp))
    thing.location = direction(elevation, azimuth) * 100.0
    aim(thing, (0, 0, 0))
    return thing


def direction(elevation: float, azimuth: float) -> Vector:
    """The unit vector towards an elevation and an azimuth (0 is +Y, 90 is +X)."""
    up, turn = math.radians(elevation), math.radians(azimuth)
    flat = math.cos(up)
    return Vector((math.sin(turn) * flat, math.cos(turn) * flat, math.sin(up)))


def area(
    position: Vec, target: Vec, size: float, energy: float, colour: Vec = (1, 1, 1)
) -> bpy.types.Object:
    """A square soft box of `size` metres and `energy` watts."""
    lamp = bpy.data.lights.new("area", "AREA")
    lamp.size, lamp.energy, lamp.color = size, energy, colour
    thing = link(bpy.data.objects.new("area", lamp))
    thing.location = position
    aim(thing, target)
    return thing


def bare_world() -> bpy.types.NodeTree:
    """A new world's nodes, for a background of one's own."""
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    return world.node_tree


def _world() -> Graph:
    return Graph(bare_world())


def plain_world(colour: Vec = (0.8, 0.85, 0.9), strength: float = 0.5) -> None:
    """The same light from everywhere: for rooms lit by area lights."""
    graph = _world()
    shade = graph.node("Background", {"Color": colour, "Strength": strength})
    graph.output("World", shade.outputs[0])


def sky(
    elevation: float,
    azimuth: float,
    strength: float = 0.12,
    dust: float = 1.0,
    air: float = 1.0,
    sun_intensity: float = 1.0,
    clouds: float = 0.0,
    seed: int = 0,
    cloud_colour: Vec = (7.0, 7.0, 7.2),
    cloud_scale: float = 1.0,
) -> None:
    """Nishita's sky with its sun (azimuth as in `sun`), and a cover of clouds from 0 to 1.

    The sky is in physical units, so `strength` brings noon to about exposure 0.
    """
    graph = _world()
    texture = graph.node(
        "TexSky",
        sky_type="NISHITA",
        sun_disc=sun_intensity > 0,
        sun_elevation=math.radians(elevation),
        sun_rotation=math.radians(azimuth),
        sun_intensity=sun_intensity,
        air_density=air,
        dust_density=dust,
    )
    colour = texture.outputs[0]
    if clouds > 0:
        # Directions cut a flat layer overhead, so clouds shrink towards the horizon.
        x, y, z = graph.split(graph.node("TexCoord").outputs["Generated"])
        up = graph.math("MAXIMUM", z, 0.02)
        depth = graph.math("ADD", up, 0.12)
        layer = graph.join(graph.math("DIVIDE", x, depth), graph.math("DIVIDE", y, depth), seed)
        puffs = graph.noise(layer, 1.1 * cloud_scale, 9.0, 0.56, distortion=0.25)
        edge = 0.66 - 0.32 * clouds
        cover = graph.ramp(puffs, [(edge, (0, 0, 0)), (edge + 0.2, (1, 1, 1))])
        fade = graph.ramp(z, [(0.0, (0, 0, 0)), (0.16, (0.9, 0.9, 0.9))])
        thick = graph.ramp(puffs, [(edge + 0.08, (1, 1, 1)), (edge + 0.34, (0.5, 0.52, 0.57))])
        white = graph.mix(1.0, cloud_colour, thick, "MULTIPLY")
        colour = graph.mix(graph.math("MULTIPLY", cover, fade), colour, white)
    shade = graph.node("Background", {"Color": colour, "Strength": strength})
    graph.output("World", shade.outputs[0])


def ground(size: float, material: bpy.types.Material, z: float = 0.0) -> bpy.types.Object:
    """A square floor of `size` metres about the origin."""
    half = size / 2
    mesh = bpy.data.meshes.new("ground")
    mesh.from_pydata(
        [(-half, -half, z), (half, -half, z), (half, half, z), (-half, half, z)], [], [(0, 1, 2, 3)]
    )
    mesh.materials.append(material)
    return link(bpy.data.objects.new("ground", mesh))
