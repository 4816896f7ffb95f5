"""The pictures of a report: each is encoded once, and all fit into a budget of bytes."""

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

from searcher.errors import TwinlensError
from searcher.presentation.rendering import data_address
from searcher.presentation.report_parts import Source

BUDGET = 3_900_000  # characters of all data URLs: the rest of 5 MB is for the text
SIDES = (320, 256, 200, 160, 128, 96)  # pixels on the long side, the largest that fits
QUALITY = 78  # of WebP
SAMPLES = 12  # pictures by which the size of all is estimated
RESERVE = 1.15  # of the estimate


@dataclass(frozen=True)
class Thumbnail:
    """A picture as a data URL, with its size in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Thumbnails:
    """The pictures of a report.

    Attributes:
        by_ref: Those that are in it, by their keys.
        side: Pixels of the long side.
        left_out: How many did not fit.
        missing: How many are not there any more.
    """

    by_ref: Mapping[str, Thumbnail] = field(default_factory=dict)
    side: int = SIDES[0]
    left_out: int = 0
    missing: int = 0

    @property
    def are_small(self) -> bool:
        """Whether they are smaller than they would be in a report with fewer."""
        return self.side < SIDES[0]


def encode_all(sources: Mapping[str, Source], budget: int = BUDGET) -> Thumbnails:
    """Encode pictures as large as all of them fit into a budget.

    Args:
        sources: How each is decoded, by its key; the first ones are the most important.
        budget: Characters of all data URLs.
    """
    chosen = SIDES[-1]
    sampled = list(sources)[:: max(1, len(sources) // SAMPLES)]
    samples = [image for ref in sampled if (image := _open(sources[ref])) is not None]
    for side in SIDES:
        sizes = [len(_encode(image, side).url) for image in samples]
        if sizes and sum(sizes) / len(sizes) * len(sources) * RESERVE <= budget:
            chosen = side
            break
    found: dict[str, Thumbnail] = {}
    spent = left_out = missing = 0
    for ref, source in sources.items():
        image = _open(source)
        if image is None:
            missing += 1
            continue
        thumbnail = _encode(image, chosen)
        if spent + len(thumbnail.url) > budget:
            left_out += 1
            continue
        spent += len(thumbnail.url)
        found[ref] = thumbnail
    return Thumbnails(found, chosen if sources else SIDES[0], left_out, missing)


def encode_logo(image: Image.Image) -> str:
    """Return a logo as a data URL: a PNG, or a WebP where that would be too large."""
    small = image.copy()
    small.thumbnail(LOGO_SIZE)
    small.info = {}
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    if out.tell() <= LOGO_BYTES:
        return data_address(out.getvalue(), "png")
    return _encode(small, max(LOGO_SIZE)).url


LOGO_SIZE = 480, 160  # pixels
LOGO_BYTES = 100_000


def used(refs: Iterable[str], sources: Sequence[Mapping[str, Source]]) -> dict[str, Source]:
    """Return the sources of pictures in the order in which they are shown."""
    known: dict[str, Source] = {}
    for some in sources:
        known |= some
    return {ref: known[ref] for ref in dict.fromkeys(refs) if ref in known}


def _open(source: Source) -> Image.Image | None:
    try:
        image = source().pixels
    except TwinlensError:  # it was removed meanwhile
        return None
    if max(image.size) > SIDES[0]:
        image = image.copy()
        image.thumbnail((SIDES[0], SIDES[0]), Image.Resampling.LANCZOS)
    return image


def _encode(image: Image.Image, side: int) -> Thumbnail:
    small = image
    if max(image.size) > side:
        small = image.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=QUALITY, method=2)
    url = f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}"
    return Thumbnail(url, *small.size)
