"""Components of a query: the picture box, the line of words, the examples, and the region."""

from pathlib import Path
from typing import Any

import gradio as gr

from searcher.images.pictures import SUFFIXES
from searcher.library.core import Library
from searcher.library.rounds import QUERIES
from searcher.library.status import Status
from searcher.messages import translate
from searcher.search.query import MAX_TEXT
from searcher.ui.assets import static
from searcher.ui.i18n import browser_messages, browser_text, gettext_noop, use_language
from searcher.ui.requests.page_part import PagePart
from searcher.ui.templating import render

MARK = static("region.js").read_text()
WORDS = static("words.js").read_text()
WORD_EXAMPLES = ("a teapot", "traffic lights", "something to drink from")
WORD_EXAMPLES_KEY = "word-examples"  # of their HTML among the messages that the browser translates
EMPTY_LIBRARY = (
    gettext_noop("The library is empty."),
    gettext_noop(
        "Add pictures with `python -m searcher index FOLDER`; they can be searched at once."
    ),
)


def query_image(elem_id: str) -> gr.Image:
    """Return the box for the query picture: drop, paste or camera."""
    return gr.Image(
        label=browser_text("Query picture"),
        show_label=False,
        sources=["upload", "webcam", "clipboard"],
        type="filepath",
        height=280,
        elem_id=elem_id,
        elem_classes="tl-query",
        placeholder=browser_text("Drop a picture, click to choose one, or paste it"),
    )


def words_line(elem_id: str, placeholder: Any = None) -> gr.Textbox:
    """Return the line of words; Enter searches."""
    return gr.Textbox(
        label=browser_text("Words to search with"),
        show_label=False,
        lines=1,
        max_lines=1,
        max_length=MAX_TEXT,
        placeholder=placeholder or browser_text("Or type what you look for"),
        container=False,
        elem_id=elem_id,
        elem_classes="tl-line-of-words",
    )


def word_examples(elem_id: str) -> gr.HTML:
    """Return buttons with words to search with; their click events have {"words"}."""
    for code in translate.languages():
        with use_language(code):
            html = render("word_examples.html", examples=WORD_EXAMPLES)
        browser_messages().translations[code][WORD_EXAMPLES_KEY] = html
    return gr.HTML(browser_messages()(WORD_EXAMPLES_KEY), elem_id=elem_id, js_on_load=WORDS)


def examples(library: Library, image: gr.Image) -> None:
    """Add the pictures of the samples' queries folder as examples, if there are any."""
    folder = library.settings.samples_dir / QUERIES
    paths = sorted(p for p in _files(folder) if p.suffix.lower() in SUFFIXES)
    if paths:
        gr.Examples(
            [str(path) for path in paths], image, label=browser_text("Or pick one of these")
        )


def region_switch() -> gr.HTML:
    """Return the switch for marking a region; its click events have {"action", "box"}."""
    return gr.HTML(elem_id="search-region", js_on_load=MARK)


def region_html(part: PagePart | None) -> str:
    """Render the region switch of the picture in the image box; "" without one."""
    if part is None:
        return ""
    box = part.box
    share = (box[2] - box[0]) * (box[3] - box[1]) if box else 1.0
    return render("region.html", box=box, share=share)


def is_empty(status: Status) -> bool:
    """Whether the library is open and empty."""
    return status.opened and not status.pictures


def invitation(status: Status, text: tuple[str, str]) -> str:
    """Render the placeholder of the results: title and text, or how to fill an empty library."""
    title, sentence = EMPTY_LIBRARY if is_empty(status) else text
    return render("empty.html", title=title, words=sentence)


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
