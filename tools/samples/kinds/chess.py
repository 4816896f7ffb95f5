"""Chess: turned pieces on a wooden or marble board, close and from a corner."""

import numpy as np

from tools.samples import geometry, materials, props, stage
from tools.samples.shot import Shot

SQUARE = 0.05  # metres
SCHEMES = {
    "wood": (
        lambda: materials.wood((0.6, 0.4, 0.2), 3.0, 0.3),
        lambda: materials.wood((0.09, 0.035, 0.015), 3.0, 0.3),
    ),
    "ivory": (
        lambda: materials.glaze((0.8, 0.74, 0.6)),
        lambda: materials.glaze((0.02, 0.02, 0.022)),
    ),
    "red": (
        lambda: materials.glaze((0.8, 0.76, 0.68)),
        lambda: materials.glaze((0.4, 0.02, 0.015)),
    ),
    "metal": (
        lambda: materials.metal((0.75, 0.75, 0.76), 0.15),
        lambda: materials.metal((0.7, 0.4, 0.18), 0.18),
    ),
}
BOARDS = {
    "wood": (
        lambda: materials.wood((0.55, 0.36, 0.18), 2.0, 0.3),
        lambda: materials.wood((0.13, 0.05, 0.022), 2.0, 0.3),
    ),
    "marble": (
        lambda: materials.marble(),
        lambda: materials.marble((0.03, 0.03, 0.035), (0.3, 0.3, 0.3)),
    ),
    "green": (
        lambda: materials.paint((0.7, 0.66, 0.5)),
        lambda: materials.paint((0.04, 0.16, 0.07)),
    ),
}
SHOTS = stage.shots(
    "chess",
    [
        dict(zip(("set", "board", "start", "on", "wall", "light"), row, strict=True))
        for row in [
            ("wood", "wood", True, "walnut", (0.3, 0.25, 0.2), "day"),
            ("ivory", "marble", False, "slate", (0.12, 0.13, 0.15), "dark"),
            ("red", "wood", False, "oak", (0.5, 0.48, 0.42), "day"),
            ("ivory", "green", True, "pale", (0.5, 0.54, 0.56), "noon"),
            ("metal", "marble", False, "walnut", (0.25, 0.3, 0.33), "evening"),
            ("wood", "green", False, "linen", (0.4, 0.36, 0.3), "noon"),
            ("wood", "wood", False, "oak", (0.1, 0.2, 0.3), "evening"),
            ("ivory", "wood", True, "linen", (0.36, 0.2, 0.15), "day"),
            ("red", "marble", True, "marble", (0.5, 0.5, 0.48), "noon"),
            ("ivory", "wood", False, "walnut", (0.5, 0.48, 0.42), "day"),
        ]
    ],
    seed=2500,
    query=9,
)
# Radius by height in metres; `foot` comes first in all of them.
FOOT = [(0, 0), (0.018, 0), (0.0185, 0.004), (0.016, 0.007), (0.0165, 0.01), (0.012, 0.013)]
BODIES = {
    "pawn": [
        (0.0065, 0.024),
        (0.0055, 0.03),
        (0.0105, 0.032),
        (0.006, 0.0345),
        (0.0095, 0.039),
        (0.0105, 0.044),
        (0.0085, 0.05),
        (0, 0.053),
    ],
    "rook": [
        (0.0095, 0.02),
        (0.0085, 0.04),
        (0.012, 0.043),
        (0.0135, 0.046),
        (0.0135, 0.057),
        (0.0095, 0.057),
        (0.0095, 0.052),
        (0, 0.052),
    ],
    "bishop": [
        (0.008, 0.022),
        (0.006, 0.045),
        (0.012, 0.048),
        (0.0065, 0.051),
        (0.0105, 0.06),
        (0.0085, 0.068),
        (0.003, 0.074),
        (0.004, 0.077),
        (0, 0.08),
    ],
    "queen": [
        (0.009, 0.024),
        (0.0065, 0.055),
        (0.0135, 0.059),
        (0.008, 0.063),
        (0.0115, 0.076),
        (0.013, 0.081),
        (0.008, 0.081),
        (0.004, 0.086),
        (0.005, 0.089),
        (0, 0.092),
    ],
    "king": [
        (0.0095, 0.024),
        (0.007, 0.06),
        (0.0145, 0.064),
        (0.0085, 0.068),
        (0.0115, 0.083),
        (0.0125, 0.086),
        (0.006, 0.09),
        (0, 0.091),
    ],
}
BACK = ["rook", "knight", "bishop", "queen", "king", "bishop", "knight", "rook"]


