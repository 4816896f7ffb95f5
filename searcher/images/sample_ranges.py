"""Which values of wide samples (signed, of 32 bits, floating point) become black and white."""

from searcher.images.depths import DEPTHS, FULL

WHITES = (*DEPTHS, FULL)  # of fewer bits in 32
DARK = 1 / 16  # of white: a picture without brighter values is black to any eye
# Of the largest value. Negative values that are nearer to 0 come of sharpening.
NEGATIVE = 1 / 4


def whole_range(low: float, high: float, full: int, bits: int = 0) -> tuple[float, float]:
    """Return the values that become black and white among whole numbers.

    0 is black (TIFF 6.0, PhotometricInterpretation), and so are negative values of small size;
    otherwise 0 is the middle, as in ImageMagick.

    Args:
        low: The smallest value.
        high: The largest value.
        full: The largest value of the type.
        bits: Bits that have a meaning, as the file says; 0 if it does not.
    """
    is_around_0 = -low > high * NEGATIVE
    top = max(high, -low - 1) if is_around_0 else high
    if bits and top < 1 << bits:
        white: float = (1 << bits) - 1
    elif full > FULL and top > full * DARK:
        white = full
    else:
        white = next((w for w in WHITES if top <= w < full), full if full <= FULL else top)
    return (-white - 1 if is_around_0 else 0), white


def float_range(high: float) -> tuple[float, float]:
    """Return the values that become black and white among floats.

    They are 0 and 1, also where some are brighter, as viewers have it, or those of 8 bits or more.

    Args:
        high: The largest value.
    """
    if high <= 255 * DARK:
        return 0, 1
    return 0, next((white for white in WHITES if high <= white), high)
