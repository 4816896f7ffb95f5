"""What is logged, and how it looks."""

import logging
import os

LEVELS = ("debug", "info", "warning", "error")


def configure(level: str, line: str = "%(name)s: %(message)s") -> None:
    """Log to stderr what Twinlens says from `level` on, and from others warnings and errors.

    Args:
        level: One of LEVELS; with "error" the warnings of others are left out too.
        line: The format of a line.
    """
    own = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=max(own, logging.WARNING), format=line)
    logging.getLogger("searcher").setLevel(own)


def quieten_tensorflow() -> None:
    """Keep what TensorFlow's C++ code says off stderr; to be called before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
