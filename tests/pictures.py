"""Pictures made by the tests: seeded, all different, with structure that a model can tell apart."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from pillow_heif import register_heif_opener

BLOCK = 2**20  # bytes of zeros that are compressed at once


def paint(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A gradient with some ellipses and rectangles on it."""
    generator = np.random.default_rng(seed)
    corners = generator.integers(0, 256, (2, 2, 3), dtype=np.uint8)
    image = Image.fromarray(corners).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = generator.integers(0, size[0]), generator.integers(0, size[1])
        w, h = generator.integers(10, max(size) // 2, 2)
        colour = tuple(int(c) for c in generator.integers(0, 256, 3))
        shape = draw.ellipse if generator.random() < 0.5 else draw.rectangle
        shape((int(x), int(y), int(x + w), int(y + h)), fill=colour)
    return image


def encode(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:
    """The bytes of a picture file."""
    register_heif_opener()
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def save(path: Path, seed: int, size: tuple[int, int] = (320, 240)) -> Path:
    """Write a picture as JPEG, with the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(paint(seed, size), quality=90))
    return path


def folder(root: Path, labels: dict[str, int], first_seed: int = 0) -> list[Path]:
    """Write `count` pictures into a folder for each label."""
    paths: list[Path] = []
    for label, count in labels.items():
        for number in range(count):
            seed = first_seed + len(paths)
            paths.append(save(root / label / f"{label}-{number}.jpg", seed))
    return paths


def packed_zeros(count: int) -> bytes:
    """What zlib makes of so many zeros: the same block again and again, compressed once (RFC 1950).

    Compressing hundreds of megabytes takes a second for each test that wants them.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(BLOCK)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(bytes(count % BLOCK)) + packer.flush()
    checksum = count % 65521 << 16 | 1  # Adler-32: the sum of the bytes, and that of the sums
    return b"\x78\xda" + block * (count // BLOCK) + end + struct.pack(">I", checksum)


def png_bomb(side: int, bits: int = 1, channels: int = 1, interlaced: bool = False) -> bytes:
    """A well-formed PNG of side x side black (or clear) pixels, in some kilobytes.

    1 to 4 channels: grey, grey with alpha, RGB, RGBA.
    """

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    # First column and row, and steps to the next ones, of each pass (PNG specification, Adam7).
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
    count = 0  # of bytes: for each row one that names its filter, and its pixels
    for x, y, across, down in [*passes, (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]:
        row = 1 - (x - side) // across * bits * channels // 8
        count += row * len(range(y, side, down))
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", side, side, bits, colour, 0, 0, interlaced)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", packed_zeros(count)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
