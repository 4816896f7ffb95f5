"""What the Library tab, `pictures` and its endpoint filter the library by: words and facets."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from searcher.stores.fields import SOURCES

BASE = 36  # of the ids in a filter: two thirds of the digits
DAYS = re.compile(r"(\d{1,4})d")
DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
IDS = re.compile(r"id:([0-9a-z]{1,13}(?:\.[0-9a-z]{1,13})*)")
WORD = re.compile(r'(label|source|added|lacks):(?:"((?:[^"\\]|\\.)*)"|(\S*))|\S+')


class PictureFilter(NamedTuple):
    """The pictures that meet all conditions; without any, all of them.

    Attributes:
        terms: Parts of words that the name and label contain, upper and lower case alike.
        ids: The only pictures; None for no such condition.
        label: The label; None for any.
        source: One of `fields.SOURCES`; "" for any.
        added: When they were added: 7d within so many days; 2026, 2026-11 or 2026-11-27 in a year,
            month or day of this machine's time zone; "" at any time.
        lacks: The name of a model that has no vector of them; "" for no such condition.
    """

    terms: tuple[str, ...] = ()
    ids: tuple[int, ...] | None = None
    label: str | None = None
    source: str = ""
    added: str = ""
    lacks: str = ""

    @property
    def conditions(self) -> list[str]:
        """The names of the conditions that are set."""
        return [name for name, value in self._asdict().items() if value not in (None, "", ())]

    def period(self, now: datetime) -> tuple[float, float]:
        """Return since when and until when pictures were added, in seconds since 1970."""
        return _period(self.added, now) if self.added else (0.0, float("inf"))


def read_words(text: str) -> PictureFilter:
    """Return the filter that a person has typed; what is no valid condition is an ordinary word.

    Args:
        text: Words, `label:boat`, `label:"red boat"`, `source:upload`, `added:7d`, `added:2026-11`,
            `lacks:MODEL`, and `id:1a2b.3c4d` with the digits 0 to z.
    """
    terms: list[str] = []
    values: dict[str, str] = {}
    ids: tuple[int, ...] | None = None
    for match in WORD.finditer(text):
        name, quoted, plain = match.groups()
        value = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        if name and name not in values and _is_valid(name, value):
            values[name] = value
        elif ids is None and (listed := IDS.fullmatch(match[0])):
            ids = tuple(dict.fromkeys(int(digits, BASE) for digits in listed[1].split(".")))
        else:
            terms.append(match[0])
    return PictureFilter(tuple(terms), ids, **values)


def word(name: str, value: str) -> str:
    """Return the word of a filter for a value of a facet, in quotes if it needs them."""
    if re.fullmatch(r'[^\s"\\]+', value):
        return f"{name}:{value}"
    escaped = re.sub(r'(["\\])', r"\\\1", value)
    return f'{name}:"{escaped}"'


def toggled(text: str, name: str, value: str) -> str:
    """Return a filter with a value of a facet, instead of another, or without it."""
    matches = list(WORD.finditer(text))
    others = [match[0] for match in matches if match[1] != name]
    is_set = any(match[0] == word(name, value) for match in matches)
    return " ".join([*others, *([] if is_set else [word(name, value)])])


def _is_valid(name: str, value: str) -> bool:
    if name == "added":
        with suppress(ValueError):
            return bool(_period(value, datetime.now()))
        return False
    return value in SOURCES if name == "source" else bool(value) or name == "label"


def _period(added: str, now: datetime) -> tuple[float, float]:
    """Return a period in seconds since 1970; raises ValueError for what is none."""
    if days := DAYS.fullmatch(added):
        return (now - timedelta(days=int(days[1]))).timestamp(), float("inf")
    if not (date := DATE.fullmatch(added)):
        raise ValueError(added)
    year, month, day = (int(part) if part else 0 for part in date.groups())
    first = datetime(year, month or 1, day or 1)
    if day:
        last = first + timedelta(days=1)
    elif month:
        last = datetime(year + month // 12, month % 12 + 1, 1)
    else:
        last = datetime(year + 1, 1, 1)
    return _seconds(first), _seconds(last)


def _seconds(moment: datetime) -> float:
    try:
        return moment.timestamp()
    except (OverflowError, OSError) as error:  # before 1970 on some systems
        raise ValueError(str(moment)) from error
