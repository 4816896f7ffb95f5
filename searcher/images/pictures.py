"""Open pictures safely, turn them upright, shrink them; make thumbnails and model inputs."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
from PIL import Image

from searcher.errors import BadImage, InvalidRequest, TwinlensError
from searcher.images.containers.picture_file import NotRead
from searcher.images.decoding import ignore_pillow_warnings
from searcher.images.file_formats import RAW, format_of, unread_format
from searcher.images.opening import decode
from searcher.images.resizing import STRETCH, Fit, resized
from searcher.messages.message import Message, message

# What people call the formats whose names in Pillow are others.
TITLES = {"WEBP": "WebP", "HEIF": "HEIC", "JPEG2000": "JPEG 2000", RAW: "raw"}
SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .mpo .png .webp .gif .bmp .dib .tif .tiff .avif .heic .heif .hif"
    " .jp2 .j2k .jpx .jpf .dng .nef .cr2 .cr3 .arw .orf .rw2 .raf .pef .srw".split()
)
THUMBNAIL_SIZE = 640  # pixels on the long side
SMALL_SIDE = 960  # pixels on the long side from which thumbnails are made, at least
ICON_SIDE = 224  # pixels on the long side of icons, at most
PREVIEW_SIDE = 96  # the same of previews, which the page shows at half of it
MAX_BYTES = 256 * 2**20
FILE = message("picture.file")  # stands for the name of a file without one

UInt8Array = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]  # left, top, right, bottom, as shares of the picture


@dataclass(frozen=True)
class Picture:
    """A decoded picture: upright RGB pixels, perhaps reduced, and the size of the original."""

    pixels: Image.Image
    width: int
    height: int

    @cached_property
    def small(self) -> Image.Image:
        """The pixels for thumbnails and fingerprints, reduced by a whole number."""
        factor = max(self.pixels.size) // SMALL_SIDE
        return self.pixels.reduce(factor) if factor > 1 else self.pixels

    @cached_property
    def icon(self) -> Image.Image:
        """The pixels for small pictures of a query, made in a third of the time of thumbnails'."""
        small = self.small
        if max(small.size) <= ICON_SIDE:
            return small
        size = _covering(small.size, ICON_SIDE)
        return small.resize(size, Image.Resampling.HAMMING, reducing_gap=1.0)

    @cached_property
    def icon_jpeg(self) -> bytes:
        """A JPEG of at most ICON_SIDE pixels."""
        return reencode(self, ICON_SIDE, quality=75)

    @cached_property
    def preview_jpeg(self) -> bytes:
        """A JPEG of at most PREVIEW_SIDE pixels."""
        return reencode(self, PREVIEW_SIDE, quality=75)


def identify(data: bytes) -> tuple[int, str]:
    """Return a file's id, a positive 63-bit integer, and its 128-bit digest in hex.

    The id is cut from the digest (BLAKE2b, RFC 7693), so equal files have the same id anywhere.
    """
    digest = blake2b(data, digest_size=16)
    number = int.from_bytes(digest.digest()[:8], "big") & (2**63 - 1)
    return number or 1, digest.hexdigest()


