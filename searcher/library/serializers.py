"""Documents about models, pictures and labels that the command line and the API share."""

from dataclasses import asdict
from typing import Any

from searcher.library.core import Library
from searcher.stores.records import Record


def models(library: Library) -> list[dict[str, Any]]:
    """The document of `models`: every model with state, dimensions, size, speed and coverage.

    `mb` in megabytes, `ms` for one picture; both are None where the model is not ready, and `ms`
    where it was not measured yet. Raises StoreUnavailable.
    """
    coverage = library.coverage()
    return [
        {
            "name": m.name,
            "title": m.display,
            "state": m.state,
            "reason": str(m.reason or ""),
            "dim": m.dim if m.ready else None,
            "mb": round(m.megabytes, 3) if m.ready else None,
            "ms": library.speeds.get(m) if m.ready else None,
            "weights": m.weights,
            "coverage": coverage.get(m.name, 0),
        }
        for m in library.models()
    ]


def picture(library: Library, record: Record) -> dict[str, Any]:
    """What is known of one picture, and which models have a vector of it; not where it lies."""
    indexed = [
        model.name
        for model in library.registry.ready()
        if library.vectors.present(model.collection, [record.id])
    ]
    return asdict(record) | {"path": None, "models": indexed}


def labels(library: Library) -> dict[str, int]:
    """How many pictures each label has, the most frequent first."""
    return library.records.index.labels()
