"""The query of a tab as its inputs and chips show it, and as the page's address holds it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from searcher.errors import InvalidRequest
from searcher.images.pictures import Box
from searcher.library.core import Library
from searcher.search.query import (
    MAX_PARTS,
    MAX_TEXT,
    MAX_WEIGHT,
    ComposedQuery,
    Part,
    PictureQuery,
    Query,
    TextQuery,
)
from searcher.ui.requests.arguments import read_box, read_id, read_number, read_text
from searcher.ui.requests.page_filters import Filters
from searcher.ui.requests.parsing import THUMBNAIL, read_query

# What counts against a picture weighs less, as in Rocchio (1971): the pictures of one result are
# near to each other, and with equal weights they would cancel each other out.
MORE, LESS = 1.0, -0.5
MAX_ADDRESS = 20_000  # characters of the parts in an address


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
    """

    key: str
    picture_id: int | None = None
    upload: Mapping[str, Any] | None = field(default=None, repr=False)
    text: str = ""
    box: Box | None = None
    weight: float = MORE
    active: bool = True
    preview: str = field(default="", repr=False)

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

    def query(self, library: Library) -> PictureQuery | TextQuery:
        """Return the library's query. Raises InvalidRequest, BadImage for an upload."""
        if self.text:
            return TextQuery(self.text)
        if self.picture_id is not None:
            return library.stored_query(self.picture_id, box=self.box)
        return replace(read_query(library, self.upload), box=self.box)

    def document(self) -> dict[str, Any]:
        """Return the part's entry in the page's address, which has no uploads."""
        entry: dict[str, Any] = {"text": self.text} if self.text else {}
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
    def of_document(cls, entry: Any) -> "PagePart":
        """Parse an entry of an address. Raises InvalidRequest."""
        if not isinstance(entry, dict) or not ("text" in entry or "picture" in entry):
            raise InvalidRequest("query.no_parts")
        if "text" in entry:
            part, box = cls.of_words(read_text(entry["text"], MAX_TEXT)), None
        else:
            part = cls.of_picture(read_id(entry["picture"]))
            box = read_box(entry["box"]) if "box" in entry else None
        weight = read_number(entry.get("weight", MORE))
        if not 0 < abs(weight) <= MAX_WEIGHT:
            raise InvalidRequest("query.weight", most=MAX_WEIGHT)
        return replace(part, weight=weight, box=box, active=not entry.get("off"))


