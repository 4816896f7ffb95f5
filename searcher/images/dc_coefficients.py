"""Decode the DC coefficients of a progressive JPEG's scans (ITU-T T.81, annex G).

Huffman codes have no marks between them: where one begins is known when those before it are read.
Here the length of the code that would begin at each bit is looked up for all bits at once, and from
these the length of each MCU (all blocks of a few pixels, as the scan has them); only the walk from
MCU to MCU is a loop, and so millions of blocks take about a second.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from searcher.images.containers.jpeg_scans import Scan
from searcher.images.containers.picture_file import CutOff

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]
Values = npt.NDArray[np.int16]

CHUNK_BYTES = 2**15  # looked up at once
MAX_CODE, MAX_CATEGORY = 16, 15  # bits of a Huffman code, and of the number behind it
MAX_BLOCKS = 10  # of an MCU
MARGIN_BYTES = MAX_BLOCKS * (MAX_CODE + MAX_CATEGORY) // 8 + 6


def first_values(scan: Scan, blocks: list[int], mcus: int) -> Values:
    """Decode the first scan of some components.

    Args:
        scan: The scan.
        blocks: The scan's component, counted from 0, of each block of an MCU.
        mcus: MCUs of the picture.

    Returns:
        [MCUs, blocks]: the values, without the bits that later scans give.

    Raises:
        CutOff: The scan has fewer MCUs, or a code of no table.
    """
    if len(blocks) > MAX_BLOCKS:
        raise ValueError("blocks of an MCU")
    stream, starts = _segments(scan, mcus)
    tables = [_Table(table) for _, table in scan.components]
    order = [tables[number] for number in blocks]
    values = np.empty((mcus, len(blocks)), np.int16)
    done = 0
    for chunk, positions in _mcu_positions(stream, starts, order, scan.interval or mcus, mcus):
        values[done : done + len(positions)] = _differences(chunk, positions, order)
        done += len(positions)
    for number in range(len(scan.components)):
        columns = [place for place, component in enumerate(blocks) if component == number]
        values[:, columns] = _sums(values[:, columns], scan.interval)
    return values


def further_bits(scan: Scan, blocks: int, mcus: int) -> Bytes:
    """Decode a scan that gives one more bit of each coefficient.

    Args:
        scan: The scan.
        blocks: Blocks of an MCU.
        mcus: MCUs of the picture.

    Returns:
        [MCUs, blocks]: 0 or 1.

    Raises:
        CutOff: The scan has fewer MCUs.
    """
    stream, starts = _segments(scan, mcus)
    size = min(scan.interval or mcus, mcus) * blocks  # bits of all segments but the last
    width = -(-size // 8)
    rows = len(starts) - 1
    lengths = np.diff(starts)
    last = mcus * blocks - (rows - 1) * size
    if (lengths[:-1] != width).any() or 8 * lengths[-1] < last:
        raise CutOff("pixels")
    padded = np.concatenate([stream[: starts[-1]], np.zeros(width, np.uint8)])[: rows * width]
    bits = np.unpackbits(padded.reshape(rows, width), axis=1, count=size)
    return bits.ravel()[: mcus * blocks].reshape(mcus, blocks)


class _Table:
    """A Huffman table: by the next 16 bits, the bits of the code and of the number behind it."""

    def __init__(self, table: bytes) -> None:
        counts = np.frombuffer(table, np.uint8, MAX_CODE)
        symbols = np.frombuffer(table, np.uint8, int(counts.sum()), MAX_CODE)
        lengths = np.repeat(np.arange(1, MAX_CODE + 1, dtype=np.uint8), counts)
        spans = 1 << (MAX_CODE - lengths.astype(np.int64))
        if spans.sum() > 2**MAX_CODE or (symbols > MAX_CATEGORY).any():
            raise ValueError("Huffman table")
        rest = 2**MAX_CODE - int(spans.sum())  # bits that are no code: of length 0
        self.lengths = np.pad(np.repeat(lengths, spans), (0, rest))
        self.categories = np.pad(np.repeat(symbols, spans), (0, rest))
        # What is no code leads on, too, and is found when its value is read.
        self.steps = np.where(self.lengths, self.lengths + self.categories, MAX_CODE)


def _segments(scan: Scan, mcus: int) -> tuple[Bytes, Positions]:
    """Return a scan's bytes without stuffing and markers, and the segments between restarts.

    Returns:
        The bytes and some zeros behind them; where each segment begins, and the last one ends.

    Raises:
        CutOff: There are fewer segments than the MCUs need.
    """
    raw = np.frombuffer(scan.coded, np.uint8)
    ff = np.flatnonzero(raw[:-1] == 0xFF)
    behind = raw[ff + 1]
    is_restart = (behind >= 0xD0) & (behind <= 0xD7)
    restarts = ff[is_restart] + 1
    left_out = np.concatenate([ff[(behind == 0xFF) | is_restart], ff[behind == 0] + 1, restarts])
    left_out.sort()
    stream = np.delete(raw, left_out)
    needed = -(-mcus // scan.interval) if scan.interval else 1
    if len(restarts) + 1 < needed:
        raise CutOff("pixels")
    starts = restarts + 1 - np.searchsorted(left_out, restarts, side="right")
    bounds = np.concatenate([[0], starts, [len(stream)]])[: needed + 1]
    return np.concatenate([stream, np.zeros(MARGIN_BYTES, np.uint8)]), bounds.astype(np.int64)


def _mcu_positions(
    stream: Bytes, starts: Positions, order: list[_Table], interval: int, mcus: int
) -> Iterator[tuple[Bytes, Positions]]:
    """Yield chunks of bytes, and at which of their bits MCUs begin."""
    segment, position = 0, 0
    left = min(interval, mcus)  # MCUs of the segment
    for first in range(0, int(starts[-1]), CHUNK_BYTES):
        chunk = stream[first : first + CHUNK_BYTES + MARGIN_BYTES]
        size = 8 * (len(chunk) - MARGIN_BYTES)
        following = _following(chunk, size, order).data
        found: list[int] = []
        while left and position < size:
            found.append(position)
            position = following[position]
            left -= 1
            if left:
                continue
            if position > 8 * (starts[segment + 1] - first):
                raise CutOff("pixels")
            segment += 1
            left = max(0, min(interval, mcus - segment * interval))
            position = 8 * int(starts[segment] - first)
        yield chunk, np.array(found, np.int64)
        if not left:
            return
        position -= 8 * CHUNK_BYTES
    raise CutOff("pixels")


def _following(chunk: Bytes, size: int, order: list[_Table]) -> npt.NDArray[np.int32]:
    """Return for each of the first bits of a chunk where an MCU that began there would end."""
    wide = chunk.astype(np.uint32)
    triples = wide[:-2] << 16 | wide[1:-1] << 8 | wide[2:]
    windows = (triples[:, None] >> np.arange(8, 0, -1, dtype=np.uint32)).astype(np.uint16).ravel()
    steps = {table: table.steps[windows] for table in order}
    result = np.arange(size, dtype=np.int32)
    for table in order:
        result += steps[table][result]
    return result


def _differences(chunk: Bytes, positions: Positions, order: list[_Table]) -> Values:
    """Decode the MCUs that begin at some bits of a chunk: [MCUs, blocks]."""
    wide = chunk.astype(np.int64)
    words = wide[:-4] << 32 | wide[1:-3] << 24 | wide[2:-2] << 16 | wide[3:-1] << 8 | wide[4:]
    result = np.empty((len(positions), len(order)), np.int16)
    for column, table in enumerate(order):
        window = words[positions >> 3] >> (8 - (positions & 7)) & 0xFFFFFFFF
        code = window >> 16
        if not table.lengths[code].all():
            raise CutOff("pixels")
        steps, category = table.steps[code].astype(np.int64), table.categories[code]
        span = 1 << category.astype(np.int64)
        bits = window >> (32 - steps) & (span - 1)
        result[:, column] = np.where(bits < span >> 1, bits - span + 1, bits)
        positions = positions + steps
    return result


def _sums(differences: Values, interval: int) -> Values:
    """Add up the differences [MCUs, blocks] of a component, anew from each restart."""
    sums = np.cumsum(differences, dtype=np.int16)
    size = interval * differences.shape[1]
    if size:
        bases = np.concatenate([sums[:1] * 0, sums[size - 1 : -1 : size]])
        sums -= np.repeat(bases, size)[: len(sums)]
    return sums.reshape(differences.shape)
