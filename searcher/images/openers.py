"""Open a file of a known format by Pillow; its pixels are decoded later."""

from typing import IO, cast

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from pillow_heif import HeifImageFile

from searcher.images.containers.picture_file import NotRead, PictureFile

OPENERS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "HEIF": HeifImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "JPEG2000": Jpeg2KImagePlugin.Jpeg2KImageFile,
}
# Their headers name variants that decoders lack; a damaged header is rarer.
WITH_VARIANTS = frozenset({"TIFF", "BMP", "JPEG", "JPEG2000"})


def open_file(file: PictureFile, format: str) -> ImageFile.ImageFile:
    """Open a file from its beginning.

    Args:
        file: The file.
        format: Its format, in Pillow's words.

    Raises:
        NotRead: The file is of a variant that is not read.
        SyntaxError, OSError, KeyError, ValueError: Its header is damaged.
    """
    file.stream.seek(0)
    try:
        return OPENERS[format](cast(IO[bytes], file.stream))
    except (SyntaxError, OSError, KeyError, ValueError) as error:
        if format in WITH_VARIANTS:
            raise NotRead(format) from error
        raise
