"""Unpack files that gzip, bzip2, xz or lzma have compressed, within limits."""

import bz2
import lzma
import zlib
from typing import IO, Protocol

STEP = 2**20  # bytes that are read, and bytes that are unpacked, at a time
DICTIONARY_BYTES = 256 * 2**20  # of memory that xz may take
ERRORS = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


class _Decompressor(Protocol):
    """What the decompressors of bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """Gives zlib's decompressor the interface of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(0, max_length))


def unpack(kind: str, source: IO[bytes], target: IO[bytes], limit: int) -> bool:
    """Unpack a compressed file as far as it is whole.

    Args:
        kind: "gzip", "bzip2", "xz" or "lzma".
        source: The compressed file.
        target: Where to write its content.
        limit: Bytes that may be written.

    Returns:
        Whether the file is whole.

    Raises:
        OverflowError: The content is larger than `limit`.
        OSError: The content can't be written.
    """
    decompressor = _decompressor(kind)
    written = 0
    is_whole = False  # no stream has begun since the last one ended
    data = source.read(STEP)
    while data or not decompressor.needs_input:
        try:
            content = decompressor.decompress(data, STEP)
        except ERRORS:
            break  # damaged; or padding that follows the last stream
        written += len(content)
        if written > limit:
            raise OverflowError
        target.write(content)
        is_whole = decompressor.eof or (is_whole and not content)
        if decompressor.eof:
            data = decompressor.unused_data or source.read(STEP)
            decompressor = _decompressor(kind)
        else:
            data = source.read(STEP) if decompressor.needs_input else b""
    return is_whole


def _decompressor(kind: str) -> _Decompressor:
    if kind == "gzip":
        return _Gzip()
    if kind == "bzip2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(memlimit=DICTIONARY_BYTES)
