"""Picture files written byte by byte: what Pillow does not write, or hides while it does."""

import io
import struct
import zlib
from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, TiffImagePlugin

from searcher.images.pictures import open_picture

Pixels = npt.NDArray[np.generic]
D50 = (0.9642, 1.0, 0.8249)

# The columns of each space's matrix to XYZ under D50, and its exponent.
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
DISPLAY_P3 = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
PROPHOTO = ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491))

# The first row and column of each pass of an interlaced PNG, and the steps to the next.
ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
ADAM7 += [(1, 0, 2, 1)]


def decoded(data: bytes) -> npt.NDArray[np.int16]:
    """What the program makes of a file: [H, W, 3]."""
    return np.asarray(open_picture(data).pixels, np.int16)


def apart(data: bytes, image: Image.Image) -> float:
    """The mean difference in grey levels between a file and what it should show."""
    expected = np.asarray(image.convert("RGB"), np.int16)
    got = decoded(data)
    assert got.shape == expected.shape
    return float(np.abs(got - expected).mean())


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with further chunks behind its header."""
    return png[:33] + b"".join(chunk(*each) for each in chunks) + png[33:]


def deep_png(
    samples: Pixels, kind: int, *chunks: tuple[bytes, bytes], interlaced: bool = False
) -> bytes:
    """A PNG with 16 bits a sample; `kind` is its colour type."""
    passes = [samples[y::dy, x::dx] for y, x, dy, dx in ADAM7] if interlaced else [samples]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for each in passes for row in each)
    size = (samples.shape[1], samples.shape[0])
    header = struct.pack(">IIBBBBB", *size, 16, kind, 0, 0, interlaced)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def tiff(
    samples: Pixels,
    photometric: int,
    order: Literal["<", ">"] = "<",
    icc: bytes = b"",
    **tags: Iterable[int],
) -> bytes:
    """An uncompressed TIFF.

    It has one strip, or more with `t278=[rows]`; `t284=[2]` puts colours into planes.
    """
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    kind, item = samples.dtype.kind, samples.dtype.itemsize
    swapped = samples.astype(samples.dtype.newbyteorder(order)).reshape(height, width, -1)
    in_planes = list(tags.get("t284", [1])) == [2]
    planes = [swapped[..., n] for n in range(channels)] if in_planes else [swapped]
    rows = next(iter(tags.get("t278", [height])))
    tops = range(0, height, rows)
    strips = [plane[top : top + rows].tobytes() for plane in planes for top in tops]
    entries: dict[int, list[int]] = {256: [width], 257: [height], 258: [8 * item] * channels}
    entries |= {259: [1], 262: [photometric], 277: [channels], 278: [height]}
    entries |= {279: [len(strip) for strip in strips], 273: [0] * len(strips)}
    entries |= {339: ["uif".index(kind) + 1] * channels}
    entries |= {int(name[1:]): list(values) for name, values in tags.items()}
    count = len(entries) + bool(icc)
    place = 8 + 2 + 12 * count + 4
    outside = sum(4 * len(values) for values in entries.values() if len(values) > 1)
    ends = np.cumsum([place + outside, *map(len, strips)])
    entries[273] = [int(end) for end in ends[:-1]]
    directory, bodies = b"", b""
    for number, values in sorted(entries.items()):
        body = struct.pack(f"{order}{len(values)}I", *values)
        is_outside = len(values) > 1
        value = struct.pack(order + "I", place + len(bodies)) if is_outside else body
        directory += struct.pack(order + "HHI", number, 4, len(values)) + value
        bodies += body if is_outside else b""
    if icc:
        directory += struct.pack(order + "HHII", 34675, 7, len(icc), int(ends[-1]))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HIH", 42, 8, count)
    return head + directory + bytes(4) + bodies + b"".join(strips) + icc


def tiff_pages(*pages: tuple[Image.Image, dict[int, int]], big: bool = False) -> bytes:
    """A TIFF of several pages, each with tags of its own."""
    out = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out) as writer:
        for image, tags in pages:
            image.save(writer, "TIFF", tiffinfo=tags, big_tiff=big)
            writer.newFrame()
    return out.getvalue()


def _s15(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def profile(space: bytes, gamma: float, columns: Iterable[tuple[float, ...]] = ()) -> bytes:
    """An ICC profile (ICC.1:2001-04) of a matrix or, without columns, of greys."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = [(b"wtpt", b"XYZ \0\0\0\0" + _s15(*D50))]
    tags += [(b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(79))]
    tags += [(b"cprt", b"text\0\0\0\0none\0\0\0\0")]
    names = [b"r", b"g", b"b"]
    for name, column in zip(names, columns, strict=False):
        tags += [(name + b"XYZ", b"XYZ \0\0\0\0" + _s15(*column)), (name + b"TRC", curve)]
    tags += [] if space == b"RGB " else [(b"kTRC", curve)]
    return _with_tags(b"mntr" + space + b"XYZ ", tags)


