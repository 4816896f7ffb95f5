"""Two models that need no download: `colour` and `shape`, fixed filters written as ONNX graphs.

They compare colours and layout without recognising anything: a baseline for the learned models.
"""

from pathlib import Path

import numpy as np
import onnx

from searcher.export.contract import Metadata, save
from searcher.export.graph import Graph
from searcher.files import part_of
from searcher.models.catalog import BASELINES

COLOUR_SIDE, COLOUR_CELLS = 64, 4
HUES, SATURATIONS, VALUES = 12, 3, 3

SHAPE_SIDE, SHAPE_CELLS = 96, 4
ORIENTATIONS = 8
# Scales an octave apart, as in Manjunath and Ma (PAMI 1996), whose bandwidth of one octave makes
# the envelope's standard deviation 0.56 wavelengths. A filter of 4 pixels on a picture of half the
# size equals one of 8 pixels on the full size, at a tenth of the computation.
SCALES = 3
WAVELENGTH = 4.0
SIGMA = 0.56 * WAVELENGTH

LICENCE = "Apache-2.0"


def colour() -> onnx.ModelProto:
    """Build a model of HSV histograms: one of the whole picture and one per cell of a 4 x 4 grid.

    Pixels are interpolated linearly between neighbouring bins, so that a slight change of light
    changes a vector slightly. Square roots turn the Euclidean distance into Hellinger's.
    """
    g = Graph("colour", COLOUR_SIDE, COLOUR_SIDE)
    rgb = g.add("Div", g.add("Cast", "image", to=onnx.TensorProto.FLOAT), g.constant(255))
    hue, saturation, value = _hsv(g, rgb)
    wheel = _soft_bins(g, hue, np.arange(HUES) / HUES, 1 / HUES, circular=True)
    grey_to_pure = _soft_bins(g, saturation, np.linspace(0, 1, SATURATIONS), 1 / (SATURATIONS - 1))
    dark_to_light = _soft_bins(g, value, np.linspace(0, 1, VALUES), 1 / (VALUES - 1))

    side, cells = COLOUR_SIDE // COLOUR_CELLS, COLOUR_CELLS**2

    def per_cell(bins: str, count: int) -> str:
        """[N, H, W, count] -> [N, cells, pixels of a cell, count]."""
        grid = g.reshape(bins, 0, COLOUR_CELLS, side, COLOUR_CELLS, side * count)
        grid = g.add("Transpose", grid, perm=[0, 1, 3, 2, 4])
        return g.reshape(grid, 0, cells, side * side, count)

    pairs = g.add(
        "Mul",
        g.reshape(wheel, 0, 0, 0, HUES, 1),
        g.reshape(grey_to_pure, 0, 0, 0, 1, SATURATIONS),
    )
    chroma = per_cell(g.reshape(pairs, 0, 0, 0, HUES * SATURATIONS), HUES * SATURATIONS)
    transposed = g.add("Transpose", chroma, perm=[0, 1, 3, 2])
    joint = g.add("MatMul", transposed, per_cell(dark_to_light, VALUES))
    bins = HUES * SATURATIONS * VALUES
    grid = g.reshape(joint, 0, cells, bins)
    whole = g.reshape(g.sum(grid, 1), 0, 1, bins)
    both = g.add("Concat", whole, grid, axis=1)
    roots = g.add("Sqrt", g.reshape(both, 0, (cells + 1) * bins))
    return g.finish(roots, (cells + 1) * bins)


def _hsv(g: Graph, rgb: str) -> tuple[str, str, str]:
    """RGB from 0 to 1, [N, H, W, 3] -> hue, saturation, value from 0 to 1, each [N, H, W, 1].

    Smith, "Color gamut transform pairs" (SIGGRAPH 1978).
    """
    tiny = g.constant(1e-6)
    high = g.add("ReduceMax", rgb, axes=[3], keepdims=1)
    low = g.add("ReduceMin", rgb, axes=[3], keepdims=1)
    span = g.add("Sub", high, low)
    r, green, b = g.split("Split", rgb, outputs=3, axis=3)
    safe = g.add("Max", span, tiny)

    def sector(first: str, second: str, offset: float) -> str:
        turned = g.add("Div", g.add("Sub", first, second), safe)
        return g.add("Add", turned, g.constant(offset))

    is_red = g.add("Equal", high, r)
    is_green = g.add("Equal", high, green)
    not_red = g.add("Where", is_green, sector(b, r, 2), sector(r, green, 4))
    sixths = g.add("Where", is_red, sector(green, b, 6), not_red)
    hue = g.add("Mod", g.add("Div", sixths, g.constant(6)), g.constant(1), fmod=1)
    return hue, g.add("Div", span, g.add("Max", high, tiny)), high


