"""The scripts of those parts whose buttons and ticks may change what they stand for."""

from pathlib import Path


def _script(*names: str) -> str:
    """One script of several files; the first guards the others against such changes."""
    folder = Path(__file__).parent
    return "\n".join((folder / f"{name}.js").read_text() for name in ("steady", *names))


BROWSE = _script("dialog", "browse")
COMPARE = _script("compare")
HISTORY = _script("history")
MODELS = _script("models")
