"""Labels of pictures from a file: which label belongs to which source."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from searcher.datasets.coco import read_coco
from searcher.datasets.csv_labels import read_csv
from searcher.datasets.picture_names import normalised_path
from searcher.errors import BadLabels
from searcher.images.archives import is_archive
from searcher.images.sources import MAX_NAME, Source, printable
from searcher.messages.system import os_reason

READERS: dict[str, Callable[[Path, str], dict[str, str]]] = {
    ".json": read_coco,
    ".csv": read_csv,
    ".tsv": read_csv,
}


@dataclass(frozen=True)
class LabelTable:
    """The labels of one file.

    Attributes:
        name: The file's name.
        folder: Its absolute folder, "" for an upload.
        labels: Labels by normalised path, relative to `folder` or to what is indexed.
    """

    name: str
    folder: str
    labels: Mapping[str, str]

    def relative(self, path: str) -> list[str]:
        """Return an absolute path relative to the folder; [] for an upload."""
        return [os.path.relpath(path, self.folder)] if self.folder else []

    def find(self, paths: Iterable[str]) -> str | None:
        """Return the label of the first of `paths` that has one, else None."""
        labels = (self.labels.get(normalised_path(path)) for path in paths)
        return next((label for label in labels if label is not None), None)


def is_label_file(name: str) -> bool:
    """Whether a name is that of a file of labels."""
    return os.path.splitext(name)[1].lower() in READERS


def read_table(
    path: Path, read: Callable[[Path, str], dict[str, str]] | None = None, name: str = ""
) -> LabelTable:
    """Read a file of labels.

    Args:
        path: The file.
        read: The reader; by the suffix if it is None.
        name: The file's name, for an upload.

    Raises:
        BadLabels: The file can't be read or is malformed.
    """
    title = printable(name or path.name)
    read = read or READERS[os.path.splitext(title)[1].lower()]
    try:
        labels = read(path, title)
    except OSError as error:
        raise BadLabels("file.unreadable", name=title, reason=os_reason(error)) from error
    texts = {normalised_path(key): printable(label)[:MAX_NAME] for key, label in labels.items()}
    folder = "" if name else os.path.dirname(os.path.abspath(path))
    return LabelTable(title, folder, texts)


class Labelling:
    """Gives sources the labels of tables, and notes which tables had one. For one thread."""

    def __init__(self, tables: Iterable[LabelTable]) -> None:
        """Use some tables, of which a later one has precedence."""
        self._tables = list(tables)
        self._unused = dict.fromkeys(table.name for table in self._tables)
        self.count = 0  # sources that got a label

    def label(self, source: Source, spellings: Iterable[str]) -> Source:
        """Return a source with its label, or as it is where no table has one.

        Args:
            source: The source.
            spellings: How a table may spell the source's path, by preference; each table may also
                spell it relative to its own folder.
        """
        paths = list(spellings) if self._tables else []
        labelled = source
        for table in self._tables:
            label = table.find([*table.relative(source.path), *paths])
            if label is not None:
                self._unused.pop(table.name, None)
                labelled = replace(source, folder=label, is_labelled=True)
        self.count += labelled is not source
        return labelled

    def label_files(self, sources: Iterable[Source], roots: Iterable[Path]) -> Iterator[Source]:
        """Yield sources with their labels.

        Paths in a table are absolute, relative to the table's folder, or relative to a root.

        Args:
            sources: The sources.
            roots: The files, folders and archives that were searched for the sources.
        """
        paths = [os.path.abspath(root) for root in roots]
        folders = [os.path.dirname(p) if _is_single_file(p) else p for p in paths]
        for source in sources:
            relative = (os.path.relpath(source.path, folder) for folder in folders)
            yield self.label(source, (source.path, *relative))

    def require_matches(self) -> None:
        """Check that each table had a label for a source.

        Raises:
            BadLabels: One had none.
        """
        for name in self._unused:
            raise BadLabels("labels.no_match", name=name)


def _is_single_file(path: str) -> bool:
    return os.path.isfile(path) and not is_archive(Path(path))
