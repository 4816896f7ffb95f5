"""What is read of a picture file before its pixels are decoded."""

import io
from dataclasses import dataclass, field

# What no encoder of HEIF, AVIF or lossy WebP writes in a row. Where it lies among the pixels, there
# is only space for them, as in a download that was broken off; decoders make something of it.
UNWRITTEN = bytes(512)


class CutOff(ValueError):
    """The file ends before its pixels do, or contains none."""


class NotRead(ValueError):
    """The file is whole, but of a variant that no decoder here reads."""


@dataclass(frozen=True)
class ColourTags:
    """How a file says what its colour values mean; empty for sRGB.

    Attributes:
        icc: An ICC profile.
        primaries: Colour primaries by number (ITU-T H.273, table 2); 0 if not given.
        transfer: Transfer characteristics by number (ITU-T H.273, table 3); 0 if not given.
        gamma: Exponent by which values become light; 0 if not given.
        chromaticities: x and y of white, red, green and blue; empty if not given.
        is_narrow: Whether black and white are 16 and 235 of 255, as in video.
        peak: Brightest light of an HDR picture in parts of white, at least 1, once it is known.
    """

    icc: bytes = field(default=b"", repr=False)
    primaries: int = 0
    transfer: int = 0
    gamma: float = 0.0
    chromaticities: tuple[float, ...] = ()
    is_narrow: bool = False
    peak: float = 1.0


SRGB = ColourTags()


@dataclass(frozen=True)
class PictureFile:
    """A file's pixels, without its metadata, and what the metadata says of them.

    Attributes:
        stream: The file as a decoder reads it.
        orientation: EXIF orientation, 1 to 8, that is still to be applied.
        colour: What the colour values mean.
        bits: Bits of a sample that have a meaning; 0 where the file does not say.
        planes: Whether the decoder must hold all coefficients of the picture at once.
        has_dc_scans: Whether a JPEG has DC coefficients in scans of their own, in Huffman codes.
        is_padded: Whether a JPEG ends in zeros instead of its end marker: space for a file that
            was never written whole, perhaps.
        frame: Left, top, right and bottom of a GIF's first frame where it is smaller than the
            picture, of which the rest is clear.
    """

    stream: io.BufferedIOBase
    orientation: int = 1
    colour: ColourTags = SRGB
    bits: int = 0
    planes: bool = False
    has_dc_scans: bool = False
    is_padded: bool = False
    frame: tuple[int, int, int, int] | None = None


class Spliced(io.BufferedIOBase):
    """A head and the rest of some bytes as one file, without a copy of the rest."""

    def __init__(self, head: bytes, data: bytes, start: int, end: int | None = None) -> None:
        """Follow `head` by the bytes of `data` from `start` to `end`."""
        self._head = head
        self._rest = memoryview(data)[start:end]
        self._position = 0

    @property
    def parts(self) -> tuple[bytes, memoryview]:
        """The head and the rest."""
        return self._head, self._rest

    def __len__(self) -> int:
        """Return the file's size."""
        return len(self._head) + len(self._rest)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to `size` bytes."""
        start = self._position
        end = len(self) if size is None or size < 0 else min(start + size, len(self))
        self._position = max(start, end)
        cut = len(self._head)
        return self._head[start:end] + bytes(self._rest[max(0, start - cut) : max(0, end - cut)])

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: len(self)}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True


def all_bytes(stream: io.BufferedIOBase) -> bytes:
    """Return the bytes of a picture file's stream; without a copy where they are in memory."""
    if isinstance(stream, io.BytesIO):
        return stream.getvalue()
    stream.seek(0)
    return stream.read()
