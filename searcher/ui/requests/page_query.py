"""The query of a tab as its inputs and chips show it, and as the page's address holds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from searcher.errors import InvalidRequest
from searcher.images.pictures import Box
from searcher.search.query import MAX_PARTS, ComposedQuery, Part, PictureQuery, Query, TextQuery
from searcher.ui.requests.arguments import read_id
from searcher.ui.requests.page_filters import FIELDS, NO_FILTERS, Filters
from searcher.ui.requests.page_part import LESS, MORE, PagePart

ADDRESS_KEYS = ("picture", "text", "parts", "uploads", *FIELDS)  # parameters of the page's address
MAX_ADDRESS = 20_000  # characters of the parts in an address


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
    filters: Filters = NO_FILTERS
    image: str = ""
    words: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it has neither parts nor filters."""
        return not self.parts and not self.filters.address()

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
        # The image box puts its picture first.
        image = (p.key for p in parts[:1] if p.picture_id is not None and p.weight > 0)
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
        parameters: dict[str, str] = {}
        if len(self.parts) == 1 and documents and not set(documents[0]) - {"picture", "text"}:
            parameters = documents[0]
        elif documents:
            parameters["parts"] = json.dumps(documents, ensure_ascii=False, separators=(",", ":"))
            parameters |= {"uploads": str(uploads)} if uploads else {}
        return parameters | self.filters.address()

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

    def only(self, key: str) -> "PageQuery":
        """Remove all other parts, and the filters."""
        part = self.part(key)
        return PageQuery((part,) if part else (), image=self.image if self.image == key else "")

    def detached(self) -> "PageQuery":
        """Empty both inputs and keep their parts, so that more can be added."""
        return replace(self, image="", words="")

    def library_query(self, queries: Mapping[str, PictureQuery | TextQuery]) -> Query:
        """Return the library's query of the active parts.

        Args:
            queries: The query of each active part by its key.

        Raises:
            InvalidRequest: No part counts for a picture.
        """
        return ComposedQuery.of([Part(queries[part.key], part.weight) for part in self.active])

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
