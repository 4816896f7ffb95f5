"""Decode a progressive JPEG at an eighth of its size, from its DC coefficients alone.

libjpeg holds all coefficients of such a file, at any scale: 3 to 6 bytes a pixel. A DC coefficient
is the mean of a block of 8 x 8 pixels.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, JpegImagePlugin

from searcher.images.containers.jpeg_scans import Scan, dc_scans
from searcher.images.containers.picture_file import CutOff, PictureFile, Spliced, all_bytes
from searcher.images.dc_coefficients import Bytes, Values, first_values, further_bits
from searcher.images.decoding import samples

BLOCK = 8  # pixels of a side
RGB_IDS = [82, 71, 66]  # components named "R", "G" and "B"


def eighth_bytes(image: JpegImagePlugin.JpegImageFile, size: tuple[int, int]) -> int:
    """Estimate the bytes that decoding takes at its peak, without the file.

    Args:
        image: The opened file.
        size: Width and height in pixels.
    """
    blocks = size[0] * size[1] / BLOCK**2
    return int(blocks * (4 * samples(image) + 8)) + 32 * 2**20


def eighth(
    file: PictureFile, image: JpegImagePlugin.JpegImageFile, size: tuple[int, int]
) -> Image.Image:
    """Decode a progressive JPEG with Huffman codes; the sides are rounded up.

    Args:
        file: The file.
        image: Pillow's reading of what stands before its first scan.
        size: Width and height in pixels.

    Returns:
        Grey, RGB or CMYK, as Pillow decodes the file.

    Raises:
        CutOff: A scan is missing, or a DC coefficient.
        ValueError, IndexError, KeyError: The file is damaged.
    """
    stream = file.stream
    parts = stream.parts if isinstance(stream, Spliced) else (all_bytes(stream),)
    planes = _planes(size, [layer[1:3] for layer in image.layer])
    for scan in dc_scans(parts):
        _take(scan, [planes[number] for number, _ in scan.components])
    steps = [image.quantization[table][0] for *_, table in image.layer]
    return _coloured([plane.pixels(step) for plane, step in zip(planes, steps, strict=True)], image)


@dataclass
class _Plane:
    """The DC coefficients of a component.

    Attributes:
        sampling: Blocks across and down in an MCU of all components.
        most: The same of the component that has most.
        size: Width and height of the result.
        values: [H, W], whole MCUs.
        low: Bits that are still missing; None before the first scan.
    """

    sampling: tuple[int, int]
    most: tuple[int, int]
    size: tuple[int, int]
    values: Values
    low: int | None = None

    @property
    def blocks(self) -> tuple[int, int]:
        """Blocks across and down that the picture covers."""
        (width, height), (h, v), (most_h, most_v) = self.size, self.sampling, self.most
        return -(-width * h // most_h), -(-height * v // most_v)

    def pixels(self, step: int) -> Image.Image:
        """Return the means of the blocks as 8-bit grey levels, in the size of the result.

        Args:
            step: The quantisation of DC coefficients.

        Raises:
            CutOff: No scan gave them.
        """
        if self.low is None:
            raise CutOff("pixels")
        across, down = self.blocks
        levels = self.values[:down, :across].astype(np.int32)
        levels *= step
        levels += BLOCK * 128 + BLOCK // 2
        levels //= BLOCK
        np.clip(levels, 0, 255, out=levels)
        image = Image.fromarray(levels.astype(np.uint8))
        if image.size == self.size:
            return image
        right = self.size[0] * self.sampling[0] / self.most[0]
        bottom = self.size[1] * self.sampling[1] / self.most[1]
        box = (0, 0, min(right, across), min(bottom, down))
        return image.resize(self.size, Image.Resampling.BILINEAR, box)


def _planes(size: tuple[int, int], samplings: list[tuple[int, int]]) -> list[_Plane]:
    """Return the planes, still empty, of a picture's components."""
    if not {n for sampling in samplings for n in sampling} <= {1, 2, 3, 4}:
        raise ValueError("sampling")
    most = max(h for h, _ in samplings), max(v for _, v in samplings)
    across, down = (-(-n // (BLOCK * m)) for n, m in zip(size, most, strict=True))
    small = (-(-size[0] // BLOCK), -(-size[1] // BLOCK))
    return [
        _Plane((h, v), most, small, np.zeros((down * v, across * h), np.int16))
        for h, v in samplings
    ]


def _take(scan: Scan, planes: list[_Plane]) -> None:
    """Put the values of a scan into the planes of its components.

    Raises:
        ValueError: The scan does not follow on those before, of which there are few.
    """
    if any(plane.low != (scan.high or None) for plane in planes):
        raise ValueError("order of scans")
    if scan.high and scan.low != scan.high - 1:
        raise ValueError("bits of a scan")
    first = planes[0]
    samplings = [plane.sampling for plane in planes]
    across = first.values.shape[1] // first.sampling[0]
    down = first.values.shape[0] // first.sampling[1]
    if len(planes) == 1:  # a scan of one component has its blocks row by row
        samplings, (across, down) = [(1, 1)], first.blocks
    blocks = [number for number, (h, v) in enumerate(samplings) for _ in range(h * v)]
    values: Values | Bytes
    if scan.high:
        values = further_bits(scan, len(blocks), across * down)
    else:
        values = first_values(scan, blocks, across * down)
    for number, (plane, (h, v)) in enumerate(zip(planes, samplings, strict=True)):
        start = blocks.index(number)
        mcus = values[:, start : start + h * v].reshape(down, across, v, h)
        part = mcus.swapaxes(1, 2).reshape(down * v, across * h)
        target = plane.values[: down * v, : across * h]
        target |= part.astype(np.int16) << scan.low
        plane.low = scan.low


def _coloured(bands: list[Image.Image], image: JpegImagePlugin.JpegImageFile) -> Image.Image:
    """Join the components as libjpeg and Pillow do; Adobe's marker says what they are."""
    if image.mode == "L":
        return bands[0]
    transform = image.info.get("adobe_transform")
    if image.mode == "RGB":
        ids = [number for number, *_ in image.layer]
        is_rgb = ids == RGB_IDS if transform is None else transform == 0
        mode = "RGB" if is_rgb and "jfif" not in image.info else "YCbCr"
        return Image.merge(mode, bands).convert("RGB")
    inks = Image.merge("CMYK", [ImageChops.invert(band) for band in bands])
    if transform in (None, 0):
        return inks
    colours = Image.merge("YCbCr", bands[:3]).convert("RGB")
    return Image.merge("CMYK", [*colours.split(), inks.getchannel("K")])
