"""The scans of a JPEG (ITU-T T.81): where they lie, and whether a file has all of them."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from searcher.images.containers.picture_file import CutOff, Spliced

EOI, SOS, DHT, DRI = 0xD9, 0xDA, 0xC4, 0xDD
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
ALL = 2**64 - 1  # bit mask of the coefficients of a block
MAX_SEGMENTS = 100_000
IN_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

Buffer = bytes | memoryview


class Segment(NamedTuple):
    """A segment of a file: its marker, what it says, its place and the one behind it."""

    marker: int
    body: bytes
    start: int
    end: int


class Scan(NamedTuple):
    """A scan of DC coefficients.

    Attributes:
        components: Of each component its number in the frame and its Huffman table.
        high: Bits below which earlier scans gave the coefficients; 0 for the first scan.
        low: Bits below which this scan gives them.
        interval: MCUs between restarts; 0 for none.
        coded: The coded bits, with stuffed bytes and restart markers.
    """

    components: tuple[tuple[int, bytes], ...]
    high: int
    low: int
    interval: int
    coded: memoryview


def segments(data: Buffer, position: int) -> Iterator[Segment]:
    """Yield the segments from a position to the end marker, without what the scans are coded as."""
    while match := IN_SCAN.search(data, position):
        start, marker = match.start(), data[match.start() + 1]
        position = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        yield Segment(marker, bytes(data[start + 4 : position]), start, position)
        if marker == EOI:
            return


class Completeness:
    """Which coefficients have all their bits in the scans so far."""

    def __init__(self) -> None:
        """Have seen no scan."""
        self.frame = b""
        self._shown: set[int] = set()  # components with DC coefficients
        self._done: dict[int, int] = {}  # bit masks, by component

    def take(self, segment: Segment) -> None:
        """Note a frame's components, and what a scan gives."""
        body = segment.body
        if segment.marker in FRAMES:
            self.frame = body
        elif segment.marker == SOS:
            count = body[0]
            first, last, approximation = body[1 + 2 * count : 4 + 2 * count]
            components = body[1 : 1 + 2 * count : 2]
            if not first:
                self._shown.update(components)
            for component in components if not approximation & 15 else b"":
                done = (2 << last) - (1 << first)
                self._done[component] = self._done.get(component, 0) | done

    @property
    def is_covered(self) -> bool:
        """Whether each component has its DC coefficients, perhaps without their last bits."""
        return bool(self.frame) and self._shown.issuperset(self.frame[6::3])

    @property
    def is_whole(self) -> bool:
        """Whether no component lacks a bit."""
        frame = self.frame
        return bool(frame) and all(
            self._done.get(frame[6 + 3 * number], 0) == ALL for number in range(frame[5])
        )


def endings(stream: io.BufferedIOBase, is_ended: bool = False) -> list[Spliced] | None:
    """Return a file without an end marker with three endings; none if components are missing.

    If all decode to the same pixels, the last scan is whole: the first adds the end marker only,
    the others further bits before it, which would change a picture that is cut off. A progressive
    file that ends between two scans shows the whole picture, with fewer details.

    Args:
        stream: The file.
        is_ended: Whether to put the endings into the place of an end marker.

    Returns:
        The file with each of the endings; None if it has an end marker that is to stay.
    """
    stream.seek(0)
    data = stream.read().rstrip(b"\0").removesuffix(b"\xff")
    seen = Completeness()
    for segment in segments(data, 2):
        if segment.marker == EOI and not is_ended:
            return None
        if segment.marker == EOI:
            data = data[: segment.start]
            break
        if not segment.start + 4 <= segment.end <= len(data):  # cut off in front of a scan
            data = data[: segment.start]
            break
        seen.take(segment)
    if not seen.is_covered:
        return []
    tails = (b"", b"\x5a\xc3\x17\x88" * 64, b"\xa5\x3c\xe8\x77" * 64)
    return [Spliced(data, tail + b"\xff\xd9", 0) for tail in tails]


def dc_scans(parts: Iterable[Buffer]) -> Iterator[Scan]:
    """Yield the scans of DC coefficients of a progressive JPEG with Huffman codes.

    Args:
        parts: The file, perhaps divided between two segments.

    Raises:
        CutOff: The file lacks scans, or one that was yielded.
        ValueError, IndexError, KeyError: A segment is damaged.
    """
    seen, tables, interval, count = Completeness(), dict[int, bytes](), 0, 0
    position = 2
    for part in parts:
        for segment in segments(part, position):
            marker, body, _, end = segment
            count += 1
            if count > MAX_SEGMENTS:
                raise ValueError("segments")
            seen.take(segment)
            if marker == EOI:
                return
            if marker == DHT:
                tables |= _dc_tables(body)
            elif marker == DRI:
                interval = int.from_bytes(body[:2], "big")
            elif marker == SOS and not body[1 + 2 * body[0]]:
                _, last, approximation = body[1 + 2 * body[0] : 4 + 2 * body[0]]
                if last:
                    raise ValueError("DC and AC coefficients in one scan")
                ids = list(seen.frame[6::3])
                high, low = divmod(approximation, 16)
                components = tuple(
                    (ids.index(body[n]), b"" if high else tables[body[n + 1] >> 4])
                    for n in range(1, 2 * body[0], 2)
                )
                following = IN_SCAN.search(part, end)
                coded = memoryview(part)[end : following.start() if following else None]
                yield Scan(components, high, low, interval, coded)
        position = 0
    if not seen.is_whole:
        raise CutOff("scans")


def _dc_tables(body: bytes) -> dict[int, bytes]:
    """Return the tables for DC coefficients of a segment: 16 numbers of codes, and symbols."""
    tables = {}
    while len(body) > 17:
        size = 17 + sum(body[1:17])
        if body[0] < 16:  # others are for AC coefficients
            tables[body[0]] = body[1:size]
        body = body[size:]
    return tables
