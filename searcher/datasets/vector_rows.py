"""Rows of vectors that come from elsewhere: which picture each is of, and its numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from searcher.errors import BadVectors
from searcher.types import FloatArray

# Why a row is not used: codes of messages with the parameters n, row and text.
EMPTY = "rows.empty"
WIDTH = "rows.width"
NOT_FINITE = "rows.not_finite"
ZERO = "rows.zero"
NAMELESS = "rows.nameless"
UNKNOWN = "rows.unknown"
AMBIGUOUS = "rows.ambiguous"
REPEATED = "rows.repeated"

BATCH_BYTES = 4 * 2**20  # of the numbers that are read at a time
KINDS = {np.dtype(kind) for kind in (np.float16, np.float32, np.float64, np.int8)}
KIND_NAMES = "float16, float32, float64, int8"
MIN_DIM, MAX_DIM = 2, 32_768  # of Milvus

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """Consecutive rows of a file.

    Attributes:
        first: The number of the first row, from 1.
        vectors: Numbers [N, D] of one of KINDS; those of rows with a fault have no meaning.
        keys: What says which picture each row is of; None where another file does.
        faults: Why rows are not used, by their position among these rows.
    """

    first: int
    vectors: Numbers
    keys: list[str] | None = None
    faults: dict[int, str] = field(default_factory=dict)


class VectorTable(Protocol):
    """A file of vectors that is read by parts, so that memory stays bounded."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def dim(self) -> int:
        """The number of dimensions."""

    @property
    def has_keys(self) -> bool:
        """Whether its rows have keys."""

    def batches(self) -> Iterator[Rows]:
        """Yield all rows. Raises BadVectors where the file is damaged."""


def check_shape(name: str, kind: npt.DTypeLike, shape: tuple[int, ...]) -> None:
    """Check the type and shape of an array of vectors.

    Args:
        name: The file's name.
        kind: The type of its numbers.
        shape: Its shape.

    Raises:
        BadVectors: They are not those of vectors.
    """
    dtype = np.dtype(kind).newbyteorder("=")
    if dtype not in KINDS:
        raise BadVectors("vectors.type", name=name, given=str(dtype), choices=KIND_NAMES)
    if len(shape) != 2:
        raise BadVectors("vectors.shape", name=name, shape=str(list(shape)))
    if not MIN_DIM <= shape[1] <= MAX_DIM:
        raise BadVectors("vectors.width", name=name, size=shape[1], low=MIN_DIM, high=MAX_DIM)


def rows_at_a_time(dim: int, size: int) -> int:
    """Return how many rows of `dim` numbers of `size` bytes are read at a time."""
    return max(1, BATCH_BYTES // max(1, dim * size))


def normalise(vectors: Numbers) -> tuple[FloatArray, dict[int, str]]:
    """Scale rows to unit length.

    Args:
        vectors: Numbers [N, D] of one of KINDS.

    Returns:
        Unit vectors, float32 [N, D], and why rows have none, by their position.
    """
    numbers = vectors.astype(np.float64)
    is_finite = np.isfinite(numbers).all(axis=1)
    numbers[~is_finite] = 0
    # By the largest number first: the square of a number may be too large, or too small.
    largest = np.abs(numbers).max(axis=1, keepdims=True)
    is_zero = largest[:, 0] == 0
    numbers /= np.where(largest == 0, 1, largest)
    lengths = np.linalg.norm(numbers, axis=1, keepdims=True)
    numbers /= np.where(lengths == 0, 1, lengths)
    faults = {int(row): ZERO for row in np.flatnonzero(is_zero & is_finite)}
    faults |= {int(row): NOT_FINITE for row in np.flatnonzero(~is_finite)}
    return numbers.astype(np.float32), faults
