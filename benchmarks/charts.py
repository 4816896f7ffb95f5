"""Charts of the tables: a row of bars for each column of figures, with the largest at full length.

A thin line marks the range of a figure that was measured several times.
"""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Group, groups
from benchmarks.tables import Table, shown
from searcher.presentation.rendering import environment

TEMPLATE = "chart.svg"
LETTER = 7  # pixels, at most, of a letter of 12 pixels
ROW, HEAD = 22, 34
BAR, NUMBER, GAP = 110, 64, 16  # of a column: its longest bar, the room of a figure, the space


@dataclass(frozen=True)
class Bar:
    """A figure: its bar and its text; `low` and `high` are the ends of its range."""

    x: float
    y: float
    width: float
    low: float
    high: float
    text: str


@dataclass(frozen=True)
class Label:
    """The name of a row or a column."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """The whole chart, in units of the SVG."""

    title: str
    width: int
    height: int
    labels: list[Label]
    headings: list[Label]
    bars: list[Bar]


def chart(title: str, group: Group) -> Chart:
    """Lay out the chart of a table; columns without figures are left out."""
    names = [" · ".join(key) for key in group.rows]
    left = LETTER * max(map(len, names), default=0) + GAP
    headings = [column.heading for column in group.columns[group.keys :]]
    drawn = [h for h in headings if any(figures.get(h) for figures in group.rows.values())]
    period = max([BAR + NUMBER, *(LETTER * len(heading) for heading in drawn)]) + GAP
    bars = []
    for number, heading in enumerate(drawn):
        x = left + number * period
        longest = max(max(figures.get(heading) or [0]) for figures in group.rows.values())
        scale = BAR / longest if longest > 0 else 0.0
        for row, figures in enumerate(group.rows.values()):
            if values := figures.get(heading):
                bars.append(_bar(x, HEAD + row * ROW, scale, values))
    return Chart(
        title,
        left + len(drawn) * period,
        HEAD + len(names) * ROW + GAP // 2,
        [Label(left - 8, HEAD + n * ROW + 14, name) for n, name in enumerate(names)],
        [Label(left + n * period, HEAD - 12, heading) for n, heading in enumerate(drawn)],
        bars,
    )


def _bar(x: float, y: float, scale: float, values: Sequence[float]) -> Bar:
    middle = statistics.median(values)
    width, low, high = (
        round(max(value, 0.0) * scale, 1) for value in (middle, min(values), max(values))
    )
    return Bar(x, y, width, round(x + low, 1), round(x + high, 1), shown(middle))


def draw_charts(tables: Sequence[Table], folder: Path) -> list[Path]:
    """Write a chart of each table that has figures; return their paths."""
    template = environment([Path(__file__).parent]).get_template(TEMPLATE)
    paths = []
    for title, group in groups(tables).items():
        layout = chart(title, group)
        if layout.bars:
            path = folder / (re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") + ".svg")
            path.write_text(template.render(chart=layout), "utf-8")
            paths.append(path)
    return paths
