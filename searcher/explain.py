"""Where a match comes from: hide a part of a picture and see how much of the similarity is lost.

Occlusion (Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014)
asks nothing of a model but its vectors, so it works with any file.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from searcher.embedding import Embedder, FloatArray
from searcher.images import Picture, UInt8Array, model_input

GRID = 7  # cells on each side; a batch holds the cells of one row

Progress = Callable[[float], None]  # called with the share that is done, 0 to 1


@dataclass(frozen=True)
class Explanation:
    """How much cosine similarity each part of two pictures carries: float32 [GRID, GRID] each.

    Negative where the pictures are more alike without that part.
    """

    similarity: float
    query: FloatArray
    hit: FloatArray


def explain(
    embedder: Embedder, query: Picture, hit: Picture, progress: Progress = lambda share: None
) -> Explanation:
    """Compare both pictures with each part of either hidden in turn: 2 + 2 x 49 inferences."""
    pair = [model_input(picture, *embedder.form) for picture in (query, hit)]
    first, second = embedder.embed(np.stack(pair))
    whole = float(first @ second)
    return Explanation(
        similarity=whole,
        query=whole - occluded(embedder, pair[0], second, lambda share: progress(share / 2)),
        hit=whole - occluded(embedder, pair[1], first, lambda share: progress((1 + share) / 2)),
    )


def occluded(
    embedder: Embedder,
    image: UInt8Array,
    target: FloatArray,
    progress: Progress = lambda share: None,
) -> FloatArray:
    """The similarity of `image` [H, W, 3] to a unit vector [D] with each cell hidden in turn.

    Returns float32 [GRID, GRID].
    """
    found = np.empty((GRID, GRID), dtype=np.float32)
    for row in range(GRID):
        hidden = np.stack([hide(image, row, column) for column in range(GRID)])
        found[row] = embedder.embed(hidden) @ target
        progress((row + 1) / GRID)
    return found


def hide(image: UInt8Array, row: int, column: int) -> UInt8Array:
    """Return a copy of a picture with one cell in its mean colour."""
    height, width = image.shape[:2]
    copy = image.copy()
    rows = slice(row * height // GRID, (row + 1) * height // GRID)
    columns = slice(column * width // GRID, (column + 1) * width // GRID)
    copy[rows, columns] = image.mean(axis=(0, 1)).round().astype(np.uint8)
    return copy
