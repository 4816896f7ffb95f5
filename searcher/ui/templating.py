"""Rendering of Jinja2 templates, with escaping."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from searcher.images.pictures import thumbnail_name
from searcher.presentation.rendering import code as code
from searcher.presentation.rendering import data_address as data_address
from searcher.presentation.rendering import environment
from searcher.presentation.rendering import nearness as nearness
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
        return compiled(template).render(**context)


def compiled(template: str) -> jinja2.Template:
    """Return a template by its file name in templates/, compiled once in this process."""
    return _environment().get_template(template)


def thumbnail_path(picture_id: int) -> str:
    """Return a thumbnail's path relative to the data folder, which is the app's working folder.

    Gradio puts file paths into URLs; a relative path reveals nothing about the server.
    """
    return f"thumbs/{thumbnail_name(picture_id)}"


def thumbnail_address(picture_id: int) -> str:
    """Return a thumbnail's URL, relative to the page."""
    return THUMBNAILS + thumbnail_name(picture_id)


def image_sources(picture_id: int) -> Markup:
    """Return the attributes of an <img> in a list: small, or not so small on dense screens."""
    small = f"{SMALL_THUMBNAILS}{picture_id}.jpg"
    return Markup('src="{}" srcset="{} 2x"').format(small, thumbnail_address(picture_id))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    made = environment([TEMPLATES])
    made.filters |= {"thumbnail": thumbnail_address, "sources": image_sources}
    made.globals |= {"plural_forms": i18n.plural_forms}
    return made
