"""Near-copies under different labels, which count as wrong hits for every model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from searcher.evaluation.task import PictureTable, Task
from searcher.metrics.relevant_ranks import RowArray
from searcher.search.duplicates import MAX_BITS


@dataclass(frozen=True)
class NearCopy:
    """Two pictures that look the same and have different labels: ids, names and labels."""

    ids: tuple[int, int]
    names: tuple[str, str]
    labels: tuple[str, str]

    @property
    def places(self) -> tuple[str, str]:
        """Labels and names: cats/a.jpg and dogs/b.jpg."""
        first, second = (
            f"{label}/{name}" for label, name in zip(self.labels, self.names, strict=True)
        )
        return first, second

    def document(self) -> dict[str, Any]:
        """The pair as a JSON document."""
        return {"ids": list(self.ids), "names": list(self.names), "labels": list(self.labels)}


def near_copies(task: Task, nearest: Sequence[RowArray]) -> list[NearCopy]:
    """Find near-copies under different labels.

    A pair looks the same if its difference hashes do, as in results of searches, and if at least
    half of the models have it among their nearest pictures: plain pictures of different colours
    have equal hashes. Only pictures near a query can change a measure, so no others are compared.

    Args:
        task: The queries and the gallery.
        nearest: For each model the nearest rows of the gallery to each query [Q, depth].
    """
    gallery = task.gallery
    votes: dict[tuple[int, int], int] = {}
    for rows in nearest:
        for pair in _alike(task, rows):
            votes[pair] = votes.get(pair, 0) + 1
    return [
        _near_copy(gallery, a, b) for (a, b), n in sorted(votes.items()) if 2 * n >= len(nearest)
    ]


def _alike(task: Task, nearest: RowArray) -> set[tuple[int, int]]:
    """Return the pairs of one model as rows of the gallery, the smaller first."""
    queries, gallery = task.queries, task.gallery
    _, numbers = np.unique(np.concatenate([queries.labels, gallery.labels]), return_inverse=True)
    query_labels, labels = numbers[: len(queries)], numbers[len(queries) :]
    is_other = (nearest >= 0) & (labels[nearest] != query_labels[:, None])
    owners, positions = np.nonzero(is_other)
    rows = nearest[owners, positions]
    a, b = queries.hashes[owners], gallery.hashes[rows]
    bits = np.bitwise_count(a ^ b).sum(axis=1)
    same = (bits <= MAX_BITS) & a.any(axis=1) & b.any(axis=1)
    places = task.places[owners[same]]
    pairs = np.stack([places, rows[same]], axis=1)[places >= 0]
    return {(int(low), int(high)) for low, high in np.sort(pairs, axis=1)}


def _near_copy(gallery: PictureTable, a: int, b: int) -> NearCopy:
    return NearCopy(
        (int(gallery.ids[a]), int(gallery.ids[b])),
        (gallery.names[a], gallery.names[b]),
        (str(gallery.labels[a]), str(gallery.labels[b])),
    )
