"""Labels that are probably wrong, as the page lists them for correction."""

from collections.abc import Sequence
from dataclasses import dataclass

from searcher.evaluation.measurements import Measurement
from searcher.library.core import Library
from searcher.stores.records import Record
from searcher.ui.components.evaluation_state import COPIES, SUSPICIOUS, ViewState

PAGE = 24  # pictures


@dataclass(frozen=True)
class Correction:
    """A picture and the label that it may get instead.

    Attributes:
        record: The picture, with the label that it has now.
        label: The label that it had when it was measured.
        proposed: The other label.
        share: The share of its neighbours that have the other label; None for near-copies.
    """

    record: Record
    label: str
    proposed: str
    share: float | None = None

    @property
    def is_corrected(self) -> bool:
        """Whether it has the other label by now."""
        return self.record.label == self.proposed


@dataclass(frozen=True)
class Corrections:
    """Some pictures, in groups of one or of two near-copies, and how many groups there are."""

    groups: list[list[Correction]]
    count: int


def corrections(library: Library, measurement: Measurement, state: ViewState) -> Corrections | None:
    """Return what a view lists for correction, None for other views.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    evaluation = measurement.evaluation
    if state.look == SUSPICIOUS:
        found = measurement.suspicious
        listed = found[: state.pages * PAGE]
        records = _records(library, [picture.id for picture in listed])
        groups = [
            [Correction(records[p.id], p.label, p.proposed, p.share)]
            for p in listed
            if p.id in records
        ]
        return Corrections(groups, len(found))
    if state.look == COPIES and evaluation:
        pairs = evaluation.near_copies[: state.pages * PAGE]
        records = _records(library, [picture_id for pair in pairs for picture_id in pair.ids])
        groups = [
            [
                Correction(records[picture_id], label, other)
                for picture_id, label, other in zip(
                    pair.ids, pair.labels, reversed(pair.labels), strict=True
                )
            ]
            for pair in pairs
            if all(picture_id in records for picture_id in pair.ids)
        ]
        return Corrections(groups, len(evaluation.near_copies))
    return None


def _records(library: Library, ids: Sequence[int]) -> dict[int, Record]:
    """Return the records of pictures that are still in the library."""
    return {record.id: record for record in library.records.get(ids) if record is not None}
