"""Write an ICC profile (ICC.1:2001-04, version 2) for colours that a file names by numbers."""

import struct

import numpy as np
import numpy.typing as npt

from searcher.images.containers.picture_file import ColourTags

Array = npt.NDArray[np.float64]

D50 = (0.9642, 1.0, 0.8249)
D65, CENTRE, DCI_WHITE = (0.3127, 0.329), (1 / 3, 1 / 3), (0.314, 0.351)
C_WHITE = (0.31, 0.316)
# x and y of white, red, green and blue by number (ITU-T H.273, table 2).
REC_709 = (*D65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
PRIMARIES: dict[int, tuple[float, ...]] = {
    1: REC_709,
    4: (*C_WHITE, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),
    6: (*D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (*D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    8: (*C_WHITE, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    10: (*CENTRE, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    11: (*DCI_WHITE, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    12: (*D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    22: (*D65, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077),
}
GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0, 17: 2.6}  # by number of transfer (table 3)
PQ, HLG = 16, 18
# Viewers treat the curves of video as that of sRGB, for which it was made.
LIKE_SRGB = frozenset({0, 1, 2, 3, 6, 7, 13, 14, 15})
ENTRIES = 4096
GAMMA_TOLERANCE = 0.05  # within which libpng takes 1 / 2.2 for sRGB's curve

# Bradford's cone responses, by which the ICC adapts white.
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def profile_of(tags: ColourTags) -> bytes:
    """Return a file's profile, or one for the numbers that it has instead; b"" for sRGB.

    HDR has none: see `hdr`.
    """
    if tags.icc:
        return tags.icc
    points = PRIMARIES.get(tags.primaries, tags.chromaticities or REC_709)
    is_rec_709 = bool(np.allclose(points, REC_709, atol=0.002))
    values = values_of(ENTRIES, tags.is_narrow)
    if tags.gamma:
        if is_rec_709 and abs(tags.gamma / 2.2 - 1) < GAMMA_TOLERANCE:
            return b""
        curve = values ** min(max(tags.gamma, 0.1), 10.0)
    elif tags.transfer in GAMMAS:
        curve = values ** GAMMAS[tags.transfer]
    elif is_rec_709 and not tags.is_narrow:
        return b""
    else:
        curve = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    try:
        return _matrix_profile(points, curve)
    except (np.linalg.LinAlgError, ZeroDivisionError, struct.error):
        return b""  # the points span no colours


def values_of(count: int, is_narrow: bool) -> Array:
    """Return what a number of values from 0 to 1 stand for: from 0, black, to 1, white."""
    values = np.linspace(0, 1, count)
    return np.clip((values * 255 - 16) / 219, 0, 1) if is_narrow else values


def matrix_of(points: tuple[float, ...]) -> Array:
    """Return the matrix [3, 3] from linear RGB to XYZ under D50.

    Args:
        points: x and y of white, red, green and blue.

    Raises:
        numpy.linalg.LinAlgError, ZeroDivisionError: The points span no colours.
    """
    matrix, white = _primaries(points)
    scale = np.diag((BRADFORD @ np.array(D50)) / (BRADFORD @ white))
    return np.asarray(np.linalg.inv(BRADFORD) @ scale @ BRADFORD @ matrix)


def luminance_of(points: tuple[float, ...]) -> Array:
    """Return the shares [3] of red, green and blue in luminance; for the points see `matrix_of`."""
    return np.asarray(_primaries(points)[0][1])


def _primaries(points: tuple[float, ...]) -> tuple[Array, Array]:
    """Return the matrix [3, 3] from linear RGB to XYZ, and the XYZ [3] of white."""
    (wx, wy), *primaries = np.reshape(points, (4, 2)).tolist()
    white = np.array([wx / wy, 1.0, (1 - wx - wy) / wy])
    columns = np.array([[x, y, 1 - x - y] for x, y in primaries]).T
    return columns * np.linalg.solve(columns, white), white


def _matrix_profile(points: tuple[float, ...], curve: Array) -> bytes:
    """Return a profile with the matrix of some chromaticities and one curve for all channels."""
    adapted = matrix_of(points)
    entries = np.rint(np.clip(curve, 0, 1) * 65535).astype(">u2").tobytes()
    shape = b"curv\0\0\0\0" + struct.pack(">I", len(curve)) + entries
    tags = [(b"desc", b"desc\0\0\0\0\0\0\0\1" + bytes(79)), (b"wtpt", _xyz(D50))]
    tags += [(b"cprt", b"text\0\0\0\0\0\0\0\0")]
    tags += [(c + b"XYZ", _xyz(adapted[:, n])) for n, c in enumerate((b"r", b"g", b"b"))]
    table, bodies, offset = struct.pack(">I", len(tags) + 3), b"", 132 + 12 * (len(tags) + 3)
    for name, body in [*tags, (b"rTRC", shape)]:
        body += bytes(-len(body) % 4)
        place = struct.pack(">II", offset + len(bodies), len(body))
        names = (b"rTRC", b"gTRC", b"bTRC") if name == b"rTRC" else (name,)
        table += b"".join(each + place for each in names)
        bodies += body
    head = struct.pack(">I4xI", 128 + len(table) + len(bodies), 0x02100000) + b"mntrRGB XYZ "
    head += bytes(12) + b"acsp" + bytes(28) + _xyz(D50)[8:]
    return head.ljust(128, b"\0") + table + bodies


def _xyz(values: tuple[float, ...] | Array) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(v) * 65536) for v in values))
