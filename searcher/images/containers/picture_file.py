"""What is read of a picture file before its pixels are decoded."""

import io
from dataclasses import dataclass, field


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
    """

    icc: bytes = field(default=b"", repr=False)
    primaries: int = 0
    transfer: int = 0
    gamma: float = 0.0
    chromaticities: tuple[float, ...] = ()


SRGB = ColourTags()


@dataclass(frozen=True)
class PictureFile:
    """A file's pixels, without its metadata, and what the metadata says of them.

    Attributes:
        stream: The file as a decoder reads it.
        orientation: EXIF orientation, 1 to 8, that is still to be applied.
        colour: What the colour values mean.
        bits: Bits of a sample that have a meaning; 0 where the file does not say.
        planes: Whether the decoder must hold all coefficients or planes of the picture at once.
    """

    stream: io.BufferedIOBase
    orientation: int = 1
    colour: ColourTags = SRGB
    bits: int = 0
    planes: bool = False
