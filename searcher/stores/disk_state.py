"""Whether a store failed because its disk is full or can only be read.

The one place that looks at what Redis and Milvus write: neither has a code for it. Redis answers
MISCONF with the system's own words behind it, Milvus Lite hands on the text of its OSError.
"""

import errno
import os

CODES = {
    errno.ENOSPC: "store.disk_full",
    errno.EROFS: "store.disk_read_only",
}


def disk_code(error: BaseException) -> str | None:
    """The code of the message about the disk that an error of a store leads to, None for others."""
    for number, code in CODES.items():
        if getattr(error, "errno", None) == number or os.strerror(number) in str(error):
            return code
    return None
