"""Types that packages share, without imports that are slow."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Int64Array = npt.NDArray[np.int64]


class Collection(NamedTuple):
    """The name of one model file's collection, and the length of its vectors."""

    name: str
    dim: int
