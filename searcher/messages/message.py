"""A sentence that is not made yet: a code of the catalogue, and what its template takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """What is to be said, as data: compared, hashed and kept as JSON; `str()` is the English.

    Args:
        code: A key of `sentences.SENTENCES`.
        params: The values of the template. A value may be a Message itself; a tuple is a list of
            things that all hold; `n` chooses between singular and plural.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.code, frozenset(self.params.items())))

    def __str__(self) -> str:
        from searcher.messages.render import render

        return render(self)

    def having(self, **params: object) -> "Message":
        """The same with other values of some parameters."""
        return Message(self.code, {**self.params, **params})

    def document(self) -> dict[str, Any]:
        """The message as JSON can hold it."""
        return {"code": self.code, "params": {k: _plain(v) for k, v in self.params.items()}}

    @classmethod
    def from_document(cls, document: Any) -> "Message":
        """Read what `document` returned.

        Raises:
            ValueError: It is something else.
        """
        if not _is_document(document):
            raise ValueError("not a message")
        return cls(document["code"], {k: _parsed(v) for k, v in document["params"].items()})


def message(code: str, **params: object) -> Message:
    """Make a message; whoever calls this names a code of the catalogue and what it takes."""
    return Message(code, params)


def verbatim(text: str) -> Message:
    """A text that is said as it is, such as a sentence that an earlier version has kept."""
    return message("verbatim", text=text)


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
