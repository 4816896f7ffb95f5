"""Reading a model's vectors in parts, so that a measurement can be stopped meanwhile."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from searcher.library.core import Library
from searcher.models.registry import Model
from searcher.types import FloatArray

PART = 5000  # vectors; Milvus Lite takes less than a second for them


def fetch_vectors(
    library: Library, model: Model, ids: npt.NDArray[np.int64], check: Callable[[], None]
) -> FloatArray:
    """Return the vectors of some pictures, float32 [N, D].

    Args:
        library: The library.
        model: The model.
        ids: The pictures' ids, all of which have a vector [N].
        check: Called after each part; it may raise to stop.

    Raises:
        StoreUnavailable: Milvus does not answer.
    """
    vectors = np.empty((len(ids), model.dim), np.float32)
    for start in range(0, len(ids), PART):
        rows = slice(start, start + PART)
        vectors[rows] = library.vectors.fetch(model.collection, ids[rows].tolist())
        check()
    return vectors
