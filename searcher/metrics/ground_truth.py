"""What each query is to find in a gallery: pictures that are relevant, and junk that is left out.

A block of gains is a float32 array with a row for each query and a column for each picture: above
0 for relevant ones, 0 for others, and JUNK for those that are removed from the ranking before
anything is counted, such as the query itself.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from searcher.types import FloatArray

JUNK = -1.0
# Classes of the Revisited Oxford and Paris sets. Radenović, Iscen, Tolias, Avrithis and Chum,
# "Revisiting Oxford and Paris: Large-scale image retrieval benchmarking", CVPR 2018, section 3.2.
NEGATIVE, UNCLEAR, HARD, EASY = range(4)
# By the protocol: the classes that count as relevant, and those that are left out.
PROTOCOLS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "easy": ((EASY,), (HARD, UNCLEAR)),
    "medium": ((EASY, HARD), (UNCLEAR,)),
    "hard": ((HARD,), (EASY, UNCLEAR)),
}

IntArray = npt.NDArray[np.int64]


class GroundTruth(Protocol):
    """The relevance of a gallery's N pictures to Q queries."""

    @property
    def queries(self) -> int:
        """The number of queries Q."""

    def gains(self, rows: slice) -> FloatArray:
        """Return the gains of some queries, float32 [B, N]."""


class LabelTruth:
    """Pictures with a query's label are relevant with gain 1; the query itself is junk."""

    def __init__(
        self, labels: npt.NDArray[np.str_], gallery: npt.NDArray[np.str_], places: IntArray
    ) -> None:
        """Compare labels.

        Args:
            labels: The labels of the queries [Q].
            gallery: The labels of the pictures [N].
            places: Each query's own column, -1 where it is not in the gallery [Q].
        """
        _, numbers = np.unique(np.concatenate([labels, gallery]), return_inverse=True)
        self._labels, self._gallery = numbers[: len(labels)], numbers[len(labels) :]
        self._places = places

    @property
    def queries(self) -> int:
        """The number of queries."""
        return len(self._labels)

    def gains(self, rows: slice) -> FloatArray:
        """Return the gains of some queries, float32 [B, N]."""
        gains: FloatArray = (self._labels[rows, None] == self._gallery).astype(np.float32)
        places = self._places[rows]
        present = np.flatnonzero(places >= 0)
        gains[present, places[present]] = JUNK
        return gains


class OnlyItself:
    """No picture of a gallery is relevant to another one, and each is junk to itself."""

    def __init__(self, count: int) -> None:
        """`count` pictures, each of which is a query."""
        self.queries = count

    def gains(self, rows: slice) -> FloatArray:
        """Return the gains of some queries, float32 [B, N]."""
        own = np.arange(*rows.indices(self.queries))
        gains = np.zeros((len(own), self.queries), np.float32)
        gains[np.arange(len(own)), own] = JUNK
        return gains


def revisited_gains(classes: npt.NDArray[np.int8], protocol: str) -> FloatArray:
    """Return gains by a protocol of the Revisited Oxford and Paris sets.

    Easy: easy pictures are relevant; hard and unclear ones are left out. Medium: easy and hard ones
    are relevant; unclear ones are left out. Hard: hard ones are relevant; easy and unclear ones
    are left out. Queries without a relevant picture are not part of the mean.

    Args:
        classes: NEGATIVE, UNCLEAR, HARD or EASY for each query and picture [Q, N].
        protocol: "easy", "medium" or "hard".

    Returns:
        Gains of 1, 0 and JUNK, float32 [Q, N].
    """
    relevant, left_out = PROTOCOLS[protocol]
    gains: FloatArray = np.isin(classes, relevant).astype(np.float32)
    gains[np.isin(classes, left_out)] = JUNK
    return gains
