"""Static files for the browser: scripts, styles, icons."""

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("static")


def static(name: str) -> Path:
    """Return the path of a file or folder in static/."""
    return FOLDER / name


@cache
def map_code() -> str:
    """Return the folder in URLs of the Map's scripts, which has a digest of all of them.

    They import each other by relative addresses, so that browsers never mix two versions.
    """
    digest = hashlib.sha256()
    for path in sorted(static("map").glob("*.js")):
        digest.update(path.read_bytes())
    return f"static/twinlens-{digest.hexdigest()[:12]}/"
