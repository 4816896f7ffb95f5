"""A query: a picture, words, or a weighted sum of several of these."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from searcher.errors import BadImage, InvalidRequest, NotFound
from searcher.images.pictures import (
    THUMBNAIL_SIZE,
    Box,
    Picture,
    crop,
    fingerprint,
    identify,
    open_picture,
    thumbnail,
)
from searcher.images.stored_form import stored_form
from searcher.messages.message import message

MIN_SHARE = 0.1  # of a side: smaller regions are not decoded at a larger scale
MAX_TEXT = 1000  # characters of the words of a query
MAX_PARTS = 8
MAX_WEIGHT = 10.0
ALMOST_ZERO = 1e-3  # length of a sum of vectors, as a share of the weights: only noise is left
# Inside words and emoji; other format characters change the writing direction.
JOINERS = "\u200c\u200d"
VISIBLE = "LNPS"  # categories of Unicode: letters, numbers, punctuation, symbols


@dataclass(frozen=True)
class UploadedQuery:
    """An uploaded file, or its region `box`; error messages call it `name`.

    It is decoded once, however many models and parts of the page use its picture.
    """

    name: str
    data: bytes = field(repr=False)
    box: Box | None = None

    @cached_property
    def picture(self) -> Picture:
        """The pixels of the file, or of its region. Raises BadImage."""
        if self.box is None:
            return open_picture(self.data, self.name)
        # A region of a reduced picture would be blurred: decode at a larger scale.
        share = max(self.box[2] - self.box[0], self.box[3] - self.box[1])
        side = round(THUMBNAIL_SIZE / min(1.0, max(share, MIN_SHARE)))
        return open_picture(self.data, self.name, side, self.box)

    @cached_property
    def thumbnail(self) -> bytes:
        """The picture as a small JPEG. Raises BadImage."""
        return thumbnail(self.picture)

    @cached_property
    def fingerprint(self) -> str:
        """The perceptual hash of the picture. Raises BadImage."""
        return fingerprint(self.picture)

    @cached_property
    def file_id(self) -> int:
        """The id that the file has in a library that was given it in a folder."""
        return identify(self.data)[0]

    @cached_property
    def stored_id(self) -> int | None:
        """The id that it has as an upload; None where it could not be one.

        Takes as long as decoding it again, at up to 2048 pixels.
        """
        try:
            return identify(stored_form(self.data, self.name))[0]
        except BadImage:  # larger pictures can be searched with than be stored
            return None


@dataclass(frozen=True)
class StoredQuery:
    """A picture of the library; `file` is its thumbnail.

    It is searched for by its stored vectors. With a `box` only that region is searched for, which
    has no stored vector.
    """

    name: str
    picture_id: int
    file: Path
    box: Box | None = None

    @cached_property
    def picture(self) -> Picture:
        """The pixels of the thumbnail, or of its region. Raises BadImage, NotFound."""
        picture = open_picture(self.thumbnail, message("picture.stored"))
        return crop(picture, self.box) if self.box else picture

    @cached_property
    def thumbnail(self) -> bytes:
        """The whole picture as a small JPEG. Raises NotFound where it is missing."""
        try:
            return self.file.read_bytes()
        except OSError as error:
            raise NotFound("picture.gone") from error


PictureQuery = UploadedQuery | StoredQuery


@dataclass(frozen=True)
class TextQuery:
    """Words, as `TextQuery.of` cleans them."""

    text: str

    @classmethod
    def of(cls, text: str) -> "TextQuery":
        """Return the query of what a person typed.

        Control and format characters go, white space becomes single spaces.

        Raises:
            InvalidRequest: Nothing is left, or it is longer than MAX_TEXT.
        """
        if len(text) > MAX_TEXT:
            raise InvalidRequest("query.text_too_long", most=MAX_TEXT)
        visible = (" " if c.isspace() else c for c in text if c.isspace() or not _is_hidden(c))
        words = " ".join("".join(visible).split())
        if not any(unicodedata.category(c)[0] in VISIBLE for c in words):
            raise InvalidRequest("query.no_text")
        return cls(words)

    @property
    def name(self) -> str:
        """What results and documents call the query."""
        return self.text


@dataclass(frozen=True)
class Part:
    """A picture or words in a composed query; a negative weight counts against it."""

    query: PictureQuery | TextQuery
    weight: float = 1.0


@dataclass(frozen=True)
class ComposedQuery:
    """A weighted sum of the unit vectors of up to MAX_PARTS parts, as in Rocchio (1971)."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> "Query":
        """Return the query of parts; that of a single one with a positive weight is its own.

        Raises:
            InvalidRequest: There are none, too many, or none that counts for a picture; or a
                weight is 0, not finite or beyond MAX_WEIGHT.
        """
        if not parts:
            raise InvalidRequest("query.no_parts")
        if len(parts) > MAX_PARTS:
            raise InvalidRequest("query.too_many_parts", most=MAX_PARTS)
        if any(not math.isfinite(p.weight) or not 0 < abs(p.weight) <= MAX_WEIGHT for p in parts):
            raise InvalidRequest("query.weight", most=MAX_WEIGHT)
        if all(part.weight < 0 for part in parts):
            raise InvalidRequest("query.only_minus")
        return parts[0].query if len(parts) == 1 else cls(tuple(parts))

    @property
    def name(self) -> str:
        """The names of the parts, as in `two dogs − beach.jpg`."""
        signs = ["−" if part.weight < 0 else "+" for part in self.parts]
        named = [f"{sign} {part.query.name}" for sign, part in zip(signs, self.parts, strict=True)]
        return " ".join(named).removeprefix("+ ")


def parts_of(query: "Query") -> tuple[Part, ...]:
    """Return the parts of a query; one that is not composed is its only part."""
    return query.parts if isinstance(query, ComposedQuery) else (Part(query),)


def needs_embedding(query: PictureQuery | TextQuery) -> bool:
    """Whether a part has no stored vector: words, an upload, or a region."""
    return not isinstance(query, StoredQuery) or query.box is not None


def _is_hidden(character: str) -> bool:
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")
    return hidden and character not in JOINERS


Query = PictureQuery | TextQuery | ComposedQuery
