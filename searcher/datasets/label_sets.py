"""Several labels a picture, from one file."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from searcher.datasets.coco import read_categories
from searcher.datasets.csv_labels import read_several
from searcher.datasets.picture_names import AMBIGUOUS, PictureNames, resolve
from searcher.errors import BadLabels
from searcher.images.sources import MAX_NAME, printable
from searcher.messages.system import os_reason

READERS: dict[str, Callable[[Path, str], dict[str, tuple[str, ...]]]] = {
    ".json": read_categories,
    ".csv": read_several,
    ".tsv": read_several,
}


@dataclass(frozen=True)
class LabelSets:
    """The labels of one file: its name, and labels by what it calls a picture."""

    name: str
    labels: Mapping[str, tuple[str, ...]]

    def of(self, pictures: Sequence[PictureNames]) -> dict[int, tuple[str, ...]]:
        """Return the labels of pictures by their number, of those that the file names."""
        rows = resolve(self.labels.keys(), pictures)
        return {row: self.labels[name] for name, row in rows.items() if row != AMBIGUOUS}


def read_label_sets(path: Path, name: str = "") -> LabelSets:
    """Read COCO's .json, or a .csv or .tsv of paths and labels.

    Args:
        path: The file.
        name: The file's name, for an upload.

    Raises:
        BadLabels: It can't be read, or is malformed.
    """
    title = printable(name or path.name)
    read = READERS.get(os.path.splitext(title)[1].lower(), read_several)
    try:
        labels = read(path, title)
    except OSError as error:
        raise BadLabels("file.unreadable", name=title, reason=os_reason(error)) from error
    clean = {key: tuple(printable(t)[:MAX_NAME] for t in texts) for key, texts in labels.items()}
    return LabelSets(title, clean)
