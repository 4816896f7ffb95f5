"""The page's language: set by the page's switch, else by the browser's Accept-Language.

Messages are English texts, optionally with {placeholders}; numbers are formatted for the language.
`make messages` collects them into the catalogues of searcher/messages.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import gradio as gr
from babel import Locale
from markupsafe import Markup, escape

from searcher.messages import formats, translate
from searcher.messages.message import Message, render
from searcher.messages.translate import ENGLISH
from searcher.ui.gradio_internals import request_of_call

COOKIE = re.compile(r"(?:^|; ?)twinlens-language=([a-z]{2,3})(?:;|$)")  # preferences.js sets it
CLDR_SAMPLES = (*range(200), 1_000_000)  # cover every plural category of every language

_override: ContextVar[str | None] = ContextVar("language", default=None)


def gettext_noop(message: str) -> str:
    """Mark a message for extraction that is translated elsewhere, such as one in a table."""
    return message


ORDINALS = {
    "one": gettext_noop("{n}st"),
    "two": gettext_noop("{n}nd"),
    "few": gettext_noop("{n}rd"),
    "other": gettext_noop("{n}th"),
}


@lru_cache(maxsize=128)  # a page has thousands of messages
def preferred_language(header: str) -> str:
    """Return the preferred available language of an Accept-Language header (RFC 9110).

    English where none is available.
    """
    options = []
    for position, part in enumerate(header.split(",")):
        code, _, weight = part.strip().partition(";q=")
        valid = re.fullmatch(r"[01](\.\d{0,3})?", weight)
        options.append((-float(weight) if valid else -1.0, position, code[:2].lower()))
    codes = [code for weight, _, code in sorted(options) if weight < 0]
    return next((code for code in codes if code in translate.languages()), ENGLISH)


def request_language(headers: Mapping[str, str]) -> str:
    """Return a request's language: the cookie's, set by the page's switch, else the browser's."""
    match = COOKIE.search(headers.get("cookie") or "")
    if match and match[1] in translate.languages():
        return match[1]
    return preferred_language(headers.get("accept-language") or "")


def language() -> str:
    """Return the language code of the current request; English outside of requests."""
    if override := _override.get():
        return override
    request = request_of_call()
    return request_language(request.headers) if request is not None else ENGLISH


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Use one language for all messages in a with block, whatever the request says."""
    token = _override.set(code)
    try:
        yield
    finally:
        _override.reset(token)


def tr(message: str, **values: object) -> str:
    """Translate an English message into the visitor's language and fill in its values."""
    return _format(translate.gettext(language(), message), values)


def ntr(singular: str, plural: str, n: int, **values: object) -> str:
    """Translate a message with singular and plural forms; {n} is the number."""
    return _format(translate.ngettext(language(), singular, plural, n), {"n": n, **values})


def rich(message: str, **values: object) -> Markup:
    """Translate a message that contains HTML; values are escaped."""
    return _format_html(translate.gettext(language(), message), values)


def nrich(singular: str, plural: str, n: int, **values: object) -> Markup:
    """Translate a message that contains HTML and has plural forms; values are escaped."""
    return _format_html(translate.ngettext(language(), singular, plural, n), {"n": n, **values})


def plural_forms(singular: str, plural: str) -> str:
    """Return all plural forms of a message for scripts: JSON of texts by CLDR plural category."""
    category = Locale.parse(language()).plural_form
    forms = {
        category(n): translate.ngettext(language(), singular, plural, n)
        for n in reversed(CLDR_SAMPLES)
    }
    return json.dumps(forms)


def ordinal(n: int) -> str:
    """Format an ordinal number, such as 2nd."""
    category = Locale.parse(language()).ordinal_form(n)
    return tr(ORDINALS.get(category, ORDINALS["other"]), n=n)


def number(value: float, digits: int = 0) -> str:
    """Format a number with a fixed number of decimals."""
    return formats.decimal(language(), value, digits)


def percent(share: float, digits: int = 0) -> str:
    """Format a share from 0 to 1 as a percentage."""
    return formats.percent(language(), share, digits)


def milliseconds(value: float) -> str:
    """Format a time in milliseconds, with one decimal below 10 ms."""
    return f"{number(value, 0 if value >= 9.5 else 1)} ms"


def date_and_time(moment: datetime) -> str:
    """Format a date and time of the server's clock, to the minute."""
    return formats.date_and_time(language(), moment)


def sentence(message: Message) -> str:
    """Render a message of the library in the visitor's language."""
    return render(message, language())


def browser_text(message: str) -> Any:
    """Return a label that the browser translates, for components built before any request."""
    for code in translate.languages():
        browser_messages().translations[code][message] = translate.gettext(code, message)
    return browser_messages()(message)


def browser_html(key: str, make: Callable[[], str]) -> Any:
    """Return HTML that the browser shows in its language, for components built before any request.

    Args:
        key: Its name among the messages that the browser translates.
        make: Renders it in the current language; called for each.
    """
    for code in translate.languages():
        with use_language(code):
            browser_messages().translations[code][key] = make()
    return browser_messages()(key)


@cache
def browser_messages() -> gr.I18n:
    """Return the messages that the browser translates: see `browser_text` and `browser_html`."""
    return gr.I18n(**{code: {} for code in translate.languages()})


def _format(message: str, values: Mapping[str, object]) -> str:
    return formats.MessageFormatter(language()).vformat(message, (), values)


def _format_html(message: str, values: Mapping[str, object]) -> Markup:
    return Markup(formats.MessageFormatter(language(), escape).vformat(message, (), values))
