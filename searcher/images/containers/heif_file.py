"""HEIF and AVIF (ISO/IEC 23008-12): colours of the primary item; metadata items are hidden."""

import io
import struct

from searcher.images.containers.boxes import MAX_BOXES, boxes, number
from searcher.images.containers.picture_file import ColourTags, PictureFile

# Items that decoders would read and convert; "skip" is of no type that they know.
METADATA = (b"Exif", b"mime", b"uri ")


def read_heif(data: bytes) -> PictureFile:
    """Hide the metadata items; orientation is a property that the decoders apply."""
    changed = bytearray(data)
    properties: list[tuple[bytes, bytes]] = []
    primary, associations = 0, dict[int, list[int]]()
    view = memoryview(data)
    for kind, body, _ in boxes(view, 0, len(data)):
        if kind != b"meta":
            continue
        inside = list(boxes(view, body.start + 4, body.stop))
        for kind, part, _ in inside:
            if kind == b"pitm":
                primary = number(view, part.start + 4, 4 if view[part.start] else 2)
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
    own = [properties[n - 1] for n in associations.get(primary, []) if 0 < n <= len(properties)]
    return PictureFile(io.BytesIO(changed), colour=_colour(own))


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
