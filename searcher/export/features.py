"""From the output of an external network to unit vectors: layout of a map, pooling of tokens."""

from dataclasses import dataclass

import numpy as np

from searcher.errors import CannotAdopt
from searcher.export.interpret import MAX_EXTRA, Stem


@dataclass(frozen=True)
class Features:
    """How a network's output becomes vectors, and those of some pictures.

    `map_layout` is that of an output of rank 4, `pool` the pooling of one of rank 3 or 4, and
    `vectors` are of unit length, float32 [N, D].
    """

    map_layout: str
    pool: str
    is_pool_guessed: bool
    vectors: np.ndarray


def pool_features(
    output: np.ndarray,
    sides: tuple[int, int],
    stem: Stem | None,
    pool: str | None,
    map_layout: str | None,
) -> Features:
    """Pool and normalise a network's output.

    Args:
        output: [N, D], tokens [N, T, D] or a map [N, C, H, W] or [N, H, W, C].
        sides: Height and width of the pictures, in pixels.
        stem: The network's first convolution.
        pool: "avg", "mean" (the same), "max", "cls", or None to choose it.
        map_layout: "NCHW", "NHWC", or None to infer it from the shape.

    Raises:
        CannotAdopt: The output has another rank, or pooling or layout are not clear.
    """
    values = output.astype(np.float64)
    pool = "avg" if pool == "mean" else pool
    guessed = False
    if output.ndim == 4:
        if pool == "cls":
            raise CannotAdopt("adopt.no_class_token")
        map_layout = map_layout or layout_of_map(output.shape, sides)
        axes = (2, 3) if map_layout == "NCHW" else (1, 2)
        guessed = pool is None and max(output.shape[axis] for axis in axes) > 1
        values = values.max(axes) if pool == "max" else values.mean(axes)
    elif output.ndim == 3:
        guessed = pool is None
        pool = pool or pooling_of_tokens(output.shape, sides, stem)
        pooled = {"cls": values[:, 0], "max": values.max(1)}
        values = pooled.get(pool, values.mean(1))
    elif output.ndim != 2:
        raise CannotAdopt("adopt.features", dimensions=output.ndim)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    if not lengths.min() > 0:
        raise CannotAdopt("adopt.zero")
    vectors = (values / lengths).astype(np.float32)
    return Features(map_layout or "NCHW", pool or "avg", guessed, vectors)


def layout_of_map(shape: tuple[int, ...], sides: tuple[int, int]) -> str:
    """Return the layout of a feature map: its height and width have the picture's proportions.

    Raises:
        CannotAdopt: Both layouts fit, or none does.
    """
    fits = {
        layout: _is_scaled(shape[layout.index("H")], shape[layout.index("W")], sides)
        for layout in ("NCHW", "NHWC")
    }
    if fits["NCHW"] == fits["NHWC"]:
        raise CannotAdopt("adopt.map_layout", shape=" x ".join(str(side) for side in shape[1:]))
    return "NCHW" if fits["NCHW"] else "NHWC"


def _is_scaled(height: int, width: int, sides: tuple[int, int]) -> bool:
    """Whether a map has the proportions of the picture, except for rounding."""
    return abs(height - width * sides[0] / sides[1]) < 1


def pooling_of_tokens(shape: tuple[int, ...], sides: tuple[int, int], stem: Stem | None) -> str:
    """Return "cls" if there are more tokens than patches, "avg" if there are as many.

    Raises:
        CannotAdopt: The number of tokens, shape[1], does not tell.
    """
    if stem is not None and stem.stride > 1:
        patches = (sides[0] // stem.stride) * (sides[1] // stem.stride)
        if 1 <= shape[1] - patches <= MAX_EXTRA:
            return "cls"
        while patches:  # hierarchical transformers merge four at a time
            if shape[1] == patches:
                return "avg"
            patches = patches // 4 if patches % 4 == 0 else 0
    raise CannotAdopt("adopt.pooling", tokens=shape[1], dimensions=shape[2])
