"""What each query is to find in a gallery: pictures that are relevant, and junk that is left out.

A block of gains is a float32 array with a row for each query and a column for each picture: above
0 for relevant ones, 0 for others, and JUNK for those that are removed from the ranking before
anything is counted, such as the query itself.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

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

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


class GroundTruth(Protocol):
    """The relevance of a gallery's N pictures to Q queries."""

    @property
    def queries(self) -> int:
        """The number of queries Q."""

    def gains(self, rows: slice) -> FloatArray:
        """Return the gains of some queries, float32 [B, N]."""

    def has_relevant(self) -> BoolArray:
        """Return which queries have a relevant picture, bool [Q]; only they can be measured."""


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

    def has_relevant(self) -> BoolArray:
        """Return which queries share their label with another picture, bool [Q]."""
        counts = np.bincount(self._gallery, minlength=int(self._labels.max(initial=-1)) + 1)
        enough: BoolArray = counts[self._labels] > (self._places >= 0)
        return enough


class LabelSetTruth:
    """Pictures that share any label with a query are relevant with gain 1; itself is junk."""

    def __init__(
        self,
        labels: Sequence[Collection[str]],
        gallery: Sequence[Collection[str]],
        places: IntArray,
    ) -> None:
        """Compare sets of labels.

        Args:
            labels: The labels of each query [Q].
            gallery: The labels of each picture [N].
            places: Each query's own column, -1 where it is not in the gallery [Q].
        """
        columns: dict[str, list[int]] = {}
        for column, texts in enumerate(gallery):
            for text in set(texts):
                columns.setdefault(text, []).append(column)
        self._columns = {text: np.array(some) for text, some in columns.items()}
        self._labels = labels
        self._pictures = len(gallery)
        self._places = places

    @property
    def queries(self) -> int:
        """The number of queries."""
        return len(self._labels)

    def gains(self, rows: slice) -> FloatArray:
        """Return the gains of some queries, float32 [B, N]."""
        labels, places = self._labels[rows], self._places[rows]
        gains = np.zeros((len(labels), self._pictures), np.float32)
        for row, (texts, place) in enumerate(zip(labels, places, strict=True)):
            for text in texts:
                if text in self._columns:
                    gains[row, self._columns[text]] = 1
            if place >= 0:
                gains[row, place] = JUNK
        return gains

    def has_relevant(self) -> BoolArray:
        """Return which queries share a label with another picture, bool [Q]."""
        nothing = np.array([], np.int64)
        return np.array(
            [
                any((self._columns.get(text, nothing) != place).any() for text in texts)
                for texts, place in zip(self._labels, self._places, strict=True)
            ],
            bool,
        )


class Judged(NamedTuple):
    """The judged pictures of one query: their columns in the gallery, and their gains."""

    columns: IntArray
    gains: FloatArray


class JudgedTruth:
    """Pictures that were judged have their gains, all others 0; the query itself is junk."""

    def __init__(self, judged: Sequence[Judged], pictures: int, places: IntArray) -> None:
        """Take judgements.

        Args:
            judged: Those of each query [Q].
            pictures: The number of pictures N.
            places: Each query's own column, -1 where it is not in the gallery [Q].
        """
        self._judged = judged
        self._pictures = pictures
        self._places = places

    @property
    def queries(self) -> int:
        """The number of queries."""
        return len(self._judged)

    def gains(self, rows: slice) -> FloatArray:
        """Return the gains of some queries, float32 [B, N]."""
        judged, places = self._judged[rows], self._places[rows]
        gains = np.zeros((len(judged), self._pictures), np.float32)
        for row, (some, place) in enumerate(zip(judged, places, strict=True)):
            gains[row, some.columns] = some.gains
            if place >= 0:
                gains[row, place] = JUNK
        return gains

    def has_relevant(self) -> BoolArray:
        """Return which queries have a picture of a gain above 0 besides themselves, bool [Q]."""
        pairs = zip(self._judged, self._places, strict=True)
        return np.array(
            [bool((some.gains[some.columns != place] > 0).any()) for some, place in pairs], bool
        )


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

    def has_relevant(self) -> BoolArray:
        """Return that no query has a relevant picture, bool [Q]."""
        return np.zeros(self.queries, np.bool_)


def revisited_gains(classes: npt.NDArray[np.int8], protocol: str) -> FloatArray:
    """Return gains by a protocol of the Revisited Oxford and Paris sets.

    Easy: easy pictures are relevant; hard and unclear ones are left out. Medium: easy and hard ones
    are relevant; unclear ones are left out. Hard: hard ones are relevant; easy and unclear ones
    are left out. Queries without a relevant picture are not part of the mean.

    Args:
        classes: NEGATIVE, UNCLEAR, HARD or EASY for each query and picture, of any shape.
        protocol: "easy", "medium" or "hard".

    Returns:
        Gains of 1, 0 and JUNK, float32, of the same shape.
    """
    relevant, left_out = PROTOCOLS[protocol]
    gains: FloatArray = np.isin(classes, relevant).astype(np.float32)
    gains[np.isin(classes, left_out)] = JUNK
    return gains
