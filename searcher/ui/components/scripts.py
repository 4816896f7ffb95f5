"""Scripts of components, joined; first those whose buttons Gradio may replace during a click."""

from searcher.ui.assets import static


def _script(*names: str) -> str:
    """Join scripts, after stable_clicks.js, which ignores clicks on replaced buttons."""
    return join("stable_clicks", *names)


def join(*names: str) -> str:
    """Join scripts of static/, by their names without suffix."""
    return "\n".join(static(f"{name}.js").read_text() for name in names)


ARENA = join("zoom", "arena")
ARENA_CHOICE = _script("arena_choice", "state")
BROWSE = _script("dialog", "browse", "state")
COMPARE = _script("compare")
EVALUATE = _script("evaluate", "state")
HISTORY = _script("history")
JOBS = _script("jobs")
MAP = join("dialog", "map", "state")
MODELS = _script("models")
# Its buttons lie in a dialog that Gradio does not redraw.
PANEL = join("dialog", "copy_link", "panel")
REPORT = join("report")
QUERY = _script("copy_link", "query", "state")
STATE = join("state")
