"""Documents about models, pictures and labels that the command line and the API share."""

import contextlib
from dataclasses import asdict
from typing import Any

from searcher.errors import DamagedCollection
from searcher.library.core import Library
from searcher.library.facets import find_facets
from searcher.library.job_documents import running
from searcher.library.shard_runs import shard_runs
from searcher.models.registry import Model
from searcher.stores.records import Record


def models(library: Library) -> list[dict[str, Any]]:
    """Return the document of `models`: each model's state, dimensions, size, speed and coverage.

    `mb` are megabytes, `ms` milliseconds for one picture, and `device` says where the model runs.
    They are None where the model is not ready, the latter two also before they were measured.
    `download_mb` are the megabytes that installing a network downloads, and None for a file.
    `words` says whether a model understands words, and the `reason` of a ready model why its text
    file is not used. `embeds` is false for a model of vectors from elsewhere, which has no network.
    `vectors` names the form in which a ready model's are stored, such as float32.

    Raises:
        StoreUnavailable: A store does not answer.
    """
    coverage = library.coverage()
    models = library.models()
    speeds = {m.name: library.speeds.get(m) for m in models if m.ready}
    return [
        {
            "name": m.name,
            "title": m.display,
            "state": m.state,
            "reason": str(m.reason or m.words_reason or ""),
            "dim": m.dim if m.ready else None,
            "mb": round(m.megabytes, 3) if m.ready else None,
            "ms": speed.ms if (speed := speeds.get(m.name)) else None,
            "device": speed.device if speed else None,
            "download_mb": m.download or None,
            "weights": m.weights,
            "licence": m.licence,
            "coverage": coverage.get(m.name, 0),
            "words": m.words,
            "embeds": m.embeds,
            "vectors": _form(library, m) if m.ready else None,
        }
        for m in models
    ]


def _form(library: Library, model: Model) -> str | None:
    with contextlib.suppress(DamagedCollection):
        return library.vectors.form(model.collection).variant.name
    return None


def picture(library: Library, record: Record) -> dict[str, Any]:
    """Return the document of one picture: its record without the path, and the models' names.

    Raises:
        StoreUnavailable: Milvus does not answer.
    """
    indexed = [
        model.name
        for model in library.registry.ready()
        if library.vectors.present(model.collection, [record.id])
    ]
    return asdict(record) | {"path": None, "models": indexed}


def listing(
    library: Library,
    words: str,
    page: int,
    oldest: bool = False,
    sources: dict[str, int] | None = None,
) -> dict[str, Any]:
    """Return the document of `pictures`: a page of the library, and its facets.

    `total` is the number of pictures that meet the filter, None where it is not known without
    looking at all of them; `more` says whether there is another page.

    Args:
        library: The library.
        words: The filter; see `picture_filter.read_words`.
        page: The number of the page, from 0.
        oldest: Whether the oldest pictures come first.
        sources: The number of pictures by source where it is known; None counts them.

    Raises:
        StoreUnavailable: A store does not answer.
    """
    records, more = library.browse(words, page, oldest)
    count = library.records.count()
    if sources is None:
        sources = dict(library.records.sources().most_common())
    facets = find_facets(library, count, library.coverage(), sources)
    fields = ("id", "name", "label", "width", "height", "bytes", "added")
    return {
        "pictures": [{name: getattr(record, name) for name in fields} for record in records],
        "total": facets.total(words, count),
        "more": more,
        "facets": facets.document(),
    }


def status(library: Library) -> dict[str, Any]:
    """Return the document of `status`: pictures, labels, coverage, all jobs, and shards."""
    return {
        "pictures": library.records.count(),
        "labels": labels(library),
        "coverage": library.coverage(),
        "jobs": [job.document() for job in running(library.job_store)],
        "shards": shards(library),
    }


def shards(library: Library) -> list[dict[str, Any]]:
    """Return the documents of the runs of `index --shard` in the last day, the latest first."""
    return [run.document() for run in shard_runs(library.shards)]


def labels(library: Library) -> dict[str, int]:
    """Return the number of pictures of each label, the most frequent first."""
    return library.records.index.labels()
