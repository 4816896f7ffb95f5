"""Layout of the chart of quality against bytes a picture: a curve for each model."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from searcher.ui.components.scatter import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Tick
from searcher.ui.i18n import number

KEYS = "abcdef"  # of the model colours


@dataclass(frozen=True)
class Dot:
    """A variant of a model, and where it lies; `mark` is "stored", "recommended" or ""."""

    name: str
    x: float
    y: float
    mark: str


@dataclass(frozen=True)
class Curve:
    """A model's variants, and the line of those that no smaller one beats."""

    key: str
    title: str
    path: str
    dots: list[Dot]


@dataclass(frozen=True)
class CostChart:
    """The whole chart, in units of the SVG."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    is_quality: bool
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    curves: list[Curve]


def cost_chart(documents: Mapping[str, Mapping[str, Any]]) -> CostChart:
    """Lay out the chart.

    Args:
        documents: By the models' titles, up to 6 documents of `shrink`.

    Returns:
        The chart; its horizontal axis is bytes a picture, logarithmic. The vertical one is quality
        where all models have one, otherwise the share of the full vectors' hits.
    """
    is_quality = all(document["measure"] for document in documents.values())
    value = "quality" if is_quality else "overlap"
    points = [v for document in documents.values() for v in document["variants"]]
    low = 2 ** math.floor(math.log2(min(v["bytes"] for v in points)) - 0.2)
    high = 2 ** math.ceil(math.log2(max(v["bytes"] for v in points)) + 0.2)

    def x(size: float) -> float:
        share = math.log(size / low) / math.log(high / low)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(share: float) -> float:
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    curves = [
        Curve(
            key,
            title,
            "M" + " L".join(f"{x(v['bytes'])} {y(v[value])}" for v in _front(document, value)),
            [
                Dot(v["variant"], x(v["bytes"]), y(v[value]), _mark(document, v["variant"]))
                for v in document["variants"]
            ],
        )
        for key, (title, document) in zip(KEYS, documents.items(), strict=False)
    ]
    steps = range(int(math.log2(low)), int(math.log2(high)) + 1)
    return CostChart(
        WIDTH,
        HEIGHT,
        LEFT,
        WIDTH - RIGHT,
        TOP,
        HEIGHT - BOTTOM,
        is_quality,
        [Tick(x(2**step), number(2**step)) for step in steps if len(steps) < 8 or step % 2 == 0],
        [Tick(y(tenth / 10), number(tenth / 10, 1)) for tenth in range(0, 11, 2)],
        curves,
    )


def _front(document: Mapping[str, Any], value: str) -> list[Mapping[str, Any]]:
    """Return the variants that are better than all smaller ones, the smallest first."""
    front: list[Mapping[str, Any]] = []
    for variant in sorted(document["variants"], key=lambda v: (v["bytes"], -v[value])):
        if not front or variant[value] > front[-1][value]:
            front.append(variant)
    return front


def _mark(document: Mapping[str, Any], name: str) -> str:
    marks = {document["recommended"]: "recommended", document["stored"]: "stored"}
    return marks.get(name, "")
