"""The pictures behind the numbers of an evaluation, worked out by hand and through a library."""

from pathlib import Path

import numpy as np
import pytest

from searcher.errors import EvaluationStopped, InvalidRequest, NotEnoughLabels
from searcher.evaluation.confusion import Confusion
from searcher.evaluation.evaluate import evaluate
from searcher.evaluation.hardest import HardestQueries
from searcher.evaluation.measured import recall
from searcher.evaluation.measurements import KEPT, Measurements
from searcher.evaluation.neighbours import Neighbours
from searcher.evaluation.plan import Plan
from searcher.evaluation.query_choice import QueryChoice
from searcher.evaluation.rank_disagreement import RankDisagreements
from searcher.evaluation.suspicious_labels import suspicious_labels
from searcher.evaluation.task import PictureTable
from searcher.library.core import Library
from searcher.library.labelling import set_labels
from searcher.metrics.ranking import rank_biased_overlap, rank_biased_overlaps
from tests.pictures import folder, save


def table(labels: str) -> PictureTable:
    count = len(labels)
    names = [f"{place}.jpg" for place in range(count)]
    return PictureTable(
        np.arange(1, count + 1), np.array(list(labels)), names, np.zeros((count, 2), np.uint64)
    )


def neighbours(labels: str, **nearest: list[list[int]]) -> Neighbours:
    pictures = table(labels)
    rows = {name: np.array(lists, np.int32) for name, lists in nearest.items()}
    return Neighbours(pictures, pictures, rows)


def test_many_overlaps_are_those_of_each_pair() -> None:
    rng = np.random.default_rng(0)
    lists = [rng.permutation(30)[:12] for _ in range(200)]
    a, b = np.array(lists[:100], np.int32), np.array(lists[100:], np.int32)
    for row in range(100):  # of different lengths, but each pair of the same
        a[row, row % 13 :] = b[row, row % 13 :] = -1
    expected = [
        rank_biased_overlap(first[first >= 0].tolist(), second[second >= 0].tolist())
        for first, second in zip(a, b, strict=True)
    ]
    assert rank_biased_overlaps(a, b) == pytest.approx(expected, abs=1e-6)


def test_models_disagree_most_where_they_find_other_pictures() -> None:
    found = neighbours("aaaa", x=[[1, 2], [0, 2], [0, 1]], y=[[1, 2], [2, 0], [3, 3]])
    disagreements = RankDisagreements(found, "x", "y")
    assert [query.row for query in disagreements.take(0, 3)] == [2, 1, 0]
    document = disagreements.document(1)
    (worst,) = document["disagreements"]
    assert (worst["id"], worst["rbo"]) == (3, 0)
    assert [near["id"] for near in worst["nearest"][0]] == [1, 2]
    assert worst["nearest"][0][0]["right"] is None


def test_confused_labels_come_first_and_a_cell_has_its_pictures() -> None:
    found = neighbours("aabbcd", x=[[1, 2], [2, 3], [3, 0], [0, 1], [0, 1], [5, -1]])
    nearest = Confusion(found, "x")
    matrix = nearest.matrix()
    assert matrix.labels[:3] == ["a", "b", "c"]
    assert matrix.counts[:3, :3].tolist() == [[1, 1, 0], [1, 1, 0], [1, 0, 0]]
    assert nearest.queries("a", "b").tolist() == [1]
    assert nearest.queries("c").tolist() == [4]
    assert not len(nearest.queries("a", "nothing"))
    assert [pair.count for pair in nearest.pairs(9)] == [1, 1, 1]
    two = Confusion(found, "x", k=2)
    assert two.queries("a", "b").tolist() == [1, 0]  # the one with two of them first
    small = two.matrix(most=2, first="c")
    assert small.labels == ["c", "a"]
    assert small.counts.tolist() == [[0, 2], [0, 1]]
    assert (small.others.tolist(), small.totals.tolist()) == ([0, 3], [2, 4])


