"""Other labels for pictures of the library."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from searcher.indexing.field_updates import FieldUpdates
from searcher.indexing.prefetch import chunks
from searcher.library.core import Library
from searcher.library.trash import changing
from searcher.stores.records import Record

PART = 500  # pictures that are changed at a time


def set_labels(library: Library, labels: Mapping[int, str]) -> dict[int, str]:
    """Give pictures other labels; ids that are not in the library are ignored.

    Args:
        library: The library.
        labels: The new labels by picture id.

    Returns:
        The old labels of the pictures that were changed, by id, with which a second call undoes
        the first.

    Raises:
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    library.identity.require()
    old: dict[int, str] = {}
    collections = [model.collection for model in library.registry.ready()]
    fields = FieldUpdates(library.records, library.vectors, collections)

    def change(records: Mapping[int, Record]) -> Iterable[Record]:
        return [replace(record, label=labels[i]) for i, record in records.items()]

    with changing(library):
        for part in chunks(sorted(labels), PART):
            changes = library.records.update(part, change)
            old |= {former.id: former.label for former, _ in changes}
            fields.update([former.id for former, _ in changes])
        fields.flush()
    return old
