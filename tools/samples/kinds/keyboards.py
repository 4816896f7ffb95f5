"""Computer keyboards with sculpted keys and letters."""

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage
from tools.samples.shot import Shot

PITCH = 0.019  # metres from key to key
ROWS = ["1234567890-=", "QWERTYUIOP[]", "ASDFGHJKL;'#", "ZXCVBNM,./"]
BLACK, WHITE, GREY = (0.015, 0.015, 0.017), (0.75, 0.74, 0.71), (0.22, 0.23, 0.25)
BLUE, RED, CREAM, MINT = (
    (0.03, 0.12, 0.35),
    (0.5, 0.03, 0.03),
    (0.62, 0.54, 0.38),
    (0.3, 0.58, 0.45),
)
SHOTS = stage.shots(
    "keyboards",
    [
        {"keys": BLACK, "extra": BLACK, "case": GREY, "on": "oak", "light": "day"},
        {"keys": WHITE, "extra": GREY, "case": WHITE, "on": "pale", "light": "noon"},
        {
            "keys": CREAM,
            "extra": (0.4, 0.33, 0.2),
            "case": CREAM,
            "on": "walnut",
            "light": "evening",
        },
        {"keys": BLACK, "extra": RED, "case": BLACK, "on": "slate", "light": "dark"},
        {"keys": WHITE, "extra": BLUE, "case": BLUE, "on": "linen", "light": "day"},
        {"keys": MINT, "extra": WHITE, "case": WHITE, "on": "marble", "light": "noon"},
        {"keys": GREY, "extra": BLACK, "case": BLACK, "on": "walnut", "light": "day"},
        {"keys": BLUE, "extra": BLACK, "case": GREY, "on": "slate", "light": "noon"},
        {"keys": RED, "extra": BLACK, "case": BLACK, "on": "oak", "light": "evening"},
    ],
    seed=1700,
)


def cap(width: float, material: bpy.types.Material) -> bpy.types.Object:
    """A key cap on z = 0, narrower at its top, which is hollowed a little."""
    half, deep, tall = width / 2, PITCH * 0.45, 0.0085
    steps = [(1.0, 0.0), (0.97, 0.003), (0.82, tall), (0.7, tall + 0.0004), (0.3, tall - 0.0006)]
    points, faces = [], []
    for share, z in steps:
        x = half - (1 - share) * PITCH * 0.45
        y = deep * share
        points += [(-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z)]
    for level in range(len(steps) - 1):
        for side in range(4):
            a, b = level * 4 + side, level * 4 + (side + 1) % 4
            faces.append((a, b, b + 4, a + 4))
    top = 4 * (len(steps) - 1)
    faces.append((top, top + 1, top + 2, top + 3))
    thing = geometry.mesh(points, faces, material, name="cap")
    return geometry.bevel(thing, 0.0012, 3)


def letter(text: str, at: tuple[float, float, float], ink: bpy.types.Material) -> None:
    curve = bpy.data.curves.new("letter", "FONT")
    curve.body, curve.size, curve.align_x = text, 0.0062, "CENTER"
    curve.materials.append(ink)
    thing = scene.link(bpy.data.objects.new("letter", curve))
    thing.location = at


def build(shot: Shot) -> None:
    """A keyboard seen from where one sits, near enough for the letters."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], (0.3, 0.3, 0.3), params["light"])
    plastic = {key: materials.paint(params[key], 0.42, 0.0) for key in ("keys", "extra", "case")}
    light = sum(params["keys"]) > 0.9
    ink = materials.paint((0.03, 0.03, 0.03) if light else (0.8, 0.8, 0.78), 0.5, 0.0)
    width, depth = PITCH * 15.4, PITCH * 5.6
    geometry.box((width, depth, 0.016), (0, 0, 0.008), plastic["case"], 0.005)
    units = {
        0: [(1, "")] + [(1, c) for c in ROWS[0]] + [(2, "")],
        1: [(1.5, "")] + [(1, c) for c in ROWS[1]] + [(1.5, "")],
        2: [(1.8, "")] + [(1, c) for c in ROWS[2][:11]] + [(2.2, "")],
        3: [(2.3, "")] + [(1, c) for c in ROWS[3]] + [(2.7, "")],
        4: [(1.3, ""), (1.3, ""), (1.3, ""), (6.2, ""), (1.3, ""), (1.2, ""), (1.2, ""), (1.2, "")],
    }
    for row, keys in units.items():
        x, y = -PITCH * 7.5, PITCH * (2 - row)
        for unit, text in keys:
            own = "keys" if text or unit > 6 else "extra"
            thing = cap(unit * PITCH - 0.002, plastic[own])
            middle = x + unit * PITCH / 2
            thing.location = (middle, y, 0.0165 + 0.0015 * abs(row - 2))
            if text:
                letter(text, (middle, y - 0.001, 0.0255 + 0.0015 * abs(row - 2)), ink)
            x += unit * PITCH
    target = (rng.uniform(-0.05, 0.05), rng.uniform(-0.01, 0.01), 0.02)
    stage.shoot(target, rng.uniform(0.36, 0.5), rng.uniform(28, 55), rng.uniform(-35, 35), 55, 6)
