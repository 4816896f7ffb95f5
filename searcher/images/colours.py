"""Convert colours to sRGB by LittleCMS, as viewers do."""

import io
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from searcher.images import hdr
from searcher.images.containers.picture_file import SRGB, ColourTags
from searcher.images.icc_profile import profile_of
from searcher.images.profile_parts import is_consistent

Convert = Callable[[Image.Image], Image.Image]

GREY = frozenset({"1", "L", "LA", "La", "I", "F"})
WITH_ALPHA = frozenset({"LA", "La", "RGBA", "RGBa", "PA"})
DEVICES = (b"mntr", b"scnr", b"prtr", b"spac")  # classes of profiles that describe a picture
MAX_PROFILE = 2**24  # bytes
DISPLAYS = (b"mntr", b"spac")
SRGB_NAMES = (b"sRGB", "sRGB".encode("utf-16-be"))
NEARLY = 32  # the same where a profile is named sRGB: it is a variant, or damaged
SAME = 2  # grey levels by which a profile may differ from sRGB and count as sRGB
# What a sound profile makes of white, at least, and of black, at most.
WHITE, BLACK = 200, 100
# And, in one that describes a display, of middle grey: 98 to 188 for the powers 3 to 1.
MIDDLE = range(60, 215)
# By how many times, and levels, greys may rise more in a 16th of the range than beside it. One byte
# of a curve in two parts breaks it in the middle.
JUMP, MORE = 2, 8
# By how much the channels of white, and of greys, differ in one that describes a display.
WHITE_TINT, GREY_TINT = 4, 24


def is_grey(mode: str) -> bool:
    """Whether a mode of Pillow has one channel beside alpha."""
    return mode in GREY or mode.startswith("I;16")


def srgb_conversion(tags: ColourTags, mode: str) -> Convert | None:
    """Return the function that converts pictures of a mode to sRGB, as RGB or RGBA.

    Args:
        tags: What the file says of its colours.
        mode: The mode of the pictures; those with 16 or 32 bits are given as L.

    Returns:
        None where nothing is to be converted: the picture is sRGB, or the profile is broken or
        made for other channels, and so is no profile of this picture.
    """
    if mode == "LAB":
        transform = _lab()
        return lambda strip: _applied(transform, strip)
    if tags == SRGB:
        return None
    numbers, source, found = hdr.hdr_of(tags), "RGB", None
    if numbers:
        found = _of_samples(hdr.hdr_conversion(numbers)) if mode != "CMYK" else None
    else:
        profile = profile_of(tags)
        source = _source(profile, mode)
        found = _conversion(profile, source) if source else None
    if found is None:
        return None
    of_source = found

    def convert(strip: Image.Image) -> Image.Image:
        if strip.mode in WITH_ALPHA or "transparency" in strip.info:
            clear = strip.convert("RGBA")
            result = of_source(clear.convert("RGB").convert(source))
            result.putalpha(clear.getchannel("A"))
            return result
        return of_source(strip if strip.mode == source else strip.convert(source))

    return convert


def _source(profile: bytes, mode: str) -> str:
    """Return the mode in which a profile takes pictures of a mode; "" where it takes none."""
    if not 128 < len(profile) <= MAX_PROFILE or profile[36:40] != b"acsp":
        return ""
    space = profile[16:20]
    if mode == "CMYK":
        return "CMYK" if space == b"CMYK" else ""
    if is_grey(mode) and space == b"GRAY":
        return "L"
    return "RGB" if space == b"RGB " else ""


def _of_samples(convert: hdr.Convert) -> Convert:
    return lambda image: Image.fromarray(convert(np.asarray(image)))


def _applied(transform: ImageCms.ImageCmsTransform, strip: Image.Image) -> Image.Image:
    result = Image.new("RGB", strip.size)
    return transform.apply(strip, result)


@lru_cache(maxsize=1)
def _lab() -> ImageCms.ImageCmsTransform:
    return ImageCms.ImageCmsTransform(
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        "LAB",
        "RGB",
        ImageCms.Intent.PERCEPTUAL,
    )


@lru_cache(maxsize=32)
def _conversion(profile: bytes, mode: str) -> Convert | None:
    """Return the conversion of a mode's pictures to sRGB; None for a profile without use."""
    if profile[12:16] not in DEVICES:
        return None
    try:
        transform = _transform(profile, mode)
        result = probe_levels(profile, mode)
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return None
    if mode == "CMYK":
        return lambda image: _applied(transform, image)
    greys = result[0] if mode == "L" else result.reshape(17, 17, 17, 3)[(np.arange(17),) * 3]
    is_display = profile[12:16] in DISPLAYS
    if not _is_sound(greys, is_display) or (is_display and not is_consistent(profile)):
        return None
    difference = np.abs(result - np.asarray(probe(mode).convert("RGB"), np.int16)).max()
    is_named = any(name in profile for name in SRGB_NAMES)
    if difference <= (NEARLY if is_named else SAME):
        return None
    if mode == "RGB":
        return lambda image: _applied(transform, image)
    levels = result[0].astype(np.uint8)  # dark greys are rough in what LittleCMS precalculates
    return lambda image: Image.fromarray(levels[np.asarray(image)])


def probe_levels(profile: bytes, mode: str) -> npt.NDArray[np.int16]:
    """Return what LittleCMS makes of `probe` [..., 3], calculated for each pixel on its own.

    Raises:
        OSError, ValueError, TypeError, PIL.ImageCms.PyCMSError: The profile is damaged.
    """
    transform = _transform(profile, mode, ImageCms.Flags.NOOPTIMIZE)
    return np.asarray(_applied(transform, probe(mode)), np.int16)


def _transform(
    profile: bytes, mode: str, flags: ImageCms.Flags = ImageCms.Flags.NONE
) -> ImageCms.ImageCmsTransform:
    return ImageCms.ImageCmsTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        mode,
        "RGB",
        ImageCms.Intent.PERCEPTUAL,
        flags=flags,
    )


def _is_sound(greys: npt.NDArray[np.int16], is_display: bool) -> bool:
    """Whether black, greys and white [N, 3] become what any profile makes of them.

    Damage is told by it: a profile of version 2 has no checksum, and viewers check none.
    """
    if greys[0].max() > BLACK or greys[-1].min() < WHITE:
        return False
    tints = greys.max(1) - greys.min(1)
    is_neutral = bool(tints[-1] <= WHITE_TINT and tints.max() <= GREY_TINT)
    is_rising = bool(np.diff(greys, axis=0).min() >= -SAME)
    is_common = round(float(greys[len(greys) // 2].mean())) in MIDDLE
    rises = np.diff(greys[:: len(greys) // 16].mean(1))
    leaps = rises[2:-1] > JUMP * np.maximum(rises[1:-2], rises[3:]) + MORE
    return not is_display or (is_neutral and is_rising and is_common and not leaps.any())


def probe(mode: str) -> Image.Image:
    """Return a picture of the whole range of colours of mode L or RGB."""
    if mode == "L":
        return Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    if mode == "CMYK":
        return Image.new("CMYK", (1, 1))
    steps = np.linspace(0, 255, 17).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1)
    return Image.fromarray(cube.reshape(17, -1, 3))
