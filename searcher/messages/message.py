"""Messages as data: a code of the catalogue and the parameters of its template.

They are rendered as sentences at the edge: for the page, the API and the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from searcher.messages.sentences import SENTENCES
from searcher.messages.translate import ENGLISH, pgettext

ONE = 1  # selects the singular of messages without `n`


@dataclass(frozen=True)
class Message:
    """A message before it is rendered: comparable, hashable, JSON-serialisable; `str()` is English.

    Args:
        code: A key of `sentences.SENTENCES`.
        params: The parameters of the template. A value may be another Message; a tuple is rendered
            as a list ("a, b and c"); `n` chooses between singular and plural.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.code, frozenset(self.params.items())))

    def __str__(self) -> str:
        return render(self)

    def with_params(self, **params: object) -> "Message":
        """Return a copy with other values of some parameters."""
        return Message(self.code, {**self.params, **params})

    def document(self) -> dict[str, Any]:
        """Return the message as a JSON document."""
        return {"code": self.code, "params": {k: _plain(v) for k, v in self.params.items()}}

    @classmethod
    def from_document(cls, document: Any) -> "Message":
        """Parse the result of `document`.

        Args:
            document: A parsed JSON document.

        Raises:
            ValueError: It is not a message.
        """
        if not _is_document(document):
            raise ValueError("not a message")
        return cls(document["code"], {k: _parsed(v) for k, v in document["params"].items()})


def message(code: str, **params: object) -> Message:
    """Return the message of a code of the catalogue with the parameters of its template."""
    return Message(code, params)


def verbatim(text: str) -> Message:
    """Return a message of fixed text, such as a sentence stored by an earlier version."""
    return message("verbatim", text=text)


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


def _plain(value: object) -> object:
    if isinstance(value, Message):
        return value.document()
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _parsed(value: Any) -> object:
    if isinstance(value, list):
        return tuple(_parsed(part) for part in value)
    return Message.from_document(value) if isinstance(value, dict) else value


def _is_document(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("code"), str)
        and isinstance(value.get("params"), dict)
    )


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
