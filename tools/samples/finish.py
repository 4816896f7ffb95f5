"""From a render to a photograph's file, and the sheet that shows them all."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from searcher.files import part_of

QUALITY = 75
SHEET_QUALITY = 55  # keeps 34 rows under 1 MB
GRAIN = 2.2  # of 255: the noise of a sensor, which a denoised render lacks
MEAN, DARKEST, BRIGHTEST = 0.42, 0.3, 0.58  # luminance of a usual scene, and the bounds
DESIGNED = 0.4  # mean luminance of the scenes as they are lit, before the exposure is metered
CONTRAST = 0.6  # of the differences in luminance between scenes, kept by the meter
WHITE, MOST_BLACK, MOST_GAIN = 238, 26, 1.4  # of 255: levels are spread no further than this
MOST = 0.52  # luminance that no picture exceeds
VIGNETTE = 0.16  # of the light, lost in the corners
LUMA = np.array((0.299, 0.587, 0.114), np.float32)  # of red, green and blue (Rec. 601)


def luminance(pixels: np.ndarray) -> float:
    """The mean grey value of pixels from 0 to 255 [H, W, 3], from 0 to 1 (Rec. 601)."""
    return float((pixels @ LUMA).mean() / 255)


def levels(file: Path) -> np.ndarray:
    """Read a rendering, and spread its greys so that black is black and white nearly white."""
    with Image.open(file) as picture:
        pixels = np.asarray(picture.convert("RGB"), np.float32)
    grey = pixels @ LUMA
    low, high = np.percentile(grey, (1, 99.5))
    low = min(max(low - 8, 0), MOST_BLACK)
    gain = min(max((WHITE - low) / (high - low), 1.0), MOST_GAIN)
    return np.clip((pixels - low) * gain, 0, 255)


def up_to_date(file: Path, recipe: str) -> bool:
    """Whether a picture is there and was made by this recipe."""
    if not file.exists():
        return False
    with Image.open(file) as picture:
        return picture.info.get("comment", b"") == recipe.encode()


def meter(write: Callable[[float], Path], exposure: float) -> np.ndarray:
    """Expose as a camera does: dark scenes stay darker than bright ones, but less so.

    Args:
        write: Writes the rendered light at an exposure in stops, and returns the file.
        exposure: The exposure that the scene was designed for.

    Returns:
        The pixels from 0 to 255 [H, W, 3], at the exposure that gives the wanted luminance.
    """
    pixels = levels(write(exposure))
    wanted = MEAN + CONTRAST * (luminance(pixels) - DESIGNED)
    wanted = min(max(wanted, DARKEST), BRIGHTEST)
    low, high = exposure - 1.5, exposure + 2.5
    for _ in range(5):
        middle = (low + high) / 2
        pixels = levels(write(middle))
        low, high = (middle, high) if luminance(pixels) < wanted else (low, middle)
    return pixels


def toned(pixels: np.ndarray) -> np.ndarray:
    """Darken the middle greys of a picture brighter than MOST; its black and its white stay."""
    low, high = 1.0, 3.0
    if luminance(pixels) <= MOST:
        return pixels
    for _ in range(8):
        gamma = (low + high) / 2
        darker = 255 * (np.clip(pixels, 0, 255) / 255) ** gamma
        low, high = (gamma, high) if luminance(darker) > MOST else (low, gamma)
    return darker


def develop(pixels: np.ndarray, target: Path, seed: int, recipe: str) -> None:
    """Darken the corners and what is too bright, add grain, and write a whole JPEG or none."""
    rows, columns = pixels.shape[:2]
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    pixels = pixels * (1 - VIGNETTE * ((x * x + y * y) / 2) ** 1.5)[..., None]
    pixels = toned(pixels)
    rng = np.random.default_rng(seed)
    pixels += rng.normal(0, GRAIN, (rows, columns, 1)) + rng.normal(0, GRAIN / 3, pixels.shape)
    whole = Image.fromarray(np.clip(pixels, 0, 255).round().astype(np.uint8))
    with part_of(target) as part:
        whole.save(part, "JPEG", quality=QUALITY, optimize=True, progressive=True, comment=recipe)


def contact_sheet(folder: Path, target: Path, columns: int = 9, width: int = 1300) -> None:
    """All pictures in a row a kind (queries last), cropped to squares, with small labels."""
    groups = {
        kind.name: sorted(kind.glob("*.jpg")) for kind in sorted(folder.iterdir()) if kind.is_dir()
    }
    groups = {kind: files for kind, files in groups.items() if files}
    if "queries" in groups:
        groups["queries"] = groups.pop("queries")
    cell, label = width // columns, 20
    height = len(groups) * (cell + label)
    page = Image.new("RGB", (cell * columns, height), (250, 250, 248))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(13)
    for row, (kind, files) in enumerate(groups.items()):
        top = row * (cell + label)
        draw.text((4, top + 2), kind, (60, 60, 60), font)
        for column, file in enumerate(files[:columns]):
            with Image.open(file) as picture:
                side = min(picture.size)
                left, upper = (picture.width - side) // 2, (picture.height - side) // 2
                square = picture.crop((left, upper, left + side, upper + side))
            small = square.resize((cell - 4, cell - 4), Image.Resampling.LANCZOS)
            page.paste(small, (column * cell + 2, top + label))
    target.parent.mkdir(parents=True, exist_ok=True)
    page.save(target, "JPEG", quality=SHEET_QUALITY, optimize=True, progressive=True)
