"""What the operating system answers, by its error number: in words of every language."""

import errno

from searcher.messages.message import Message, message, verbatim
from searcher.messages.sentences import SENTENCES


def os_reason(error: OSError) -> Message:
    """Why a file, folder or port could not be used; never says which."""
    code = f"os.{errno.errorcode.get(error.errno or 0, '').lower()}"
    if code in SENTENCES:
        return message(code)
    return (
        verbatim(error.strerror) if error.strerror else message("os.other", number=error.errno or 0)
    )