def open_picture(
    data: bytes, name: str | Message = FILE, side: int = THUMBNAIL_SIZE, box: Box | None = None
) -> Picture:
    """Decode the bytes of a picture file into upright 8-bit RGB.

    Pictures of up to 27 megapixels keep all pixels: decoding JPEGs at a smaller scale would be
    faster, but change models' vectors (cosine 0.995 to 0.9999). Larger ones are reduced. Of
    animations and multi-page files the first frame is taken; transparency lies on white. Waits
    while other pictures take the memory that decoding may take in this process.

    Args:
        data: The bytes of the file.
        name: What error messages call the file.
        side: Pixels that the long side keeps at least, where the file has as many.
        box: The region that is returned; None for the whole picture.

    Raises:
        BadImage: The bytes are not a picture that can be opened safely.
        InvalidRequest: The region has no size.
    """
    if not data:
        raise BadImage("file.empty", name=name)
    if len(data) > MAX_BYTES:
        raise BadImage("file.too_large", name=name, mb=MAX_BYTES // 2**20)
    ignore_pillow_warnings()
    format = format_of(data)
    if not format:
        if unread := unread_format(data):
            raise BadImage("picture.format_not_read", name=name, format=unread)
        raise BadImage("picture.unknown_format", name=name)
    try:
        picture = Picture(*decode(data, format, name, side))
        return crop(picture, box) if box else picture
    except NotRead as error:
        if str(error) == RAW:
            raise BadImage("picture.no_preview", name=name) from error
        title = TITLES.get(format, format)
        raise BadImage("picture.kind_not_read", name=name, format=title) from error
    except MemoryError:
        raise BadImage("picture.out_of_memory", name=name) from None
    except TwinlensError:
        raise
    except Exception as error:
        # Decoders raise whatever they like on damaged data: OSError, SyntaxError, ValueError,
        # struct.error, EOFError, … and none of that may stop a run.
        raise BadImage("picture.damaged", name=name) from error


def _covering(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return the width and height with the same proportions whose long side is `side` pixels."""
    scale = side / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def thumbnail_name(picture_id: int) -> str:
    """Return a thumbnail's path relative to the thumbnails folder, in one of 256 folders."""
    return f"{picture_id % 256:02x}/{picture_id}.jpg"


def thumbnail(picture: Picture) -> bytes:
    """Encode a picture as JPEG with at most THUMBNAIL_SIZE pixels on the long side, no metadata.

    WebP would be a quarter smaller, but takes seven times as long: a tenth of the time of ResNet50.
    """
    return reencode(picture, THUMBNAIL_SIZE, quality=85)


def fingerprint(picture: Picture) -> str:
    """Return a perceptual hash of 128 bits in hex: near-duplicates differ in few bits.

    The difference hash (N. Krawetz, "Kind of Like That", 2013) by rows and by columns: whether each
    of 8 x 8 cells is darker than its neighbour to the right, and than the one below.
    """
    grey = picture.small.convert("L").resize((9, 9), Image.Resampling.BOX, reducing_gap=3.0)
    values = np.asarray(grey, dtype=np.int16)
    across = values[:8, :8] < values[:8, 1:]
    down = values[:8, :8] < values[1:, :8]
    return np.packbits(np.concatenate([across.ravel(), down.ravel()])).tobytes().hex()


def crop(picture: Picture, box: Box) -> Picture:
    """Return a region of a picture; what lies outside of the picture is cut off.

    Raises:
        InvalidRequest: The region has no size.
    """
    width, height = picture.pixels.size
    x0, y0, x1, y1 = (min(1.0, max(0.0, float(share))) for share in box)
    edges = (round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height))
    if edges[2] <= edges[0] or edges[3] <= edges[1]:
        raise InvalidRequest("picture.region_too_small")
    shares = x1 - x0, y1 - y0
    return Picture(
        picture.pixels.crop(edges),
        max(1, round(picture.width * shares[0])),
        max(1, round(picture.height * shares[1])),
    )


def reencode(picture: Picture, side: int, quality: int) -> bytes:
    """Encode a picture as JPEG without metadata.

    Args:
        picture: The picture.
        side: Pixels that the long side has at most.
        quality: Pillow's JPEG quality, 1 to 95.
    """
    small = picture.pixels
    if side <= THUMBNAIL_SIZE:
        small = picture.icon if side <= ICON_SIDE else picture.small
    if max(small.size) > side:
        small = small.resize(_covering(small.size, side), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=quality)
    return out.getvalue()


def model_input(picture: Picture, height: int, width: int, fit: Fit = STRETCH) -> UInt8Array:
    """Resize a picture to uint8 [height, width, 3], as a model file specifies.

    All other preprocessing is part of the model file's graph.

    Args:
        picture: The picture.
        height: Pixels of the result.
        width: Pixels of the result.
        fit: How the picture is fitted into these.
    """
    return resized(picture.pixels, height, width, fit)


def model_inputs(
    pictures: Iterable[Picture], height: int, width: int, fit: Fit = STRETCH
) -> UInt8Array:
    """Resize several pictures as `model_input` does: uint8 [N, height, width, 3]."""
    return np.stack([model_input(picture, height, width, fit) for picture in pictures])
