"""Measure how far vectors move between colour spaces: `python -m benchmarks.colours FOLDER A.onnx`.

Each picture is written as PNG in several spaces, with 16 and with 8 bits a sample, and embedded by
each model file. Prints a Markdown table of Euclidean distances to the vectors of the same picture
in sRGB: the mean and the largest of all pictures and models.
"""

import argparse
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.tables import table
from searcher.images.containers.picture_file import ColourTags
from searcher.images.hdr import hdr_of
from searcher.images.icc_profile import PRIMARIES, REC_709, luminance_of, matrix_of, profile_of
from searcher.images.pictures import Picture, open_picture
from searcher.models.embedder import Embedder
from tools.command import run
from tools.pictures import labelled_sources, readable

Array = npt.NDArray[np.float64]
Curve = Callable[[Array], Array]

ADOBE_RGB = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
PROPHOTO = (0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)
SDR_WHITE = 203.0  # cd/m² of white beside HDR (ITU-R BT.2408)


def srgb(light: Array) -> Array:
    """Return values of light from 0 to 1 (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def hlg(light: Array) -> Array:
    """Return values of light of which 1 is SDR white (ITU-R BT.2100, 1000 cd/m², BT.2020)."""
    shown = light * SDR_WHITE / 1000
    luminance = np.maximum(shown @ luminance_of(PRIMARIES[9]), 1e-9)[..., None]
    scene = np.clip(shown * luminance ** (1 / 1.2 - 1), 0, 1)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


def pq(light: Array) -> Array:
    """Return values of light of which 1 is SDR white (SMPTE ST 2084)."""
    power = (light * SDR_WHITE / 10_000) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


def power(exponent: float) -> Curve:
    """Return the curve of an exponent."""
    return lambda light: light ** (1 / exponent)


# What a file says, the points of its colours, and its curve.
SPACES: dict[str, tuple[ColourTags, tuple[float, ...], Curve]] = {
    "Adobe RGB": (ColourTags(gamma=2.2, chromaticities=ADOBE_RGB), ADOBE_RGB, power(2.2)),
    "Display P3": (ColourTags(primaries=12, transfer=13), PRIMARIES[12], srgb),
    "BT.2020": (ColourTags(primaries=9, transfer=13), PRIMARIES[9], srgb),
    "ProPhoto": (ColourTags(gamma=1.8, chromaticities=PROPHOTO), PROPHOTO, power(1.8)),
    "linear": (ColourTags(primaries=1, transfer=8), REC_709, power(1.0)),
    "HLG": (ColourTags(primaries=9, transfer=18), PRIMARIES[9], hlg),
    "PQ": (ColourTags(primaries=9, transfer=16), PRIMARIES[9], pq),
}


def png(picture: Picture, space: str, bits: int) -> bytes:
    """Return a picture in a space, with 8 or 16 bits a sample."""
    tags, points, curve = SPACES[space]
    values = np.asarray(picture.pixels) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    own = np.clip(light @ np.linalg.solve(matrix_of(points), matrix_of(REC_709)).T, 0, 1)
    samples = (curve(own) * (2**bits - 1)).round().astype(f">u{bits // 8}")
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    height, width = samples.shape[:2]
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0))]
    if hdr_of(tags):
        chunks += [(b"cICP", bytes([tags.primaries, tags.transfer, 0, 1]))]
    else:
        chunks += [(b"iCCP", b"p\0\0" + zlib.compress(profile_of(tags)))]
    chunks += [(b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    ]
    return b"".join([b"\x89PNG\r\n\x1a\n", *parts])


def measure(options: argparse.Namespace) -> None:
    """Print the table. Raises TwinlensError if pictures or models cannot be read."""
    embedders = [Embedder(path) for path in options.models]
    pictures = [picture for picture, _ in readable(labelled_sources(options.folder))]
    rows: list[list[object]] = []
    for space in SPACES:
        found = []
        for bits in (16, 8):
            again = [open_picture(png(picture, space, bits)) for picture in pictures]
            distances = [
                float(np.linalg.norm(embedder.embed_picture(a) - embedder.embed_picture(b)))
                for embedder in embedders
                for a, b in zip(pictures, again, strict=True)
            ]
            found += [f"{np.mean(distances):.4f}", f"{max(distances):.4f}"]
        rows.append([space, *found])
    table(["space", "16 bits: mean", "largest", "8 bits: mean", "largest"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.colours", description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures, in one folder per label")
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.onnx")
    sys.exit(run(measure, parser.parse_args()))
