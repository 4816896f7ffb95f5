"""The form in which a report is saved: what is in it, title, remarks and logo.

One form serves all tabs. It offers the sections whose results are shown in the page; report.js
opens it, and saves the file that the server answers with.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr

from searcher.errors import BadImage, InvalidRequest
from searcher.library.core import Library
from searcher.presentation.report_files import FORMATS, MEDIA_TYPES, write_report
from searcher.presentation.report_making import make_report
from searcher.presentation.reports import MAX_REMARKS, MAX_TITLE, Section
from searcher.ui.components import scripts
from searcher.ui.i18n import browser_html, browser_text, gettext_noop, tr
from searcher.ui.requests.arguments import read_choice, read_event, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge
from searcher.ui.templating import render

TITLES = {  # of the sections, by their keys
    "comparison": gettext_noop("Comparison of one query"),
    "evaluation": gettext_noop("Evaluation"),
    "disagreements": gettext_noop("Disagreements of two models"),
    "cost": gettext_noop("What it costs"),
    "arena": gettext_noop("Leaderboard of the arena"),
}
MAX_LOGO = 200_000  # characters of a data URL; report.js shrinks what is larger
MAX_LOOK = 4000
OPEN = "() => document.dispatchEvent(new CustomEvent('tl-report', {{ detail: '{}' }}))"
MADE = "(text) => document.dispatchEvent(new CustomEvent('tl-report-made', { detail: text }))"
ENDED = "() => document.dispatchEvent(new Event('tl-report-ended'))"


@dataclass(frozen=True)
class ReportSource:
    """A section of reports.

    Attributes:
        key: One of TITLES.
        selector: Of an element that is in the page while there is something to save.
        make: Returns the section of what the page shows, given `look`, if there is one, and the
            values of the inputs.
        inputs: The components whose values it gets.
        look: The selector of an element whose `data-state` is what the page shows in detail.
    """

    key: str
    selector: str
    make: Callable[..., Section]
    inputs: Sequence[Any] = ()
    look: str = ""


def button(key: str, size: Literal["sm", "lg"] = "sm") -> gr.Button:
    """Build the button that opens the form with a section ticked."""
    label = browser_text("Save report")
    opener = gr.Button(label, size=size, elem_id=f"{key}-report")
    opener.click(None, js=OPEN.format(key), api_visibility="private")
    return opener


def build(library: Library, sources: Sequence[ReportSource]) -> None:
    """Build the form.

    Args:
        library: The library.
        sources: All sections.
    """
    html = browser_html("report-form", lambda: _html(sources))
    form = gr.HTML(html, elem_id="report", js_on_load=scripts.REPORT)
    text = gr.Textbox(visible=False)

    @show_errors
    def save_report(event: gr.EventData, *values: Any) -> str:
        chosen = read_event(event, "sections")
        names = chosen if isinstance(chosen, list) else []
        if not names or any(name not in TITLES for name in names):
            raise InvalidRequest("request.choice")
        form = read_choice(read_event(event, "format"), FORMATS)
        title = read_text(read_event(event, "title"), MAX_TITLE)
        remarks = read_text(read_event(event, "remarks"), MAX_REMARKS)
        logo = read_logo(read_text(read_event(event, "logo"), MAX_LOGO))
        looks = read_event(event, "looks")
        charge(library)
        sections = []
        left = list(values)
        for source in sources:
            mine, left = left[: len(source.inputs)], left[len(source.inputs) :]
            if source.key not in names:
                continue
            look = looks.get(source.key) if isinstance(looks, dict) else ""
            shown = [read_text(look, MAX_LOOK)] if source.look else []
            sections.append(source.make(*shown, *mine))
        return write_report(make_report(library, sections, title, remarks, logo), form)

    private: dict[str, Any] = {"api_visibility": "private", "preprocess": False}
    inputs = [block for source in sources for block in source.inputs]
    made = form.click(save_report, inputs, text, **private, **costly("report"))
    made.success(None, text, js=MADE, api_visibility="private")
    made.then(None, None, js=ENDED, api_visibility="private")


def read_logo(url: str) -> tuple[bytes, str] | None:
    """Return the bytes of a picture in a data URL, and what errors call it; None for "".

    Raises:
        BadImage: It is no data URL of base64.
    """
    if not url:
        return None
    name = tr("The logo")
    head, _, encoded = url.partition(";base64,")
    try:
        if not head.startswith("data:image/"):
            raise ValueError
        return base64.b64decode(encoded, validate=True), name
    except ValueError:
        raise BadImage("picture.unknown_format", name=name) from None


def _html(sources: Sequence[ReportSource]) -> str:
    titles = [(source, TITLES[source.key]) for source in sources]
    return render(
        "report_form.html",
        sources=titles,
        max_title=MAX_TITLE,
        max_remarks=MAX_REMARKS,
        max_logo=MAX_LOGO,
        media_types=MEDIA_TYPES,
    )
