"""Open pictures safely, turn them upright, shrink them; make thumbnails and model inputs."""

import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from searcher.errors import BadImage
from searcher.resizing import STRETCH, Fit, resized

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .webp .gif .bmp .tif .tiff .avif .heic .heif".split()
)
THUMBNAIL_SIZE = 640  # pixels on the long side
MAX_BYTES = 256 * 2**20
# What a decoded picture may take: 64 megapixels are 192 MB as RGB.
MAX_PIXELS = 64_000_000

ORIENTATION = 0x0112  # EXIF tag; 5 to 8 are the quarter turns

UInt8Array = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]  # left, top, right, bottom, as shares of the picture


@dataclass(frozen=True)
class Picture:
    """A decoded picture: upright RGB pixels, perhaps reduced, and the size of the original."""

    pixels: Image.Image
    width: int
    height: int


def identify(data: bytes) -> tuple[int, str]:
    """Return a file's id, a positive 63-bit integer, and its 128-bit digest in hex.

    The id is the start of the digest (BLAKE2b, RFC 7693), so equal files are one picture anywhere.
    """
    digest = blake2b(data, digest_size=16)
    number = int.from_bytes(digest.digest()[:8], "big") & (2**63 - 1)
    return number or 1, digest.hexdigest()


def open_picture(data: bytes, name: str = "The file", side: int = THUMBNAIL_SIZE) -> Picture:
    """Decode the bytes of a picture file into upright 8-bit RGB.

    JPEGs are decoded at the smallest scale whose long side is still `side` pixels. Of animations
    and multi-page files the first frame counts; transparency lies on white.
    Raises BadImage with a sentence that starts with `name`.
    """
    if not data:
        raise BadImage(f"{name} is empty.")
    if len(data) > MAX_BYTES:
        raise BadImage(f"{name} is larger than {MAX_BYTES // 2**20} MB.")
    register_heif_opener()
    try:
        with warnings.catch_warnings():
            # Pillow warns of many harmless oddities; the limits that matter are checked here.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _decode(image, name, side)
    except UnidentifiedImageError:
        raise BadImage(
            f"{name} is not a picture in a known format "
            "(JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC)."
        ) from None
    except (Image.DecompressionBombError, MemoryError):
        raise BadImage(_too_large(name)) from None
    except BadImage:
        raise
    except Exception as error:
        # Decoders raise whatever they like on damaged data: OSError, SyntaxError, ValueError,
        # struct.error, EOFError, … and none of that may stop a run.
        raise BadImage(f"{name} is damaged or cut off and can't be decoded.") from error


def _decode(image: Image.Image, name: str, side: int) -> Picture:
    width, height = image.size
    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", _covering(image.size, side))
    # Before anything else: even asking a PNG for its EXIF block decodes it.
    if image.width * image.height > MAX_PIXELS:
        raise BadImage(_too_large(name))
    image.load()
    if image.getexif().get(ORIENTATION, 1) in (5, 6, 7, 8):
        width, height = height, width
    ImageOps.exif_transpose(image, in_place=True)
    pixels = _to_rgb(image)
    pixels.info = {}  # Pillow would write comments and profiles into whatever is made of it
    return Picture(pixels, width, height)


def _too_large(name: str) -> str:
    return f"{name} has more than {MAX_PIXELS // 10**6} megapixels."


def _covering(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size with the same proportions whose long side is `side`."""
    scale = side / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _eight_bit(image).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """Map 16-bit, 32-bit or float greys to 8 bits; Pillow alone would clip them to white."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32))
    low, high = float(values.min()), float(values.max())
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    elif low >= 0 and high <= 255:
        low, high = 0.0, 1.0 if high <= 1 else 255.0
    scaled = (values - low) * (255.0 / max(high - low, 1e-12))
    return Image.fromarray(scaled.round().astype(np.uint8))


def thumbnail_name(picture_id: int) -> str:
    """A thumbnail's path inside the thumbnails folder, in one of 256 folders."""
    return f"{picture_id % 256:02x}/{picture_id}.jpg"


def thumbnail(picture: Picture) -> bytes:
    """Re-encode as JPEG with at most THUMBNAIL_SIZE pixels on the long side, no metadata.

    WebP would be a quarter smaller, but takes seven times as long: a tenth of the time of ResNet50.
    """
    return reencode(picture, THUMBNAIL_SIZE, quality=85)


def fingerprint(picture: Picture) -> str:
    """What stays when a picture is scaled, compressed anew or slightly edited: 128 bits in hex.

    The difference hash (N. Krawetz, "Kind of Like That", 2013) by rows and by columns: whether each
    of 8 x 8 places is darker than its neighbour to the right, and than the one below.
    """
    grey = picture.pixels.convert("L").resize((9, 9), Image.Resampling.BOX, reducing_gap=3.0)
    values = np.asarray(grey, dtype=np.int16)
    across = values[:8, :8] < values[:8, 1:]
    down = values[:8, :8] < values[1:, :8]
    return np.packbits(np.concatenate([across.ravel(), down.ravel()])).tobytes().hex()


def crop(picture: Picture, box: Box) -> Picture:
    """Return a region of a picture. Raises BadImage where it has no size."""
    width, height = picture.pixels.size
    left, top, right, bottom = (min(1.0, max(0.0, float(share))) for share in box)
    edges = (round(left * width), round(top * height), round(right * width), round(bottom * height))
    if edges[2] <= edges[0] or edges[3] <= edges[1]:
        raise BadImage("The region is too small: mark a larger one.")
    shares = right - left, bottom - top
    return Picture(
        picture.pixels.crop(edges),
        max(1, round(picture.width * shares[0])),
        max(1, round(picture.height * shares[1])),
    )


def reencode(picture: Picture, side: int, quality: int) -> bytes:
    """Return a picture as JPEG with at most `side` pixels on the long side, without metadata."""
    small = picture.pixels
    if max(small.size) > side:
        small = small.resize(_covering(small.size, side), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=quality)
    return out.getvalue()


def model_input(picture: Picture, height: int, width: int, fit: Fit = STRETCH) -> UInt8Array:
    """Resize a picture to uint8 [height, width, 3], as a model file says."""
    return resized(picture.pixels, height, width, fit)


def model_inputs(
    pictures: Iterable[Picture], height: int, width: int, fit: Fit = STRETCH
) -> UInt8Array:
    """The same for several pictures: uint8 [N, height, width, 3]."""
    return np.stack([model_input(picture, height, width, fit) for picture in pictures])
