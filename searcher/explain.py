"""Where a match comes from: hide a part of a picture and see how much of the similarity is lost.

Occlusion (Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014)
asks nothing of a model but its vectors, so it works with any file.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from searcher.embedding import Embedder, FloatArray
from searcher.images import Picture, UInt8Array, model_input
from searcher.resizing import Shares, shown

GRID = 7  # cells on each side; a batch holds the cells of one row
WHOLE: Shares = (0.0, 0.0, 1.0, 1.0)

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
    views = [shown(picture.pixels.size, *embedder.form) for picture in (query, hit)]
    return Explanation(
        similarity=whole,
        query=whole
        - occluded(embedder, pair[0], second, lambda share: progress(share / 2), views[0]),
        hit=whole
        - occluded(embedder, pair[1], first, lambda share: progress((1 + share) / 2), views[1]),
    )


def occluded(
    embedder: Embedder,
    image: UInt8Array,
    target: FloatArray,
    progress: Progress = lambda share: None,
    view: Shares = WHOLE,
) -> FloatArray:
    """The similarity of `image` [H, W, 3] to a unit vector [D] with each cell hidden in turn.

    Cells are those of the picture, of which `image` shows the `view`. Returns float32 [GRID, GRID].
    """
    found = np.empty((GRID, GRID), dtype=np.float32)
    for row in range(GRID):
        hidden = np.stack([hide(image, row, column, view) for column in range(GRID)])
        found[row] = embedder.embed(hidden) @ target
        progress((row + 1) / GRID)
    return found


def hide(image: UInt8Array, row: int, column: int, view: Shares = WHOLE) -> UInt8Array:
    """Return a copy of a picture with one cell in its mean colour."""
    left, top, right, bottom = view
    copy = image.copy()
    rows = _cell(row, image.shape[0], top, bottom)
    columns = _cell(column, image.shape[1], left, right)
    copy[rows, columns] = image.mean(axis=(0, 1)).round().astype(np.uint8)
    return copy


def _cell(number: int, side: int, start: float, end: float) -> slice:
    """Where a cell of a picture lies in its part from `start` to `end`, `side` pixels long."""
    edges = ((share / GRID - start) / (end - start) for share in (number, number + 1))
    low, high = (min(side, max(0, int(edge * side + 1e-9))) for edge in edges)
    return slice(low, high)
