"""The plan of an evaluation among a call's values, which are untrusted."""

from itertools import islice
from typing import Any

from searcher.datasets.label_sets import read_label_sets
from searcher.datasets.qrels import read_qrels
from searcher.errors import InvalidRequest
from searcher.evaluation.plan import Plan
from searcher.evaluation.query_choice import QueryChoice
from searcher.images.archives import is_archive
from searcher.images.sources import Source, find_sources
from searcher.library.core import Library
from searcher.library.uploads import LABEL, Upload
from searcher.metrics.ground_truth import PROTOCOLS
from searcher.ui.requests.arguments import (
    MAX_FILES,
    MAX_LABEL,
    MAX_NAME,
    read_choice,
    read_number,
    read_text,
)
from searcher.ui.requests.parsing import uploaded_files

MAX_NAMES = 10_000  # of pictures that are queries
MAX_SEED = 2**32 - 1


def read_plan(
    library: Library,
    qrels: Any = None,
    protocol: Any = "",
    queries: Any = None,
    label: Any = "",
    names: Any = None,
    share: Any = 0,
    seed: Any = 0,
    labels: Any = None,
) -> Plan:
    """Return the plan of an evaluation.

    Pictures of the library go by ids and names only: paths would tell visitors what is on the disk.

    Args:
        library: The library.
        qrels: An uploaded file of judgements; nothing for none.
        protocol: A protocol of the Revisited Oxford and Paris sets; "" for none.
        queries: Uploaded pictures and archives that are the queries; nothing for none.
        label: The label of the pictures that are queries; "" for no such condition.
        names: Names of the pictures that are queries; nothing for no such condition.
        share: The share of the pictures that are queries; 0 for no such condition.
        seed: By which that share is drawn.
        labels: An uploaded file of labels, several a picture; nothing for none.

    Raises:
        InvalidRequest: A value is invalid, or a file is not an upload.
        BadImage: A file is too large.
        BadLabels: The labels or judgements can't be read.
        BadSource: An archive can't be opened.
    """
    chosen = read_choice(protocol or "", ("", *PROTOCOLS))
    judged, sets = None, None
    if labels:
        (upload,) = uploaded_files([labels], library.settings.max_upload_mb)
        sets = read_label_sets(upload.path, upload.name)
    if qrels:
        (upload,) = uploaded_files([qrels], library.settings.max_upload_mb)
        judged = read_qrels(upload.path, upload.name, bool(chosen))
    files: tuple[Source, ...] = ()
    if queries:
        uploads = uploaded_files(queries, library.settings.max_upload_mb)
        sources = (source for upload in uploads for source in _sources(upload))
        files = tuple(islice(sources, MAX_FILES + 1))
        if len(files) > MAX_FILES:
            raise InvalidRequest("request.too_many_files", most=MAX_FILES)
    number = round(min(max(read_number(seed or 0), 0), MAX_SEED))
    text, listed = read_text(label, MAX_LABEL), _names(names)
    choice = QueryChoice("", text, listed, float(read_number(share or 0)), number)
    return Plan(sets, judged, chosen, files, choice, has_paths=False)


def _names(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    if not isinstance(value, list):
        raise InvalidRequest("request.list")
    if len(value) > MAX_NAMES:
        raise InvalidRequest("request.list_too_long")
    names = (str(name) if isinstance(name, int) else read_text(name, MAX_NAME) for name in value)
    return tuple(name for name in names if name)


def _sources(upload: Upload) -> list[Source]:
    if is_archive(upload.path):
        return list(find_sources([upload.path]))
    return [Source(str(upload.path), title=upload.name, folder=LABEL)]
