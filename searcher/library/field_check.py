"""Check that the fields of vectors, by which searches filter, are those of the records."""

import contextlib
import time

from searcher.errors import DamagedCollection
from searcher.indexing.field_updates import PAGE
from searcher.indexing.prefetch import chunks
from searcher.library import filtering
from searcher.library.core import Library
from searcher.library.deep_check import Note
from searcher.messages.message import message
from searcher.models.registry import Model


def check_upgrades(library: Library, repair: bool, note: Note) -> None:
    """Find vectors of earlier versions, and changes that a process has left half done.

    Args:
        library: The library.
        repair: Whether to give the vectors fields, and to finish the changes.
        note: Called with each problem.

    Raises:
        StrangeStores: A repair is not allowed, as the stores belong to another library.
        StoreUnavailable: A store does not answer.
    """
    for model in filtering.without_fields(library):
        if repair:
            filtering.add_fields(library, model)
        finding = message("finding.without_fields", model=model.name)
        note(repair, finding, message("remedy.copied"))
    if repair:
        count = filtering.finish_updates(library)
    else:
        before = time.time() - filtering.IN_PROGRESS_S
        count = library.records.pending_fields.count(before)
    if count:
        note(repair, message("finding.pending_fields", n=count), message("remedy.written"))


def check_fields(library: Library, repair: bool, note: Note) -> None:
    """Compare the fields of all vectors with the records; see `check_upgrades`."""
    for model in library.registry.ready():
        with contextlib.suppress(DamagedCollection):
            if library.vectors.has_fields(model.collection):
                _check(library, model, repair, note)


def _check(library: Library, model: Model, repair: bool, note: Note) -> None:
    wrong = 0
    for ids in chunks(library.records.ids(), PAGE):
        fields = library.records.fields(ids)
        stored = library.vectors.fields(model.collection, ids)
        differing = {i: fields[i] for i in stored if i in fields and stored[i] != fields[i]}
        wrong += len(differing)
        if repair:
            library.vectors.set_fields(model.collection, differing)
    if wrong:
        if repair:
            library.vectors.flush(model.collection)
        finding = message("finding.stale_fields", model=model.name, n=wrong)
        note(repair, finding, message("remedy.written"))
