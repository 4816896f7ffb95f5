"""Translations by gettext: one .po file per language in locale/, read with Babel.

The key of a message of the page is its English text. The key of a message of the library is its
code, stored as the context (msgctxt) of its English sentence.
"""

import gettext as standard
import io
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).with_name("locale")
ENGLISH = "en"  # the language of the messages themselves


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of all languages (ISO 639-1), English first."""
    return (ENGLISH, *sorted(path.stem for path in LOCALE.glob("*.po")))


def gettext(language: str, message: str) -> str:
    """Translate a message of the page.

    Args:
        language: One of `languages()`; any other is English.
        message: The English text.

    Returns:
        The translation, or the message itself if there is none.
    """
    return _catalog(language).gettext(message)


def ngettext(language: str, singular: str, plural: str, n: int) -> str:
    """Translate a message of the page in the plural form for a number.

    Args:
        language: One of `languages()`; any other is English.
        singular: The English text for one.
        plural: The English text for any other number.
        n: The number.

    Returns:
        The translation, or the English form if there is none.
    """
    return _catalog(language).ngettext(singular, plural, n)


def pgettext(
    language: str, context: str, singular: str, plural: str | None = None, n: int | None = None
) -> str:
    """Translate a message of the library, by its code.

    Args:
        language: One of `languages()`; any other is English.
        context: The code.
        singular: The English text, or its singular.
        plural: The English text for any other number than one.
        n: The number.

    Returns:
        The translation, or the English form if there is none.
    """
    if plural is None or n is None:
        return _catalog(language).pgettext(context, singular)
    return _catalog(language).npgettext(context, singular, plural, n)


@cache
def _catalog(language: str) -> standard.NullTranslations:
    if language == ENGLISH or language not in languages():
        return standard.NullTranslations()
    from babel.messages import mofile, pofile  # not needed in English

    with (LOCALE / f"{language}.po").open("rb") as file:
        catalog = pofile.read_po(file, locale=language)
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalog)
    compiled.seek(0)
    return standard.GNUTranslations(compiled)
