"""The last queries, kept in the visitor's browser and nowhere else."""

import base64
import re
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr
from PIL import Image

from searcher.errors import NotFound, TwinlensError
from searcher.images.pictures import fingerprint, open_picture, reencode
from searcher.library.core import Library
from searcher.search.duplicates import alike
from searcher.search.engine import MAX_RESULTS
from searcher.search.query import Query, StoredQuery
from searcher.ui.components import scripts
from searcher.ui.requests.arguments import MAX_NAME, read_count, read_id, read_text
from searcher.ui.requests.parsing import library_picture
from searcher.ui.templating import render

LENGTH = 6
# An upload is gone from the server within hours; what the browser keeps of it has what a network
# of 224 pixels sees, and stays small: all of it travels with every query.
SIDE = 224
HEX = re.compile(r"[0-9a-f]{32}")
JPEG = re.compile(r"data:image/jpeg;base64,([A-Za-z0-9+/=]{1,100000})")


@dataclass(frozen=True)
class Entry:
    """One query: a picture of the library by `id`, or `image`, a JPEG as a data address.

    By the `fingerprint` it is known again when it is made once more from that JPEG.
    """

    name: str
    model: str
    k: int
    id: int | None = None
    image: str = ""
    fingerprint: str = ""

    @property
    def key(self) -> str:
        """By which the page names the entry: places change as queries are added."""
        return str(self.id) if self.id is not None else self.fingerprint

    def value(self, library: Library) -> str | Image.Image:
        """What the picture box takes. Raises NotFound where the picture is gone, BadImage."""
        if self.id is not None:
            return library_picture(library, self.id)
        match = JPEG.fullmatch(self.image)
        try:
            data = base64.b64decode(match[1] if match else "")
        except ValueError:  # a length that no encoder writes
            data = b""
        return open_picture(data, self.name).pixels


def storage() -> gr.BrowserState:
    """The browser's part; sealed with a fixed key, so that it outlives a restart of the app."""
    return gr.BrowserState([], storage_key="twinlens-recent", secret="twinlens")


def strip() -> gr.HTML:
    """The row of recent queries; it clicks with {"action", "key"}."""
    return gr.HTML(elem_id="search-recent", js_on_load=scripts.HISTORY)


def strip_html(stored: Any) -> str:
    """Draw what the browser keeps."""
    return render("recent.html", entries=entries(stored))


def find(stored: Any, key: Any) -> Entry:
    """The entry that a click names. Raises NotFound where it is kept no longer."""
    for entry in entries(stored):
        if entry.key == key:
            return entry
    raise NotFound("request.query_forgotten")


def remember(
    stored: Any, library: Library, query: Query, model: str, k: int
) -> list[dict[str, Any]]:
    """Return what the browser keeps after another query: the latest first, each once."""
    new = _entry(library, query, model, k)
    others = [
        old
        for old in entries(stored)
        if old.id != new.id or (new.id is None and not alike(old.fingerprint, new.fingerprint))
    ]
    return [_plain(entry) for entry in [new, *others][:LENGTH]]


def entries(stored: Any) -> list[Entry]:
    """Read what a browser says it kept; whatever is not as it was written is left out."""
    valid = []
    for item in stored[:LENGTH] if isinstance(stored, list) else []:
        try:
            entry = Entry(
                name=str(item["name"])[:120],
                model=read_text(item["model"], MAX_NAME),
                k=read_count(item["k"], MAX_RESULTS, MAX_RESULTS),
                id=read_id(item["id"]) if item["id"] else None,
                image=str(item["image"]),
                fingerprint=str(item["fingerprint"]),
            )
        except (LookupError, TypeError, TwinlensError):
            continue
        if entry.id is not None or (
            JPEG.fullmatch(entry.image) and HEX.fullmatch(entry.fingerprint)
        ):
            valid.append(entry)
    return valid


def _plain(entry: Entry) -> dict[str, Any]:
    # Ids have 63 bits, more than a number in the browser.
    return asdict(entry) | {"id": str(entry.id) if entry.id is not None else ""}


def _entry(library: Library, query: Query, model: str, k: int) -> Entry:
    if isinstance(query, StoredQuery):
        (record,) = library.records.get([query.picture_id])
        return Entry(record.name[:120] if record else query.name, model, k, query.picture_id)
    picture = query.picture
    data = base64.b64encode(reencode(picture, SIDE, quality=75)).decode()
    address = f"data:image/jpeg;base64,{data}"
    return Entry(query.name, model, k, None, address, fingerprint(picture))
