"""Locations of the program and its folders, in a checkout and as an installed package."""

from pathlib import Path

import platformdirs

# The checkout, or the site-packages folder of an environment.
ROOT = Path(__file__).resolve().parents[2]
# Models and pictures in the wheel (see pyproject.toml); a checkout has them in ROOT.
SHIPPED = Path(__file__).resolve().parents[1] / "shipped"


def is_checkout() -> bool:
    """Whether the program runs from a checkout rather than as an installed package."""
    return (ROOT / "app.py").is_file()


def home() -> Path:
    """Return the folder of data/, models/ and sample_images/: the checkout or user data folder."""
    return ROOT if is_checkout() else platformdirs.user_data_path("twinlens", appauthor=False)


def absolute(path: str | Path) -> Path:
    """Resolve a path of the user.

    In a checkout a relative path starts at the checkout, so that the command line and the app use
    the same library in every working folder; otherwise it starts at the working folder.

    Args:
        path: The path, possibly relative, possibly with ~.

    Returns:
        An absolute path without links.
    """
    start = ROOT if is_checkout() else Path.cwd()
    return (start / Path(path).expanduser()).resolve()
