"""HEIF and AVIF (ISO/IEC 23008-12): colours of the primary item; metadata items are hidden."""

import io
import struct

from searcher.images.containers.boxes import MAX_BOXES, boxes, number
from searcher.images.containers.picture_file import UNWRITTEN, ColourTags, CutOff, PictureFile

# Items that decoders would read and convert; "skip" is of no type that they know.
METADATA = (b"Exif", b"mime", b"uri ")


def read_heif(data: bytes) -> PictureFile:
    """Hide the metadata items; orientation is a property that the decoders apply.

    Raises:
        CutOff: Part of the primary item's pixels was never written.
    """
    changed = bytearray(data)
    properties: list[tuple[bytes, bytes]] = []
    primary, associations = 0, dict[int, list[int]]()
    tiles, extents = dict[int, list[int]](), dict[int, list[range]]()
    view = memoryview(data)
    for kind, body, _ in boxes(view, 0, len(data)):
        if kind != b"meta":
            continue
        inside = list(boxes(view, body.start + 4, body.stop))
        for kind, part, _ in inside:
            if kind == b"pitm":
                primary = number(view, part.start + 4, 4 if view[part.start] else 2)
            elif kind == b"iloc":
                extents |= _extents(view[part.start : part.stop], len(data))
            elif kind == b"iref":
                tiles |= _tiles(view[part.start : part.stop])
            elif kind == b"iinf":
                start = part.start + (8 if view[part.start] else 6)
                for _, entry, _ in boxes(view, start, part.stop):
                    place = entry.start + 4 + (4 if view[entry.start] == 3 else 2) + 2
                    if view[entry.start] >= 2 and view[place : place + 4] in METADATA:
                        changed[place : place + 4] = b"skip"
            elif kind == b"iprp":
                for kind, inner, _ in boxes(view, part.start, part.stop):
                    if kind == b"ipco":
                        properties = [
                            (kind, data[p.start : p.stop])
                            for kind, p, _ in boxes(view, inner.start, inner.stop)
                        ]
                    elif kind == b"ipma":
                        associations |= _associations(view[inner.start : inner.stop])
    pixels = [e for item in {primary, *tiles.get(primary, [])} for e in extents.get(item, [])]
    # Those of encoders do not overlap; many that do would be searched for hours.
    if sum(map(len, pixels)) <= len(data) and any(
        data.find(UNWRITTEN, e.start, e.stop) >= 0 for e in pixels
    ):
        raise CutOff
    own = [properties[n - 1] for n in associations.get(primary, []) if 0 < n <= len(properties)]
    return PictureFile(io.BytesIO(changed), colour=_colour(own))


def _extents(box: memoryview, size: int) -> dict[int, list[range]]:
    """Read an ItemLocation box: where in a file of some bytes the items lie that it contains."""
    version, wide = box[0], 4 if box[0] == 2 else 2
    offset_size, length_size, base_size = box[4] >> 4, box[4] & 15, box[5] >> 4
    index_size = box[5] & 15 if version else 0
    position, found = 6, dict[int, list[range]]()

    def following(width: int) -> int:
        nonlocal position
        position += width
        return number(box, position - width, width)

    for _ in range(min(following(wide), MAX_BOXES)):
        item = following(wide)
        is_here = not (following(2) & 15 if version else 0)
        following(2)
        base, count = following(base_size), following(2)
        width = index_size + offset_size + length_size
        for _ in range(min(count, (len(box) - position) // width if width else 1)):
            following(index_size)
            start, length = base + following(offset_size), following(length_size)
            stop = min(start + length, size) if length else size
            if is_here:
                found.setdefault(item, []).append(range(start, stop))
        if position >= len(box):
            break
    return found


def _tiles(box: memoryview) -> dict[int, list[int]]:
    """Read an ItemReference box: the items of which each item is composed."""
    wide, found = 4 if box[0] else 2, dict[int, list[int]]()
    for kind, body, _ in boxes(box, 4, len(box)):
        if kind == b"dimg":
            first = body.start + wide + 2
            count = min(number(box, first - 2, 2), (body.stop - first) // wide)
            found[number(box, body.start, wide)] = [
                number(box, first + wide * n, wide) for n in range(count)
            ]
    return found


def _associations(box: memoryview) -> dict[int, list[int]]:
    """Read an ItemPropertyAssociation box: the numbers of properties, by item."""
    version, wide = box[0], box[3] & 1
    (count,) = struct.unpack_from(">I", box, 4)
    position, found = 8, dict[int, list[int]]()
    size = 2 if version < 1 else 4
    for _ in range(min(count, MAX_BOXES)):
        if position + size >= len(box):
            break
        item, own = number(box, position, size), box[position + size]
        position += size + 1
        width = 2 if wide else 1
        mask = 0x7FFF if wide else 0x7F
        found[item] = [number(box, position + width * n, width) & mask for n in range(own)]
        position += width * own
    return found


def _colour(properties: list[tuple[bytes, bytes]]) -> ColourTags:
    """Return a profile, or else the numbers that stand for one."""
    numbers = ColourTags()
    for kind, body in properties:
        if kind != b"colr":
            continue
        if body[:4] in (b"prof", b"rICC"):
            return ColourTags(icc=body[4:])
        if body[:4] == b"nclx" and len(body) >= 8:
            primaries, transfer = struct.unpack_from(">HH", body, 4)
            numbers = ColourTags(primaries=primaries, transfer=transfer)
    return numbers
