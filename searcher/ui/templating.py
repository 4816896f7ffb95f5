"""Pieces of HTML: Jinja2 templates, which escape whatever comes from outside."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from searcher.images.pictures import thumbnail_name
from searcher.ui import i18n

THUMBNAILS = "gradio_api/file=thumbs/"  # the address of their folder, without the server
TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **context: Any) -> str:
    """Fill in one of the templates."""
    return _environment().get_template(template).render(**context)


def code(sentence: str) -> Markup:
    """Set what stands between backticks as code."""
    pieces = [escape(piece) for piece in sentence.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )


def thumbnail_path(picture_id: int) -> str:
    """A thumbnail's path relative to the data folder, which is the app's working folder.

    Gradio shows the paths of files in their addresses: a relative one says nothing of the server.
    """
    return f"thumbs/{thumbnail_name(picture_id)}"


def thumbnail_address(picture_id: int) -> str:
    """Where the page finds a thumbnail."""
    return THUMBNAILS + thumbnail_name(picture_id)


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
        "code": code,
        "thumbnail": thumbnail_address,
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
