"""What sections of reports consist of: tables, charts and pictures, before they become a file.

All figures of a report are in its tables, so that HTML, CSV and JSON have the same. What is shown
as pictures has its figures in a table, too, which HTML leaves out (`is_shown`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from searcher.images.pictures import Picture
from searcher.presentation.wording import milliseconds, number, percent, tr

NUMBER, SHARE, TIME, TEXT = "number", "share", "time", "text"
Value = str | float | bool | None
Row = Mapping[str, Value]
Source = Callable[[], Picture]  # decodes a picture when it is needed


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        key: Its name in CSV and JSON, the same in all languages.
        title: Its title in HTML.
        kind: NUMBER, SHARE (of 1, shown as percent), TIME (milliseconds) or TEXT.
        digits: The decimals that HTML shows of numbers and shares.
        has_ends: Whether rows have an interval: `key low` and `key high`.
    """

    key: str
    title: str
    kind: str = TEXT
    digits: int = 0
    has_ends: bool = False

    @property
    def ends(self) -> tuple[str, str]:
        """The keys of the interval."""
        return f"{self.key} low", f"{self.key} high"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that rows have for it."""
        return (self.key, *self.ends) if self.has_ends else (self.key,)

    def text(self, value: Value) -> str:
        """Return a value as HTML shows it."""
        if value is None:
            return "–"
        if isinstance(value, bool):
            return tr("yes") if value else tr("no")
        if isinstance(value, str):
            return value
        if self.kind == SHARE:
            return percent(value, self.digits)
        return milliseconds(value) if self.kind == TIME else number(value, self.digits)

    def interval(self, row: Row) -> str:
        """Return the interval of a row as HTML shows it; "" without one."""
        ends = [row.get(key) for key in self.ends] if self.has_ends else [None]
        if any(not isinstance(end, int | float) for end in ends):
            return ""
        return "[" + " – ".join(number(float(end or 0), self.digits) for end in ends) + "]"


@dataclass(frozen=True)
class Table:
    """A table; the first column names the row.

    Attributes:
        key: Its name in CSV and JSON.
        title: Its title in HTML.
        columns: Its columns.
        rows: Values by the keys of the columns.
        is_shown: Whether HTML shows it as a table.
        best: Cells that are set in bold: the number of the row, and the key of the column.
        is_shaded: Whether cells with a share are shaded by it.
    """

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    is_shown: bool = True
    best: frozenset[tuple[int, str]] = frozenset()
    is_shaded: bool = False

    @property
    def keys(self) -> list[str]:
        """The keys of all values."""
        return [key for column in self.columns for key in column.keys]


@dataclass(frozen=True)
class Shown:
    """A picture with its captions.

    Attributes:
        ref: Its key in `Section.pictures`.
        name: Its name.
        label: Its label.
        rank: Its rank; "" for none.
        is_right: Whether it has the query's label; None if that is not known.
        lines: Further captions.
    """

    ref: str
    name: str
    label: str = ""
    rank: str = ""
    is_right: bool | None = None
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class PictureColumn:
    """Hits of one model, or of all combined; `key` is the letter of the model's colour."""

    key: str
    title: str
    lines: Sequence[str]
    pictures: Sequence[Shown]


@dataclass(frozen=True)
class PictureColumns:
    """Columns of hits side by side; a single one is set in several columns."""

    columns: Sequence[PictureColumn]
    title: str = ""


@dataclass(frozen=True)
class Case:
    """A query, and what some models find for it."""

    query: Shown
    answers: Sequence[PictureColumn]


@dataclass(frozen=True)
class Cases:
    """Queries with what was found for them."""

    title: str
    sentence: str
    cases: Sequence[Case]


@dataclass(frozen=True)
class HeatMap:
    """A picture under the strengths of its cells, 0 to 1, by rows; `strongest` says where."""

    ref: str
    caption: str
    cells: Sequence[Sequence[float]]
    strongest: str


@dataclass(frozen=True)
class HeatMaps:
    """Why a hit was found: the heat maps of each model."""

    title: str
    sides: Sequence[tuple[PictureColumn, Sequence[HeatMap]]]


@dataclass(frozen=True)
class Chart:
    """A chart in SVG or HTML."""

    title: str
    drawing: Markup
    kind: str = ""  # of its classes


Part = Table | PictureColumns | Cases | HeatMaps | Chart
