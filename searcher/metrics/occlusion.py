"""Explain a hit: hide parts of a picture, and measure how much similarity is lost.

Occlusion (Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014)
needs only a model's vectors, so it works with any model file.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from searcher.images.pictures import Picture, UInt8Array, model_input
from searcher.images.resizing import Shares, visible_part
from searcher.models.embedder import Embedder
from searcher.types import FloatArray

GRID = 7  # cells on each side; a batch holds the cells of one row
WHOLE: Shares = (0.0, 0.0, 1.0, 1.0)

Progress = Callable[[float], None]  # called with the completed share, 0 to 1


@dataclass(frozen=True)
class Explanation:
    """Cosine similarity of a query and a hit, and the loss by hiding each cell of either.

    `query` and `hit` are float32 [GRID, GRID], negative for cells without which the two are more
    similar; `query` is None where the query is not a picture.
    """

    similarity: float
    query: FloatArray | None
    hit: FloatArray


def explain(
    embedder: Embedder, query: Picture, hit: Picture, progress: Progress = lambda share: None
) -> Explanation:
    """Measure the loss of similarity by each cell, with 2 + 2 x 49 inferences.

    Args:
        embedder: The model.
        query: The query.
        hit: The picture to compare it with.
        progress: Called after each row of cells.

    Returns:
        The similarity and the losses.
    """
    pair = [model_input(picture, *embedder.form) for picture in (query, hit)]
    first, second = embedder.embed(np.stack(pair))
    total = float(first @ second)
    views = [visible_part(picture.pixels.size, *embedder.form) for picture in (query, hit)]
    without = [
        occluded(embedder, pair[0], second, lambda share: progress(share / 2), views[0]),
        occluded(embedder, pair[1], first, lambda share: progress((1 + share) / 2), views[1]),
    ]
    return Explanation(similarity=total, query=total - without[0], hit=total - without[1])


def explain_hit(
    embedder: Embedder, query: FloatArray, hit: Picture, progress: Progress = lambda share: None
) -> Explanation:
    """Measure the loss of similarity by each cell of the hit alone, with 1 + 49 inferences.

    Args:
        embedder: The model.
        query: The query's vector [D], of unit length.
        hit: The picture to compare it with.
        progress: Called after each row of cells.

    Returns:
        The similarity and the losses.
    """
    image = model_input(hit, *embedder.form)
    total = float(embedder.embed(image[None])[0] @ query)
    view = visible_part(hit.pixels.size, *embedder.form)
    without = occluded(embedder, image, query, progress, view)
    return Explanation(similarity=total, query=None, hit=total - without)


def occluded(
    embedder: Embedder,
    image: UInt8Array,
    target: FloatArray,
    progress: Progress = lambda share: None,
    view: Shares = WHOLE,
) -> FloatArray:
    """Compute a picture's similarity to a vector with each cell hidden in turn.

    Args:
        embedder: The model.
        image: uint8 [H, W, 3].
        target: A unit vector [D].
        progress: Called after each row of cells.
        view: The part of the picture that `image` shows; the cells are those of the picture.

    Returns:
        Cosine similarities, float32 [GRID, GRID].
    """
    similarities = np.empty((GRID, GRID), dtype=np.float32)
    for row in range(GRID):
        hidden = np.stack([hide(image, row, column, view) for column in range(GRID)])
        similarities[row] = embedder.embed(hidden) @ target
        progress((row + 1) / GRID)
    return similarities


def hide(image: UInt8Array, row: int, column: int, view: Shares = WHOLE) -> UInt8Array:
    """Return a copy of a picture, uint8 [H, W, 3], with one cell in the picture's mean colour."""
    left, top, right, bottom = view
    copy = image.copy()
    rows = _cell(row, image.shape[0], top, bottom)
    columns = _cell(column, image.shape[1], left, right)
    copy[rows, columns] = image.mean(axis=(0, 1)).round().astype(np.uint8)
    return copy


def _cell(number: int, side: int, start: float, end: float) -> slice:
    """Return a cell's pixels in the part from `start` to `end` of a picture, `side` pixels long."""
    edges = ((share / GRID - start) / (end - start) for share in (number, number + 1))
    low, high = (min(side, max(0, int(edge * side + 1e-9))) for edge in edges)
    return slice(low, high)
