"""Scripts of components whose buttons may be replaced between press and release."""

from searcher.ui.assets import static


def _script(*names: str) -> str:
    """Join scripts, after stable_clicks.js, which ignores clicks on replaced buttons."""
    return _join("stable_clicks", *names)


def _join(*names: str) -> str:
    return "\n".join(static(f"{name}.js").read_text() for name in names)


BROWSE = _script("dialog", "browse", "state")
COMPARE = _script("compare")
HISTORY = _script("history")
MAP = _join("map", "map_label", "state")
MODELS = _script("models")
# Its buttons lie in a dialog that Gradio does not redraw.
PANEL = _join("dialog", "copy_link", "panel")
QUERY = _script("copy_link", "query", "state")
STATE = _join("state")
