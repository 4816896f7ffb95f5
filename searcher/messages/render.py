"""Messages become sentences: at the edge, in the language of whoever reads them."""

from searcher.messages.message import Message
from searcher.messages.sentences import SENTENCES
from searcher.messages.translate import ENGLISH, pgettext

ONE = 1  # a number for messages without one


def render(message: Message, language: str = ENGLISH) -> str:
    """Make the sentence.

    Args:
        message: What to say; messages among its values are rendered, too.
        language: A language code; English where there is no translation.
    """
    from searcher.messages.formats import MessageFormatter  # Babel takes a while to import

    template = _template(message, language)
    values = {name: _value(value, language) for name, value in message.params.items()}
    return MessageFormatter(language).vformat(template, (), values)


def _template(message: Message, language: str) -> str:
    # A code that is not in the catalogue was kept by another version: better shown than lost.
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
