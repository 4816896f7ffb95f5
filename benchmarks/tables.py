"""The tables of the benchmarks: printed as Markdown, and written as JSON for `benchmarks.run`."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

# Names a file that gets each table as a line of JSON.
TABLES = "BENCHMARK_TABLES"
# The last word of a column's heading where it is a unit.
UNITS = frozenset({"ms", "s", "MB", "kB", "%", "pictures/s", "searches/s", "vectors/s"})
Cell = str | int | float | None


@dataclass(frozen=True)
class Column:
    """A column: its name, and the unit of its figures or nothing."""

    name: str
    unit: str = ""

    @property
    def heading(self) -> str:
        """The name with the unit."""
        return f"{self.name} {self.unit}".strip()

    @classmethod
    def read(cls, heading: str) -> "Column":
        """Return the column of a heading, such as `p50 ms`."""
        name, _, unit = heading.rpartition(" ")
        return cls(name, unit) if name and unit in UNITS else cls(heading)


@dataclass
class Table:
    """A table of one benchmark.

    Attributes:
        benchmark: The module, such as `index`.
        columns: The columns.
        rows: As many cells each; figures are numbers.
        keys: How many of the first cells tell what a row is about; the others are figures.
        round: Which repetition of the benchmark made it, from 1.
    """

    benchmark: str
    columns: list[Column]
    rows: list[list[Cell]] = field(default_factory=list)
    keys: int = 1
    round: int = 1

    @property
    def title(self) -> str:
        """What tells it from the other tables: the benchmark, and what its rows are about."""
        return f"{self.benchmark}: {self.columns[0].heading}"

    def print(self, rows: Iterable[Sequence[object]], out: TextIO) -> None:
        """Print the table row by row while its rows are measured, and keep them."""
        out.write("| " + " | ".join(column.heading for column in self.columns) + " |\n")
        out.write("|" + "---|" * len(self.columns) + "\n")
        for row in rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells in {len(self.columns)} columns")
            self.rows.append([_cell(value) for value in row])
            out.write("| " + " | ".join(map(shown, self.rows[-1])) + " |\n")
            out.flush()
        out.write("\n")
        out.flush()
        if not self.keys:
            self.keys = _keys(self.rows)

    def document(self) -> dict[str, Any]:
        """Return the table as JSON."""
        return {
            "benchmark": self.benchmark,
            "round": self.round,
            "columns": [{"name": column.name, "unit": column.unit} for column in self.columns],
            "keys": self.keys,
            "rows": self.rows,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Table":
        """Return the table of its JSON."""
        columns = [Column(column["name"], column["unit"]) for column in document["columns"]]
        rest = {name: document[name] for name in ("benchmark", "rows", "keys", "round")}
        return cls(columns=columns, **rest)


def table(header: Sequence[str], rows: Iterable[Sequence[object]], keys: int = 0) -> None:
    """Print a Markdown table, row by row, and add it to the results of `benchmarks.run`.

    Args:
        header: A heading for each column, which may end in one of UNITS.
        rows: As many cells each.
        keys: How many of the first cells tell what a row is about; 0 finds the last text in front
            of the first fraction.
    """
    made = Table(_benchmark(), [Column.read(heading) for heading in header], keys=keys)
    made.print(rows, sys.stdout)
    if path := os.environ.get(TABLES):
        with Path(path).open("a") as file:
            file.write(json.dumps(made.document()) + "\n")


def shown(cell: Cell) -> str:
    """Return a cell as it is printed."""
    if isinstance(cell, float):
        return f"{cell:.{3 if abs(cell) < 1 else 2 if abs(cell) < 1000 else 0}f}"
    return "–" if cell is None else str(cell)


def _cell(value: object) -> Cell:
    """Return a value as JSON has it: numbers of numpy are numbers, too."""
    if value is None or isinstance(value, str | int | float):
        return value
    item = getattr(value, "item", None)
    return item() if item else str(value)


def _keys(rows: list[list[Cell]]) -> int:
    first = rows[0] if rows else [""]
    fractions = (number for number, cell in enumerate(first) if isinstance(cell, float))
    leading = first[: next(fractions, len(first))]
    texts = [number for number, cell in enumerate(leading) if isinstance(cell, str)]
    return max(texts, default=0) + 1


def _benchmark() -> str:
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec.name.rpartition(".")[2] if spec else "benchmark"
