"""What TensorFlow logs while it converts, apart from the code that needs its packages."""

import re

# The beginnings of TensorFlow's log lines that are no errors but precede its reading of
# TF_CPP_MIN_LOG_LEVEL, and of their continuation lines.
CHATTER = re.compile(
    r"[IW]\d{4} |WARNING: All log messages before absl|To enable the following instructions"
)


def without_chatter(text: str) -> str:
    """Return the output of a conversion without TensorFlow's log lines that are no errors."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not CHATTER.match(line))
