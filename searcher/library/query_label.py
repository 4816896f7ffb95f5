"""The label of a query, by which hits of the same kind can be told."""

import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from searcher.images.pictures import SUFFIXES, identify
from searcher.images.sources import Source, find_sources
from searcher.library.query_service import QueryService
from searcher.library.uploads import LABEL
from searcher.search.query import Query, StoredQuery, UploadedQuery

QUERIES = "queries"  # the folder of examples beside the sample pictures; never indexed
NUMBER = re.compile(r"[_-]?\d+$")  # ends the name of an example: books_03.jpg


def query_label(library: QueryService, query: Query) -> str:
    """Return the label of a query that is a whole picture; "" where it is not known.

    A picture of the library has the label of its record, and so has a file with the same bytes. An
    example beside the sample pictures has its label in its name.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    if not isinstance(query, StoredQuery | UploadedQuery) or query.box is not None:
        return ""
    picture_id = query.picture_id if isinstance(query, StoredQuery) else query.file_id
    (record,) = library.records.get([picture_id])
    if record is not None:
        # Pictures that were uploaded without a folder are of many kinds.
        return "" if record.label == LABEL else record.label
    label = example_labels(library.settings.samples_dir).get(picture_id, "")
    return label if label in library.records.index.labels() else ""


def sample_sources(samples: Path) -> list[Source]:
    """Return the sample pictures, which are in one folder per label; those of examples are not."""
    paths = sorted(samples.iterdir()) if samples.is_dir() else []
    folders = [path for path in paths if path.is_dir() and path.name != QUERIES]
    return [source for folder in folders for source in find_sources([folder])]


def example_files(samples: Path) -> list[Path]:
    """Return the pictures that are offered as examples, in the order of their names."""
    folder = samples / QUERIES
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in paths if path.suffix.lower() in SUFFIXES]


@lru_cache(maxsize=4)
def example_labels(samples: Path) -> dict[int, str]:
    """Return the labels of the examples by their ids. Files that can't be read are left out."""
    labels = {}
    for path in example_files(samples):
        with suppress(OSError):
            labels[identify(path.read_bytes())[0]] = NUMBER.sub("", path.stem)
    return labels
