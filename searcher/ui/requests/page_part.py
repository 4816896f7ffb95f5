"""One part of a tab's query: a picture of the library, an upload, or words."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from searcher.errors import InvalidRequest
from searcher.images.pictures import Box, thumbnail_name
from searcher.library.core import Library
from searcher.search.query import MAX_WEIGHT, PictureQuery, TextQuery
from searcher.search.untrusted import read_id, read_number, read_shares, read_words
from searcher.ui.requests.kept_uploads import KeptUploads
from searcher.ui.requests.parsing import THUMBNAIL, read_query

# What counts against a picture weighs less, as in Rocchio (1971): the pictures of one result are
# near to each other, and with equal weights they would cancel each other out.
MORE, LESS = 1.0, -0.5


@dataclass(frozen=True)
class PagePart:
    """One part: a picture of the library, an upload (the value of an image box), or words.

    Attributes:
        key: Identifies the part on the page; its position changes.
        picture_id: The id of a picture of the library.
        upload: The untrusted value of an image box.
        text: Words.
        box: A region of the picture.
        weight: Negative where the part counts against a picture.
        active: Whether the part is searched for.
        preview: A small JPEG as a data URL, for uploads and regions.
        stand_in: The path of a copy that the image box shows in place of an upload.
    """

    key: str
    picture_id: int | None = None
    upload: Mapping[str, Any] | None = field(default=None, repr=False)
    text: str = ""
    box: Box | None = None
    weight: float = MORE
    active: bool = True
    preview: str = field(default="", repr=False)
    stand_in: str = field(default="", repr=False)

    @classmethod
    def of_picture(cls, picture_id: int, weight: float = MORE) -> "PagePart":
        """Return the part of a picture of the library."""
        return cls(str(picture_id), picture_id, weight=weight)

    @classmethod
    def of_words(cls, text: str) -> "PagePart":
        """Return the part of some words. Raises InvalidRequest for empty or too many ones."""
        text = TextQuery.of(text).text
        return cls(_digest(f"words {text}"), text=text)

    @classmethod
    def of_image(cls, payload: Mapping[str, Any]) -> "PagePart":
        """Return the part of an image box's value, which is checked when it is searched for."""
        path = str(payload.get("path") or "")
        if match := THUMBNAIL.fullmatch(path):
            return cls.of_picture(read_id(match[1]))
        names = {name: payload.get(name) for name in ("path", "orig_name")}
        return cls(_digest(f"upload {path}"), upload=names)

    @property
    def file(self) -> str:
        """The name of the file that the image box shows of the part; "" for words."""
        if self.picture_id is not None:
            return thumbnail_name(self.picture_id).rpartition("/")[2]
        path = str((self.upload or {}).get("path") or "")
        return (self.stand_in or path).replace("\\", "/").rpartition("/")[2]

    def query(self, library: Library) -> PictureQuery | TextQuery:
        """Return the library's query. Raises InvalidRequest, BadImage for an upload."""
        if self.text:
            return TextQuery(self.text)
        if self.picture_id is not None:
            return library.stored_query(self.picture_id, box=self.box)
        return replace(read_query(library, self.upload), box=self.box)

    def document(self, kept: KeptUploads | None = None) -> dict[str, Any]:
        """Return the part's entry in the page's address; `kept` names uploads."""
        entry: dict[str, Any] = {"text": self.text} if self.text else {}
        if self.upload is not None and kept is not None:
            entry |= kept.entry(self.upload)
        if self.picture_id is not None:
            entry = {"picture": str(self.picture_id)}
        if self.box:
            entry["box"] = [round(share, 4) for share in self.box]
        if self.weight != MORE:
            entry["weight"] = self.weight
        if not self.active:
            entry["off"] = True
        return entry

    @classmethod
    def of_document(cls, entry: Any, kept: KeptUploads | None = None) -> "PagePart":
        """Parse an entry of an address; `kept` finds uploads.

        Raises:
            InvalidRequest: It is none.
            NotFound: An upload is not kept any more.
        """
        if not isinstance(entry, dict):
            raise InvalidRequest("query.no_parts")
        if "text" in entry:
            part = cls.of_words(read_words(entry["text"]).text)
        elif "picture" in entry:
            part = cls.of_picture(read_id(entry["picture"]))
        elif kept is not None and ("upload" in entry or "example" in entry):
            part = cls.of_image(kept.find(entry))
        else:
            raise InvalidRequest("query.no_parts")
        box = read_shares(entry["box"]) if "box" in entry and not part.text else None
        weight = read_number(entry.get("weight", MORE))
        if not 0 < abs(weight) <= MAX_WEIGHT:
            raise InvalidRequest("query.weight", most=MAX_WEIGHT)
        return replace(part, weight=weight, box=box, active=not entry.get("off"))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
