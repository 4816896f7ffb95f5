"""The chart of quality and speed holds every model, interval and time, the best first."""

import pytest

from searcher.evaluation.evaluation_results import Quality
from searcher.models.registry import Model
from searcher.presentation.quality_chart import MAX_TICKS, quality_chart


def quality(name: str, milliseconds: float | None, mean: float, width: float = 0.1) -> Quality:
    model = Model(name, "ready", title=name, dim=8)
    ends = (max(0.0, mean - width), min(1.0, mean + width))
    return Quality(model, milliseconds, 100, {"p@10": mean}, {"p@10": ends}, {})


def test_better_is_first_and_further_right() -> None:
    chart = quality_chart([quality("fast", 2, 0.3), quality("good", 50, 0.9)], "p@10")
    good, fast = chart.lines
    assert (good.name, fast.name) == ("good", "fast")
    assert good.at > fast.at
    assert good.low < good.at < good.high
    assert good.speed is not None
    assert fast.speed is not None
    assert good.speed > fast.speed
    halfway = next(tick.position for tick in chart.speed_ticks if tick.label == "20")
    assert fast.speed < halfway < good.speed


def test_a_model_without_a_speed_is_on_the_chart_all_the_same() -> None:
    chart = quality_chart([quality("new", None, 0.5)], "p@10")
    assert [(line.name, line.speed) for line in chart.lines] == [("new", None)]
    assert chart.speed_ticks == []
    chart = quality_chart([quality("new", None, 0.5), quality("old", 3, 0.4)], "p@10")
    assert [line.speed is None for line in chart.lines] == [True, False]


@pytest.mark.parametrize("width", [0, 0.02, 0.3, 1])
@pytest.mark.parametrize("mean", [0, 0.04, 0.5, 0.97, 1])
def test_all_lies_within_the_axes(mean: float, width: float) -> None:
    qualities = [quality(str(n), 0.005 * 9**n, abs(mean - n / 50), width) for n in range(6)]
    chart = quality_chart(qualities, "p@10")
    for line in chart.lines:
        assert line.speed is not None
        assert 0 <= line.low <= line.at <= line.high <= 1
        assert 0 < line.speed < 1
    for ticks in (chart.quality_ticks, chart.speed_ticks):
        positions = [tick.position for tick in ticks]
        assert 2 <= len(set(positions)) <= MAX_TICKS
        assert positions == sorted(positions)
        assert 0 <= positions[0] < positions[-1] <= 1
        assert len({tick.label for tick in ticks}) == len(ticks)


def test_intervals_fill_the_axis() -> None:
    chart = quality_chart([quality("a", 1, 0.61, 0.02), quality("b", 1, 0.58, 0.02)], "p@10")
    assert chart.lines[0].high - chart.lines[1].low > 0.25


def test_no_two_ticks_lie_on_each_other() -> None:
    chart = quality_chart([quality("a", 0.002, 0.5), quality("b", 0.004, 0.4)], "p@10")
    positions = [tick.position for tick in chart.speed_ticks]
    assert len(set(positions)) == len(positions)
