"""Pictures drawn from seeds, in the formats and shapes that people have."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

ORIENTATION, QUARTER_TURN = 0x0112, 6
QUALITY = 80


def draw(seed: int, width: int, height: int) -> Image.Image:
    """Waves, discs and grain: detail at every scale, so that each way of resizing differs."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    pixels = np.full((height, width, 3), generator.uniform(60, 190, 3))
    for _ in range(6):
        angle, phase = generator.uniform(0, 2 * np.pi, 2)
        length = max(width, height) / generator.uniform(1, 24)
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / length + phase)
        pixels += wave[..., None] * generator.uniform(-35, 35, 3)
    for _ in range(7):
        left, top = generator.uniform(0, width), generator.uniform(0, height)
        radius = max(width, height) * generator.uniform(0.03, 0.22)
        inside = (x - left) ** 2 + ((y - top) * generator.uniform(0.5, 2)) ** 2 < radius**2
        pixels[inside] = generator.uniform(0, 255, 3)
    grain = generator.normal(0, 6, (-(-height // 2), -(-width // 2), 1))
    pixels += grain.repeat(2, 0).repeat(2, 1)[:height, :width]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write(folder: Path) -> list[Path]:
    """Write all pictures; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    draw(1, 401, 262).save(folder / "landscape.jpg", quality=QUALITY)
    draw(2, 97, 145).save(folder / "portrait.png")
    draw(3, 230, 171).convert("L").save(folder / "grey.jpg", quality=QUALITY)
    draw(4, 130, 90).quantize(48).save(folder / "palette.png")
    draw(5, 31, 23).save(folder / "tiny.png")
    draw(6, 430, 96).save(folder / "panorama.jpg", quality=QUALITY)
    draw(7, 1450, 1090).save(folder / "large.jpg", quality=15)
    turned = Image.Exif()
    turned[ORIENTATION] = QUARTER_TURN
    draw(8, 200, 151).save(folder / "turned.jpg", exif=turned, quality=QUALITY)
    transparent = draw(9, 120, 101)
    transparent.putalpha(Image.linear_gradient("L").resize(transparent.size))
    transparent.save(folder / "transparent.png")
    return sorted(folder.iterdir())


def open_reference(path: Path) -> Image.Image:
    """An upright RGB picture; transparency lies on white, as the page shows it."""
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file)
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
