"""The page's language: set by the page's switch, else by the browser's Accept-Language.

The words themselves are those of `searcher/presentation/wording.py`.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

import gradio as gr
from babel import Locale

from searcher.messages import translate
from searcher.messages.translate import ENGLISH
from searcher.presentation.wording import ask_for_language as ask_for_language
from searcher.presentation.wording import date_and_time as date_and_time
from searcher.presentation.wording import gettext_noop as gettext_noop
from searcher.presentation.wording import language as language
from searcher.presentation.wording import milliseconds as milliseconds
from searcher.presentation.wording import nrich as nrich
from searcher.presentation.wording import ntr as ntr
from searcher.presentation.wording import number as number
from searcher.presentation.wording import ordinal as ordinal
from searcher.presentation.wording import percent as percent
from searcher.presentation.wording import rich as rich
from searcher.presentation.wording import sentence as sentence
from searcher.presentation.wording import tr as tr
from searcher.presentation.wording import use_language as use_language
from searcher.ui.gradio_internals import request_of_call

COOKIE = re.compile(r"(?:^|; ?)twinlens-language=([a-z]{2,3})(?:;|$)")  # preferences.js sets it
# Texts that Gradio looks up by these keys, and lacks in some languages, the last one in all.
GRADIO_KEYS = {
    "status.queue_position": gettext_noop("In queue: {position} of {size}"),
    "common.progress": gettext_noop("Progress"),
    "common.complete": gettext_noop("Done"),
}
CLDR_SAMPLES = (*range(200), 1_000_000)  # cover every plural category of every language


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


def _language_of_request() -> str:
    request = request_of_call()
    return request_language(request.headers) if request is not None else ENGLISH


ask_for_language(_language_of_request)


def plural_forms(singular: str, plural: str) -> str:
    """Return all plural forms of a message for scripts: JSON of texts by CLDR plural category."""
    category = Locale.parse(language()).plural_form
    forms = {
        category(n): translate.ngettext(language(), singular, plural, n)
        for n in reversed(CLDR_SAMPLES)
    }
    return json.dumps(forms)


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
    own = {
        code: {key: translate.gettext(code, text) for key, text in GRADIO_KEYS.items()}
        for code in translate.languages()
    }
    return gr.I18n(**own)
