"""Open a picture file by its content and decode it into upright 8-bit sRGB."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, cast

from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from searcher.errors import BadImage
from searcher.images.colours import is_grey
from searcher.images.containers.bmp_file import read_bmp
from searcher.images.containers.exif import ORIENTATION
from searcher.images.containers.gif_file import read_gif
from searcher.images.containers.heif_file import read_heif
from searcher.images.containers.jp2_file import read_jp2
from searcher.images.containers.jpeg_file import read_jpeg
from searcher.images.containers.picture_file import NotRead, PictureFile, all_bytes
from searcher.images.containers.png_file import read_png
from searcher.images.containers.raw_file import preview
from searcher.images.containers.tiff_file import read_tiff
from searcher.images.containers.webp_file import read_webp
from searcher.images.conversion import Strips, convert_in_place, strips_to_rgb, to_rgb
from searcher.images.decoding import decoding_bytes, reduction, strips_bytes
from searcher.images.deep_colours import deep_conversion
from searcher.images.deep_strips import Deep, twice_decoded
from searcher.images.depths import GREY_ALPHA, has_low_bytes, is_dark, low_bytes, rawmode_of
from searcher.images.fax_rows import require_all_rows
from searcher.images.file_formats import RAW
from searcher.images.heif_samples import heif_samples, is_deep_heif
from searcher.images.jpeg_eighth import eighth, eighth_bytes
from searcher.images.jpeg_pixels import draft_size, jpeg_pixels
from searcher.images.openers import open_file
from searcher.images.png_pixels import png_pixels
from searcher.images.png_strips import PngStrips
from searcher.images.tiff_samples import TiffSamples, samples_of
from searcher.images.tiff_strips import TiffStrips
from searcher.memory import decoding
from searcher.messages.message import Message

# Of a picture whose decoder holds all pixels: 64 megapixels are 192 MB as RGB.
MAX_PIXELS = 64_000_000
# Of one that is decoded at a smaller scale, by rows, strips or tiles.
MAX_REDUCED_PIXELS = 500_000_000
# Progressive JPEGs that would take more are decoded from fewer coefficients.
MAX_COEFFICIENT_BYTES = 400 * 2**20

READERS: dict[str, Callable[[bytes], PictureFile]] = {
    "JPEG": read_jpeg,
    "PNG": read_png,
    "WEBP": read_webp,
    "GIF": read_gif,
    "BMP": read_bmp,
    "TIFF": read_tiff,
    "HEIF": read_heif,
    "AVIF": read_heif,
    "JPEG2000": read_jp2,
}

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Decoded(NamedTuple):
    """Upright pixels, perhaps reduced, and the size of the original."""

    pixels: Image.Image
    width: int
    height: int


def decode(data: bytes, format: str, name: str | Message, side: int) -> Decoded:
    """Decode a file of a format that is read; waits while other pictures take the memory.

    Raises:
        BadImage: The picture is too large.
        NotRead: The file is of a variant that is not read.
        Exception: Whatever decoders raise on damaged data.
    """
    try:
        file = READERS[format](data) if format != RAW else _preview(data)
    except NotRead as error:
        if str(error) != RAW or format == RAW:
            raise
        file, format = _preview(data), "JPEG"
    format = "JPEG" if format == RAW else format
    if format == "TIFF" and (samples := _samples(file)):
        _check(name, samples.size, MAX_PIXELS, samples.bytes + 2 * len(data))
        with decoding.spend(samples.bytes + 2 * len(data)):
            factor = reduction(samples.size, side)
            if samples.is_deep and deep_conversion(file.colour, samples.is_grey):
                pixels = strips_to_rgb(samples.deep(file.bits), factor, file.colour, bits=16)
            else:
                pixels = to_rgb(samples.decode(file.bits), factor, file.colour)
            return _upright(pixels, file.orientation, samples.size)
    image = open_file(file, format)
    full = image.size
    draft = draft_size(image, side) if format == "JPEG" else None
    if draft:
        image.draft("RGB", draft)
    held = len(data)
    if isinstance(file.stream, io.BytesIO):
        held += file.stream.getbuffer().nbytes
    needed = decoding_bytes(image, full, side, file.planes) + held
    strips = None
    progressive = None
    if file.has_dc_scans and needed > min(decoding.limit, MAX_COEFFICIENT_BYTES):
        progressive = cast(JpegImagePlugin.JpegImageFile, image)
        needed = eighth_bytes(progressive, full) + 2 * len(data)
    elif image.width * image.height > MAX_PIXELS or needed > decoding.limit:
        strips = _strips(image, file, rawmode_of(image))
        needed = strips_bytes(full, side) + held if strips else needed
    _check(name, full, MAX_REDUCED_PIXELS if strips or format == "JPEG" else MAX_PIXELS, needed)
    with decoding.spend(needed):
        if strips:
            pixels = strips_to_rgb(strips, reduction(full, side), file.colour, file.bits)
        elif progressive:
            pixels = to_rgb(eighth(file, progressive, full), colour=file.colour)
        else:
            pixels = _whole(image, file, format, draft, side)
        orientation = file.orientation
        if format == "AVIF":
            orientation = image.getexif().get(ORIENTATION, 1)  # as its properties say
        if pixels is not image:
            image.close()
        return _upright(pixels, orientation, full)


def _check(name: str | Message, size: tuple[int, int], most: int, needed: int) -> None:
    """Raise BadImage for a picture with too many pixels, or too large for the memory."""
    if size[0] * size[1] > most:
        raise BadImage("picture.too_many_pixels", name=name, megapixels=most // 10**6)
    if needed > decoding.limit:
        limit = decoding.limit // 2**20
        raise BadImage("picture.memory_limit", name=name, needed=needed // 2**20, limit=limit)


def _upright(pixels: Image.Image, orientation: int, size: tuple[int, int]) -> Decoded:
    """Return the pixels turned as the orientation says, with the size of the original."""
    if orientation in TURNS:
        pixels = pixels.transpose(TURNS[orientation])
    pixels.info = {}  # Pillow would write comments and profiles into files made of it
    return Decoded(pixels, *(size[::-1] if orientation in (5, 6, 7, 8) else size))


def _samples(file: PictureFile) -> TiffSamples | None:
    """Return the reader of a TIFF's samples where Pillow can't read them, or misreads them."""
    samples = samples_of(file.stream)
    width, height = samples.size if samples else (0, 0)
    is_small = width * height <= MAX_PIXELS  # larger ones are decoded by strips
    if samples and not samples.is_misread() and not (samples.is_signed and is_small):
        try:
            open_file(file, "TIFF")
        except NotRead:
            return samples
        return None
    return samples


def _preview(data: bytes) -> PictureFile:
    """Return the JPEG that a camera put into its raw file; it may not say how it is turned."""
    jpeg, orientation = preview(data)
    file = read_jpeg(jpeg)
    return replace(file, orientation=orientation) if file.orientation == 1 else file


def _strips(image: Image.Image, file: PictureFile, rawmode: str) -> Strips | Deep | None:
    """Return a picture's strips where its file can be decoded by them."""
    is_deep = has_low_bytes(rawmode)
    try:
        if isinstance(image, PngImagePlugin.PngImageFile):
            rows = PngStrips(all_bytes(file.stream), image)
            return rows.deep() if is_deep else rows
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            strips = TiffStrips(all_bytes(file.stream))
            return strips.deep() if is_deep else strips
    except ValueError:
        pass
    return None


