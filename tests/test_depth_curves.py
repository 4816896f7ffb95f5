"""Precision and recall at every depth: their values, and the chart that shows them."""

import math
from pathlib import Path

import numpy as np
import pytest

from searcher.evaluation.evaluate import evaluate
from searcher.library.core import Library
from searcher.metrics.depth_curves import DepthCurves, DepthTally
from searcher.metrics.relevant_ranks import from_lists
from searcher.metrics.retrieval import precision, recall
from searcher.presentation.depth_chart import MAX_TICKS, depth_chart
from tests.pictures import folder

DEPTH = 9


@pytest.mark.parametrize("seed", range(20))
def test_curves_are_the_measures_at_each_depth(seed: int) -> None:
    generator = np.random.default_rng(seed)
    lists = [generator.permutation(30).tolist() for _ in range(12)]
    judged = [{int(i): 1.0 for i in generator.choice(30, generator.integers(0, 15))} for _ in lists]
    ranks = from_lists(judged, lists)
    tally = DepthTally(DEPTH)
    for part in (slice(0, 5), slice(5, 12)):  # as blocks of queries are
        tally.add(from_lists(judged[part], lists[part]))
    curves = tally.curves()
    for depth in range(1, DEPTH + 1):
        assert curves.precision[depth - 1] == pytest.approx(precision(ranks, depth).mean())
        assert curves.recall[depth - 1] == pytest.approx(recall(ranks, depth).mean())


def test_curves_by_hand() -> None:
    tally = DepthTally(3)
    tally.add(from_lists([{1: 1.0, 2: 1.0}, {9: 1.0}], [[1, 5, 2], [1, 9, 3]]))
    document = tally.curves().document()
    assert document == {"precision": [0.5, 0.5, 0.5], "recall": [0.25, 0.75, 1.0]}


def test_an_evaluation_has_curves_that_go_on_from_its_measures(
    library: Library, tmp_path: Path
) -> None:
    folder(tmp_path / "in", {"a": 7, "b": 5})
    library.add([tmp_path / "in"])
    evaluation = evaluate(library, k=4)
    document = evaluation.document()
    for model in evaluation.models:
        curves = document["models"][model.model.name]["curves"]
        assert len(curves["precision"]) == len(curves["recall"]) == 20
        for measure, values, depth in (
            *(("p@1", "precision", 1), ("p@4", "precision", 4), ("p@10", "precision", 10)),
            ("recall@4", "recall", 4),
        ):
            assert curves[values][depth - 1] == pytest.approx(model.means[measure], abs=1e-4)
        assert curves["recall"][-1] == 1  # all twelve pictures
    most = document["ceiling_curves"]
    assert most["precision"][9] == pytest.approx(evaluation.ceilings["p@10"], abs=1e-4)
    assert most["recall"][3] == pytest.approx(evaluation.ceilings["recall@4"], abs=1e-4)

    precisions, recalls = depth_chart(evaluation)
    assert [line.key for line in precisions.lines] == ["", "a", "b"]
    assert [line.name for line in precisions.lines] == [line.name for line in recalls.lines]
    assert precisions.lines[1].last == pytest.approx(
        document["models"][precisions.lines[1].name]["curves"]["precision"][-1], abs=1e-4
    )
    assert [dot.measure for dot in recalls.lines[1].dots] == ["recall@4"]
    for line in precisions.lines:  # they open queries by what is measured at their depths
        assert [dot.measure for dot in line.dots] == ["p@1", "p@4", "p@5", "p@10"]
        of = evaluation.quality(line.name).means if line.name else evaluation.ceilings
        assert [dot.value for dot in line.dots] == pytest.approx(
            [of[dot.measure] for dot in line.dots], abs=1e-4
        )
    for panel in (precisions, recalls):
        for line in panel.lines:
            places = [tuple(map(float, pair.split())) for pair in line.path[1:].split(" L")]
            assert len(places) == panel.depth == 20
            assert [x for x, _ in places] == sorted(x for x, _ in places)
            assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places)
        for ticks in (panel.x_ticks, panel.y_ticks):
            assert 2 <= len(ticks) <= MAX_TICKS + 1
            assert len({tick.label for tick in ticks}) == len(ticks)
        halfway = next(tick.position for tick in panel.x_ticks if tick.label == "5")
        assert halfway == pytest.approx(math.log(5) / math.log(20), abs=1e-3)


def test_nothing_found_is_no_curve_of_its_own() -> None:
    tally = DepthTally(4)
    tally.add(from_lists([{1: 1.0}], [[]]))
    assert tally.curves().document() == {"precision": [0.0] * 4, "recall": [0.0] * 4}
    assert DepthCurves().document() == {"precision": [], "recall": []}
