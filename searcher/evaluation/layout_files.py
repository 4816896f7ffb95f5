"""Layouts of maps, which take up to minutes to make, in files under the data folder."""

import hashlib
import io
import zipfile
from collections.abc import Collection as Names
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from searcher.files import disk_errors, write_whole
from searcher.metrics.nearest_neighbours import Rows
from searcher.metrics.projection import NEIGHBOURS
from searcher.types import FloatArray

SUFFIX = ".npz"


@dataclass(frozen=True)
class Layout:
    """What is made in the background for a map of N pictures.

    `points` are positions by t-SNE, float32 [N, 2]; `rows` the nearest neighbours of each picture,
    int32 [N, NEIGHBOURS].
    """

    points: FloatArray
    rows: Rows


def state_of(ids: npt.NDArray[np.int64]) -> str:
    """Return a digest of the pictures on a map; in a collection, a picture has one vector."""
    return hashlib.blake2b(ids.tobytes(), digest_size=16).hexdigest()


def load(folder: Path, collection: str, state: str) -> Layout | None:
    """Return the stored layout of a collection's state; None if there is none, or a damaged one."""
    try:
        with np.load(folder / f"{collection}{SUFFIX}", allow_pickle=False) as stored:
            layout = Layout(stored["points"], stored["rows"])
            is_current = str(stored["state"]) == state
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    count = len(layout.points)
    is_whole = layout.points.shape == (count, 2) and layout.rows.shape == (count, NEIGHBOURS)
    return layout if is_current and is_whole else None


def save(folder: Path, collection: str, state: str, layout: Layout, current: Names[str]) -> None:
    """Store a layout, and delete those of collections that are not `current` any more.

    Raises:
        DiskFull, CannotWrite: A file can't be written or deleted.
    """
    data = io.BytesIO()
    np.savez_compressed(data, points=layout.points, rows=layout.rows, state=np.array(state))
    write_whole(folder / f"{collection}{SUFFIX}", data.getvalue())
    with disk_errors():
        for path in folder.glob(f"*{SUFFIX}"):
            if path.stem not in current:
                path.unlink(missing_ok=True)
