"""JPEG 2000 (ISO/IEC 15444-1, annex I): the colours of the boxes around a codestream."""

import io

from searcher.images.containers.boxes import boxes
from searcher.images.containers.picture_file import SRGB, ColourTags, PictureFile

RESTRICTED_ICC, ANY_ICC = 2, 3  # methods of a colour specification


def read_jp2(data: bytes) -> PictureFile:
    """Look for a profile; a bare codestream has none. The file is decoded as it is."""
    return PictureFile(io.BytesIO(data), colour=_colour(memoryview(data)))


def _colour(view: memoryview) -> ColourTags:
    for kind, header, _ in boxes(view, 0, len(view)):
        if kind == b"jp2h":
            for inner, body, _ in boxes(view, header.start, header.stop):
                is_colour = inner == b"colr" and len(body) > 3
                if is_colour and view[body.start] in (RESTRICTED_ICC, ANY_ICC):
                    return ColourTags(icc=bytes(view[body.start + 3 : body.stop]))
    return SRGB
