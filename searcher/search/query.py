"""What is searched for: a picture that a visitor brought, or one that the library has."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from searcher.errors import NotFound
from searcher.images.pictures import (
    THUMBNAIL_SIZE,
    Box,
    Picture,
    crop,
    open_picture,
    thumbnail,
)
from searcher.messages.message import message

MIN_SHARE = 0.1  # of a side; below, a region is not decoded any larger


@dataclass(frozen=True)
class UploadedQuery:
    """The bytes of a file; `name` is what error sentences call it. With a `box` that region counts.

    It is decoded once, however many models and parts of the page ask for its picture.
    """

    name: str
    data: bytes = field(repr=False)
    box: Box | None = None

    @cached_property
    def picture(self) -> Picture:
        """The pixels of the file, or of its region. Raises BadImage."""
        if self.box is None:
            return open_picture(self.data, self.name)
        # A region of a reduced picture would be a blur: decode so that the region has the pixels.
        share = max(self.box[2] - self.box[0], self.box[3] - self.box[1])
        side = round(THUMBNAIL_SIZE / min(1.0, max(share, MIN_SHARE)))
        return open_picture(self.data, self.name, side, self.box)

    @cached_property
    def thumbnail(self) -> bytes:
        """The picture as a small JPEG. Raises BadImage."""
        return thumbnail(self.picture)


@dataclass(frozen=True)
class StoredQuery:
    """A picture of the library, whose stored vectors need no inference; `file` is its thumbnail.

    With a `box` only that region counts, of which no vector is stored.
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
        """The picture, whole, as a small JPEG. Raises NotFound where it is gone."""
        try:
            return self.file.read_bytes()
        except OSError as error:
            raise NotFound("picture.gone") from error


Query = UploadedQuery | StoredQuery
