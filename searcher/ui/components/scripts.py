"""Scripts of components whose buttons may be replaced between press and release."""

from searcher.ui.assets import static


def _script(*names: str) -> str:
    """Join scripts, after stable_clicks.js, which ignores clicks on replaced buttons."""
    return "\n".join(static(f"{name}.js").read_text() for name in ("stable_clicks", *names))


BROWSE = _script("dialog", "browse")
COMPARE = _script("compare")
HISTORY = _script("history")
MODELS = _script("models")
QUERY = _script("query")
