"""Other labels for pictures of the library."""

from collections.abc import Mapping
from dataclasses import replace

from searcher.indexing.field_updates import FieldUpdates
from searcher.indexing.prefetch import chunks
from searcher.library.core import Library
from searcher.library.trash import changing

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
    with changing(library):
        for part in chunks(sorted(labels), PART):
            records = [record for record in library.records.get(part) if record is not None]
            changed = [record for record in records if record.label != labels[record.id]]
            library.records.put(replace(record, label=labels[record.id]) for record in changed)
            old |= {record.id: record.label for record in changed}
            fields.update([record.id for record in changed])
        fields.flush()
    return old
