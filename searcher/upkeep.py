"""What is done to a library before anything else: see that it is ours and in order."""

from searcher import trash
from searcher.library import Library
from searcher.registration import Registration, register, unregistered, upgrade


def put_in_order(library: Library) -> Registration:
    """Finish what was cut off, bring an earlier version's folder up to date, and register anew.

    Deletes nothing but what has been in the trash for a week. Raises StrangeStores,
    StoreUnavailable, DiskFull and CannotWrite.
    """
    library.identity.require()
    trash.finish(library)
    upgrade(library)
    done = Registration()
    if library.has_leftovers:
        library.has_leftovers = False  # an upload that fails meanwhile sets it again
        try:
            done = register(library, unregistered(library, library.records.ids()))
        except BaseException:
            library.has_leftovers = True
            raise
    trash.expire(library)
    return done
