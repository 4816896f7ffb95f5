"""Whether the strips of a TIFF that is compressed like a fax have all their rows.

libtiff leaves the rows that follow the end of the code as they were in memory.
"""

import io
import re
import struct
from typing import IO, cast

from PIL import Image, TiffImagePlugin

from searcher.images.containers.picture_file import CutOff
from searcher.images.containers.tiff_file import rewritten
from searcher.images.containers.tiff_pages import (
    COMPRESSION,
    STRIP_BYTES,
    STRIP_OFFSETS,
    Tag,
    Tags,
    first_page,
)

T4, T6 = 3, 4  # compressions, by the recommendations of ITU-T
FILL_ORDER, T4_OPTIONS = 266, 292
END = re.compile("0{11,}1[01]?0{11,}1")  # two ends of line, perhaps with a bit for the kind of line
END_OF_LINE = "000000000001"
WHITE_0, BLACK_1 = "00110101", "010"  # runs of so many pixels
HORIZONTAL, VERTICAL_0 = "001", "1"  # modes of T.6
ROWS = 64  # that are added: of a black pixel, and white
MAX_STRIP = 2**21  # bytes
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def require_all_rows(image: Image.Image, stream: io.BufferedIOBase) -> None:
    """Decode a file again with other rows behind its own, which must not show.

    Args:
        image: The decoded picture.
        stream: Its file.

    Raises:
        CutOff: Rows are missing.
        OSError: The file is damaged.
    """
    if not isinstance(stream, io.BytesIO):
        return  # nothing is compressed
    data = stream.getvalue()
    order, tags = first_page(data)

    def numbers(tag: int) -> tuple[int, ...]:
        return tags[tag].numbers(order) if tag in tags else ()

    kind = next(iter(numbers(COMPRESSION)), 1)
    sizes = numbers(STRIP_BYTES)
    if kind not in (T4, T6) or max(sizes, default=0) > MAX_STRIP:
        return
    is_reversed = numbers(FILL_ORDER)[:1] == (2,)
    row = HORIZONTAL + WHITE_0 + BLACK_1 + VERTICAL_0
    if kind == T4:
        is_two_dimensional = sum(numbers(T4_OPTIONS)) & 1
        row = END_OF_LINE + "1" * is_two_dimensional + WHITE_0 + BLACK_1
    strips = [
        _continued(data[place : place + size], row * ROWS, is_reversed)
        for place, size in zip(numbers(STRIP_OFFSETS), sizes, strict=False)
    ]
    with TiffImagePlugin.TiffImageFile(
        cast(
            IO[bytes], rewritten(data + b"".join(strips), order, tags | _tags(data, order, strips))
        )
    ) as other:
        if other.tobytes() != image.tobytes():
            raise CutOff("rows")


def _continued(strip: bytes, rows: str, is_reversed: bool) -> bytes:
    """Return a strip's code with further rows in the place of its end."""
    strip = strip.translate(REVERSED) if is_reversed else strip
    bits = f"{int.from_bytes(strip):0{8 * len(strip)}b}"
    end = END.search(bits)
    bits = bits[: end.start() if end else None] + rows
    longer = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8))
    return longer.translate(REVERSED) if is_reversed else longer


def _tags(data: bytes, order: str, strips: list[bytes]) -> Tags:
    """Return the tags that say where strips lie that were appended to a file."""
    places = [len(data)]
    for strip in strips[:-1]:
        places.append(places[-1] + len(strip))
    values = {STRIP_OFFSETS: places, STRIP_BYTES: [len(strip) for strip in strips]}
    return {
        number: Tag(4, len(each), struct.pack(f"{order}{len(each)}I", *each))
        for number, each in values.items()
    }
