"""Localised numbers, percentages and dates (CLDR, by Babel)."""

import string
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import NumberPattern, parse_pattern

# Languages that group digits from five digits on; Babel lacks CLDR's minimumGroupingDigits.
GROUPED_FROM_FIVE = frozenset({"es", "it", "pl", "pt"})


def decimal(language: str, value: float, digits: int = 0, grouped: bool = True) -> str:
    """Format a number with a fixed number of decimals.

    Args:
        language: A language code.
        value: The number.
        digits: The number of decimals.
        grouped: Whether to group thousands as the language does.
    """
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    groups = grouped and (abs(value) >= 10_000 or language not in GROUPED_FROM_FIVE)
    return str(_pattern(pattern).apply(value, _locale(language), group_separator=groups))


def percent(language: str, share: float, digits: int = 0) -> str:
    """Format a share from 0 to 1 as a percentage, such as 99.2% or 99,2 %."""
    pattern = _locale(language).percent_formats[None].pattern
    if digits:
        pattern = pattern.replace("0", "0." + "0" * digits, 1)
    return str(_pattern(pattern).apply(share, _locale(language)))


def date_and_time(language: str, moment: datetime) -> str:
    """Format a time to the minute, in its own time zone."""
    locale = _locale(language)
    day, clock = format_date(moment, "medium", locale), format_time(moment, "short", locale=locale)
    return str(locale.datetime_formats["medium"]).format(clock, day)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@lru_cache(maxsize=64)
def _pattern(pattern: str) -> NumberPattern:
    return parse_pattern(pattern)


class MessageFormatter(string.Formatter):
    """Fills in the values of a message, with localised numbers.

    Format specifications are as in Python: `.1f`, `.0%`, `d` for digits without grouping. Numbers
    without one have at most two decimals.
    """

    def __init__(self, language: str, escape: Callable[[Any], str] = str) -> None:
        self._language = language
        self._escape = escape

    def format_field(self, value: Any, format_spec: str) -> str:
        """Format one value; `escape` is applied to everything but numbers."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._escape(format(value, format_spec) if format_spec else value)
        kind = format_spec[-1:]
        digits = int(format_spec[1:-1] or 0) if format_spec.startswith(".") else 0
        if kind == "%":
            return percent(self._language, value, digits)
        if not kind and value != int(value):
            return str(_pattern("#,##0.##").apply(value, _locale(self._language)))
        return decimal(self._language, value, digits, grouped=kind != "d")
