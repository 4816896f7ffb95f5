"""The recent queries, stored only in the visitor's browser."""

import base64
import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Any

import gradio as gr
from PIL import Image

from searcher.errors import NotFound, TwinlensError
from searcher.images.pictures import fingerprint, open_picture
from searcher.library.core import Library
from searcher.search.duplicates import alike
from searcher.search.engine import MAX_RESULTS
from searcher.search.query import TextQuery, UploadedQuery
from searcher.ui.components import scripts
from searcher.ui.components.query_bar import Queries, part_names
from searcher.ui.requests.arguments import MAX_NAME, read_count, read_id, read_text
from searcher.ui.requests.page_part import PagePart
from searcher.ui.requests.page_query import MAX_ADDRESS, PageQuery
from searcher.ui.templating import data_address, render

LENGTH = 6
HEX = re.compile(r"[0-9a-f]{32}")
JPEG = re.compile(r"data:image/jpeg;base64,([A-Za-z0-9+/=]{1,100000})")


@dataclass(frozen=True)
class Entry:
    """One query: a picture of the library by `id`, an upload, or what else an address can hold.

    Of an upload, `image` is a JPEG as a data URL, and `fingerprint` identifies the picture when it
    is searched again from that JPEG. `parts` are the parts of any other query, as in the page's
    address.
    """

    name: str
    model: str
    k: int
    id: int | None = None
    image: str = ""
    fingerprint: str = ""
    parts: str = ""

    @property
    def key(self) -> str:
        """The id of the entry on the page; positions change as queries are added."""
        if self.parts:
            return hashlib.blake2b(self.parts.encode(), digest_size=8).hexdigest()
        return str(self.id) if self.id is not None else self.fingerprint

    @property
    def query(self) -> PageQuery:
        """The query, without that of an upload. Raises InvalidRequest for invalid parts."""
        if self.id is not None:
            return PageQuery.of_address({"picture": str(self.id)})
        return PageQuery.of_address({"parts": self.parts})

    def shows(self, library: Library, part: PagePart | None) -> bool:
        """Whether the upload is already the picture of a part of a query."""
        if part is None or part.upload is None:
            return False
        query = replace(part, box=None).query(library)
        return not isinstance(query, TextQuery) and alike(
            fingerprint(query.picture), self.fingerprint
        )

    def upload(self) -> Image.Image:
        """Return the uploaded picture. Raises BadImage if the JPEG can't be decoded."""
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
    stored: Any, library: Library, query: PageQuery, queries: Queries, model: str, k: int
) -> list[dict[str, Any]]:
    """Return the entries to store after a query: latest first, without duplicates.

    Args:
        stored: The browser's entries.
        library: The library.
        query: The query; one of an upload with other parts can't be stored.
        queries: The query of each active part by its key.
        model: The model's name.
        k: The number of hits.
    """
    new = _entry(library, query, queries, model, k)
    if new is None:
        return [_plain(entry) for entry in entries(stored)]
    others = [
        old
        for old in entries(stored)
        if old.key != new.key and not (new.image and alike(old.fingerprint, new.fingerprint))
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
                parts=read_text(item.get("parts"), MAX_ADDRESS),
            )
            is_upload = JPEG.fullmatch(entry.image) and HEX.fullmatch(entry.fingerprint)
            if is_upload or entry.query.parts:
                valid.append(entry)
        except (LookupError, TypeError, AttributeError, TwinlensError):
            continue
    return valid


def _plain(entry: Entry) -> dict[str, Any]:
    # Ids have 63 bits, more than a number in the browser.
    return asdict(entry) | {"id": str(entry.id) if entry.id is not None else ""}


def _entry(
    library: Library, query: PageQuery, queries: Queries, model: str, k: int
) -> Entry | None:
    names = part_names(library, query.parts)
    signs = [f"{'−' if p.weight < 0 else '+'} {names[p.key]}" for p in query.parts]
    name = " ".join(signs).removeprefix("+ ")[:120]
    address = query.address()
    if "picture" in address:
        return Entry(name, model, k, read_id(address["picture"]))
    uploads = [part for part in query.parts if part.upload is not None]
    if not uploads:
        parts = [part.document() for part in query.parts]
        return Entry(name, model, k, parts=json.dumps(parts, ensure_ascii=False))
    single = queries.get(uploads[0].key) if len(query.parts) == 1 else None
    if not isinstance(single, UploadedQuery):
        return None
    # Uploads are deleted from the server within hours, so the browser stores a small JPEG: as large
    # as the input of most networks, since all entries are sent with every query.
    shown = data_address(single.picture.icon_jpeg)
    return Entry(name, model, k, None, shown, single.fingerprint)
