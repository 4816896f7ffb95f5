"""Cups of coffee on saucers, black and with foam, in the colours that teapots have too."""

import numpy as np

from tools.samples import geometry, materials, props, stage
from tools.samples.shot import Shot

WHITE, BLUE, RED, TEAL = (
    (0.8, 0.78, 0.74),
    (0.03, 0.1, 0.34),
    (0.45, 0.03, 0.02),
    (0.03, 0.25, 0.22),
)
YELLOW, BLACK, BROWN = (0.75, 0.42, 0.05), (0.018, 0.018, 0.02), (0.16, 0.06, 0.025)
SHOTS = stage.shots(
    "cups",
    [
        {"glaze": WHITE, "foam": True, "on": "oak", "wall": (0.5, 0.48, 0.42), "light": "day"},
        {
            "glaze": WHITE,
            "foam": False,
            "on": "walnut",
            "wall": (0.2, 0.15, 0.12),
            "light": "evening",
        },
        {"glaze": BLUE, "foam": True, "on": "linen", "wall": (0.4, 0.42, 0.44), "light": "day"},
        {"glaze": RED, "foam": False, "on": "pale", "wall": (0.6, 0.58, 0.54), "light": "noon"},
        {"glaze": TEAL, "foam": True, "on": "slate", "wall": (0.1, 0.12, 0.14), "light": "dark"},
        {"glaze": WHITE, "foam": False, "on": "marble", "wall": (0.3, 0.36, 0.4), "light": "day"},
        {"glaze": BLACK, "foam": True, "on": "walnut", "wall": (0.25, 0.3, 0.33), "light": "noon"},
        {
            "glaze": YELLOW,
            "foam": False,
            "on": "oak",
            "wall": (0.5, 0.48, 0.42),
            "light": "evening",
        },
        {"glaze": BROWN, "foam": True, "on": "marble", "wall": (0.62, 0.6, 0.58), "light": "noon"},
    ],
    seed=2200,
)


def build(shot: Shot) -> None:
    """One cup (sometimes another behind it), with a spoon or sugar beside it."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    props.brighten(params["light"])
    clay = materials.glaze(params["glaze"], float(rng.choice([0.0, 0.4])))
    drink = props.coffee(params["foam"])
    places = [(0.0, 0.0, 0.0)] + ([(0.16, 0.2, 0.0)] if rng.random() < 0.5 else [])
    for place in places:
        turn = float(rng.uniform(-60, 35)) + (180 if rng.random() < 0.3 else 0)
        for part in [*props.cup(clay, drink), props.saucer(clay)]:
            part.matrix_world = stage.turned(turn, place)
    steel = materials.metal((0.75, 0.74, 0.72), 0.12)
    handle = geometry.tube(
        [(0.0, 0, 0.013), (0.04, 0, 0.0165), (0.08, 0, 0.0165), (0.11, 0, 0.013)],
        [0.0016, 0.0016, 0.0026, 0.003],
        steel,
    )
    scoop = geometry.ball(0.011, (0, 0, 0), steel)
    spoon = stage.turned(float(rng.uniform(-120, -70)) + 70, (-0.035, -0.055, 0.0))
    handle.matrix_world = spoon
    scoop.matrix_world = spoon @ stage.turned(0, (-0.012, 0, 0.0125))
    scoop.scale = (1.5, 1, 0.35)
    sugar = materials.paint((0.85, 0.84, 0.8), 0.6, 0.0)
    if rng.random() < 0.6:
        for at, turn in (((-0.12, 0.0), 20), ((-0.135, 0.03), 50)):
            cube = geometry.box((0.016, 0.016, 0.014), (0, 0, 0), sugar, 0.0015)
            cube.matrix_world = stage.turned(turn, (*at, 0.007))
    stage.shoot(
        (0, 0, 0.035),
        0.44 if shot.size[0] >= shot.size[1] else 0.52,
        rng.uniform(20, 40),
        rng.uniform(-20, 20),
        62,
        4,
    )
