"""Layout of the scatter chart of quality against speed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from searcher.evaluation.evaluation_results import Quality
from searcher.presentation.chart_axes import LEFT, WIDTH, Axes, Tick, horizontal, vertical
from searcher.presentation.wording import number

LETTER = (7.5, 14)  # approximate width and height of a character
DECADE = (1, 2, 5)  # ticks of the logarithmic axis in each decade


@dataclass(frozen=True)
class Point:
    """A model: its position, the ends of its interval, and the position of its title."""

    title: str
    x: float
    y: float
    low_y: float
    high_y: float
    anchor: str
    label_x: float
    label_y: float
    name: str = ""


@dataclass(frozen=True)
class Scatter(Axes):
    """The whole chart."""

    points: list[Point]


def scatter(qualities: Sequence[Quality], measure: str) -> Scatter:
    """Lay out the chart; models without a measured speed are left out.

    Args:
        qualities: One per model.
        measure: The key of the vertical axis in `Quality.means`, from 0 to 1.

    Returns:
        The chart; its horizontal axis is milliseconds per picture, logarithmic.
    """
    qualities = [quality for quality in qualities if quality.milliseconds is not None]
    times = [max(quality.milliseconds or 0.0, 0.01) for quality in qualities]
    range_of = times or [1.0]
    fastest, slowest = _tick_below(min(range_of)), 1 / _tick_below(1 / max(range_of))

    def x(milliseconds: float) -> float:
        return horizontal(milliseconds, fastest, slowest)

    positions = [
        (x(t), vertical(quality.means[measure]))
        for quality, t in zip(qualities, times, strict=True)
    ]
    points: list[Point] = []
    for quality, position in zip(qualities, positions, strict=True):
        lower, upper = quality.ci95[measure]
        interval = (vertical(lower), vertical(upper))
        point = _point(quality.model.display, position, interval, positions, points)
        points.append(replace(point, name=quality.model.name))
    return Scatter(
        [Tick(x(value), _label(value)) for value in _ticks(fastest, slowest)],
        [Tick(vertical(tenth / 10), _label(tenth / 10)) for tenth in range(0, 11, 2)],
        points,
    )


def _label(value: float) -> str:
    """Format a tick's value with as many decimals as necessary."""
    return number(value, len(f"{value:g}".partition(".")[2]))


def _tick_below(value: float) -> float:
    """Return the next tick below a value."""
    exponent = math.floor(math.log10(value))
    steps = (step * 10.0**power for power in (exponent - 1, exponent) for step in DECADE)
    return max(step for step in steps if step <= value * 0.95)


def _ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (step * 10.0**power for power in powers for step in DECADE)
    return [step for step in steps if low * 0.999 <= step <= high * 1.001]


def _point(
    title: str,
    position: tuple[float, float],
    interval: tuple[float, float],
    positions: Sequence[tuple[float, float]],
    labelled: Sequence[Point],
) -> Point:
    x, y = position
    candidates = [
        Point(title, x, y, *interval, anchor, x + dx, y + dy)
        for anchor, dx, dy in (
            ("start", 10, 4),
            ("end", -10, 4),
            ("middle", 0, -12),
            ("middle", 0, 22),
            ("end", 6, -12),
            ("end", 6, 22),
        )
    ]
    others = [other for other in positions if other != position]
    return min(candidates, key=lambda point: _overlap(point, others, labelled))


def _overlap(
    point: Point, others: Sequence[tuple[float, float]], labelled: Sequence[Point]
) -> tuple[int, int]:
    """Return the overlaps of a name: with edges and other names, then with points."""
    left, right = _extent(point)
    outside = left < LEFT or right > WIDTH
    names = sum(
        abs(point.label_y - other.label_y) < LETTER[1]
        and left < _extent(other)[1]
        and right > _extent(other)[0]
        for other in labelled
    )
    dots = sum(
        left - 6 < x < right + 6 and abs(point.label_y - 4 - y) < LETTER[1] for x, y in others
    )
    return outside * 10 + names, dots


def _extent(point: Point) -> tuple[float, float]:
    width = len(point.title) * LETTER[0]
    start = {"start": 0.0, "middle": width / 2, "end": width}[point.anchor]
    return point.label_x - start, point.label_x - start + width
