"""Pieces of HTML: Jinja2 templates, which escape whatever comes from outside."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from searcher.images.pictures import thumbnail_name
from searcher.ui.i18n import language, rich, sentence, tr

THUMBNAILS = "gradio_api/file=thumbs/"  # the address of their folder, without the server
TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **context: Any) -> str:
    """Fill in one of the templates."""
    return _environment().get_template(template).render(**context)


def milliseconds(value: float) -> str:
    """A time as it is shown: one digit behind the point below 10 ms."""
    return f"{value:.0f} ms" if value >= 9.5 else f"{value:.1f} ms"


def percent(share: float, digits: int = 0) -> str:
    """A share from 0 to 1, such as 99.2%."""
    return f"{share:.{digits}%}"


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
        "ms": milliseconds,
        "percent": percent,
        "code": code,
        "thumbnail": thumbnail_address,
        "sentence": sentence,
    }
    environment.globals |= {"_": tr, "rich": rich, "language": language}
    return environment
