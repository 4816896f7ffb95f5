"""Terrain: noise, and ground made of it. Lengths in metres."""

import math
from collections.abc import Callable

import bpy
import numpy as np

from tools.samples.geometry import sheet

Field = Callable[[np.ndarray, np.ndarray], np.ndarray]


def value_noise(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Smooth noise from -1 to 1, with features one unit wide."""
    table = np.random.default_rng(seed).uniform(-1, 1, (256, 256))
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = x - i, y - j
    u, v = (t * t * t * (t * (t * 6 - 15) + 10) for t in (u, v))
    a, b = table[i % 256, j % 256], table[(i + 1) % 256, j % 256]
    c, d = table[i % 256, (j + 1) % 256], table[(i + 1) % 256, (j + 1) % 256]
    return a + (b - a) * u + (c - a) * v + (a - b - c + d) * u * v


def fractal(
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    octaves: int = 8,
    gain: float = 0.5,
    ridged: bool = False,
) -> np.ndarray:
    """Octaves of noise, each turned so that no grid shows; ridged has crests like mountains."""
    total = np.zeros_like(x)
    weight = np.ones_like(x)
    size, angle = 1.0, 0.6
    for octave in range(octaves):
        layer = value_noise(x, y, seed + octave)
        if ridged:
            layer = (1 - np.abs(layer)) ** 2
            total += size * layer * weight
            weight = np.clip(layer * 1.6, 0, 1)
        else:
            total += size * layer
        turned_x = 2.03 * (x * math.cos(angle) - y * math.sin(angle)) + 17.1
        y = 2.03 * (x * math.sin(angle) + y * math.cos(angle)) + 5.7
        x = turned_x
        size *= gain
    return total


def heightfield(
    width: float,
    depth: float,
    steps: tuple[int, int],
    height: Field,
    material: bpy.types.Material,
    at: tuple[float, float] = (0.0, 0.0),
) -> bpy.types.Object:
    """Terrain of width (X) by depth (Y) about `at`; `height` maps arrays of x and y to metres."""
    x = at[0] + np.linspace(-width / 2, width / 2, steps[0])
    y = at[1] + np.linspace(-depth / 2, depth / 2, steps[1])
    gx, gy = np.meshgrid(x, y)
    return sheet(np.stack([gx, gy, height(gx, gy)], -1), material, name="terrain")
