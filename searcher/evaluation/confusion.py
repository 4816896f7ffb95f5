"""Which labels a model takes for each other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.evaluation.neighbours import Neighbours

MOST_LABELS = 25  # rows of a matrix

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ConfusedPair:
    """How many neighbours of a label's queries have another label."""

    label: str
    other: str
    count: int

    def document(self) -> dict[str, Any]:
        """The pair as a JSON document."""
        return {"label": self.label, "other": self.other, "count": self.count}


@dataclass(frozen=True)
class ConfusionMatrix:
    """Labels, and how many of the neighbours of the one's pictures have the other's label.

    `counts` has a row for each label of queries and a column for each of neighbours. `others` are
    the neighbours of labels without a column, `totals` all neighbours of each row.
    """

    labels: list[str]
    counts: IntArray
    others: IntArray
    totals: IntArray

    def document(self) -> dict[str, Any]:
        """The matrix as a JSON document."""
        return {
            "labels": self.labels,
            "counts": self.counts.tolist(),
            "others": self.others.tolist(),
            "totals": self.totals.tolist(),
        }


class Confusion:
    """The labels of queries and those of their first k neighbours in one model."""

    def __init__(self, neighbours: Neighbours, model: str, k: int = 1) -> None:
        """Count pairs of labels.

        Args:
            neighbours: Of labelled pictures.
            model: The model's name.
            k: How many neighbours of each query count.
        """
        queries, gallery = neighbours.queries, neighbours.gallery
        self.model, self.k = model, k
        names, numbers = np.unique(
            np.concatenate([queries.labels, gallery.labels]), return_inverse=True
        )
        self.labels: list[str] = names.tolist()
        self._query_labels, labels = numbers[: len(queries)], numbers[len(queries) :]
        nearest = neighbours.nearest[model][:, :k]
        self._near_labels = np.where(nearest >= 0, labels[nearest], -1)
        owners, places = np.nonzero(self._near_labels >= 0)
        codes = self._query_labels[owners] * len(names) + self._near_labels[owners, places]
        pairs, self._counts = np.unique(codes, return_counts=True)
        self._rows, self._columns = np.divmod(pairs, len(names))

    def pairs(self, most: int) -> list[ConfusedPair]:
        """Return the pairs of different labels that are confused most, the most frequent first."""
        return [
            ConfusedPair(self.labels[row], self.labels[column], count)
            for row, column, count in self._confused()[:most]
        ]

    def matrix(self, most: int = MOST_LABELS, first: str = "") -> ConfusionMatrix:
        """Return the matrix of the labels that are confused most.

        Args:
            most: The maximal number of labels.
            first: A label that comes first, followed by those that it is confused with.
        """
        chosen = self._most_confused(most, first)
        place = {number: row for row, number in enumerate(chosen)}
        counts = np.zeros((len(chosen), len(chosen)), np.int64)
        totals = np.zeros(len(chosen), np.int64)
        for row, column, count in zip(
            self._rows.tolist(), self._columns.tolist(), self._counts.tolist(), strict=True
        ):
            if row in place:
                totals[place[row]] += count
                if column in place:
                    counts[place[row], place[column]] = count
        names = [self.labels[number] for number in chosen]
        return ConfusionMatrix(names, counts, totals - counts.sum(axis=1), totals)

    def queries(self, label: str, other: str = "") -> IntArray:
        """Return the rows of a label's queries with neighbours of another label.

        Args:
            label: The label of the queries.
            other: The label of the neighbours; "" for all but the query's own.

        Returns:
            Rows of the queries, those with the most such neighbours first.
        """
        own, near = self._number(label), self._near_labels
        is_other = (near != own) & (near >= 0) if not other else near == self._number(other)
        counts = np.where(self._query_labels == own, is_other.sum(axis=1), 0)
        order = np.argsort(-counts, kind="stable")
        rows: IntArray = order[: np.count_nonzero(counts)]
        return rows

    def _confused(self) -> list[tuple[int, int, int]]:
        """Return the numbers of confused labels and how often, the most frequent first."""
        wrong = np.flatnonzero(self._rows != self._columns)
        order = wrong[np.argsort(-self._counts[wrong], kind="stable")]
        columns = (self._rows, self._columns, self._counts)
        return list(zip(*(values[order].tolist() for values in columns), strict=True))

    def _number(self, label: str) -> int:
        return self.labels.index(label) if label in self.labels else len(self.labels)

    def _most_confused(self, most: int, first: str) -> list[int]:
        """Return numbers of labels: those of the most frequent pairs, then the others by name."""
        pairs = [(row, column) for row, column, _ in self._confused()]
        start = self._number(first)
        chosen: dict[int, None] = dict.fromkeys([start] if first in self.labels else [])
        chosen |= dict.fromkeys(end for pair in pairs if start in pair for end in pair)
        for pair in pairs:
            if len(chosen) >= most:
                break
            chosen |= dict.fromkeys(pair)
        chosen |= dict.fromkeys(np.unique(self._query_labels).tolist())
        return list(chosen)[:most]
