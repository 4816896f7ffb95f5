"""What is done to a library before anything else: see that it is ours and in order."""

import time

from searcher.errors import EmptyStores
from searcher.export.scratch import sweep
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.registration import Registration, register, unregistered, upgrade

EXPIRY_INTERVAL_S = 3600  # between two looks for what is to go


def put_in_order(library: Library) -> Registration | None:
    """Finish what was cut off, bring what an earlier version wrote up to date, and register anew.

    Returns None where there was no reason to look: nothing was cut off since the last time. Deletes
    nothing but what has been in the trash for a week, and model files that were never finished.
    Raises StrangeStores, StoreUnavailable, DiskFull and CannotWrite.
    """
    repaired = library.recoveries()
    if repaired and repaired[-1].time > library.latest_recovery:
        library.latest_recovery = repaired[-1].time
        library.has_leftovers = True
    try:
        library.identity.require()
    except EmptyStores:
        of_records = [recovery for recovery in repaired if recovery.of_records]
        if not of_records or not of_records[-1].emptied_records:
            raise
        library.identity.claim()  # they are ours: what was in them could not be repaired
    if time.monotonic() > library.next_expiry:
        trash.expire(library)
        sweep(library.settings.models_dir)
        library.next_expiry = time.monotonic() + EXPIRY_INTERVAL_S
    if not library.records.index.is_complete():  # an earlier version wrote records
        library.records.check_index(repair=True)
    if not library.has_leftovers:
        return None
    library.has_leftovers = False  # what fails meanwhile sets it again
    try:
        trash.finish(library)
        upgrade(library)
        registration = register(library, unregistered(library, library.records.ids()))
        if any(recovery.of_records for recovery in repaired):
            library.records.check_index(repair=True)
        return registration
    except BaseException:
        library.has_leftovers = True
        raise
