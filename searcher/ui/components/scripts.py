"""The scripts of those parts whose buttons and ticks may change what they stand for."""

from searcher.ui.assets import static


def _script(*names: str) -> str:
    """One script of several files; the first guards the others against such changes."""
    return "\n".join(static(f"{name}.js").read_text() for name in ("steady", *names))


BROWSE = _script("dialog", "browse")
COMPARE = _script("compare")
HISTORY = _script("history")
MODELS = _script("models")
