"""Layout of the chart of quality and speed: a line for each model, the best first."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from searcher.evaluation.evaluation_results import Quality
from searcher.presentation.chart_axes import Tick
from searcher.presentation.wording import number

DECADE = (1, 2, 5)  # ticks of the logarithmic axis in each decade
MAX_TICKS = 6  # of an axis: their labels have room for four characters each on a telephone


@dataclass(frozen=True)
class Line:
    """A model. Positions are shares of the axes, from 0 at the left to 1 at the right.

    `speed` and `milliseconds` are None where the model's speed is not measured yet.
    """

    name: str
    title: str
    value: float
    at: float
    low: float
    high: float
    milliseconds: float | None
    speed: float | None


@dataclass(frozen=True)
class QualityChart:
    """The whole chart; without `speed_ticks` where no speed is measured."""

    quality_ticks: list[Tick]
    speed_ticks: list[Tick]
    lines: list[Line]


def best_first(qualities: Sequence[Quality], measure: str) -> list[Quality]:
    """Return models in the order of a measure, the best first."""
    return sorted(qualities, key=lambda quality: -quality.means[measure])


def quality_chart(qualities: Sequence[Quality], measure: str) -> QualityChart:
    """Lay out the chart.

    Args:
        qualities: One per model.
        measure: A key of `Quality.means`, from 0 to 1.

    Returns:
        The chart; the axis of quality is linear and holds all intervals, that of milliseconds per
        picture is logarithmic.
    """
    ends = [end for quality in qualities for end in quality.ci95[measure]]
    tenths = range(
        min(math.floor(min(ends, default=0) * 10), 8),
        max(math.ceil(max(ends, default=1) * 10), math.floor(min(ends, default=0) * 10) + 2) + 1,
    )
    worst, best = tenths[0] / 10, tenths[-1] / 10
    times = [max(q.milliseconds, 0.01) for q in qualities if q.milliseconds is not None]
    fastest, slowest = _around(times) if times else (1.0, 10.0)

    def share(value: float) -> float:
        return round((value - worst) / (best - worst), 4)

    def place(milliseconds: float) -> float:
        return round(math.log(milliseconds / fastest) / math.log(slowest / fastest), 4)

    def speed(milliseconds: float | None) -> float | None:
        return None if milliseconds is None else place(max(milliseconds, 0.01))

    return QualityChart(
        [Tick(share(tenth / 10), _label(tenth / 10)) for tenth in _thinned(list(tenths))],
        [Tick(place(t), _label(t)) for t in _thinned(_ticks(fastest, slowest) if times else [])],
        [
            Line(
                quality.model.name,
                quality.model.display,
                quality.means[measure],
                share(quality.means[measure]),
                share(quality.ci95[measure][0]),
                share(quality.ci95[measure][1]),
                quality.milliseconds,
                speed(quality.milliseconds),
            )
            for quality in best_first(qualities, measure)
        ],
    )


def _label(value: float) -> str:
    """Format a tick's value with as many decimals as necessary."""
    return number(value, len(f"{value:g}".partition(".")[2]))


def _thinned(values: list[float]) -> list[float]:
    """Leave out as many ticks between others as there is no room for."""
    return values[:: math.ceil(len(values) / MAX_TICKS) or 1]


def _around(times: Sequence[float]) -> tuple[float, float]:
    """Return the ticks just below and above all times."""
    return _tick_below(min(times)), 1 / _tick_below(1 / max(times))


def _tick_below(value: float) -> float:
    """Return the next tick below a value."""
    exponent = math.floor(math.log10(value))
    steps = (step * 10.0**power for power in (exponent - 1, exponent) for step in DECADE)
    return max(step for step in steps if step <= value * 0.95)


def _ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (step * 10.0**power for power in powers for step in DECADE)
    return [step for step in steps if low * 0.999 <= step <= high * 1.001]
