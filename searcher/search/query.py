"""A query: a picture that a visitor uploaded, or one of the library."""

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

MIN_SHARE = 0.1  # of a side: smaller regions are not decoded at a larger scale


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


Query = UploadedQuery | StoredQuery
