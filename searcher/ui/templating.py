"""Rendering of Jinja2 templates, with escaping."""

import base64
import math
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from searcher.images.pictures import thumbnail_name
from searcher.ui import i18n

THUMBNAILS = "gradio_api/file=thumbs/"  # URL of their folder, relative to the page
SMALL_THUMBNAILS = "twinlens/thumbs/"
TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **context: Any) -> str:
    """Render a template.

    Args:
        template: Its file name in templates/.
        **context: Its variables; a missing one raises jinja2.UndefinedError.

    Returns:
        HTML.
    """
    # Otherwise each of its messages would look up the request's language.
    with i18n.use_language(i18n.language()):
        return _environment().get_template(template).render(**context)


def code(sentence: str) -> Markup:
    """Convert text between backticks to <code> elements; everything is escaped."""
    pieces = [escape(piece) for piece in sentence.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )


def thumbnail_path(picture_id: int) -> str:
    """Return a thumbnail's path relative to the data folder, which is the app's working folder.

    Gradio puts file paths into URLs; a relative path reveals nothing about the server.
    """
    return f"thumbs/{thumbnail_name(picture_id)}"


def thumbnail_address(picture_id: int) -> str:
    """Return a thumbnail's URL, relative to the page."""
    return THUMBNAILS + thumbnail_name(picture_id)


def data_address(jpeg: bytes) -> str:
    """Return a JPEG as a data URL, for pictures that the server has no URL of."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def nearness(percentile: float) -> float:
    """Return the length of the bar of a percentile, 0 to 1.

    Nearly all hits are closer than most random pairs, so the scale is logarithmic: full at 1 pair
    of 1,000 that is as close, two thirds at 1 of 100.
    """
    return round(min(1.0, -math.log10(max(1 - percentile, 1e-9)) / 3), 3)


def image_sources(picture_id: int) -> Markup:
    """Return the attributes of an <img> in a list: small, or not so small on dense screens."""
    small = f"{SMALL_THUMBNAILS}{picture_id}.jpg"
    return Markup('src="{}" srcset="{} 2x"').format(small, thumbnail_address(picture_id))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "ms": i18n.milliseconds,
        "number": i18n.number,
        "percent": i18n.percent,
        "nearness": nearness,
        "code": code,
        "thumbnail": thumbnail_address,
        "sources": image_sources,
        "sentence": i18n.sentence,
    }
    environment.globals |= {
        "_": i18n.tr,
        "ngettext": i18n.ntr,
        "rich": i18n.rich,
        "nrich": i18n.nrich,
        "plural_forms": i18n.plural_forms,
        "language": i18n.language,
    }
    return environment
