"""Maintenance of a library before it is used: check the stores, finish interrupted work."""

import time

from searcher.errors import EmptyStores
from searcher.export.scratch import sweep
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.registration import Registration, register, unregistered, upgrade

EXPIRY_INTERVAL_S = 3600  # seconds between two deletions of old files


def put_in_order(library: Library) -> Registration | None:
    """Finish interrupted work, upgrade data of earlier versions, and register pictures again.

    Deletes nothing but expired batches of the trash, and unfinished model files.

    Returns:
        The pictures that were registered; None where no work was interrupted since the last call.

    Raises:
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    recoveries = library.recoveries()
    if recoveries and recoveries[-1].time > library.latest_recovery:
        library.latest_recovery = recoveries[-1].time
        library.has_leftovers = True
    try:
        library.identity.require()
    except EmptyStores:
        of_records = [recovery for recovery in recoveries if recovery.of_records]
        if not of_records or not of_records[-1].emptied_records:
            raise
        library.identity.claim()  # the records were in damaged files that could not be repaired
    if time.monotonic() > library.next_expiry:
        trash.expire(library)
        sweep(library.settings.models_dir)
        library.proposals.expire()
        library.next_expiry = time.monotonic() + EXPIRY_INTERVAL_S
    if not library.records.index.is_complete():  # an earlier version has written records
        library.records.check_index(repair=True)
    library.records.complete_paths()
    if not library.has_leftovers:
        return None
    library.has_leftovers = False  # first, as other threads may set it meanwhile
    try:
        trash.finish(library)
        upgrade(library)
        registration = register(library, unregistered(library, library.records.ids()))
        if any(recovery.of_records for recovery in recoveries):
            library.records.check_index(repair=True)
            library.records.check_paths(repair=True)
        return registration
    except BaseException:
        library.has_leftovers = True
        raise