def _soft_bins(g: Graph, x: str, centres: np.ndarray, width: float, circular: bool = False) -> str:
    """[N, H, W, 1] -> [N, H, W, bins]: triangular weights around the centres."""
    distance = g.add("Abs", g.add("Sub", x, g.constant(centres)))
    if circular:
        distance = g.add("Min", distance, g.add("Sub", g.constant(1), distance))
    return g.add("Relu", g.add("Sub", g.constant(1), g.add("Div", distance, g.constant(width))))


def shape() -> onnx.ModelProto:
    """Build a model of Gabor energies at 3 scales and 8 orientations, averaged over a 4 x 4 grid.

    Subtracting each vector's mean keeps the dominant directions of each cell and removes the total
    amount of texture.
    """
    g = Graph("shape", SHAPE_SIDE, SHAPE_SIDE)
    luma = np.array([0.299, 0.587, 0.114]).reshape(3, 1) / 255  # ITU-R BT.601
    pixels = g.add("Cast", "image", to=onnx.TensorProto.FLOAT)
    grey = g.add("MatMul", pixels, g.constant(luma))
    grey = g.reshape(grey, 0, 1, SHAPE_SIDE, SHAPE_SIDE)
    pooled = []
    for scale in range(SCALES):
        grey = _halved(g, grey) if scale else grey
        cell = [SHAPE_SIDE // 2**scale // SHAPE_CELLS] * 2
        pooled.append(g.add("AveragePool", _energy(g, grey), kernel_shape=cell, strides=cell))
    dim = SCALES * ORIENTATIONS * SHAPE_CELLS**2
    features = g.reshape(g.add("Concat", *pooled, axis=1), 0, dim)
    compressed = g.add("Log", g.add("Add", features, g.constant(1e-3)))
    mean = g.add("ReduceMean", compressed, axes=[1], keepdims=1)
    return g.finish(g.add("Sub", compressed, mean), dim)


def _halved(g: Graph, grey: str) -> str:
    """One step of a Gaussian pyramid (Burt and Adelson, IEEE Trans. Commun. 1983)."""
    binomial = np.array([1, 4, 6, 4, 1]) / 16
    kernel = g.constant(np.outer(binomial, binomial)[None, None])
    return g.add("Conv", _mirrored(g, grey, 2), kernel, strides=[2, 2])


def _mirrored(g: Graph, grey: str, margin: int) -> str:
    """Pad by reflection: black padding would add strong edges around every picture."""
    pads = g.constant([0, 0, margin, margin, 0, 0, margin, margin], np.int64)
    return g.add("Pad", grey, pads, mode="reflect")


def _energy(g: Graph, grey: str) -> str:
    """[N, 1, H, W] -> [N, orientations, H, W]: the norm of the even and odd responses."""
    even, odd = _gabor_kernels()
    padded = _mirrored(g, grey, even.shape[-1] // 2)
    squares = [
        g.add("Mul", r, r) for r in (g.add("Conv", padded, g.constant(k)) for k in (even, odd))
    ]
    return g.add("Sqrt", g.add("Add", *squares))


def _gabor_kernels() -> tuple[np.ndarray, np.ndarray]:
    """Return even and odd kernels [orientations, 1, size, size] with no response to flat grey."""
    radius = round(2.5 * SIGMA)
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    angles = (np.arange(ORIENTATIONS) * np.pi / ORIENTATIONS).reshape(-1, 1, 1)
    along = x * np.cos(angles) + y * np.sin(angles)
    envelope = np.exp(-(x**2 + y**2) / (2 * SIGMA**2))
    envelope /= envelope.sum()
    phase = 2 * np.pi * along / WAVELENGTH
    even = envelope * np.cos(phase)
    even -= envelope * even.sum(axis=(1, 2), keepdims=True)
    return even[:, None], (envelope * np.sin(phase))[:, None]


BUILDERS = {"colour": colour, "shape": shape}


def install_baselines(folder: Path) -> list[str]:
    """Write the missing baselines.

    Args:
        folder: The models folder.

    Returns:
        The names of those that were written.

    Raises:
        OSError: The folder cannot be written.
    """
    names = []
    for name, (title, architecture) in BASELINES.items():
        path = folder / f"{name}.onnx"
        if path.exists():
            continue
        metadata = Metadata(title, architecture, "none: fixed filters", LICENCE)
        with part_of(path) as part:
            save(BUILDERS[name](), metadata, part)
        names.append(name)
    return names
