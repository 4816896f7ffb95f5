"""The page in the visitor's language: English as it stands in the code, others from a file each.

A file in languages/ gives for every English message its translation. Messages may have {values};
a message with a bar has two forms, for one and for several {n}.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from searcher.messages.message import Message
from searcher.messages.render import render
from searcher.ui.gradio_internals import request_of_call

FOLDER = Path(__file__).with_name("languages")
ENGLISH = "en"

Messages = Mapping[str, str]


@cache
def languages() -> dict[str, Messages]:
    """The messages of each language but English, by its code (ISO 639-1)."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}


def preferred(header: str) -> str:
    """The first language of an Accept-Language header (RFC 9110) that there is, else English."""
    options = []
    for place, part in enumerate(header.split(",")):
        code, _, weight = part.strip().partition(";q=")
        found = re.fullmatch(r"[01](\.\d{0,3})?", weight)
        options.append((-float(weight) if found else -1.0, place, code[:2].lower()))
    codes = [code for weight, _, code in sorted(options) if weight < 0]
    return next((code for code in codes if code == ENGLISH or code in languages()), ENGLISH)


def language() -> str:
    """The language of the visitor whose request is being answered; English outside of requests."""
    request = request_of_call()
    headers = dict(request.headers) if request is not None else {}
    return preferred(str(headers.get("accept-language") or ""))


def tr(message: str, **values: object) -> str:
    """Say an English message in the visitor's language, with its values filled in."""
    return _form(message, values).format(**values)


def rich(message: str, **values: object) -> Markup:
    """The same for a message with HTML in it; values are escaped."""
    return Markup(_form(message, values)).format(**values)


def sentence(message: Message) -> str:
    """What a message of the library says in the visitor's language."""
    return render(message, language())


def here(message: str) -> Any:
    """A label that the browser translates; for what is built before anybody visits."""
    return i18n()(message)


@cache
def i18n() -> gr.I18n:
    """The messages for the browser: those without values."""
    plain = {
        code: {message: own for message, own in messages.items() if "{" not in message}
        for code, messages in languages().items()
    }
    english = {message: message for messages in plain.values() for message in messages}
    return gr.I18n(**{ENGLISH: english, **plain})


def _form(message: str, values: Mapping[str, object]) -> str:
    forms = languages().get(language(), {}).get(message, message).split("|")
    return forms[0] if values.get("n") == 1 else forms[-1]