def _whole(
    image: Image.Image, file: PictureFile, format: str, draft: tuple[int, int] | None, side: int
) -> Image.Image:
    """Decode all pixels at once; where all 16 bits of a sample count, in strips if possible."""
    rawmode, factor = rawmode_of(image), reduction(image.size, side)  # before it is loaded
    is_deep = has_low_bytes(rawmode)
    is_managed = bool(is_deep and deep_conversion(file.colour, rawmode == GREY_ALPHA))
    if is_deep_heif(image) and deep_conversion(file.colour, is_grey(image.mode)):
        return strips_to_rgb(heif_samples(file.stream), factor, file.colour, bits=16)
    if format == "JPEG":
        image = jpeg_pixels(image, file, draft)
    elif format == "PNG" and not is_managed:
        image, file = png_pixels(image, file)
    elif not is_managed:
        image.load()
        if format == "TIFF":
            require_all_rows(image, file.stream)
    colour = file.colour
    if is_managed or (is_deep and is_dark(image)):
        if strips := _strips(image, file, rawmode):
            image.close()
            return strips_to_rgb(strips, factor, colour, file.bits)
        image.load()
        low, key = low_bytes(open_file(file, format), rawmode), image.info.pop("transparency", None)
        colour = convert_in_place(image, twice_decoded(image, low, rawmode, key), colour, file.bits)
        del low
    if rawmode == GREY_ALPHA:
        image = Image.merge("LA", (image.getchannel("R"), image.getchannel("A")))
    if format == "BMP" and image.mode == "RGBA" and not image.getchannel("A").getbbox():
        image = image.convert("RGB")  # written by programs that know no alpha
    if file.frame and factor == 1:  # Pillow fills the rest with the colour of the background
        canvas = Image.new("RGB", image.size, "white")
        canvas.paste(to_rgb(image.crop(file.frame)), file.frame[:2])
        return canvas
    return to_rgb(image, factor, colour, file.bits)
