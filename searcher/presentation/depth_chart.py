"""Layout of the chart of precision and recall at every depth: a line for each model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation
from searcher.metrics.depth_curves import DepthCurves
from searcher.presentation.chart_axes import Tick
from searcher.presentation.comparison_view import KEYS
from searcher.presentation.quality_chart import best_first
from searcher.presentation.wording import number

DEPTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # ticks of the logarithmic axis
STEPS = (0.05, 0.1, 0.2, 0.25)  # between two lines of the vertical axis
MAX_TICKS = 6


@dataclass(frozen=True)
class DepthDot:
    """A point of a line at whose depth there is a measure; positions are as those of ticks."""

    x: float
    y: float
    measure: str
    value: float


@dataclass(frozen=True)
class DepthLine:
    """A model's line; `key` is the letter of its colour, "" for the most that can be reached.

    Attributes:
        key: The letter.
        name: The model's name.
        title: Its title.
        path: Of an SVG whose sides are 1.
        last: The value at the greatest depth.
        dots: Its points that open queries.
    """

    key: str
    name: str
    title: str
    path: str
    last: float
    dots: list[DepthDot]


@dataclass(frozen=True)
class DepthPanel:
    """One measure; positions of ticks are shares of the axes, from the left and from the bottom."""

    measure: str
    depth: int
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    lines: list[DepthLine]


def depth_chart(evaluation: Evaluation) -> list[DepthPanel]:
    """Lay out the chart: one panel for precision and one for recall, models in the same order.

    With more models than colours it has the best ones.
    """
    best = best_first(evaluation.models, MAIN_MEASURE)[: len(KEYS)]
    named = [
        (key, quality.model.name, quality.model.display, quality.curves)
        for key, quality in zip(KEYS, best, strict=False)
    ]
    curves = [("", "", "", evaluation.ceiling_curves), *named]
    return [
        _panel(measure, curves, [name for name in evaluation.ceilings if name.startswith(prefix)])
        for measure, prefix in (("precision", "p@"), ("recall", "recall@"))
    ]


def _panel(
    measure: str, curves: Sequence[tuple[str, str, str, DepthCurves]], measures: Sequence[str]
) -> DepthPanel:
    values: list[list[float]] = [getattr(curve, measure).tolist() for *_, curve in curves]
    depth = len(values[0])
    least, most = min(map(min, values)), max(map(max, values))
    step = next((step for step in STEPS if most - least <= 5 * step), STEPS[-1])
    first, last = math.floor(least / step), math.ceil(most / step - 1e-9)
    last = max(last, first + 1)

    def x(place: int) -> float:
        return round(math.log(place) / math.log(depth), 4) if depth > 1 else 0.0

    def y(value: float) -> float:
        return round((value / step - first) / (last - first), 4)

    def path(line: Sequence[float]) -> str:
        points = [f"{x(n)} {round(1 - y(value), 4)}" for n, value in enumerate(line, start=1)]
        return "M" + " L".join(points)

    def dots(line: Sequence[float]) -> list[DepthDot]:
        places = [(name, int(name.partition("@")[2])) for name in measures]
        return [
            DepthDot(x(n), y(line[n - 1]), name, line[n - 1]) for name, n in places if n <= depth
        ]

    depths = [n for n in DEPTHS if n < depth * 0.8] + [depth]
    return DepthPanel(
        measure,
        depth,
        [Tick(x(n), number(n)) for n in depths[-MAX_TICKS:]],
        [Tick(y(n * step), number(n * step, 2)) for n in range(first, last + 1)],
        [
            DepthLine(key, name, title, path(line), line[-1], dots(line))
            for (key, name, title, _), line in zip(curves, values, strict=True)
        ],
    )