@dataclass(frozen=True)
class PageQuery:
    """The parts and filters of a tab's query. Methods return a changed query.

    Attributes:
        parts: Up to MAX_PARTS parts.
        filters: Which pictures are searched.
        image: The key of the part in the image box, "" if there is none.
        words: The key of the part in the line of words.
    """

    parts: tuple[PagePart, ...] = ()
    filters: Filters = Filters()
    image: str = ""
    words: str = ""

    @property
    def active(self) -> tuple[PagePart, ...]:
        """The parts that are searched for."""
        return tuple(part for part in self.parts if part.active)

    def part(self, key: str) -> PagePart | None:
        """Return the part with a key."""
        return next((part for part in self.parts if part.key == key), None)

    @classmethod
    def of_address(cls, parameters: Mapping[str, str]) -> "PageQuery":
        """Parse the parameters of a page's address; see `address`. Raises InvalidRequest."""
        parts: list[PagePart] = []
        if listed := parameters.get("parts"):
            parts = [PagePart.of_document(entry) for entry in _list(listed)]
        elif text := parameters.get("text"):
            parts = [PagePart.of_words(text)]
        elif picture := parameters.get("picture"):
            parts = [PagePart.of_picture(read_id(picture))]
        by_key = {part.key: part for part in parts}
        image = (p.key for p in by_key.values() if p.picture_id is not None and p.weight > 0)
        words = (part.key for part in by_key.values() if part.text)
        filters = Filters.of(parameters)
        query = cls(filters=filters, image=next(image, ""), words=next(words, ""))
        return query._with_parts(*by_key.values())

    def address(self) -> dict[str, str]:
        """Return the parameters of the page's address that bring the query back.

        Uploads are left out: `uploads` is their number if there are other parts.
        """
        documents = [part.document() for part in self.parts if part.upload is None]
        uploads = len(self.parts) - len(documents)
        parameters = self.filters.address()
        if not documents:
            return parameters
        if len(self.parts) > 1 or set(documents[0]) - {"picture", "text"}:
            parameters["parts"] = json.dumps(documents, ensure_ascii=False, separators=(",", ":"))
        else:
            parameters |= documents[0]
        return parameters | ({"uploads": str(uploads)} if uploads else {})

    def with_image(self, payload: Mapping[str, Any] | None) -> "PageQuery":
        """Put another picture into the image box, or none."""
        if not payload:
            return self.without(self.image)
        part = PagePart.of_image(payload)
        if part.key == self.image:
            return self
        return replace(self._exchange(self.image, part, first=True), image=part.key)

    def with_words(self, text: str) -> "PageQuery":
        """Put other words into the line, or none. Raises InvalidRequest for too many ones."""
        if not text.strip():
            return self.without(self.words)
        part = PagePart.of_words(text)
        if part.key == self.words:
            return self
        return replace(self._exchange(self.words, part, first=False), words=part.key)

    def with_region(self, box: Box | None) -> "PageQuery":
        """Mark a region of the picture in the image box, or the whole picture."""
        return self._change(self.image, box=box, preview="")

    def with_hit(self, picture_id: int, weight: float) -> "PageQuery":
        """Add a picture of the library; one that is a part already gets the weight."""
        part = PagePart.of_picture(picture_id, weight)
        if self.part(part.key):
            return self._change(part.key, weight=weight, active=True)
        return self._with_parts(*self.parts, part)

    def toggled(self, key: str) -> "PageQuery":
        """Switch a part off or on."""
        part = self.part(key)
        return self._change(key, active=not part.active) if part else self

    def flipped(self, key: str) -> "PageQuery":
        """Let a part count against pictures instead of for them, or the reverse."""
        part = self.part(key)
        return self._change(key, weight=LESS if part.weight > 0 else MORE) if part else self

    def without(self, key: str) -> "PageQuery":
        """Remove a part; its input is emptied."""
        parts = tuple(part for part in self.parts if part.key != key)
        image, words = (slot if slot != key else "" for slot in (self.image, self.words))
        return replace(self, parts=parts, image=image, words=words)

    def detached(self) -> "PageQuery":
        """Empty both inputs and keep their parts, so that more can be added."""
        return replace(self, image="", words="")

    def library_query(self, queries: Mapping[str, PictureQuery | TextQuery]) -> Query | None:
        """Return the query of the active parts; None if none of them counts for a picture.

        Args:
            queries: The query of each active part by its key.
        """
        parts = [Part(queries[part.key], part.weight) for part in self.active]
        if all(part.weight < 0 for part in parts):
            return None
        return ComposedQuery.of(parts)

    def _exchange(self, key: str, part: PagePart, first: bool) -> "PageQuery":
        """Put a part into the place of another one, else first or last; its double goes."""
        others = [other for other in self.parts if other.key == key or other.key != part.key]
        if self.part(key):
            return self._with_parts(*(part if other.key == key else other for other in others))
        return self._with_parts(*([part, *others] if first else [*others, part]))

    def _with_parts(self, *parts: PagePart) -> "PageQuery":
        if len(parts) > MAX_PARTS:
            raise InvalidRequest("query.too_many_parts", most=MAX_PARTS)
        return replace(self, parts=parts)

    def _change(self, key: str, **changes: Any) -> "PageQuery":
        parts = (replace(p, **changes) if p.key == key else p for p in self.parts)
        return replace(self, parts=tuple(parts))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _list(value: str) -> list[Any]:
    """Parse the JSON list of an address. Raises InvalidRequest."""
    try:
        entries = json.loads(value) if len(value) <= MAX_ADDRESS else None
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        raise InvalidRequest("query.no_parts")
    if len(entries) > MAX_PARTS:
        raise InvalidRequest("query.too_many_parts", most=MAX_PARTS)
    return entries
