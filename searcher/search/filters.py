r"""Filters: conditions on the fields of pictures, as people write them, in Milvus' language.

    label == "dog" and (width > 1000 or not orientation in ["portrait", "square"])
    name like "IMG\_%.jpg" and added >= "2026-11-01"

Nothing that a person writes reaches Milvus as it is: expressions are parsed here, and written anew.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn

from searcher.errors import InvalidRequest
from searcher.images.shown_names import forms, printable
from searcher.search.filter_tokens import COMPARISONS, END, TEXT, Token, tokens
from searcher.search.like_patterns import like, quote
from searcher.stores.fields import ORIENTATIONS, SOURCES, Fields

MAX_DEPTH = 30  # of parentheses and negations
MAX_WHOLE = 2**53  # larger whole numbers are not exact as floating-point numbers
CHOICES = {"orientation": ORIENTATIONS, "source": SOURCES}
FIELDS = Fields.__annotations__


def parse_filter(text: str) -> str:
    """Return a filter in Milvus' language; "" for an empty one.

    Fields are `label`, `name`, `orientation` and `source`, which are texts; `width` and `height`,
    whole numbers; and `added`, a number of seconds since 1970, or a date or time as text
    ("2026-11-01", which means the whole day; "2026-11-01 12:30", in local time; or with an offset
    from UTC, "2026-11-01T12:30+01:00"). Operators are == != < <= > >= in like and or not; in a
    pattern % means any characters and _ any one, unless a backslash precedes them.

    Raises:
        InvalidRequest: The expression is wrong, or longer than MAX_CONDITION characters.
    """
    parser = _Parser(tokens(text))
    if parser.current.kind == END:
        return ""
    expression = parser.disjunction()
    if parser.current.kind != END:
        parser.refuse()
    return expression


def one_of(field: str, values: Sequence[str]) -> str:
    """Return the filter, as people write it, for pictures with one of some values of a text."""
    return f"{field} in [{', '.join(map(quote, values))}]"


class _Parser:
    """A recursive-descent parser, which returns each part in Milvus' language."""

    def __init__(self, items: Sequence[Token]) -> None:
        self._items = items
        self._position = 0
        self._depth = 0

    @property
    def current(self) -> Token:
        return self._items[self._position]

    def refuse(self) -> NoReturn:
        """Raise the error that the current token is not expected."""
        if self.current.kind == END:
            raise InvalidRequest("filter.incomplete")
        raise InvalidRequest("filter.unexpected", text=self.current.shown, at=self.current.at)

    def disjunction(self) -> str:
        return self._chain("or", self._conjunction)

    def _conjunction(self) -> str:
        return self._chain("and", self._negation)

    def _chain(self, word: str, part: Callable[[], str]) -> str:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else f"({f' {word} '.join(parts)})"

    def _negation(self) -> str:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidRequest("filter.too_deep", most=MAX_DEPTH)
        opening = self.current.at
        if self._take("not"):
            expression = f"(not {self._negation()})"
        elif self._take("("):
            expression = self.disjunction()
            if self.current.kind == END:
                raise InvalidRequest("filter.not_closed", at=opening)
            self._expect(")")
        else:
            expression = self._condition()
        self._depth -= 1
        return expression

    def _condition(self) -> str:
        token = self.current
        if token.kind != "name":
            self.refuse()
        field = str(token.value)
        if field not in FIELDS:
            names = tuple(FIELDS)
            raise InvalidRequest("filter.field", text=token.shown, at=token.at, names=names)
        self._position += 1
        is_negated = self._take("not")
        if self._take("in"):
            expression = self._membership(field)
        elif self._take("like"):
            expression = self._pattern(field)
        elif self.current.kind in COMPARISONS and not is_negated:
            operator = self._next().kind
            expression = _compare(field, operator, self._next())
        else:
            self.refuse()
        return f"(not {expression})" if is_negated else expression

    def _membership(self, field: str) -> str:
        opening = self.current.at
        self._expect("[")
        values = [_compare(field, "==", self._next())]
        while self._take(","):
            values.append(_compare(field, "==", self._next()))
        if self.current.kind == END:
            raise InvalidRequest("filter.not_closed", at=opening)
        self._expect("]")
        return f"({' or '.join(values)})"

    def _pattern(self, field: str) -> str:
        if FIELDS[field] is not str:
            raise InvalidRequest("filter.like", field=field, at=self.current.at)
        return _for_each_form(_text(field, self._next()), partial(like, field))

    def _take(self, kind: str) -> bool:
        is_there = self.current.kind == kind
        self._position += is_there
        return is_there

    def _expect(self, kind: str) -> None:
        if not self._take(kind):
            self.refuse()

    def _next(self) -> Token:
        token = self.current
        if token.kind == END:
            self.refuse()
        self._position += 1
        return token


def _compare(field: str, operator: str, token: Token) -> str:
    """Return a comparison of a field with a value."""
    kind = FIELDS[field]
    if kind is str:
        text = _text(field, token).replace("\\\\", "\\")
        choices = CHOICES.get(field)
        if choices and operator in ("==", "!=") and text not in choices:
            raise InvalidRequest("filter.choice", field=field, at=token.at, choices=choices)
        return _for_each_form(text, lambda form: f"{field} {operator} {quote(form)}", operator)
    if kind is float and token.kind == TEXT:
        return _compare_time(field, operator, token)
    number = token.value
    is_number = isinstance(number, int | float) and abs(number) <= MAX_WHOLE
    if kind is float and is_number:
        return f"{field} {operator} {float(number)!r}"
    if kind is int and is_number and float(number).is_integer():
        return f"{field} {operator} {int(number)}"
    if kind is float:
        raise InvalidRequest("filter.needs_time", field=field, at=token.at)
    raise InvalidRequest("filter.needs_number", field=field, at=token.at)


def _for_each_form(text: str, compare: Callable[[str], str], operator: str = "==") -> str:
    """Return a comparison with a text, composed, or decomposed as earlier versions stored it."""
    spellings = forms(text)
    if operator not in ("==", "!=") or len(spellings) == 1:
        return compare(text)
    return f"({(' or ' if operator == '==' else ' and ').join(map(compare, spellings))})"


def _compare_time(field: str, operator: str, token: Token) -> str:
    text = str(token.value).strip()
    try:
        time = datetime.fromisoformat(text)
        start = time.timestamp()
        end = (time + timedelta(days=1)).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidRequest("filter.date", text=token.shown, at=token.at) from error
    if len(text) > len("2026-11-01"):
        return f"{field} {operator} {start!r}"
    # A date without a time is the whole day.
    if operator in ("==", "!="):
        within = f"({field} >= {start!r} and {field} < {end!r})"
        return within if operator == "==" else f"(not {within})"
    bound = end if operator in (">", "<=") else start
    return f"{field} {'>=' if operator in ('>', '>=') else '<'} {bound!r}"


def _text(field: str, token: Token) -> str:
    if token.kind != TEXT:
        raise InvalidRequest("filter.needs_text", field=field, at=token.at)
    return printable(str(token.value))  # as the names and labels of records are
