"""Static files for the browser: scripts, styles, icons."""

from pathlib import Path

FOLDER = Path(__file__).with_name("static")


def static(name: str) -> Path:
    """Return the path of a file or folder in static/."""
    return FOLDER / name
