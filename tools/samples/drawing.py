"""Drawings: lines where a rendering's surface turns or ends, and hatching where it is dark."""

from pathlib import Path

import bpy
import numpy as np
from PIL import Image

from tools.samples import materials, scene
from tools.samples.graph import Graph, Value
from tools.samples.terrain import fractal

FAR = 2.0  # metres: at this distance `form` is all blue
# Colours of the paper and of the pen, of 255, and whether shadows are hatched.
PENS = {
    "pencil": ((184, 178, 165), (40, 38, 42), True),
    "ink": ((190, 184, 172), (14, 16, 28), False),
    "sanguine": ((178, 160, 130), (104, 34, 18), True),
    "blueprint": ((52, 96, 158), (232, 240, 250), False),
}


def form() -> bpy.types.Material:
    """Emits where a surface looks (red and green) and how far away it is (blue)."""

    def shade(g: Graph) -> Value:
        x, _, z = g.split(g.normal())
        half = [g.math("ADD", g.math("MULTIPLY", part, 0.5), 0.5) for part in (x, z)]
        tint = g.join(half[0], half[1], g.math("DIVIDE", g.distance(), FAR))
        return g.node("Emission", {"Color": tint, "Strength": 1.0}).outputs[0]

    return materials.material("form", shade)


def photograph(file: Path) -> np.ndarray:
    """Render the scene into a file, and return its pixels from 0 to 1 [H, W, 3]."""
    bpy.context.scene.render.filepath = str(file)
    bpy.ops.render.render(write_still=True)
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"), np.float32) / 255


def rough(shape: tuple[int, int], size: float, seed: int, octaves: int) -> np.ndarray:
    """Noise [H, W] with features `size` pixels wide, made at half the resolution: it is slow."""
    y, x = np.mgrid[: shape[0] // 2 + 1, : shape[1] // 2 + 1] * (2 / size)
    return fractal(x, y, seed, octaves).repeat(2, 0).repeat(2, 1)[: shape[0], : shape[1]]


def shaken(grey: np.ndarray, seed: int, by: float) -> np.ndarray:
    """Move each point of [H, W] by up to `by` pixels, as a hand does."""
    rows, columns = grey.shape
    y, x = np.mgrid[:rows, :columns]
    right = x + (by * rough(grey.shape, 70, seed, 3)).round().astype(int)
    down = y + (by * rough(grey.shape, 70, seed + 9, 3)).round().astype(int)
    return grey[np.clip(down, 0, rows - 1), np.clip(right, 0, columns - 1)]


def draw(thing: bpy.types.Object, folder: Path, pen: str, seed: int) -> np.ndarray:
    """Draw a thing, which is alone in the scene with its light and camera.

    Returns:
        The pixels from 0 to 255 [H, W, 3], at the size of the scene's pictures.
    """
    stage = bpy.context.scene
    percent = stage.render.resolution_percentage
    stage.render.resolution_percentage = 2 * percent
    scene.view("Standard")
    shade = photograph(folder / "shade.png").mean(-1)
    emitter = form()
    for slot in thing.material_slots:
        slot.material = emitter
    for node in stage.world.node_tree.nodes:
        if node.type == "BACKGROUND":
            node.inputs["Strength"].default_value = 0.0
    stage.view_settings.view_transform = "Raw"
    stage.cycles.use_denoising = False
    shape = photograph(folder / "form.png")
    stage.render.resolution_percentage = percent
    shape[..., 2] *= 3.0  # steps in depth show as well as folds do
    across, down = np.diff(shape, axis=1)[:-1], np.diff(shape, axis=0)[:, :-1]
    slope = np.sqrt((across**2 + down**2).sum(-1))
    edge = np.clip((slope - 0.06) / 0.12, 0, 1)
    edge = np.maximum.reduce([np.roll(edge, shift, axis) for shift in (0, 1) for axis in (0, 1)])
    paper, ink, hatched = PENS[pen]
    line = np.maximum(shaken(edge, seed, 4), 0.7 * shaken(edge, seed + 40, 6))
    rows, columns = line.shape
    y, x = np.mgrid[:rows, :columns].astype(float)
    if hatched:
        inside = shape[:-1, :-1].sum(-1) > 0.02
        tone = shade[:-1, :-1]
        wobble = 2.5 * rough(line.shape, 90, seed + 3, 2)
        for way, limit in ((1.0, 0.62), (-1.0, 0.4), (0.35, 0.22)):
            stroke = np.sin((x * way + y) * 0.62 + wobble) > 0.25
            line = np.maximum(line, 0.55 * stroke * (inside & (tone < limit)))
    grain = 0.75 + 0.25 * rough(line.shape, 4, seed + 5, 2)
    cover = np.clip(line * grain, 0, 1)[..., None]
    sheet = np.asarray(paper) + 4 * rough(line.shape, 40, seed + 7, 4)[..., None]
    whole = sheet * (1 - cover) + np.asarray(ink) * cover
    large = Image.fromarray(np.clip(whole, 0, 255).astype(np.uint8))
    size = (stage.render.resolution_x * percent // 100, stage.render.resolution_y * percent // 100)
    return np.asarray(large.resize(size, Image.Resampling.LANCZOS), np.float32)
