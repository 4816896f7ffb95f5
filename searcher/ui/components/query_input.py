"""Components of a query: the picture box, the line of words, the examples, and the region."""

import tempfile
from pathlib import Path
from typing import Any

import gradio as gr

from searcher.errors import BadImage
from searcher.images.pictures import open_picture, reencode
from searcher.library.core import Library
from searcher.library.query_label import example_files
from searcher.search.query import MAX_TEXT
from searcher.ui.components import scripts
from searcher.ui.gradio_internals import show_instead
from searcher.ui.i18n import browser_html, browser_text, gettext_noop
from searcher.ui.templating import render

EXAMPLE_SIDE = 160  # pixels on the long side of an example as it is shown
REGION = scripts.join("region_box", "region")
WORDS = scripts.join("words")
WORD_EXAMPLES = ("a teapot", "traffic lights", "something to drink from")
EMPTY_LIBRARY = (
    gettext_noop("The library is empty."),
    gettext_noop(
        "Add pictures in Library, or with `python -m searcher index FOLDER`; they can be searched "
        "at once."
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
    html = browser_html(
        "word-examples", lambda: render("word_examples.html", examples=WORD_EXAMPLES)
    )
    return gr.HTML(html, elem_id=elem_id, js_on_load=WORDS)


def examples(library: Library, image: gr.Image) -> None:
    """Add the pictures of the samples' queries folder as examples, if there are any."""
    paths = example_files(library.settings.samples_dir)
    if not paths:
        return
    shown = gr.Examples(
        [str(path) for path in paths], image, label=browser_text("Or pick one of these")
    )
    with tempfile.TemporaryDirectory() as small:
        show_instead(shown, image, [_smaller(path, Path(small)) for path in paths])


def region(elem_id: str) -> gr.HTML:
    """Return what draws a region over the picture in the box above; the bar says which it is.

    Its click events have {"action", "box"}.
    """
    html = browser_html("region", lambda: render("region.html"))
    return gr.HTML(html, elem_id=elem_id, js_on_load=REGION)


def invitation(text: tuple[str, str], unanswered: str = "") -> str:
    """Render the placeholder of the results: title and text, and how to fill an empty library.

    The page shows the one or the other, as the library changes.

    Args:
        text: Title and text.
        unanswered: The version of the status after which the page asks again for what was asked;
            "" for never.
    """
    states = [("filled", text), ("empty", EMPTY_LIBRARY)]
    return render("empty.html", states=states, unanswered=unanswered)


def _smaller(path: Path, folder: Path) -> Path:
    """Return a small copy of a picture file, written into a folder; the file if it is none."""
    try:
        data = reencode(open_picture(path.read_bytes(), path.name), EXAMPLE_SIDE, quality=80)
    except (BadImage, OSError):
        return path
    small = folder / f"{path.stem}.jpg"
    small.write_bytes(data)
    return small
