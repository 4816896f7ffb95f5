"""Make a model of vectors from elsewhere: tie each row to a picture, and write the model's file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from searcher.datasets.vector_rows import REPEATED, Rows, VectorTable, normalise
from searcher.errors import BadVectors, InstallCancelled
from searcher.images.sources import printable
from searcher.library.picture_finder import PictureFinder
from searcher.messages.message import Message, message
from searcher.models.vector_file import write_vector_file
from searcher.types import FloatArray, Int64Array

MAX_SHOWN = 120  # letters of the key of a row

Progress = Callable[[int], None]  # called with the number of rows processed so far


@dataclass
class Skipped:
    """Rows that were skipped for one reason; `row` and `text` are the number and key of the first.

    `reason` is the code of a message; see vector_rows.py.
    """

    reason: str
    row: int
    text: str
    count: int = 0

    @property
    def message(self) -> Message:
        """The reason, with the number of rows and the first."""
        return Message(self.reason, {"n": self.count, "row": self.row, "text": self.text})

    def document(self) -> dict[str, Any]:
        """Return an entry of the `skipped` of a document."""
        return {"reason": str(self.message), "count": self.count, "row": self.row}


@dataclass
class VectorImport:
    """The rows of a table that are vectors of pictures; those skipped are counted by reason.

    Attributes:
        rows: The number of rows that were read.
        vectors: The number of those that are used.
        skipped: The others, by reason.
        dim: The number of dimensions.
    """

    finder: PictureFinder
    rows: int = 0
    vectors: int = 0
    skipped: dict[str, Skipped] = field(default_factory=dict)
    dim: int = 0
    _seen: set[int] = field(default_factory=set)

    def write(
        self,
        path: Path,
        table: VectorTable,
        batches: Iterable[Rows],
        title: str,
        progress: Progress = lambda count: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Write the file of a model.

        Args:
            path: A temporary path.
            table: The vectors.
            batches: Its rows, with their keys.
            title: Of the model.
            progress: Called after each batch.
            stop: Asked before each batch whether to end.

        Raises:
            BadVectors: The table is damaged, or has no vector of a picture of the library.
            InstallCancelled: `stop` returned True.
            OSError: The file can't be written.
        """

        def read() -> Iterator[Rows]:
            for rows in batches:
                if stop():
                    raise InstallCancelled("install.cancelled", name=title)
                yield rows
                progress(self.rows)

        self.dim = table.dim
        entries = {"title": title, "weights": printable(table.name)}
        write_vector_file(path, table.dim, entries, filter(_has_rows, map(self._convert, read())))
        if not self.vectors:
            reasons = sorted(self.skipped.values(), key=lambda entry: -entry.count)
            if not reasons:
                raise BadVectors("vectors.none", name=table.name)
            raise BadVectors("vectors.none_usable", name=table.name, reason=reasons[0].message)

    def messages(self) -> list[Message]:
        """Return what was read, and why rows were skipped."""
        read = message("vectors.read", n=self.vectors, dim=self.dim)
        return [read, *(entry.message for entry in self.skipped.values())]

    def document(self) -> dict[str, Any]:
        """Return the same as a JSON document."""
        skipped = [entry.document() for entry in self.skipped.values()]
        counts = {"dim": self.dim, "rows": self.rows, "vectors": self.vectors}
        return counts | {"skipped": skipped}

    def _convert(self, rows: Rows) -> tuple[Int64Array, FloatArray]:
        """Return the ids and unit vectors of the rows that are used."""
        units, faults = normalise(rows.vectors)
        faults |= rows.faults
        ids, positions = [], []
        for position, key in enumerate(rows.keys or []):
            found = faults.get(position) or self.finder.find(key)
            if isinstance(found, int):
                found = REPEATED if found in self._seen else found
            if isinstance(found, int):
                self._seen.add(found)
                ids.append(found)
                positions.append(position)
            else:
                self._skip(found, rows.first + position, key)
        self.rows += len(rows.vectors)
        self.vectors += len(ids)
        return np.array(ids, np.int64), units[positions]

    def _skip(self, reason: str, row: int, key: str) -> None:
        text = printable(key.strip())[:MAX_SHOWN]
        self.skipped.setdefault(reason, Skipped(reason, row, text)).count += 1


def _has_rows(batch: tuple[Int64Array, FloatArray]) -> bool:
    return len(batch[0]) > 0
