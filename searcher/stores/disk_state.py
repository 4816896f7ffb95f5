"""Detect whether a store failed because its disk is full or read-only.

The only code that searches error texts of Redis and Milvus, since neither has a code for this:
Redis answers MISCONF with the system's message, Milvus Lite passes on that of its OSError.
"""

import errno
import os

CODES = {
    errno.ENOSPC: "store.disk_full",
    errno.EDQUOT: "store.disk_full",
    errno.EROFS: "store.disk_read_only",
}


def disk_code(error: BaseException) -> str | None:
    """Return the message code for a store's error, None if the disk is not its cause."""
    for number, code in CODES.items():
        if getattr(error, "errno", None) == number or os.strerror(number) in str(error):
            return code
    return None
