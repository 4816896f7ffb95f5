"""Decode one picture file into all that indexing needs of its pixels."""

from collections.abc import Collection
from dataclasses import dataclass

from searcher.images.containers.jpeg_file import read_jpeg
from searcher.images.containers.jpeg_scans import EOI, IN_SCAN, SOS
from searcher.images.containers.picture_file import SRGB, all_bytes
from searcher.images.file_formats import format_of
from searcher.images.pictures import (
    THUMBNAIL_SIZE,
    Picture,
    UInt8Array,
    fingerprint,
    model_input,
    open_picture,
    thumbnail,
)
from searcher.images.resizing import Fit

Form = tuple[int, int, Fit]  # height, width, and how a picture is fitted into these
BASELINE = 0xC0  # the frame of the JPEGs that every browser decodes
ADOBE = 0xEE  # says that colours are stored as RGB or CMYK
COPIED_BYTES = 0.25  # a pixel, of a JPEG that is its own thumbnail: quality 85 makes some 0.12


@dataclass(frozen=True)
class Rendered:
    """What indexing needs of a picture's pixels.

    Attributes:
        width: Pixels of the upright original.
        height: The same.
        fingerprint: See `pictures.fingerprint`.
        inputs: uint8 [height, width, 3] by form.
        thumbnail: A JPEG; None where none was asked for.
    """

    width: int
    height: int
    fingerprint: str
    inputs: dict[Form, UInt8Array]
    thumbnail: bytes | None


def render(data: bytes, name: str, forms: Collection[Form], wants_thumbnail: bool) -> Rendered:
    """Decode a file once.

    Args:
        data: Its bytes.
        name: What error messages call it.
        forms: The model inputs to make.
        wants_thumbnail: Whether to make a thumbnail.

    Raises:
        BadImage: The bytes are not a picture that can be opened safely.
    """
    picture = open_picture(data, name)
    inputs = {form: model_input(picture, *form) for form in forms}
    jpeg = own_thumbnail(data, picture) or thumbnail(picture) if wants_thumbnail else None
    return Rendered(picture.width, picture.height, fingerprint(picture), inputs, jpeg)


def own_thumbnail(data: bytes, picture: Picture) -> bytes | None:
    """Return a small JPEG without its metadata, to be a thumbnail as it is.

    Encoding the same pixels again would take a sixth of the time of preparing the picture, make a
    larger file of it, and lose quality.

    Args:
        data: The bytes of a picture file.
        picture: The same, decoded.

    Returns:
        None where the file is no such JPEG: it is large, turned, of other colours than sRGB, not
        baseline, or has more than one scan.
    """
    width, height = picture.pixels.size
    is_small = len(data) <= COPIED_BYTES * width * height and max(width, height) <= THUMBNAIL_SIZE
    if not is_small or format_of(data) != "JPEG":
        return None
    file = read_jpeg(data)
    if file.orientation != 1 or file.colour != SRGB:
        return None
    plain = all_bytes(file.stream)
    position, segments = 2, {}  # read_jpeg leaves only what a decoder needs
    while plain[position + 1] != SOS:
        segments[plain[position + 1]] = position
        position += 2 + int.from_bytes(plain[position + 2 : position + 4], "big")
    end = IN_SCAN.search(plain, position + 2)
    is_whole = end is not None and plain[end.start() + 1] == EOI
    is_common = BASELINE in segments and ADOBE not in segments
    return plain[: end.end()] if end and is_whole and is_common else None
