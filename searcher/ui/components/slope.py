"""Layout of the slope chart: A's ranks on the left, B's on the right, lines between."""

from dataclasses import dataclass

from searcher.metrics.ranking import rank_shifts
from searcher.search.results import Comparison, Hit

WIDTH = 640
EDGE = 150  # room for a rank and a thumbnail on each side
GAP = 8
TALL, LOW = 44, 22  # pixels per rank, up to MANY hits and beyond
MANY = 20


@dataclass(frozen=True)
class Line:
    """A shared hit. `direction` is up, down or level: B's rank compared with A's."""

    id: int
    direction: str
    path: str


@dataclass(frozen=True)
class End:
    """A hit on one of the two sides."""

    id: int
    name: str
    rank: int
    side: str
    shared: bool
    y: int
    dot_x: int
    picture_x: int
    picture_y: int
    number_x: int
    anchor: str


@dataclass(frozen=True)
class Slope:
    """The whole chart, in units of the SVG."""

    width: int
    height: int
    picture_width: int
    picture_height: int
    lines: list[Line]
    ends: list[End]


def slope(comparison: Comparison) -> Slope:
    """Lay out the chart of a comparison."""
    count = max(len(comparison.a.hits), len(comparison.b.hits))
    step = TALL if count <= MANY else LOW
    size = step - 4
    wide = size * 4 // 3
    rank_in_b = {hit.record.id: hit.rank for hit in comparison.b.hits}
    shared = set(rank_in_b) & set(comparison.a.ids)
    shifts = dict(
        zip(comparison.a.ids, rank_shifts(comparison.a.ids, comparison.b.ids), strict=True)
    )
    return Slope(
        width=WIDTH,
        height=count * step + GAP,
        picture_width=wide,
        picture_height=size,
        lines=[
            Line(i, _direction(shifts[i] or 0), _curve(_y(hit.rank, step), _y(rank_in_b[i], step)))
            for hit in comparison.a.hits
            if (i := hit.record.id) in shared
        ],
        ends=[
            _end(hit, side, hit.record.id in shared, _y(hit.rank, step), wide, size)
            for side, ranking in (("a", comparison.a), ("b", comparison.b))
            for hit in ranking.hits
        ],
    )


def _y(rank: int, step: int) -> int:
    return GAP // 2 + rank * step - step // 2


def _direction(shift: int) -> str:
    return "up" if shift > 0 else "down" if shift < 0 else "level"


def _curve(left: int, right: int) -> str:
    middle = WIDTH // 2
    return f"M{EDGE} {left} C{middle} {left} {middle} {right} {WIDTH - EDGE} {right}"


def _end(hit: Hit, side: str, shared: bool, y: int, wide: int, size: int) -> End:
    on_left = side == "a"
    picture_x = EDGE - GAP - wide if on_left else WIDTH - EDGE + GAP
    return End(
        id=hit.record.id,
        name=hit.record.name,
        rank=hit.rank,
        side=side,
        shared=shared,
        y=y,
        dot_x=EDGE if on_left else WIDTH - EDGE,
        picture_x=picture_x,
        picture_y=y - size // 2,
        number_x=picture_x - GAP if on_left else picture_x + wide + GAP,
        anchor="end" if on_left else "start",
    )
