"""The figures of tables, joined over all rounds in which they were measured."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.tables import Cell, Column, Table

Figures = dict[str, list[float]]  # by the column's heading, one of each round


@dataclass
class Group:
    """The tables of one kind in one result: every time that each row was measured."""

    columns: list[Column]
    keys: int
    rows: dict[tuple[str, ...], Figures]


def number(cell: Cell) -> float | None:
    """Return the figure in a cell, such as 1,000 or 0.99; None for text.

    Sums such as `374 + 233`, of an app and its stores, are added up.
    """
    if isinstance(cell, int | float):
        return float(cell)
    try:
        return sum(float(part.replace(",", "")) for part in (cell or "").split(" + "))
    except ValueError:
        return None


def groups(tables: Sequence[Table]) -> dict[str, Group]:
    """Join the tables that the rounds of a benchmark made, by their titles."""
    joined: dict[str, Group] = {}
    counts = Counter[tuple[int, str]]()
    for table in tables:
        counts[table.round, table.title] += 1
        count = counts[table.round, table.title]
        title = table.title if count == 1 else f"{table.title} ({count})"
        group = joined.setdefault(title, Group(table.columns, table.keys, {}))
        for row in table.rows:
            figures = group.rows.setdefault(tuple(map(str, row[: table.keys])), {})
            pairs = zip(table.columns[table.keys :], row[table.keys :], strict=True)
            for column, cell in pairs:
                if (figure := number(cell)) is not None:
                    figures.setdefault(column.heading, []).append(figure)
    return joined
