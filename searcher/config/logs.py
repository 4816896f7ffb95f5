"""Log levels and format."""

import logging
import os

LINE = "%(name)s: %(message)s"


def configure(level: str, line: str = LINE) -> None:
    """Log to stderr: Twinlens' messages from `level` on, warnings and errors of other packages.

    Args:
        level: debug, info, warning or error; "error" excludes warnings of other packages, too.
        line: The format of a line.
    """
    minimum = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=max(minimum, logging.WARNING), format=line)
    logging.getLogger("searcher").setLevel(minimum)


def quieten_tensorflow() -> None:
    """Silence TensorFlow's C++ log; call this before importing it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
