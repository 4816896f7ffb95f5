"""From a render to a photograph's file, and the sheet that shows them all."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from searcher.files import part_of

QUALITY = 82
SHEET_QUALITY = 55  # keeps twenty kinds under 700 kB
GRAIN = 2.2  # of 255: the noise of a sensor, which a denoised render lacks
VIGNETTE = 0.16  # of the light, lost in the corners


def develop(raw: Path, target: Path, seed: int) -> None:
    """Darken the corners a little, add grain, and write a JPEG whole or not at all."""
    with Image.open(raw) as picture:
        pixels = np.asarray(picture.convert("RGB"), np.float32)
    rows, columns = pixels.shape[:2]
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    pixels *= (1 - VIGNETTE * ((x * x + y * y) / 2) ** 1.5)[..., None]
    rng = np.random.default_rng(seed)
    pixels += rng.normal(0, GRAIN, (rows, columns, 1)) + rng.normal(0, GRAIN / 3, pixels.shape)
    whole = Image.fromarray(np.clip(pixels, 0, 255).round().astype(np.uint8))
    with part_of(target) as part:
        whole.save(part, "JPEG", quality=QUALITY, optimize=True, progressive=True)


def contact_sheet(folder: Path, target: Path, columns: int = 9, width: int = 1600) -> None:
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
