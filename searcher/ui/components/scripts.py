"""Scripts of components, joined; first those whose buttons Gradio may replace during a click."""

from searcher.ui.assets import static


def _script(*names: str) -> str:
    """Join scripts, after stable_clicks.js, which ignores clicks on replaced buttons."""
    return join("stable_clicks", *names)


def join(*names: str) -> str:
    """Join scripts of static/, by their names without suffix."""
    return "\n".join(static(f"{name}.js").read_text() for name in names)


ADDED = join("added")
ARENA = join("zoom", "arena")
ARENA_CHOICE = _script("arena_choice", "state")
BROWSE = _script("plurals", "dialog", "browse", "unanswered", "state")
COMPARE = _script("compare", "unanswered")
COST = _script("cost", "state")
EVALUATE = _script("zoom", "evaluate", "state")
HISTORY = _script("history")
JOBS = _script("jobs")
MAP = join("plurals", "dialog", "map", "unanswered", "state")
MODELS = _script("models")
# Its buttons lie in a dialog that Gradio does not redraw.
PANEL = join("plurals", "dialog", "copy_link", "panel")
LIBRARY = _script("plurals", "dialog", "browse", "shelf", "unanswered", "state")
REPORT = join("report")
QUERY = _script("copy_link", "query", "state")
STATE = join("state")
