"""The line with the latest removal and Undo; the batches are stored in the visitor's browser."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr

from searcher.library.trash import Removal
from searcher.ui.assets import static
from searcher.ui.templating import render

LENGTH = 10  # stored removals
UNDO_WINDOW_S = 3600.0  # the trash keeps a batch for a week
ON_LOAD = static("undo.js").read_text()


@dataclass(frozen=True)
class Entry:
    """One removal: `count` pictures, `at` seconds since the epoch."""

    batch: str
    count: int
    at: float


def storage() -> gr.BrowserState:
    """Return the browser's storage, encrypted with a fixed key to survive restarts of the app."""
    return gr.BrowserState([], storage_key="twinlens-removed", secret="twinlens")


def line() -> gr.HTML:
    """Return the line's component; its click events have {"action", "batch"}."""
    return gr.HTML(elem_id="library-undo", js_on_load=ON_LOAD)


def line_html(stored: Any, fresh: bool = False) -> str:
    """Render the latest removal, if there is one; a `fresh` line gets the focus."""
    latest = next(iter(entries(stored)), None)
    return render("undo.html", latest=latest, fresh=fresh)


def remember(stored: Any, removal: Removal) -> list[dict[str, Any]]:
    """Return the entries to store after a removal, latest first."""
    new = [Entry(removal.batch, removal.count, time.time())] if removal.batch else []
    return [asdict(entry) for entry in [*new, *entries(stored)][:LENGTH]]


def forget(stored: Any, batch: str) -> list[dict[str, Any]]:
    """Return the entries to store after a batch was restored."""
    return [asdict(entry) for entry in entries(stored) if entry.batch != batch]


def entries(stored: Any) -> list[Entry]:
    """Parse a browser's stored entries, which are untrusted; old and invalid ones are dropped."""
    valid = []
    for item in stored if isinstance(stored, list) else []:
        try:
            entry = Entry(str(item["batch"])[:100], int(item["count"]), float(item["at"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if entry.batch and entry.count > 0 and 0 <= time.time() - entry.at <= UNDO_WINDOW_S:
            valid.append(entry)
    return valid[:LENGTH]