def ink_profile() -> bytes:
    """An ICC profile with a table (lut8) in which inks mean half the light of the plain formula."""
    steps = np.linspace(0, 1, 9)
    inks = np.stack(np.meshgrid(steps, steps, steps, steps, indexing="ij"), -1).reshape(-1, 4)
    return _table_profile(b"prtrCMYK", (1 - inks[:, :3]) * (1 - inks[:, 3:]) / 2)


def table_profile() -> bytes:
    """An ICC profile with a table in which colours mean those of sRGB with red and blue changed."""
    steps = np.linspace(0, 1, 9)
    colours = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    return _table_profile(b"mntrRGB ", colours[:, ::-1])


def _table_profile(kind: bytes, rgb: npt.NDArray[np.float64]) -> bytes:
    """An ICC profile with the sRGB colours [9**N, 3] of a grid of values."""
    image = Image.fromarray((rgb * 255).astype(np.uint8)[None])
    srgb, target = (ImageCms.createProfile(name) for name in ("sRGB", "LAB"))
    lab = ImageCms.profileToProfile(image, srgb, target, outputMode="LAB")
    assert lab is not None
    channels = 4 if len(rgb) == 9**4 else 3
    identity = bytes(range(256))
    head = b"mft1\0\0\0\0" + bytes([channels, 3, 9, 0]) + _s15(1, 0, 0, 0, 1, 0, 0, 0, 1)
    # Pillow gives a and b with their signs, where the ICC adds 128.
    table = (np.asarray(lab).reshape(-1, 3) ^ np.array([0, 128, 128], np.uint8)).tobytes()
    body = head + identity * channels + table + identity * 3
    tags = [(b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"inks\0" + bytes(79))]
    tags += [(b"wtpt", b"XYZ \0\0\0\0" + _s15(*D50)), (b"A2B0", body + bytes(-len(body) % 4))]
    return _with_tags(kind + b"Lab ", tags)


def parametric(icc: bytes, kind: int, *numbers: float) -> bytes:
    """The same profile with another curve for all channels (ICC.1:2022, 10.18)."""
    curve = b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + _s15(*numbers)
    longer = struct.pack(">I", len(icc) + len(curve)) + icc[4:] + curve
    for name in (b"rTRC", b"gTRC", b"bTRC", b"kTRC"):
        entry = longer.find(name)
        if entry > 0:
            place = struct.pack(">II", len(icc), len(curve))
            longer = longer[: entry + 4] + place + longer[entry + 12 :]
    return longer


def half(image: Image.Image) -> Image.Image:
    """A picture with half of every value."""
    return image.point(lambda value: value // 2)


def _with_tags(kind: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    """An ICC profile of version 2.1: class, colour space and space of connection, and tags."""
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags:
        place = 132 + 12 * len(tags) + len(bodies)
        table += name + struct.pack(">II", place, len(body))
        bodies += body
    head = struct.pack(">I", 128 + len(table) + len(bodies)) + b"\0\0\0\0\2\x10\0\0" + kind
    head += bytes(12) + b"acsp" + bytes(28) + _s15(*D50) + bytes(48)
    return head + table + bodies


def as_stored(image: Image.Image, icc: bytes) -> Image.Image:
    """The values that mean the same colours in the space of a profile."""
    source = ImageCms.createProfile("sRGB")
    target = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    stored = ImageCms.profileToProfile(image, source, target, intent, image.mode)
    assert stored is not None
    stored.info = {}  # Pillow would write the profile into files
    return stored


def bmp(image: Image.Image, bits: int, masks: bytes = b"", icc: bytes = b"", up: int = 1) -> bytes:
    """A BMP with 16, 24 or 32 bits a pixel, in version 5 with masks of colours or a profile."""
    pixels = np.asarray(image.convert("RGB"))[:: -up or 1, :, ::-1]
    if bits == 16:
        five = (pixels >> 3).astype("<u2")
        pixels = (five[..., 2] << 10 | five[..., 1] << 5 | five[..., 0]).view(np.uint8)
    elif bits == 32:
        pixels = np.dstack([pixels, np.zeros(pixels.shape[:2], np.uint8)])
    rows = pixels.reshape(image.height, -1)
    body = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4))).tobytes()
    is_new = bool(masks or icc)
    size = 124 if is_new else 40
    width, height = image.width, image.height * up
    head = struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, 3 if masks else 0, *[0] * 5)
    if is_new:
        kind = 0x4D424544 if icc else 0x73524742
        head += masks.ljust(16, b"\0") + struct.pack("<I", kind) + bytes(48)
        head += struct.pack("<IIII", 4, size + len(body), len(icc), 0)
    start = 14 + size
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, start) + head + body + icc


def damaged_by(data: bytes, part: bytes, start: float, share: float, filler: bytes) -> bytes:
    """A file in which some of the bytes of a part, found by its content, are replaced."""
    place = data.index(part) + int(start * (len(part) - 1))
    size = max(1, int(share * (len(part) - (place - data.index(part)))))
    return data[:place] + (filler * size)[:size] + data[place + size :]
