"""The recent queries, stored only in the visitor's browser."""

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
from searcher.search.query import PictureQuery, StoredQuery
from searcher.ui.components import scripts
from searcher.ui.requests.arguments import MAX_NAME, read_count, read_id, read_text
from searcher.ui.requests.parsing import library_picture
from searcher.ui.templating import render

LENGTH = 6
# Uploads are deleted from the server within hours, so the browser stores a small JPEG: as large as
# the input of most networks, since all entries are sent with every query.
SIDE = 224
HEX = re.compile(r"[0-9a-f]{32}")
JPEG = re.compile(r"data:image/jpeg;base64,([A-Za-z0-9+/=]{1,100000})")


@dataclass(frozen=True)
class Entry:
    """One query: a picture of the library by `id`, or an upload.

    Of an upload, `image` is a JPEG as a data URL, and `fingerprint` identifies the picture when it
    is searched again from that JPEG.
    """

    name: str
    model: str
    k: int
    id: int | None = None
    image: str = ""
    fingerprint: str = ""

    @property
    def key(self) -> str:
        """The id of the entry on the page; positions change as queries are added."""
        return str(self.id) if self.id is not None else self.fingerprint

    def value(self, library: Library) -> str | Image.Image:
        """Return the value of the picture box.

        Raises:
            NotFound: If the picture was removed.
            BadImage: If the JPEG can't be decoded.
        """
        if self.id is not None:
            return library_picture(library, self.id)
        match = JPEG.fullmatch(self.image)
        try:
            data = base64.b64decode(match[1] if match else "")
        except ValueError:  # a length that no encoder writes
            data = b""
        return open_picture(data, self.name).pixels


def storage() -> gr.BrowserState:
    """Return the browser's storage, encrypted with a fixed key to survive restarts of the app."""
    return gr.BrowserState([], storage_key="twinlens-recent", secret="twinlens")


def strip() -> gr.HTML:
    """Return the row of recent queries; its click events have {"action", "key"}."""
    return gr.HTML(elem_id="search-recent", js_on_load=scripts.HISTORY)


def strip_html(stored: Any) -> str:
    """Render the stored queries."""
    return render("recent.html", entries=entries(stored))


def find(stored: Any, key: Any) -> Entry:
    """Return the entry with a key. Raises NotFound if it is not stored any more."""
    for entry in entries(stored):
        if entry.key == key:
            return entry
    raise NotFound("request.query_forgotten")


def remember(
    stored: Any, library: Library, query: PictureQuery, model: str, k: int
) -> list[dict[str, Any]]:
    """Return the entries to store after a query: latest first, without duplicates."""
    new = _entry(library, query, model, k)
    others = [
        old
        for old in entries(stored)
        if old.id != new.id or (new.id is None and not alike(old.fingerprint, new.fingerprint))
    ]
    return [_plain(entry) for entry in [new, *others][:LENGTH]]


def entries(stored: Any) -> list[Entry]:
    """Parse a browser's stored entries, which are untrusted; invalid ones are dropped."""
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


def _entry(library: Library, query: PictureQuery, model: str, k: int) -> Entry:
    if isinstance(query, StoredQuery):
        (record,) = library.records.get([query.picture_id])
        return Entry(record.name[:120] if record else query.name, model, k, query.picture_id)
    picture = query.picture
    data = base64.b64encode(reencode(picture, SIDE, quality=75)).decode()
    address = f"data:image/jpeg;base64,{data}"
    return Entry(query.name, model, k, None, address, fingerprint(picture))
