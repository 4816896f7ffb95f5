"""The parts of an ICC profile for a display: the columns of its matrix, and its curves."""

import struct
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from searcher.images.containers.picture_file import SRGB, ColourTags
from searcher.images.depths import FULL
from searcher.images.icc_profile import D50

Curve = npt.NDArray[np.float32]

MAX_TAGS = 100
PARAMETERS = (1, 3, 4, 5, 7)  # of parametric curves, by their kind (ICC.1:2022, table 68)
COLUMNS = (b"rXYZ", b"gXYZ", b"bXYZ")
CURVES = (b"rTRC", b"gTRC", b"bTRC")
TABLES = frozenset({b"A2B0", b"D2B0"})  # count before matrices
# By how much its primaries together may differ from white, and the two parts of a curve from each
# other where they meet. The numbers of a sound profile are rounded to 1/65,536.
WHITE_DIFFERENCE, LEAP = 0.005, 0.0002


def tags_of(profile: bytes) -> dict[bytes, bytes]:
    """Return the bodies of a profile's tags by name."""
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = [
        struct.unpack_from(">4sII", profile, 132 + 12 * n) for n in range(min(count, MAX_TAGS))
    ]
    return {name: profile[start : start + size] for name, start, size in entries}


def columns_of(tags: Mapping[bytes, bytes]) -> npt.NDArray[np.float64]:
    """Return the matrix from linear RGB to XYZ, its columns those of red, green and blue."""
    columns = [struct.unpack_from(">3i", tags[name], 8) for name in COLUMNS]
    return np.array(columns).T / 65536


@lru_cache(maxsize=16)
def numbers_of(profile: bytes) -> ColourTags:
    """Return the numbers that a profile gives for its colours (ICC.1:2022, 10.4); perhaps none."""
    try:
        body = tags_of(profile)[b"cicp"]
        return ColourTags(primaries=body[8], transfer=body[9])
    except (struct.error, LookupError):
        return SRGB


@lru_cache(maxsize=16)
def curve_of(body: bytes) -> Curve:
    """Return the light, 0 to 1, of each of 65,536 values (ICC.1:2022, 10.6 and 10.18).

    Raises:
        ValueError, struct.error, LookupError, ArithmeticError: It is no curve, or damaged.
    """
    values = np.linspace(0, 1, FULL + 1)
    if body[:4] == b"curv":
        (count,) = struct.unpack_from(">I", body, 8)
        entries = np.frombuffer(body, ">u2", count, 12)
        if count > 1:
            light = np.interp(values, np.linspace(0, 1, count), entries / FULL)
        else:
            light = values ** (entries[0] / 256 if count else 1)
        return np.asarray(light, np.float32)
    g, a, b, c, d, e, f = _parameters(body)
    power = np.maximum(a * values + b, 0) ** g + e
    light = np.where(values >= d, power, c * values + f)
    return np.clip(np.nan_to_num(light), 0, 1).astype(np.float32)


def _parameters(body: bytes) -> tuple[float, ...]:
    """Return g, a, b, c, d, e and f of kind 4 for a parametric curve of any kind."""
    if body[:4] != b"para":
        raise ValueError("no curve")
    (kind,) = struct.unpack_from(">H", body, 8)
    numbers = np.frombuffer(body, ">i4", PARAMETERS[kind], 12) / 65536
    g, a, b, c, d, e, f = map(float, np.pad(numbers, (0, 7 - len(numbers))))
    if kind == 0:
        a = 1.0
    elif kind < 3:
        c, d, e, f = 0.0, -b / a, c, c
    return g, a, b, c, d, e, f


def is_consistent(profile: bytes) -> bool:
    """Whether the primaries of a display add up to white, and its curves have no leap.

    A profile that is read otherwise than by matrix and curves, or can't be read, counts as such.
    """
    try:
        tags = tags_of(profile)
        if not TABLES.isdisjoint(tags):
            return True
        bodies = [tags[name] for name in (*CURVES, b"kTRC") if name in tags]
        if not all(_meets(body) for body in bodies if body[:4] == b"para"):
            return False
        is_grey = b"kTRC" in tags
        white = D50 if is_grey else columns_of(tags).sum(1)
    except (struct.error, ValueError, LookupError, ArithmeticError):
        return True
    return bool(np.abs(np.subtract(white, D50)).max() <= WHITE_DIFFERENCE)


def _meets(body: bytes) -> bool:
    g, a, b, c, d, e, f = _parameters(body)
    return not 0 < d < 1 or abs(max(a * d + b, 0.0) ** g + e - c * d - f) <= LEAP
