"""The last queries, kept in the visitor's browser and nowhere else."""

import base64
import re
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr
from PIL import Image

from searcher.duplicates import alike
from searcher.errors import BadImage
from searcher.images import fingerprint, open_picture, reencode
from searcher.library import Library
from searcher.search import Query, clamp
from searcher.ui import scripts
from searcher.ui.html import render, thumbnail_path

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
        """What the picture box takes. Raises BadImage where the picture is gone."""
        if self.id is not None:
            if library.records.get([self.id]) == [None]:
                raise BadImage("This picture is not in the library any more.")
            return thumbnail_path(self.id)
        found = JPEG.fullmatch(self.image)
        return open_picture(base64.b64decode(found[1] if found else ""), self.name).pixels


def storage() -> gr.BrowserState:
    """The browser's part; sealed with a fixed key, so that it outlives a restart of the app."""
    return gr.BrowserState([], storage_key="twinlens-recent", secret="twinlens")


def strip() -> gr.HTML:
    """The row of recent queries; it clicks with {"action", "key"}."""
    return gr.HTML(elem_id="search-recent", js_on_load=scripts.HISTORY)


def strip_html(kept: Any) -> str:
    """Draw what the browser keeps."""
    return render("recent.html", entries=entries(kept))


def find(kept: Any, key: Any) -> Entry:
    """The entry that a click names. Raises BadImage where it is kept no longer."""
    for entry in entries(kept):
        if entry.key == key:
            return entry
    raise BadImage("This query is not kept any more.")


def remember(kept: Any, library: Library, query: Query, model: str, k: int) -> list[dict[str, Any]]:
    """Return what the browser keeps after another query: the latest first, each once."""
    new = _entry(library, query, model, k)
    others = [
        old
        for old in entries(kept)
        if old.id != new.id or (new.id is None and not alike(old.fingerprint, new.fingerprint))
    ]
    return [_plain(entry) for entry in [new, *others][:LENGTH]]


def entries(kept: Any) -> list[Entry]:
    """Read what a browser says it kept; whatever is not as it was written is left out."""
    found = []
    for said in kept if isinstance(kept, list) else []:
        try:
            entry = Entry(
                name=str(said["name"])[:120],
                model=str(said["model"])[:80],
                k=clamp(said["k"]),
                id=int(said["id"]) if said["id"] else None,
                image=str(said["image"]),
                fingerprint=str(said["fingerprint"]),
            )
        except (KeyError, TypeError, ValueError):
            continue
        if entry.id is not None or (
            JPEG.fullmatch(entry.image) and HEX.fullmatch(entry.fingerprint)
        ):
            found.append(entry)
    return found[:LENGTH]


def _plain(entry: Entry) -> dict[str, Any]:
    # Ids have 63 bits, more than a number in the browser.
    return asdict(entry) | {"id": str(entry.id) if entry.id is not None else ""}


def _entry(library: Library, query: Query, model: str, k: int) -> Entry:
    if query.picture_id is not None:
        (record,) = library.records.get([query.picture_id])
        return Entry(record.name[:120] if record else query.name, model, k, query.picture_id)
    picture = library.picture(query)
    data = base64.b64encode(reencode(picture, SIDE, quality=75)).decode()
    address = f"data:image/jpeg;base64,{data}"
    return Entry(query.name, model, k, None, address, fingerprint(picture))
