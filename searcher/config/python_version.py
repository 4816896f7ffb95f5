"""Check the Python version. The Makefile also runs this file alone, with any interpreter."""

from __future__ import annotations

import sys

OLDEST, NEWEST = (3, 11), (3, 13)


def require_supported_python(version: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Exit with status 2 and a sentence if TensorFlow has no wheels for this Python.

    Args:
        version: Major and minor version.

    Raises:
        SystemExit: The version is not supported.
    """
    if OLDEST <= version <= NEWEST:
        return
    print(
        f"Twinlens needs Python 3.11, 3.12 or 3.13, and this is {'.'.join(map(str, version))}"
        f"{': TensorFlow has no wheels for it yet.' if version > NEWEST else '.'}",
        file=sys.stderr,
    )
    raise SystemExit(2)


if __name__ == "__main__":
    require_supported_python()
