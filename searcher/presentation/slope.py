"""Layout of the slope chart: an axis of ranks for each model, and lines between shared hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from searcher.search.results import Comparison, Hit

GAP = 8
TALL, LOW = 44, 22  # pixels per rank, up to MANY hits and beyond
MANY = 20
NUMBER = 30  # room for a rank left of its picture
BETWEEN = 180  # between two axes of a large chart
SMALL_STEP, SMALL_BETWEEN = 9, 72


@dataclass(frozen=True)
class Line:
    """A hit that two neighbouring axes share; `direction` is up, down or level."""

    id: int
    direction: str
    path: str


@dataclass(frozen=True)
class End:
    """A hit on an axis: its dot, or its picture with the rank."""

    id: int
    name: str
    rank: int
    side: str
    shared: bool
    x: int
    y: int
    picture_x: int
    picture_y: int
    number_x: int


@dataclass(frozen=True)
class Slope:
    """The whole chart, in units of the SVG; `small` has no pictures."""

    small: bool
    width: int
    height: int
    picture_width: int
    picture_height: int
    lines: list[Line]
    ends: list[End]


def slope(comparison: Comparison, keys: Sequence[str], small: bool = False) -> Slope:
    """Lay out the chart of a comparison.

    Args:
        comparison: The comparison.
        keys: A letter for each of its rankings.
        small: Whether to draw dots in place of pictures.
    """
    rankings = comparison.rankings
    count = max(len(ranking.hits) for ranking in rankings)
    step = SMALL_STEP if small else TALL if count <= MANY else LOW
    high = 0 if small else step - 4
    wide = 0 if small else high * 4 // 3
    before = GAP if small else NUMBER
    period = SMALL_BETWEEN if small else before + wide + BETWEEN
    tables = comparison.ranks

    def y(rank: int) -> int:
        return GAP // 2 + rank * step - step // 2

    def end(hit: Hit, axis: int) -> End:
        left = axis * period + before
        shared = sum(hit.record.id in table for table in tables) > 1
        middle = y(hit.rank)
        name = hit.record.name
        place = left + wide // 2, middle, left, middle - high // 2, left - GAP
        return End(hit.record.id, name, hit.rank, keys[axis], shared, *place)

    def line(i: int, axis: int) -> Line:
        before_rank, after_rank = tables[axis][i], tables[axis + 1][i]
        left = axis * period + before + wide
        right = (axis + 1) * period + (before if small else 0)
        middle = (left + right) // 2
        curve = f"C{middle} {y(before_rank)} {middle} {y(after_rank)} {right} {y(after_rank)}"
        direction = _direction(before_rank - after_rank)
        return Line(i, direction, f"M{left} {y(before_rank)} {curve}")

    return Slope(
        small=small,
        width=(len(rankings) - 1) * period + before + wide + GAP,
        height=count * step + GAP,
        picture_width=wide,
        picture_height=high,
        lines=[
            line(i, axis)
            for axis, (table, following) in enumerate(pairwise(tables))
            for i in table
            if i in following
        ],
        ends=[end(hit, axis) for axis, ranking in enumerate(rankings) for hit in ranking.hits],
    )


def _direction(shift: int) -> str:
    return "up" if shift > 0 else "down" if shift < 0 else "level"
