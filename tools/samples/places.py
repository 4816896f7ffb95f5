"""Places out of doors for things 30 cm long: a bright sky over water, and hilly land."""

import numpy as np

from tools.samples import materials, scene, terrain
from tools.samples.coats import moss
from tools.samples.graph import Graph

# Colours of the sky behind an outline, from the horizon up.
DUSKS = (
    ((1.0, 0.42, 0.1), (0.95, 0.6, 0.4), (0.3, 0.4, 0.65)),
    ((0.95, 0.9, 0.85), (0.9, 0.9, 0.9), (0.8, 0.86, 0.92)),
    ((1.0, 0.72, 0.3), (0.9, 0.5, 0.5), (0.4, 0.28, 0.5)),
    ((0.5, 0.8, 0.8), (0.3, 0.6, 0.75), (0.1, 0.3, 0.6)),
)
GROUNDS = {
    "sand": lambda: materials.sand((0.5, 0.36, 0.22), 5.0),
    "rock": lambda: materials.rock((0.3, 0.22, 0.16), 1.5),
    "moss": moss,
}
LEVEL = 2.0  # metres around the thing without hills


def dusk(number: int) -> None:
    """A bright sky behind a wet, dark ground: what stands before it is an outline."""
    low, middle, high = DUSKS[number]
    graph = Graph(scene.bare_world())
    up = graph.split(graph.coords("Generated"))[2]
    stops = [(0.0, low), (0.12, middle), (0.5, high)]
    tint = graph.ramp(graph.math("ABSOLUTE", up), stops)
    graph.output("World", graph.node("Background", {"Color": tint, "Strength": 0.9}).outputs[0])
    scene.ground(60.0, materials.water((0.02, 0.02, 0.022), 6.0))
    scene.view("AgX", "AgX - Punchy")


def outdoors(rng: np.random.Generator, seed: int, ground: str, light: str) -> None:
    """Hills of sand, rock or moss; the sun stands beside the camera, so that shadows show."""
    scene.view("AgX", "AgX - Punchy")
    side = float(rng.choice((-1, 1)) * rng.uniform(95, 135))
    if light == "evening":
        warm = (5.0, 4.0, 3.4)
        scene.sky(12, side, 0.3, 4.0, 1.0, 0.45, 0.4, seed, warm)
    else:
        scene.sky(38, side, 0.22, 3.0, 1.0, 0.4, 0.5, seed)

    def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        away = np.clip((np.hypot(x, y) - LEVEL) / 14, 0, 1) ** 1.5
        return away * (1.2 + 1.9 * terrain.fractal(x * 0.11, y * 0.11, seed, 6, 0.42))

    terrain.heightfield(120, 90, (300, 300), height, GROUNDS[ground](), (0, 40))
