"""The boxes of ISO base media files, HEIF (ISO/IEC 14496-12) and JPEG 2000 (ISO/IEC 15444-1)."""

from collections.abc import Iterator

MAX_BOXES = 100_000


def boxes(view: memoryview, position: int, end: int) -> Iterator[tuple[bytes, range, int]]:
    """Yield each box's type, where its content lies, and its start; as far as sizes make sense."""
    for _ in range(MAX_BOXES):
        if position + 8 > end:
            return
        size, header = number(view, position, 4), 8
        if size == 1 and position + 16 <= end:
            size, header = number(view, position + 8, 8), 16
        stop = min(position + size, end) if size else end
        if stop < position + header:
            return
        yield bytes(view[position + 4 : position + 8]), range(position + header, stop), position
        position = stop


def number(view: memoryview, position: int, size: int) -> int:
    """Return a number of some bytes."""
    return int.from_bytes(view[position : position + size], "big")
