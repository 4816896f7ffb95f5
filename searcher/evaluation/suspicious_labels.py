"""Pictures whose neighbours in every model agree on another label than the picture's."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from searcher.evaluation.neighbours import Neighbours
from searcher.metrics.retrieval import nearest_label

VOTERS = 5  # neighbours; more than half of them have to agree in each model


@dataclass(frozen=True)
class SuspiciousLabel:
    """A picture, its label, the label of its neighbours, and the share of those that have it.

    `row` is its row in the queries.
    """

    row: int
    id: int
    name: str
    label: str
    proposed: str
    share: float

    def document(self) -> dict[str, Any]:
        """The picture as a JSON document."""
        return {
            "id": self.id,
            "name": self.name,
            "label": self.label,
            "proposed": self.proposed,
            "share": round(self.share, 4),
        }


def suspicious_labels(neighbours: Neighbours) -> list[SuspiciousLabel]:
    """Find labels that every model speaks against, with the same proposal.

    In each model more than half of the VOTERS nearest pictures have the proposed label. Queries
    that are not in the library are left out.

    Returns:
        The pictures, those on which most neighbours agree first.
    """
    queries, gallery = neighbours.queries, neighbours.gallery
    names, numbers = np.unique(
        np.concatenate([queries.labels, gallery.labels]), return_inverse=True
    )
    own, labels = numbers[: len(queries)], numbers[len(queries) :]
    proposed = np.full(len(queries), -1)
    is_agreed = np.ones(len(queries), np.bool_)
    shares = np.zeros(len(queries))
    for number, nearest in enumerate(neighbours.nearest.values()):
        winners = nearest_label(nearest, labels, VOTERS)
        kept = nearest[:, :VOTERS]
        votes = ((labels[kept] == winners[:, None]) & (kept >= 0)).sum(axis=1)
        if not number:
            proposed = winners
        is_agreed &= (winners == proposed) & (2 * votes > VOTERS)
        shares += votes / VOTERS / len(neighbours.nearest)
    rows = np.flatnonzero(is_agreed & (proposed >= 0) & (proposed != own))
    rows = rows[np.argsort(-shares[rows], kind="stable")]
    return [
        SuspiciousLabel(
            row,
            int(queries.ids[row]),
            queries.names[row],
            str(queries.labels[row]),
            str(names[proposed[row]]),
            float(shares[row]),
        )
        for row in rows.tolist()
        if neighbours.is_stored(row)
    ]
