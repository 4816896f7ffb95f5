"""The label of a query, by which hits of the same kind can be told."""

import re
from functools import lru_cache
from pathlib import Path

from searcher.images.pictures import SUFFIXES, identify
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


@lru_cache(maxsize=4)
def example_labels(samples: Path) -> dict[int, str]:
    """Return the labels of the examples by their ids. Files that can't be read are left out."""
    labels = {}
    folder = samples / QUERIES
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        try:
            if path.suffix.lower() in SUFFIXES:
                labels[identify(path.read_bytes())[0]] = NUMBER.sub("", path.stem)
        except OSError:
            continue
    return labels
