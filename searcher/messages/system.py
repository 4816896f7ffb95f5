"""Messages for errors of the operating system, by their error number."""

import errno

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
