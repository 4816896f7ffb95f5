"""Layout of the chart of quality against bytes a picture: a curve for each model."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from searcher.presentation.chart_axes import Axes, Tick, horizontal, vertical
from searcher.presentation.wording import number

KEYS = "abcdef"  # of the model colours
STEPS = (0.02, 0.05, 0.1, 0.2, 0.25)  # between two lines of the vertical axis
ROOM = 0.3  # steps above the best variant, for its name
LETTER, LINE = 7.5, 16  # of a name beside a dot: width of a letter, height
BESIDE = (-12, 22, -28, 38)  # where a name may be, above or below its dot


@dataclass(frozen=True)
class Dot:
    """A variant of a model, and where it lies.

    `marks` are of "recommended", "stored", and "away" for what the store can't hold. Large dots
    have one of the former. `key` names model and variant.
    """

    key: str
    name: str
    x: float
    y: float
    marks: tuple[str, ...]

    @property
    def is_large(self) -> bool:
        """Whether it is recommended or stored."""
        return bool({"recommended", "stored"}.intersection(self.marks))

    @property
    def can_be_stored(self) -> bool:
        """Whether the library's store can hold it."""
        return "away" not in self.marks


@dataclass(frozen=True)
class DotName:
    """The name of a large dot, and where its middle is."""

    text: str
    x: float
    y: float

    def overlaps(self, other: "DotName") -> bool:
        """Whether two names would be written over each other."""
        width = (len(self.text) + len(other.text)) * LETTER / 2
        return abs(self.x - other.x) < width and abs(self.y - other.y) < LINE


@dataclass(frozen=True)
class Curve:
    """A model's variants, and the line of the best up to each size."""

    key: str
    title: str
    path: str
    dots: list[Dot]


@dataclass(frozen=True)
class CostChart(Axes):
    """The whole chart; `is_quality` tells what the vertical axis is."""

    is_quality: bool
    curves: list[Curve]

    @property
    def names(self) -> list[DotName]:
        """The names of the recommended dots, as far as there is room for them."""
        names: list[DotName] = []
        for curve in self.curves:
            for dot in curve.dots:
                if "recommended" not in dot.marks:
                    continue
                half = len(dot.name) * LETTER / 2
                x = min(max(dot.x, self.left + half), self.right - half)
                places = (DotName(dot.name, x, dot.y + shift) for shift in BESIDE)
                free = (
                    place
                    for place in places
                    if self.top + 28 < place.y < self.bottom
                    and not any(place.overlaps(name) for name in names)
                )
                names += [place for place, _ in zip(free, range(1), strict=False)]
        return names


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
        return horizontal(size, low, high)

    values = [v[value] for v in points]
    span = max(values) - min(values)
    step = next(step for step in STEPS if span <= 4 * step)
    first = math.floor(min(values) / step)
    last = min(math.ceil(max(values) / step + ROOM), round(1 / step))

    def y(share: float) -> float:
        return vertical((share / step - first) / max(last - first, 1))

    curves = [
        Curve(
            key,
            title,
            "M" + " L".join(f"{x(size)} {y(best)}" for size, best in _front(document, value)),
            # Marked ones last, on top of the others.
            sorted(
                (
                    Dot(
                        f"{document['model']}/{v['variant']}",
                        v["variant"],
                        x(v["bytes"]),
                        y(v[value]),
                        _marks(document, v),
                    )
                    for v in document["variants"]
                ),
                key=lambda dot: dot.is_large,
            ),
        )
        for key, (title, document) in zip(KEYS, documents.items(), strict=False)
    ]
    steps = range(int(math.log2(low)), int(math.log2(high)) + 1)
    return CostChart(
        [Tick(x(2**step), number(2**step)) for step in steps if len(steps) < 8 or step % 2 == 0],
        [Tick(y(n * step), number(n * step, 2)) for n in range(first, last + 1)],
        is_quality,
        curves,
    )


def _front(document: Mapping[str, Any], value: str) -> list[tuple[int, float]]:
    """Return the best value up to each size: bytes and value, the smallest first."""
    front: list[tuple[int, float]] = []
    for variant in sorted(document["variants"], key=lambda v: (v["bytes"], -v[value])):
        if not front or variant["bytes"] > front[-1][0]:
            best = max(variant[value], front[-1][1] if front else 0.0)
            front.append((variant["bytes"], best))
    return front


def _marks(document: Mapping[str, Any], variant: Mapping[str, Any]) -> tuple[str, ...]:
    chosen = [mark for mark in ("recommended", "stored") if document[mark] == variant["variant"]]
    return (*chosen, *(() if variant["can_be_stored"] else ("away",)))
