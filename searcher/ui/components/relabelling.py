"""The line after pictures were given another label, with Undo."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import gradio as gr

from searcher.ui.assets import static
from searcher.ui.templating import render

ON_LOAD = static("undo.js").read_text()


@dataclass(frozen=True)
class Relabelling:
    """The latest change of labels in a session: the old labels by picture id, and the new one."""

    old: Mapping[int, str] = field(default_factory=dict)
    label: str = ""


def line() -> gr.HTML:
    """Return the line's component; its click events have {"action"}."""
    return gr.HTML(elem_id="map-relabelled", js_on_load=ON_LOAD)


def line_html(change: Relabelling) -> str:
    """Render the line; "" where nothing was changed."""
    return render("relabelled.html", count=len(change.old), label=change.label)
