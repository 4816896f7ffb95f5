"""The line that says what was removed, with Undo; which batches, the visitor's browser keeps."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr

from searcher.library.trash import Removal
from searcher.ui.assets import static
from searcher.ui.templating import render

LENGTH = 10  # removals that can be undone one after the other
UNDO_WINDOW_S = 3600.0  # seconds; the trash keeps a batch for a week
ON_LOAD = static("undo.js").read_text()


@dataclass(frozen=True)
class Entry:
    """One removal of this browser: `count` pictures, `at` seconds since the epoch."""

    batch: str
    count: int
    at: float


def storage() -> gr.BrowserState:
    """The browser's part, so that Undo outlives a reload; sealed with a fixed key."""
    return gr.BrowserState([], storage_key="twinlens-removed", secret="twinlens")


def line() -> gr.HTML:
    """Where the line stands; it clicks with {"action", "batch"}."""
    return gr.HTML(elem_id="library-undo", js_on_load=ON_LOAD)


def line_html(stored: Any, fresh: bool = False) -> str:
    """Draw the latest removal, if there is one; a `fresh` line takes the focus."""
    latest = next(iter(entries(stored)), None)
    return render("undo.html", latest=latest, fresh=fresh)


def remember(stored: Any, removal: Removal) -> list[dict[str, Any]]:
    """Return what the browser keeps after another removal, the latest first."""
    new = [Entry(removal.batch, removal.count, time.time())] if removal.batch else []
    return [asdict(entry) for entry in [*new, *entries(stored)][:LENGTH]]


def forget(stored: Any, batch: str) -> list[dict[str, Any]]:
    """The same without a batch that is back."""
    return [asdict(entry) for entry in entries(stored) if entry.batch != batch]


def entries(stored: Any) -> list[Entry]:
    """Read what a browser says it kept; what is old or not as it was written is left out."""
    valid = []
    for item in stored if isinstance(stored, list) else []:
        try:
            entry = Entry(str(item["batch"])[:100], int(item["count"]), float(item["at"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if entry.batch and entry.count > 0 and 0 <= time.time() - entry.at <= UNDO_WINDOW_S:
            valid.append(entry)
    return valid[:LENGTH]
