"""Decode HEIC with 10 and 12 bits a sample, of which Pillow's images keep 8."""

import io
from typing import cast

import numpy as np
import numpy.typing as npt
from PIL import Image
from pillow_heif import HeifImageFile, open_heif

from searcher.images.deep_strips import MODES, Deep, deep_of


def is_deep_heif(image: Image.Image) -> bool:
    """Whether an opened file is HEIC of more than 8 bits a sample, whose alpha is plain."""
    is_deep = isinstance(image, HeifImageFile) and image.info.get("bit_depth", 8) > 8
    return is_deep and image.mode in MODES.values()


def heif_samples(stream: io.BufferedIOBase) -> Deep:
    """Return the samples of the primary picture, turned as its properties say.

    Raises:
        ValueError, RuntimeError, OSError, EOFError: The file is damaged.
    """
    stream.seek(0)
    file = open_heif(stream, convert_hdr_to_8bit=False)
    image = file[file.primary_index]
    bits = cast(int, image.info["bit_depth"])
    image.load()  # which may change its size
    samples = np.asarray(image)
    samples = samples.reshape(*samples.shape[:2], -1)[:, : image.size[0]]

    def part(rows: slice) -> npt.NDArray[np.uint16]:
        values = samples[rows]  # shifted up; white is to be 65,535
        return np.asarray(values | values >> bits, np.uint16)

    return deep_of(image.size, samples.shape[-1], part)
