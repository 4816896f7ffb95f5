"""Compare two results of `make bench`: `python -m benchmarks.compare OLD.json NEW.json`.

Prints for each table the ratios NEW / OLD, row by row. A row that was measured several times, as
with `python -m benchmarks.run --rounds 3`, is compared by its medians, and its ratios are followed
by the noise: the widest spread of one result, (largest - smallest) / median. A ratio within it says
nothing, which is noted by ~.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Group, groups
from benchmarks.results import Results


@dataclass(frozen=True)
class Ratio:
    """NEW / OLD of one figure; `noise` is a share of the figure, None if measured once."""

    value: float
    noise: float | None

    def __str__(self) -> str:
        """Return it as it is printed."""
        if self.noise is None:
            return f"{self.value:.2f}"
        mark = " ~" if abs(self.value - 1) <= self.noise else ""
        return f"{self.value:.2f} ±{self.noise:.0%}{mark}"


def ratio(old: Sequence[float], new: Sequence[float]) -> Ratio | None:
    """Compare a figure by its medians; None where there is none, or nothing to divide by."""
    if not old or not new or not statistics.median(old):
        return None
    spreads = [_spread(values) for values in (old, new) if len(values) > 1]
    value = statistics.median(new) / statistics.median(old)
    return Ratio(value, max(spreads, default=None))


def _spread(values: Sequence[float]) -> float:
    middle = abs(statistics.median(values))
    return (max(values) - min(values)) / middle if middle else 0.0


def compare(old: Results, new: Results) -> Iterator[str]:
    """Yield the lines of the comparison, in Markdown."""
    if differences := list(_differences(old, new)):
        yield from ("What else differs:", "", *differences, "")
    before, after = groups(old.tables), groups(new.tables)
    for title in [*after, *(title for title in before if title not in after)]:
        yield f"## {title}"
        yield ""
        if title not in before or title not in after:
            yield f"Only in {'NEW' if title in after else 'OLD'}."
            yield ""
            continue
        yield from _rows(before[title], after[title])
        yield ""


def _rows(old: Group, new: Group) -> Iterator[str]:
    names = [column.name for column in new.columns[: new.keys]]
    headings = [column.heading for column in new.columns[new.keys :]]
    yield "| " + " | ".join([*names, *headings]) + " |"
    yield "|" + "---|" * len(new.columns)
    for key, figures in new.rows.items():
        earlier = old.rows.get(key, {})
        ratios = [ratio(earlier.get(name, []), figures.get(name, [])) for name in headings]
        cells = [str(value) if value else "–" for value in ratios]
        yield "| " + " | ".join([*key, *(cells if earlier else ["new"] * len(cells))]) + " |"
    for key in old.rows:
        if key not in new.rows:
            yield "| " + " | ".join([*key, *(["gone"] * len(headings))]) + " |"


def _differences(old: Results, new: Results) -> Iterator[str]:
    for kind, before, after in (
        ("machine", old.machine, new.machine),
        ("version", old.versions, new.versions),
    ):
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                values = f"{before.get(name, 'none')} → {after.get(name, 'none')}"
                yield f"- {kind}, {name}: {values}"
    for which, results in (("OLD", old), ("NEW", new)):
        for run in results.runs:
            if run.status:
                yield f"- {which}: {run.benchmark} failed or was stopped"


def main(arguments: Sequence[str]) -> int:
    """Print the comparison; return 2 where a file can't be read."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("old", type=Path, metavar="OLD.json")
    parser.add_argument("new", type=Path, metavar="NEW.json")
    options = parser.parse_args(arguments)
    try:
        old, new = Results.read(options.old), Results.read(options.new)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    for line in compare(old, new):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
