"""Log levels and format."""

import logging
import os
from contextvars import ContextVar
from typing import Any

LINE = "%(name)s: %(message)s"
# The id of the request that is answered; a line's format has it as "request".
request_id: ContextVar[str] = ContextVar("request_id", default="")


def configure(level: str, line: str = LINE) -> None:
    """Log to stderr: Twinlens' messages from `level` on, warnings and errors of other packages.

    Args:
        level: debug, info, warning or error; "error" excludes warnings of other packages, too.
        line: The format of a line.
    """
    logging.setLogRecordFactory(_record)
    minimum = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=max(minimum, logging.WARNING), format=line)
    logging.getLogger("searcher").setLevel(minimum)


def _record(*arguments: Any, **options: Any) -> logging.LogRecord:
    record = logging.LogRecord(*arguments, **options)
    record.request = f"[{request_id.get()}] " if request_id.get() else ""
    return record


def quieten_tensorflow() -> None:
    """Silence TensorFlow's C++ log; call this before importing it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
