"""Fruit in a bowl: one sort or several, the sorts sharing colours with cups and pots."""

import math

import bpy
import numpy as np

from tools.samples import geometry, materials, props, stage
from tools.samples.graph import Graph, Value
from tools.samples.shot import Shot

SHOTS = stage.shots(
    "fruit",
    [
        {
            "of": ["orange"],
            "bowl": (0.8, 0.78, 0.74),
            "on": "oak",
            "wall": (0.5, 0.48, 0.42),
            "light": "day",
        },
        {
            "of": ["red apple"],
            "bowl": (0.03, 0.1, 0.34),
            "on": "linen",
            "wall": (0.4, 0.42, 0.44),
            "light": "day",
        },
        {
            "of": ["lemon"],
            "bowl": (0.8, 0.78, 0.74),
            "on": "slate",
            "wall": (0.12, 0.13, 0.15),
            "light": "dark",
        },
        {
            "of": ["pear", "green apple"],
            "bowl": None,
            "on": "walnut",
            "wall": (0.25, 0.3, 0.33),
            "light": "day",
        },
        {
            "of": ["orange", "lemon"],
            "bowl": (0.03, 0.25, 0.22),
            "on": "pale",
            "wall": (0.6, 0.58, 0.54),
            "light": "noon",
        },
        {
            "of": ["green apple"],
            "bowl": (0.018, 0.018, 0.02),
            "on": "marble",
            "wall": (0.3, 0.36, 0.4),
            "light": "day",
        },
        {
            "of": ["orange", "red apple", "pear"],
            "bowl": None,
            "on": "linen",
            "wall": (0.36, 0.2, 0.15),
            "light": "evening",
        },
        {
            "of": ["red apple", "green apple"],
            "bowl": (0.75, 0.42, 0.05),
            "on": "oak",
            "wall": (0.5, 0.48, 0.42),
            "light": "noon",
        },
        {
            "of": ["orange"],
            "bowl": (0.45, 0.03, 0.02),
            "on": "walnut",
            "wall": (0.1, 0.2, 0.3),
            "light": "evening",
        },
        {
            "of": ["lemon", "red apple", "orange"],
            "bowl": (0.8, 0.78, 0.74),
            "on": "marble",
            "wall": (0.5, 0.5, 0.48),
            "light": "day",
        },
    ],
    seed=2300,
    query=9,
)
# Radius by height in metres, about the middle.
APPLE = [
    (0, -0.027),
    (0.012, -0.034),
    (0.026, -0.029),
    (0.038, 0.002),
    (0.036, 0.024),
    (0.02, 0.034),
    (0.006, 0.027),
    (0, 0.02),
]
PEAR = [
    (0, -0.034),
    (0.012, -0.038),
    (0.032, -0.026),
    (0.036, 0),
    (0.026, 0.026),
    (0.016, 0.048),
    (0.009, 0.056),
    (0, 0.055),
]
LEMON = [
    (0, -0.043),
    (0.005, -0.04),
    (0.012, -0.033),
    (0.026, -0.018),
    (0.03, 0),
    (0.026, 0.018),
    (0.012, 0.033),
    (0.006, 0.041),
    (0, 0.044),
]
ORANGE = [(0.037 * math.sin(a), -0.036 * math.cos(a)) for a in np.linspace(0, math.pi, 24)]


def skin(low: tuple[float, ...], high: tuple[float, ...], pores: float) -> bpy.types.Material:
    """Peel: two colours in streaks, dimpled by `pores`."""

    def shade(g: Graph) -> Value:
        streaks = g.noise(g.scale(g.coords(), (90, 90, 9)), 1.2, 5.0, 0.6)
        broad = g.noise(g.coords(), 16.0, 3.0)
        tone = g.math("ADD", g.math("MULTIPLY", streaks, 0.4), g.math("MULTIPLY", broad, 0.6))
        tint = g.mix(g.step(tone, 0.38, 0.62), low, high)
        bump = g.bump(g.cells(g.coords(), 420.0), 0.5 * pores, 0.0015)
        return g.principled(
            tint, 0.28 + 0.1 * pores, Subsurface_Weight=0.08, Coat_Weight=0.15, Normal=bump
        )

    return materials.material("skin", shade)


SORTS = {
    "orange": (ORANGE, (0.8, 0.22, 0.01), (0.9, 0.3, 0.015), 1.0),
    "lemon": (LEMON, (0.82, 0.55, 0.02), (0.9, 0.68, 0.04), 0.7),
    "red apple": (APPLE, (0.35, 0.012, 0.012), (0.6, 0.16, 0.04), 0.0),
    "green apple": (APPLE, (0.22, 0.4, 0.03), (0.42, 0.55, 0.08), 0.0),
    "pear": (PEAR, (0.5, 0.5, 0.07), (0.45, 0.33, 0.06), 0.15),
}


def piece(sort: str) -> bpy.types.Object:
    """One fruit about its middle, with a stalk where it has one."""
    outline, low, high, pores = SORTS[sort]
    body = geometry.lathe(stage.smooth(outline), skin(low, high, pores), 64)
    top = outline[-1][1]
    bark = materials.wood((0.1, 0.06, 0.025), 4.0)
    if sort in ("orange", "lemon"):
        star = geometry.ball(0.0035, (0, 0, top), materials.leaf((0.12, 0.16, 0.04)), 12)
        return geometry.join([body, star], sort)
    stalk = [(0, 0, top - 0.004), (0.001, 0, top + 0.01), (0.005, 0, top + 0.022)]
    return geometry.join([body, geometry.tube(stalk, 0.0014, bark)], sort)


def build(shot: Shot) -> None:
    """A ring of fruit in the bowl, one or three on top, and one beside it on the table."""
    rng = np.random.default_rng(shot.seed)
    params = shot.params
    stage.table(params["on"], params["wall"], params["light"])
    props.brighten(params["light"])
    clay = materials.glaze(params["bowl"]) if params["bowl"] else materials.wood((0.3, 0.14, 0.05))
    props.bowl(clay, 0.135, 0.07)
    sorts = [piece(sort) for sort in params["of"]]
    places = [
        (0.068 * math.cos(a), 0.068 * math.sin(a), 0.06)
        for a in np.arange(6) * math.pi / 3 + rng.uniform(0, 1)
    ]
    places += [(0.0, 0.0, 0.052)]
    places += [
        (0.038 * math.cos(a), 0.038 * math.sin(a), 0.115)
        for a in np.arange(3) * math.pi * 2 / 3 + rng.uniform(0, 2)
    ]
    for number, place in enumerate(places):
        lean = rng.uniform(-40, 40, 2)
        geometry.copy(
            sorts[number % len(sorts)],
            place,
            (*lean, rng.uniform(0, 360)),
            float(rng.uniform(0.94, 1.06)),
        )
    side = float(rng.choice([-1, 1]))
    lying = 90 if params["of"][-1] in ("lemon", "pear") else 0
    low = {"lemon": 0.029, "pear": 0.035}.get(params["of"][-1], 0.036)
    geometry.copy(sorts[-1], (side * 0.17, -0.09, low), (lying, 0, rng.uniform(0, 360)))
    for sort in sorts:
        sort.hide_render = True
    stage.shoot((side * 0.02, 0, 0.062), 0.78, rng.uniform(18, 32), rng.uniform(-15, 15), 62, 4)
