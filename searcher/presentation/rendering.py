"""Rendering of Jinja2 templates, with escaping."""

import base64
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from searcher.presentation import wording

TEMPLATES = Path(__file__).with_name("templates")  # charts, and the report


def code(sentence: str) -> Markup:
    """Convert text between backticks to <code> elements; everything is escaped."""
    pieces = [escape(piece) for piece in sentence.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )


def data_address(data: bytes, kind: str = "jpeg") -> str:
    """Return a picture as a data URL, for those that the server has no URL of."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def nearness(percentile: float) -> float:
    """Return the length of the bar of a percentile, 0 to 1.

    Nearly all hits are closer than most random pairs, so the scale is logarithmic: full at 1 pair
    of 1,000 that is as close, two thirds at 1 of 100.
    """
    return round(min(1.0, -math.log10(max(1 - percentile, 1e-9)) / 3), 3)


def environment(folders: Sequence[Path] = ()) -> jinja2.Environment:
    """Return an environment with the filters and functions of all templates.

    Args:
        folders: Where templates are besides TEMPLATES. A missing variable of one raises
            jinja2.UndefinedError.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "ms": wording.milliseconds,
        "number": wording.number,
        "percent": wording.percent,
        "nearness": nearness,
        "code": code,
        "sentence": wording.sentence,
    }
    environment.globals |= {
        "_": wording.tr,
        "ngettext": wording.ntr,
        "rich": wording.rich,
        "nrich": wording.nrich,
        "language": wording.language,
    }
    return environment


def draw(template: str, **context: Any) -> Markup:
    """Render a template of TEMPLATES, a chart or a report, in the language in use."""
    with wording.use_language(wording.language()):
        return Markup(_environment().get_template(template).render(**context))


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return environment()