def piece(sort: str, stuff: object) -> object:
    """One piece at the origin, facing +Y."""
    if sort == "knight":
        base = geometry.lathe(stage.smooth([*FOOT, (0.011, 0.02), (0, 0.021)]), stuff, 40)
        side = [
            (-0.011, 0.019),
            (0.011, 0.019),
            (0.0125, 0.028),
            (0.006, 0.038),
            (0.012, 0.041),
            (0.0195, 0.04),
            (0.021, 0.046),
            (0.013, 0.056),
            (0.006, 0.063),
            (0.003, 0.069),
            (-0.001, 0.063),
            (-0.0085, 0.056),
            (-0.0125, 0.044),
            (-0.0125, 0.03),
        ]
        count = len(side)
        points = [(x, y, z) for x in (-0.0062, 0.0062) for y, z in side]
        faces = [tuple(range(count))[::-1], tuple(range(count, 2 * count))]
        faces += [(i, (i + 1) % count, count + (i + 1) % count, count + i) for i in range(count)]
        head = geometry.bevel(geometry.mesh(points, faces, stuff), 0.0028)
        return geometry.join([base, head], sort)
    parts = [geometry.lathe(stage.smooth([*FOOT, *BODIES[sort]], 2), stuff, 40)]
    if sort == "king":
        parts.append(geometry.box((0.0035, 0.0035, 0.014), (0, 0, 0.097), stuff, 0.0006))
        parts.append(geometry.box((0.0105, 0.0035, 0.0035), (0, 0, 0.099), stuff, 0.0006))
    return geometry.join(parts, sort) if len(parts) > 1 else parts[0]


def build(shot: Shot) -> None:
    """The opening position, or an endgame with some pieces off; the camera near a corner."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    props.brighten(params["light"])
    light, dark = (make() for make in BOARDS[params["board"]])
    frame = 9.2 * SQUARE
    geometry.box((frame, frame, 0.018), (0, 0, 0.008), dark, 0.003)
    for row in range(8):
        for column in range(8):
            at = ((column - 3.5) * SQUARE, (row - 3.5) * SQUARE, 0.0172)
            geometry.box((SQUARE, SQUARE, 0.002), at, light if (row + column) % 2 else dark)
    taken: set[tuple[int, int]] = set()
    for number, make in enumerate(SCHEMES[params["set"]]):
        stuff = make()
        made = {sort: piece(sort, stuff) for sort in {*BACK, "pawn"}}
        home, pawns = (0, 1) if number == 0 else (7, 6)
        places = [("pawn", column, pawns) for column in range(8)]
        places += [(sort, column, home) for column, sort in enumerate(BACK)]
        for sort, column, row in places:
            if not params["start"]:
                if sort != "king" and rng.random() < 0.35:
                    continue
                if sort != "king" and rng.random() < 0.6:
                    step = int(rng.integers(1, 3)) * (1 if number == 0 else -1)
                    row += 0 if (column, row + step) in taken else step
            taken.add((column, row))
            at = (
                (column - 3.5) * SQUARE + rng.uniform(-0.003, 0.003),
                (row - 3.5) * SQUARE,
                0.0182,
            )
            geometry.copy(made[sort], at, (0, 0, rng.uniform(-15, 15) + 180 * number))
        for thing in made.values():
            thing.hide_render = True
    turn = float(rng.choice([-1, 1]) * rng.uniform(18, 40))
    away = rng.uniform(0.64, 0.8) * (1.3 if shot.size[0] < shot.size[1] else 1)
    stage.shoot((0, -0.05, 0.035), away, rng.uniform(18, 30), turn, 50, 4)
