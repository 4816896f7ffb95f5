"""The latest measured quality of each model, in Redis: precision@10 on the library's labels."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from searcher.errors import StrangeStores
from searcher.evaluation.evaluation_results import MAIN_MEASURE
from searcher.library.core import Library
from searcher.models.registry import Model


def remember(library: Library, precisions: Mapping[str, float]) -> None:
    """Store what was measured of models that have all pictures; others compare with no one.

    Args:
        library: The library.
        precisions: The means of precision@10 by the models' names.
    """
    try:
        library.identity.require(vectors=False)
    except StrangeStores:
        return
    state = _state(library)
    for model in complete(library, [library.registry.get(name) for name in precisions]):
        values = {MAIN_MEASURE: repr(precisions[model.name]), "library": state}
        library.records.note(_key(model), values)


def recall(library: Library, models: Iterable[Model]) -> dict[str, float]:
    """Return the precision@10 of the models that were measured on the labels as they are now."""
    state = _state(library)
    notes = ((model.name, library.records.note(_key(model))) for model in models)
    return {name: float(note[MAIN_MEASURE]) for name, note in notes if note.get("library") == state}


def complete(library: Library, models: Sequence[Model]) -> list[Model]:
    """Return the models that have a vector of every picture."""
    count = library.records.count()
    return [model for model in models if library.vectors.count(model.collection) == count]


def _key(model: Model) -> str:
    """Return the name of a model's note; that of a changed file is another one."""
    return f"precision:{model.collection.name}"


def _state(library: Library) -> str:
    """Return a digest of the labels and of how many pictures have each."""
    labels = sorted(library.records.index.labels().items())
    return hashlib.blake2b(json.dumps(labels).encode(), digest_size=16).hexdigest()
