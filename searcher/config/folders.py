"""Where the program lies and where its folders are, in a checkout and installed as a package."""

from pathlib import Path

import platformdirs

# The checkout, or the folder of an environment that holds its packages.
ROOT = Path(__file__).resolve().parents[2]
# Models and pictures that a wheel brings along (pyproject.toml); a checkout has them in ROOT.
SHIPPED = Path(__file__).resolve().parents[1] / "shipped"


def is_checkout() -> bool:
    """Whether the program runs from its own folder rather than from an environment's packages."""
    return (ROOT / "app.py").is_file()


def home() -> Path:
    """Folder of data/, models/ and sample_images/: the checkout, else the user's data folder."""
    return ROOT if is_checkout() else platformdirs.user_data_path("twinlens", appauthor=False)


def absolute(path: str | Path) -> Path:
    """Resolve a path that somebody named.

    In a checkout a relative one starts at the checkout, so that the command line and the app share
    one library from wherever they are called; otherwise at the working folder.
    """
    start = ROOT if is_checkout() else Path.cwd()
    return (start / Path(path).expanduser()).resolve()
