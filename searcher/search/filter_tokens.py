"""The tokens of a filter: names, texts, numbers and operators, each with its position."""

import re
from typing import NamedTuple

from searcher.errors import InvalidRequest

MAX_CONDITION = 1000  # characters
NAME, TEXT, NUMBER, END = "name", "text", "number", "end"
KEYWORDS = ("and", "or", "not", "in", "like")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
SYNONYMS = {"&&": "and", "||": "or"}
MAX_SHOWN = 40  # characters of a token in an error

_PATTERN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
    | (?P<name>[^\W\d]\w*)
    | (?P<operator>==|!=|<=|>=|<|>|&&|\|\||[()\[\],])
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A part of a filter.

    Attributes:
        kind: NAME, TEXT, NUMBER, END, a keyword in lower case, or the operator itself.
        value: The name, the text without quotes, or the number.
        at: The position of its first character, from 1.
        shown: How errors quote it.
    """

    kind: str
    value: str | int | float
    at: int
    shown: str


def tokens(text: str) -> list[Token]:
    """Split a filter into tokens, the last of which is END.

    Raises:
        InvalidRequest: It is longer than MAX_CONDITION, a text is not closed, or a character has no
            meaning.
    """
    if len(text) > MAX_CONDITION:
        raise InvalidRequest("filter.too_long", most=MAX_CONDITION)
    items: list[Token] = []
    position = 0
    while position < len(text):
        match = _PATTERN.match(text, position)
        at = position + 1
        if match is None:
            character = text[position]
            if character in "\"'":
                raise InvalidRequest("filter.text_not_closed", at=at)
            if character == "=":
                raise InvalidRequest("filter.single_equals", at=at)
            raise InvalidRequest("filter.unexpected", text=character, at=at)
        position = match.end()
        if match.lastgroup != "space":
            items.append(_token(str(match.lastgroup), match.group(), at))
    return [*items, Token(END, "", len(text) + 1, "")]


def _token(group: str, source: str, at: int) -> Token:
    shown = source if len(source) <= MAX_SHOWN else source[: MAX_SHOWN - 1] + "…"
    if group == TEXT:
        # Other backslashes stay for the patterns of `like`.
        text = re.sub(r"\\(.)", _unescape, source[1:-1], flags=re.DOTALL)
        return Token(TEXT, text, at, shown)
    if group == NUMBER:
        return Token(NUMBER, _number(source), at, shown)
    if group == NAME:
        is_keyword = source.lower() in KEYWORDS
        return Token(source.lower() if is_keyword else NAME, source, at, shown)
    return Token(SYNONYMS.get(source, source), source, at, shown)


def _number(source: str) -> int | float:
    try:
        return int(source)
    except ValueError:
        return float(source)


def _unescape(match: re.Match[str]) -> str:
    return match[1] if match[1] in "\"'" else match[0]
