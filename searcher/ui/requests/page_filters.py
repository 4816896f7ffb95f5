"""The filters of a tab: a choice a field, as its chips and the page's address hold them."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from searcher.errors import InvalidRequest
from searcher.stores.fields import ORIENTATIONS, SOURCES
from searcher.ui.requests.arguments import MAX_NAME, read_choice, read_text

DAY_S = 86_400
AGES = {"day": 1, "week": 7, "month": 30, "year": 365}  # days
SIZES = {  # conditions by choice
    "small": "width < 500 and height < 500",
    "medium": "width >= 500 and height >= 500",
    "large": "width >= 1000 and height >= 1000",
    "huge": "width >= 2000 and height >= 2000",
}


@dataclass(frozen=True)
class Filters:
    """Which pictures are searched; "" where a field does not matter."""

    label: str = ""
    orientation: str = ""
    source: str = ""
    added: str = ""
    size: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Filters":
        """Parse untrusted values by field. Raises InvalidRequest."""
        texts = {name: read_text(values.get(name), MAX_NAME) for name in FIELDS}
        for name, choices in CHOICES.items():
            if texts[name]:
                read_choice(texts[name], choices)
        return cls(**texts)

    def with_choice(self, name: Any, value: Any) -> "Filters":
        """Return the filters with another choice of one field. Raises InvalidRequest."""
        if name not in FIELDS:
            raise InvalidRequest("request.choice")
        return Filters.of(self.address() | {name: value})

    def address(self) -> dict[str, str]:
        """Return the choices that are made, by field."""
        return {name: value for name in FIELDS if (value := getattr(self, name))}

    def expression(self, now: float | None = None) -> str:
        """Return the library's expression; "" without a choice.

        Args:
            now: Seconds since 1970; the current time by default.
        """
        conditions = []
        if self.label:
            conditions.append(f"label == {quoted(self.label)}")
        if self.orientation:
            conditions.append(f"orientation == {quoted(self.orientation)}")
        if self.source:
            conditions.append(f"source == {quoted(self.source)}")
        if self.added:
            since = (time.time() if now is None else now) - AGES[self.added] * DAY_S
            conditions.append(f"added >= {round(since)}")
        if self.size:
            conditions.append(SIZES[self.size])
        return " and ".join(conditions)


NO_FILTERS = Filters()
FIELDS = tuple(field.name for field in fields(Filters))
CHOICES: dict[str, Collection[str]] = {
    "orientation": ORIENTATIONS,
    "source": SOURCES,
    "added": AGES,
    "size": SIZES,
}


def quoted(text: str) -> str:
    """Return a text as a string of an expression."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
