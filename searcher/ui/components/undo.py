"""The line with the latest removal or change of labels, and Undo, in several tabs.

The names of the batches are stored in the visitor's browser.
"""

import time
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr

from searcher.errors import NotFound
from searcher.library import relabelling, trash
from searcher.library.core import Library
from searcher.library.relabelling import Relabelling
from searcher.library.trash import Removal
from searcher.ui import toasts
from searcher.ui.assets import static
from searcher.ui.i18n import ntr, sentence, tr
from searcher.ui.requests.arguments import MAX_NAME, read_event, read_text
from searcher.ui.requests.parsing import refuse_if_read_only
from searcher.ui.templating import render

LENGTH = 10  # stored changes
UNDO_WINDOW_S = 3600.0  # the trash keeps a batch for a week
ON_LOAD = static("undo.js").read_text()


@dataclass(frozen=True)
class Entry:
    """One removal or change of labels: `count` pictures, `at` seconds since the epoch."""

    batch: str
    count: int
    at: float

    @property
    def is_removal(self) -> bool:
        """Whether pictures were removed, and not given another label."""
        return not self.batch.startswith(relabelling.PREFIX)


def storage() -> gr.BrowserState:
    """Return the browser's storage, encrypted with a fixed key to survive restarts of the app."""
    return gr.BrowserState([], storage_key="twinlens-removed", secret="twinlens")


def line(name: str, tab: gr.Tab, stored: gr.BrowserState) -> gr.HTML:
    """Return the line of a tab, which shows what is stored whenever the tab opens.

    Its click events have {"action", "batch"}; see `answer`.
    """
    html = gr.HTML(elem_id=f"{name}-undo", js_on_load=ON_LOAD)
    tab.select(line_html, stored, html, show_progress="hidden", api_visibility="private")
    return html


def line_html(stored: Any, fresh: bool = False) -> str:
    """Render the latest change, if there is one; a `fresh` line gets the focus."""
    latest = next(iter(entries(stored)), None)
    return render("undo.html", latest=latest, fresh=fresh)


def remember(stored: Any, change: Removal | Relabelling) -> list[dict[str, Any]]:
    """Return the entries to store after a change, latest first."""
    new = [Entry(change.batch, change.count, time.time())] if change.batch else []
    return [asdict(entry) for entry in [*new, *entries(stored)][:LENGTH]]


def changed(stored: Any, change: Removal | Relabelling) -> list[Any]:
    """Return the values of the line and the storage after a change."""
    updated = remember(stored, change)
    return [line_html(updated, fresh=change.count > 0), updated]


def is_asked(event: gr.EventData) -> bool:
    """Return whether a click on the line was on Undo, and not to hide the line."""
    return bool(read_event(event, "action") == "undo")


def answer(library: Library, stored: Any, event: gr.EventData) -> list[Any]:
    """Do what a click on the line asks for; return the values of the line and the storage."""
    if not is_asked(event):
        return ["", []]
    refuse_if_read_only(library)
    batch = read_text(read_event(event, "batch"), MAX_NAME)
    run(library, batch)
    updated = forget(stored, batch)
    return [line_html(updated), updated]


def run(library: Library, batch: str) -> None:
    """Undo a change, and say so; an unknown one gets a warning."""
    try:
        # An empty name would mean the latest batch, possibly another visitor's.
        if batch.startswith(relabelling.PREFIX):
            n = relabelling.undo_label(library, batch)
            text = ntr(
                "{n} picture has its former label.", "{n} pictures have their former label.", n=n
            )
        else:
            n = trash.undo(library, batch or "none")
            text = ntr("{n} picture is back.", "{n} pictures are back.", n=n)
        toasts.info(text, title=tr("Done"))
    except NotFound as error:
        toasts.warning(sentence(error.message), title=tr("Warning"))


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
