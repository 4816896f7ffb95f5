"""Render messages as sentences in a language: for the page, the API and the command line."""

from searcher.messages.message import Message
from searcher.messages.sentences import SENTENCES
from searcher.messages.translate import ENGLISH, pgettext

ONE = 1  # selects the singular of messages without `n`


def render(message: Message, language: str = ENGLISH) -> str:
    """Render a message.

    Args:
        message: The message; messages among its parameters are rendered, too.
        language: A language code; messages without a translation are in English.
    """
    from searcher.messages.formats import MessageFormatter  # Babel takes a while to import

    template = _template(message, language)
    values = {name: _value(value, language) for name, value in message.params.items()}
    return MessageFormatter(language).vformat(template, (), values)


def _template(message: Message, language: str) -> str:
    # A stored message of another version may have an unknown code, which is then shown itself.
    english = SENTENCES.get(message.code, message.code)
    if isinstance(english, str):
        return pgettext(language, message.code, english)
    n = message.params.get("n", ONE)
    return pgettext(language, message.code, *english, n if isinstance(n, int) else ONE)


def _value(value: object, language: str) -> object:
    if isinstance(value, Message):
        return render(value, language)
    if isinstance(value, tuple):
        from babel.lists import format_list

        return format_list([str(_value(part, language)) for part in value], locale=language)
    return value
