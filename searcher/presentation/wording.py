"""Texts and numbers in the reader's language: English texts, optionally with {placeholders}.

The page's requests have a language, which `searcher/ui/i18n.py` looks up; a report of the command
line is written within `use_language`. `make messages` collects the texts into the catalogues of
searcher/messages.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from babel import Locale
from markupsafe import Markup, escape

from searcher.messages import formats, translate
from searcher.messages.message import Message, render
from searcher.messages.translate import ENGLISH

_override: ContextVar[str | None] = ContextVar("language", default=None)
_sources: list[Callable[[], str]] = []  # at most one: the language of the page's request


def gettext_noop(message: str) -> str:
    """Mark a message for extraction that is translated elsewhere, such as one in a table."""
    return message


ORDINALS = {
    "one": gettext_noop("{n}st"),
    "two": gettext_noop("{n}nd"),
    "few": gettext_noop("{n}rd"),
    "other": gettext_noop("{n}th"),
}


def ask_for_language(source: Callable[[], str]) -> None:
    """Use what `source` returns as the language outside of `use_language`."""
    _sources[:] = [source]


def language() -> str:
    """Return the language code in use: of `use_language`, else of the request, else English."""
    if override := _override.get():
        return override
    return next((source() for source in _sources), ENGLISH)


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


def _format(message: str, values: Mapping[str, object]) -> str:
    return formats.MessageFormatter(language()).vformat(message, (), values)


def _format_html(message: str, values: Mapping[str, object]) -> Markup:
    return Markup(formats.MessageFormatter(language(), escape).vformat(message, (), values))
