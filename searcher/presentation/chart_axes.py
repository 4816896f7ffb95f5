"""The axes of the charts of quality: the vertical one is linear, the horizontal one logarithmic."""

import math
from dataclasses import dataclass
from typing import ClassVar

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 52, 24, 16, 44


@dataclass(frozen=True)
class Tick:
    """A grid line with its label."""

    position: float
    label: str


@dataclass(frozen=True)
class Axes:
    """The area of a chart and its grid, in units of the SVG; see templates/axes.svg."""

    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT
    left: ClassVar[int] = LEFT
    right: ClassVar[int] = WIDTH - RIGHT
    top: ClassVar[int] = TOP
    bottom: ClassVar[int] = HEIGHT - BOTTOM
    x_ticks: list[Tick]
    y_ticks: list[Tick]


def horizontal(value: float, low: float, high: float) -> float:
    """Return where a value lies between the ends of the logarithmic axis."""
    share = math.log(value / low) / math.log(high / low)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def vertical(share: float) -> float:
    """Return where a share of the vertical axis lies, 0 at the bottom and 1 at the top."""
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)
