"""Pictures and labels of a data set of the Hub."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from searcher.datasets.columns import Columns, find_columns
from searcher.datasets.dataset_address import DatasetReference, Selection
from searcher.datasets.parquet_rows import count_rows, read_rows, read_schema
from searcher.datasets.repository import Bytes, Repository, Stop
from searcher.datasets.splits import choose_files
from searcher.errors import DownloadStopped
from searcher.images.sources import Source

WHOLE = Selection()


class HubDataset:
    """One split of a data set. Its files are downloaded when they are needed, one by one.

    Attributes:
        name: OWNER/NAME.
        commit: The hash of the commit that is read.
        split: The split that is read.
        files: The paths of the split's files in the repository.
        columns: The columns that are read.
    """

    def __init__(
        self,
        reference: DatasetReference,
        selection: Selection = WHOLE,
        progress: Bytes = lambda done, total: None,
        stop: Stop = lambda: False,
        admit: Callable[[int], None] = lambda size: None,
        anonymous: bool = False,
    ) -> None:
        """Look up a data set.

        Args:
            reference: The data set.
            selection: What to take of it.
            progress: Called while a file is downloaded.
            stop: Asked meanwhile whether to stop.
            admit: Called with the bytes of a file before it is downloaded; may raise.
            anonymous: Whether not to use the token of this machine's user.

        Raises:
            BadDataset: It can't be reached, or has no such split.
        """
        self._repository = Repository(reference, anonymous)
        self._selection = selection
        self._progress, self._stop, self._admit = progress, stop, admit
        self._paths: dict[str, Path] = {}  # of downloaded files
        self.name, self.commit = self._repository.name, self._repository.commit
        self._title = reference.name
        files = choose_files(self._repository.files, self.name, reference.config, selection.split)
        self.split = files[0].split
        self.files = [file.path for file in files]

    @cached_property
    def columns(self) -> Columns:
        """The columns that are read, which the first file has.

        Raises:
            DownloadStopped: `stop` returned true.
            BadDataset: The file can't be downloaded or read, or lacks a column.
        """
        schema = read_schema(self._download(self.files[0]), self.files[0])
        return find_columns(schema, self.name, self._selection.label)

    @property
    def total(self) -> int | None:
        """The most rows that are read, None if not known; raises what `columns` does."""
        limit = self._selection.limit or None
        if len(self.files) > 1:
            return limit
        rows = count_rows(self._download(self.files[0]))
        return min(rows, limit) if limit else rows

    def sources(self) -> Iterator[Source]:
        """Yield the pictures, with their labels; the name of the data set where there is none.

        Ends early if `stop` returns true during a download.

        Raises:
            BadDataset: A file can't be downloaded.
        """
        number = 0
        title = f"{self._title}-{self.split}"
        for file in self.files:
            try:
                path = self._download(file)
            except DownloadStopped:
                return
            for source in read_rows(path, self.columns, file, title, number):
                yield replace(source, folder=source.folder or self._title)
                number += 1
                if number == self._selection.limit:
                    return

    def document(self) -> dict[str, object]:
        """Return the part of `index --json` that says what was taken."""
        return {
            "dataset": self.name,
            "commit": self.commit,
            "split": self.split,
            "picture_column": self.columns.picture,
            "label_column": self.columns.label or None,
        }

    def _download(self, file: str) -> Path:
        if file not in self._paths:
            self._admit(self._repository.sizes[file])
            self._paths[file] = self._repository.download(file, self._progress, self._stop)
        return self._paths[file]
