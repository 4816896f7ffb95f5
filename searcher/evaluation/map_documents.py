"""Maps as documents: for programs one map, for the page those that are shown together."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.evaluation.maps import Map
from searcher.library.core import Library
from searcher.metrics.nearest_neighbours import overlap
from searcher.stores.records import Record

DIGITS = 4  # decimals of positions from 0 to 1
UNIT = 65_535  # of positions on the page: whole numbers take a third of the letters
COMPARED = 10  # nearest neighbours of a picture in two models, for their agreement
PART = 5000  # records that are read at a time
ABSENT = -1  # in place of a picture that is not on a map


def document(view: Map) -> dict[str, Any]:
    """Return the `--json` document of `map`."""
    explained = view.projection.explained
    return {
        "model": view.model,
        "title": view.title,
        "method": view.method,
        "progress": None if view.progress is None else round(view.progress, 3),
        "stopped": view.is_stopped,
        "explained": None if explained is None else round(explained, 4),
        "vectors": view.total,
        "ids": view.ids.tolist(),
        "positions": view.projection.points.astype(float).round(DIGITS).tolist(),
    }


def page_document(library: Library, maps: Sequence[Map]) -> bytes:
    """Return the JSON of one or two maps of the same pictures, as the page draws them.

    It has, by picture: "ids", "names", "label", an index of "labels", which are those of the most
    pictures first, and "agreement", the number of COMPARED nearest neighbours that both models
    share. For each map it has "x" and "y", 0 to UNIT, and "right", 1 where the nearest neighbour
    has the same label. What is unknown is ABSENT, or null for all pictures.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    ids = list(dict.fromkeys(int(i) for view in maps for i in view.ids))
    records = list(_records(library, ids))
    counts = Counter(record.label for record in records)
    labels = sorted(counts, key=lambda label: (-counts[label], label))
    index = {label: number for number, label in enumerate(labels)}
    label = np.array([index[record.label] for record in records], dtype=np.int64)
    rows = {record.id: row for row, record in enumerate(records)}
    # By map, the row of each of its pictures among the records.
    places = [np.array([rows.get(int(i), ABSENT) for i in view.ids], dtype=int) for view in maps]
    fitted = list(zip(maps, places, strict=True))
    data = {
        "ids": [str(record.id) for record in records],  # too long for numbers of JavaScript
        "names": [record.name for record in records],
        "labels": labels,
        "label": label.tolist(),
        "maps": [
            {
                "x": _spread(view.projection.points[:, 0] * UNIT, place, len(records)),
                "y": _spread(view.projection.points[:, 1] * UNIT, place, len(records)),
                "right": _right(view, place, label),
            }
            for view, place in fitted
        ],
        "agreement": _agreement(maps, places, len(records)) if len(maps) == 2 else None,
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _records(library: Library, ids: Sequence[int]) -> Iterator[Record]:
    for start in range(0, len(ids), PART):
        for record in library.records.get(ids[start : start + PART]):
            if record is not None:
                yield record


def _spread(values: npt.NDArray[Any], place: npt.NDArray[Any], count: int) -> list[int]:
    """Return a map's values in the order of the records, ABSENT for pictures that it lacks."""
    spread = np.full(count, ABSENT, dtype=np.int64)
    spread[place[place >= 0]] = np.rint(values[place >= 0]).astype(np.int64)
    return spread.tolist()


def _right(view: Map, place: npt.NDArray[Any], label: npt.NDArray[Any]) -> list[int] | None:
    if view.rows is None:
        return None
    nearest = place[view.rows[:, 0]]
    is_right = np.where(label[place] == label[nearest], 1, 0)
    return _spread(np.where(nearest >= 0, is_right, ABSENT), place, len(label))


def _agreement(
    maps: Sequence[Map], places: Sequence[npt.NDArray[Any]], count: int
) -> list[int] | None:
    """Return how many of the COMPARED nearest neighbours are the same in both models."""
    near = []
    for view, place in zip(maps, places, strict=True):
        if view.rows is None:
            return None
        listed = np.full((count, COMPARED), ABSENT, dtype=np.int64)
        listed[place[place >= 0]] = view.ids[view.rows[place >= 0, :COMPARED]]
        near.append(listed)
    shares = overlap(near[0], near[1])
    is_on_both = (near[0][:, 0] != ABSENT) & (near[1][:, 0] != ABSENT)
    agreement: list[float] = np.where(is_on_both, np.rint(shares * COMPARED), ABSENT).tolist()
    return [int(number) for number in agreement]
