"""Wall clocks: dial, hands, rim and glass, each at its own hour."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, scene, stage
from tools.samples.shot import Shot

WHITE, BLACK, CREAM = (0.82, 0.81, 0.78), (0.02, 0.02, 0.022), (0.7, 0.62, 0.45)
SHOTS = stage.shots(
    "clocks",
    [
        {"rim": "steel", "dial": WHITE, "wall": (0.5, 0.5, 0.48), "at": (10, 9), "light": "left"},
        {"rim": "oak", "dial": CREAM, "wall": (0.12, 0.26, 0.3), "at": (3, 40), "light": "left"},
        {
            "rim": "black",
            "dial": WHITE,
            "wall": (0.55, 0.22, 0.12),
            "at": (7, 25),
            "light": "front",
        },
        {"rim": "brass", "dial": BLACK, "wall": (0.2, 0.24, 0.2), "at": (1, 50), "light": "warm"},
        {"rim": "red", "dial": WHITE, "wall": (0.65, 0.62, 0.52), "at": (5, 3), "light": "front"},
        {"rim": "blue", "dial": WHITE, "wall": (0.62, 0.65, 0.68), "at": (8, 17), "light": "left"},
        {"rim": "walnut", "dial": BLACK, "wall": (0.4, 0.36, 0.3), "at": (11, 33), "light": "warm"},
        {"rim": "brass", "dial": CREAM, "wall": (0.3, 0.08, 0.08), "at": (4, 44), "light": "warm"},
        {"rim": "steel", "dial": BLACK, "wall": (0.1, 0.14, 0.3), "at": (9, 56), "light": "front"},
        {"rim": "oak", "dial": WHITE, "wall": (0.3, 0.42, 0.32), "at": (2, 12), "light": "left"},
    ],
    seed=2000,
    query=9,
)
RIMS = {
    "steel": lambda: materials.metal((0.7, 0.71, 0.73), 0.22),
    "brass": lambda: materials.metal((0.8, 0.56, 0.2), 0.24),
    "oak": lambda: materials.wood((0.42, 0.25, 0.12), 6.0),
    "walnut": lambda: materials.wood((0.14, 0.07, 0.03), 6.0),
    "black": lambda: materials.paint((0.015, 0.015, 0.016), 0.25, 0.6),
    "red": lambda: materials.paint((0.55, 0.02, 0.02), 0.25, 0.6),
    "blue": lambda: materials.paint((0.02, 0.12, 0.5), 0.25, 0.6),
}


def bar(
    angle: float, inner: float, outer: float, width: float, deep: float, ink: bpy.types.Material
) -> None:
    """A tick or a hand along a direction (0 is up, clockwise), standing off the dial."""
    middle, length = (inner + outer) / 2, outer - inner
    turn = math.radians(angle)
    at = (middle * math.sin(turn), -deep, middle * math.cos(turn))
    thing = geometry.box((width, 0.0016, length), at, ink, 0.0005)
    thing.rotation_euler.y = turn


def build(shot: Shot) -> None:
    """A clock 30 cm wide about the origin, on a plastered wall; it looks towards -Y."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    geometry.box((6, 0.1, 6), (0, 0.065, 0), materials.paint(params["wall"], 0.85, 0.0))
    rim = [
        (0.142, -0.012),
        (0.165, -0.012),
        (0.168, 0.0),
        (0.163, 0.03),
        (0.15, 0.038),
        (0.143, 0.026),
        (0.142, 0.012),
    ]
    ring = geometry.lathe(stage.smooth(rim), RIMS[params["rim"]](), 128)
    dial = geometry.lathe(
        [(0, 0.004), (0.146, 0.004)], materials.paint(params["dial"], 0.5, 0.0), 96
    )
    for thing in (ring, dial):
        thing.rotation_euler.x = math.pi / 2
    dark = sum(params["dial"]) < 0.3
    ink = materials.paint((0.85, 0.83, 0.78) if dark else (0.015, 0.015, 0.018), 0.4, 0.0)
    for tick in range(60):
        hour = tick % 5 == 0
        bar(tick * 6, 0.122 if hour else 0.13, 0.137, 0.005 if hour else 0.0016, 0.0055, ink)
    for hour in range(1, 13):
        curve = bpy.data.curves.new("number", "FONT")
        curve.body, curve.size, curve.align_x, curve.align_y = str(hour), 0.032, "CENTER", "CENTER"
        curve.materials.append(ink)
        number = scene.link(bpy.data.objects.new("number", curve))
        turn = math.radians(hour * 30)
        number.location = (0.102 * math.sin(turn), -0.0052, 0.102 * math.cos(turn))
        number.rotation_euler.x = math.pi / 2
    hour, minute = params["at"]
    bar(hour * 30 + minute / 2, -0.018, 0.075, 0.008, 0.011, ink)
    bar(minute * 6, -0.022, 0.118, 0.0055, 0.014, ink)
    bar(
        float(rng.uniform(0, 360)),
        -0.03,
        0.125,
        0.0016,
        0.017,
        materials.paint((0.6, 0.02, 0.02), 0.3),
    )
    hub = geometry.lathe([(0, 0), (0.007, 0), (0.007, 0.018), (0, 0.019)], ink, 24)
    hub.rotation_euler.x = math.pi / 2
    if params["light"] == "left":
        scene.area((-1.2, -0.9, 0.9), (0, 0, 0), 0.35, 38, (1.0, 0.96, 0.9))
        scene.plain_world((0.7, 0.82, 1.0), 0.35)
    elif params["light"] == "front":
        scene.area((0.5, -1.6, 1.1), (0, 0, 0), 1.0, 60)
        scene.plain_world((0.9, 0.95, 1.0), 0.4)
    else:
        scene.area((1.0, -0.6, -0.5), (0, 0, 0), 0.25, 26, (1.0, 0.6, 0.3))
        scene.plain_world((0.35, 0.4, 0.6), 0.25)
    stage.shoot(
        (rng.uniform(-0.03, 0.03), 0, rng.uniform(-0.03, 0.03)),
        rng.uniform(0.85, 1.15),
        rng.uniform(-12, 12),
        rng.uniform(-32, 32),
        60,
        5,
    )
