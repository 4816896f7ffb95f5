"""Messages for errors of the operating system, and for those that nothing expected."""

import errno
import os

from searcher.messages.message import Message, message, verbatim
from searcher.messages.sentences import SENTENCES


def os_reason(error: OSError) -> Message:
    """Return why a file, folder or port could not be used, without its name."""
    code = f"os.{errno.errorcode.get(error.errno or 0, '').lower()}"
    if code in SENTENCES:
        return message(code)
    return (
        verbatim(error.strerror) if error.strerror else message("os.other", number=error.errno or 0)
    )


def explain_failure(error: Exception) -> Message:
    """Return a sentence for an error that nothing handles, such as that of a file."""
    if not isinstance(error, OSError):
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return message("failure.unexpected", reason=reason)
    if isinstance(error.filename, str | bytes):
        return message("failure.file", name=_shown(error.filename), reason=os_reason(error))
    is_of_output = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
    if is_of_output:
        return message("failure.output", reason=os_reason(error))
    return message("failure.system", reason=os_reason(error))


def _shown(path: str | bytes) -> str:
    """Return a path as text without control characters."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)[:200]
