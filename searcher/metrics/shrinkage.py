"""Smaller forms of a model's vectors: fewer dimensions, and fewer bits of each.

A shrunken vector has unit length again, so that 1 - d²/2 of a distance d still is a cosine
similarity.
"""

import re
from typing import NamedTuple

import numpy as np

from searcher.types import FloatArray

FIRST, PCA = "first", "pca"  # how dimensions are reduced
FLOAT32, FLOAT16, INT8, BINARY = "float32", "float16", "int8", "binary"  # how numbers are stored
BITS = {FLOAT32: 32, FLOAT16: 16, INT8: 8, BINARY: 1}
TYPE = "|".join(BITS)
NAME = re.compile(rf"({TYPE})|(first|pca)-([1-9]\d{{0,4}})(?:-({TYPE}))?")
MIN_DIM = 16
DIVISORS = (2, 4, 8, 16)


class Variant(NamedTuple):
    """One smaller form.

    Attributes:
        method: FIRST, PCA, or "" for all dimensions.
        dim: The number of dimensions.
        type: FLOAT32, FLOAT16, INT8 or BINARY.
    """

    method: str
    dim: int
    type: str = FLOAT32

    @classmethod
    def parse(cls, name: str, dim: int) -> "Variant | None":
        """Return the variant with a name, such as "pca-256-int8"; None if there is none.

        Args:
            name: See `name`.
            dim: The number of dimensions of the full vectors, which is more than the variant has.
        """
        match = NAME.fullmatch(name)
        if match is None:
            return None
        only_type, method, reduced, type_ = match.groups()
        if only_type:
            return cls("", dim, only_type)
        return cls(method, int(reduced), type_ or FLOAT32) if int(reduced) < dim else None

    @property
    def name(self) -> str:
        """Its name: the reduction, if there is one, and the type, if it is not float32."""
        parts = [f"{self.method}-{self.dim}"] if self.method else []
        parts += [self.type] if self.type != FLOAT32 or not parts else []
        return "-".join(parts)

    @property
    def is_full(self) -> bool:
        """Whether these are the vectors as the model makes them."""
        return not self.method and self.type == FLOAT32

    @property
    def bytes(self) -> int:
        """The size of a vector."""
        return -(-self.dim * BITS[self.type] // 8)


def variants(dim: int, pictures: int) -> list[Variant]:
    """Return the variants worth measuring, the full vectors first.

    PCA with int8 is the only combination of two kinds: by itself PCA needs fewer dimensions than
    a cut at the same quality, and int8 costs next to nothing.

    Args:
        dim: The number of dimensions of the full vectors.
        pictures: The number of vectors: PCA can't find more axes than there are.
    """
    dims = [reduced for divisor in DIVISORS if (reduced := dim // divisor) >= MIN_DIM]
    axes = [reduced for reduced in dims if reduced < pictures]
    return [
        *(Variant("", dim, type_) for type_ in BITS),
        *(Variant(FIRST, reduced) for reduced in dims),
        *(Variant(PCA, reduced) for reduced in axes),
        *(Variant(PCA, reduced, INT8) for reduced in axes),
    ]


def principal_axes(vectors: FloatArray, dim: int) -> FloatArray:
    """Return the axes that keep most of the vectors' inner products: PCA without centring.

    They are the first right singular vectors, whose projection is the best of its rank (Eckart and
    Young, "The approximation of one matrix by another of lower rank", 1936). Not centred, the
    projection is the same linear map for pictures, words and sums of them; with centring and
    normalisation, fewer of the nearest ten stayed (0.90 instead of 0.99 with 128 of 1,000
    dimensions of EfficientNet-Lite).

    Args:
        vectors: float32 [N, D].
        dim: The number of axes d, at most N and D.

    Returns:
        Orthonormal rows, float32 [d, D], the most important first.
    """
    if len(vectors) < vectors.shape[1]:
        # The same by the rows' products, in a tenth of the time; QR keeps them orthonormal where
        # vectors are equal.
        exact = vectors.astype(np.float64)
        rows = np.linalg.eigh(exact @ exact.T)[1][:, ::-1]
        axes = np.linalg.qr((exact.T @ rows)[:, :dim])[0].T
    else:
        axes = np.linalg.eigh(vectors.T @ vectors)[1].T[::-1]  # of ascending eigenvalues
    return np.ascontiguousarray(axes[:dim], dtype=np.float32)


def reduce(vectors: FloatArray, dim: int, axes: FloatArray | None = None) -> FloatArray:
    """Return vectors with fewer dimensions, of unit length.

    Args:
        vectors: Unit vectors, float32 [N, D].
        dim: The number of dimensions d that remain.
        axes: `principal_axes` [d, D]; None keeps the first d dimensions.

    Returns:
        float32 [N, d]; the first axis for a vector of which nothing remains.
    """
    if axes is None and dim == vectors.shape[1]:
        return vectors
    reduced = vectors[:, :dim] if axes is None else vectors @ axes.T
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    units: FloatArray = np.divide(reduced, lengths, where=lengths > 0, out=np.zeros_like(reduced))
    units[lengths[:, 0] == 0, 0] = 1
    return units


def expand(reduced: FloatArray, dim: int, axes: FloatArray | None = None) -> FloatArray:
    """Return vectors of the original dimensions that `reduce` turns into these.

    Args:
        reduced: Unit vectors, float32 [N, d].
        dim: The original number of dimensions D.
        axes: As for `reduce`.

    Returns:
        float32 [N, D]; distances between them are those between the reduced vectors.
    """
    if axes is not None:
        return reduced @ axes
    padded = np.zeros((len(reduced), dim), dtype=np.float32)
    padded[:, : reduced.shape[1]] = reduced
    return padded