def test_a_label_is_suspicious_only_if_every_model_proposes_the_same_one() -> None:
    labels = "aaaaaabbbbbb"
    right = [*[[1, 2, 3, 4, 5]] * 6, *[[7, 8, 9, 10, 11]] * 6]
    agreed = [[6, 7, 8, 9, 10], *right[1:]]
    other = [[6, 7, 8, 1, 2], *right[1:]]
    few = [[6, 7, 1, 2, 3], *right[1:]]
    (picture,) = suspicious_labels(neighbours(labels, x=agreed, y=other))
    assert (picture.row, picture.label, picture.proposed) == (0, "a", "b")
    assert picture.share == pytest.approx(0.8)
    several = [*agreed[:1], [6, 7, 8, 1, 2], *right[2:]]
    found = suspicious_labels(neighbours(labels, x=several))
    assert [picture.row for picture in found] == [0, 1]  # the one with the greater share first
    assert not suspicious_labels(neighbours(labels, x=agreed, y=few))


def test_hard_queries_come_first_with_what_was_found(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 5, "b": 5})
    library.add([tmp_path / "in"])
    evaluation = evaluate(library)
    quality = evaluation.quality("shape")
    queries = HardestQueries(evaluation, "shape", "map")
    taken = queries.take(0, 100)
    scores = [query.score for query in taken]
    assert scores == sorted(quality.scores["map"].tolist())
    assert len({query.id for query in taken}) == 10
    for query in taken:
        assert query.id not in {near.id for near in query.nearest}
        assert [near.is_right for near in query.nearest] == [
            near.label == query.label for near in query.nearest
        ]
    possible = HardestQueries(evaluation, "", "p@10")
    first = possible.take(0, 1, 100)[0]
    assert first.score == min(evaluation.ideal["p@10"]) == np.float32(first.relevant / 10)
    assert len(first.nearest) == first.relevant
    assert all(near.is_right for near in first.nearest)
    assert possible.document(1)["model"] == ""
    assert np.mean(evaluation.ideal["p@10"]) == pytest.approx(evaluation.ceilings["p@10"], abs=1e-4)
    labelled = HardestQueries(evaluation, "shape", label="a").take(0, 100)
    assert {query.label for query in labelled} == {"a"}
    with pytest.raises(InvalidRequest, match="The measures are"):
        HardestQueries(evaluation, "shape", "nothing")


def test_a_measurement_is_kept_until_the_library_changes(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 4, "b": 4})
    library.add([tmp_path / "in"])
    measurements = Measurements(library)
    first = measurements.take()
    assert measurements.take() is first is measurements.find(first.key)
    wrong = next(record for record in library.records.all() if record.name == paths[0].name)
    other = "b" if wrong.label == "a" else "a"
    assert set_labels(library, {wrong.id: other}) == {wrong.id: wrong.label}
    second = measurements.take()
    assert second is not first
    assert measurements.find(first.key) is first
    for k in range(1, KEPT + 1):
        measurements.take(k=k)
    assert measurements.find(first.key) is None
    shares: list[float] = []
    with pytest.raises(EvaluationStopped):
        measurements.take(["shape"], 3, shares.append, lambda: len(shares) > 1)
    assert len(shares) == 2


def test_a_measurement_by_a_plan_is_another_one_and_no_models_quality(
    library: Library, tmp_path: Path
) -> None:
    folder(tmp_path / "in", {"a": 4, "b": 4})
    library.add([tmp_path / "in"])
    measurements = Measurements(library)
    parts = [Plan(choice=QueryChoice(share=0.5, seed=seed)) for seed in (0, 1)]
    first, second = (measurements.take(plan=plan) for plan in parts)
    assert first.evaluation is not None
    assert first.key != second.key
    assert measurements.take(plan=parts[0]) is first
    assert len(first.neighbours.queries) == len(first.neighbours.gallery) == 4
    models = library.registry.ready()
    assert recall(library, models) == {}
    assert measurements.take().key not in {first.key, second.key}
    assert set(recall(library, models)) == {"colour", "shape"}


def test_without_labels_two_models_can_be_compared(library: Library, tmp_path: Path) -> None:
    for number in range(4):
        save(tmp_path / str(number) / "x.jpg", number)
    library.add([tmp_path])
    measurement = Measurements(library).take()
    assert measurement.evaluation is None
    found = RankDisagreements(measurement.neighbours, "colour", "shape").take(0, 9)
    assert len(found) == 4
    for query in found:
        for near in query.nearest:
            assert len({picture.id for picture in near} | {query.id}) == 4
    with pytest.raises(NotEnoughLabels):
        Measurements(library).take(["shape"])
    with pytest.raises(NotEnoughLabels):  # queries that were chosen need labels
        Measurements(library).take(plan=Plan(choice=QueryChoice(share=0.5)))
