"""Convert colours with 16 bits a sample to 8-bit sRGB, by the curves and the matrix of a profile.

Pillow's interface to LittleCMS takes 8 bits. In wide and in linear spaces these are too few: a step
of ProPhoto's blue is several of sRGB's.
"""

import struct
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from searcher.images.colours import probe, probe_levels, srgb_conversion
from searcher.images.containers.picture_file import ColourTags
from searcher.images.depths import FULL
from searcher.images.hdr import BLOCK, Convert, Levels, Samples, hdr_conversion, hdr_of, srgb_levels
from searcher.images.icc_profile import REC_709, matrix_of, profile_of
from searcher.images.profile_parts import CURVES, TABLES, columns_of, curve_of, tags_of

TOLERANCE = 2  # grey levels by which LittleCMS may differ, which computes with fewer bits
MAX_PROFILE = 2**19  # bytes: three curves of 65,536 entries


def deep_conversion(tags: ColourTags, is_grey: bool) -> Convert | None:
    """Return the function that converts uint16 [..., C] to 8-bit sRGB, uint8 [..., 3].

    Args:
        tags: What a file says of its colours.
        is_grey: Whether its pictures have one channel beside alpha, C = 1, instead of 3.

    Returns:
        None where nothing is to be converted, and where LittleCMS makes other colours of the
        profile than its curves and matrix do: it has tables, or is damaged.
    """
    if numbers := hdr_of(tags):
        return hdr_conversion(numbers)
    return _checked(tags, is_grey) if len(tags.icc) <= MAX_PROFILE else None


@lru_cache(maxsize=16)
def _checked(tags: ColourTags, is_grey: bool) -> Convert | None:
    profile = profile_of(tags)
    mode = "L" if profile[16:20] == b"GRAY" else "RGB"
    if srgb_conversion(tags, "L" if is_grey else "RGB") is None:
        return None
    try:
        with np.errstate(all="ignore"):
            convert = _conversion(profile)
    except (struct.error, ValueError, LookupError, ArithmeticError):
        return None  # a variant that LittleCMS reads
    samples = np.atleast_3d(np.asarray(probe(mode), np.uint16)) * np.uint16(257)
    difference = convert(samples) - probe_levels(profile, mode)
    return convert if np.abs(difference).max() <= TOLERANCE else None


def _conversion(profile: bytes) -> Convert:
    tags = tags_of(profile)
    if not TABLES.isdisjoint(tags):
        raise ValueError("tables")
    is_grey = profile[16:20] == b"GRAY"
    curves = [curve_of(tags[name]) for name in ([b"kTRC"] * 3 if is_grey else CURVES)]
    to_srgb: npt.NDArray[np.floating] = np.eye(3)
    black = curves[0][0]
    if not is_grey:
        to_xyz = columns_of(tags)
        to_srgb = np.linalg.solve(matrix_of(REC_709), to_xyz)
        black = (to_xyz @ [curve[0] for curve in curves])[1]
    # Black point compensation, as LittleCMS does it for a picture to be looked at.
    black = min(max(float(black), 0.0), 0.5)
    matrix = (to_srgb.T / (1 - black)).astype(np.float32) * FULL
    offset = np.float32(FULL * black / (1 - black) - 0.5)
    levels = srgb_levels()

    def convert(samples: Samples | Levels) -> Levels:
        flat = samples.reshape(-1, samples.shape[-1])
        result = np.empty((len(flat), 3), np.uint8)
        for start in range(0, len(flat), BLOCK):
            block = flat[start : start + BLOCK].T
            light = [curve[block[n % len(block)]] for n, curve in enumerate(curves)]
            linear = np.stack(light, -1) @ matrix - offset
            result[start : start + BLOCK] = levels[np.clip(linear, 0, FULL).astype(np.uint16)]
        return result.reshape(*samples.shape[:-1], 3)

    return convert
