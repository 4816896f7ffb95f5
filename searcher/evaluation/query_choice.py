"""Which pictures of the library are queries, while the others are the gallery."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from searcher.datasets.picture_names import AMBIGUOUS, PictureNames, resolve
from searcher.errors import BadLabels, InvalidRequest
from searcher.images.present_paths import present_path
from searcher.images.sources import printable
from searcher.messages.message import message
from searcher.messages.problems import Problems
from searcher.messages.system import os_reason
from searcher.stores.records import Record
from searcher.text_encoding import read_text

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class QueryChoice:
    """The queries: those that meet the one condition that is given.

    Attributes:
        folder: Pictures whose file is in this folder or below; "" for no such condition.
        label: Pictures with this label; "" for no such condition.
        names: Pictures with these names; see `picture_names.resolve`.
        share: A share of all pictures, above 0 and below 1; 0 for no such condition.
        seed: By which that share is drawn.
    """

    folder: str = ""
    label: str = ""
    names: tuple[str, ...] = ()
    share: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.share) and 0 <= self.share < 1):
            raise InvalidRequest("truth.share")
        if sum(map(bool, (self.folder, self.label, self.names, self.share))) > 1:
            raise InvalidRequest("truth.one_choice")

    @property
    def is_given(self) -> bool:
        """Whether queries and gallery are apart."""
        return bool(self.folder or self.label or self.names or self.share)

    def rows(
        self, records: Sequence[Record], names: Sequence[PictureNames], problems: Problems
    ) -> IntArray:
        """Return the rows of the queries, ascending.

        Args:
            records: The pictures.
            names: How they may be called.
            problems: Gets the names of none of them.

        Raises:
            InvalidRequest: There are no such pictures, or no others.
        """
        rows = np.array(sorted(self._rows(records, names, problems)), np.int64)
        if not len(rows):
            raise InvalidRequest("truth.no_queries")
        if len(rows) == len(records):
            raise InvalidRequest("truth.no_gallery")
        return rows

    def _rows(
        self, records: Sequence[Record], names: Sequence[PictureNames], problems: Problems
    ) -> set[int]:
        if self.share:
            # By id, so that the choice does not depend on the order in which pictures were added.
            by_id = sorted(range(len(records)), key=lambda row: records[row].id)
            count = max(1, round(self.share * len(records)))
            drawn = np.random.default_rng(self.seed).permutation(len(records))[:count]
            return {by_id[row] for row in drawn}
        if self.label:
            label = printable(self.label)
            return {row for row, record in enumerate(records) if record.label == label}
        if self.folder:
            folder = present_path(self.folder)
            roots = {f(folder) for f in (os.path.abspath, os.path.realpath)}
            return {
                row
                for row, record in enumerate(records)
                if any(Path(p).is_relative_to(root) for p in record.paths for root in roots)
            }
        found = resolve(set(self.names), names)
        for name in self.names:
            if found.get(name, AMBIGUOUS) == AMBIGUOUS:
                shown = printable(name)
                unknown = message("truth.unknown_name", n=1, text=shown)
                ambiguous = message("truth.ambiguous_name", n=1, text=shown)
                problems.add(ambiguous if name in found else unknown)
        return {row for row in found.values() if row != AMBIGUOUS}


def read_list(path: Path, name: str = "") -> tuple[str, ...]:
    """Return the lines of a file, which name pictures.

    Args:
        path: The file, in UTF-8; empty lines are left out.
        name: The file's name, for an upload.

    Raises:
        BadLabels: It can't be read, or names nothing.
    """
    title = printable(name or path.name)
    try:
        lines = read_text(path).splitlines()
    except OSError as error:
        raise BadLabels("file.unreadable", name=title, reason=os_reason(error)) from error
    except UnicodeDecodeError as error:
        raise BadLabels("labels.not_text", name=title) from error
    names = tuple(line.strip() for line in lines if line.strip())
    if not names:
        raise BadLabels("truth.empty_list", name=title)
    return names
