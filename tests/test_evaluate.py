"""Quality from labels: by hand, against scikit-learn, and on real photographs."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from sklearn.neighbors import NearestNeighbors

from searcher.errors import ModelNotReady, NotEnoughLabels
from searcher.evaluation.evaluate import evaluate
from searcher.library.core import Library
from searcher.metrics.retrieval import interval, relevance, score
from tests.pictures import folder, save


def on_a_circle(*degrees: float) -> np.ndarray:
    """Unit vectors [N, 2]: which is nearest can be read off the angles."""
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def all_queries(labels: np.ndarray) -> np.ndarray:
    return np.ones(len(labels), dtype=bool)


def test_ten_pictures_worked_out_by_hand() -> None:
    vectors = on_a_circle(0, 1, 3, 6, 10, 90, 91, 93, 96, 100)
    labels = np.array(list("aabaabbabb"))
    # The nearest others of each, nearest first, as their labels; 5 of each label, so 4 relevant.
    hits = relevance(vectors, labels, 10)
    # The first one (0°): 1° a, 3° b, 6° a, 10° a, then 90° b, 91° b, 93° a, 96° b, 100° b.
    assert hits[0].tolist() == [True, False, True, True, False, False, True, False, False, False]
    scores = score(hits, labels, all_queries(labels), 10)
    assert scores["p@1"][0] == 1
    assert scores["p@5"][0] == 3 / 5
    assert scores["p@10"][0] == 4 / 10
    assert scores["map"][0] == pytest.approx((1 / 1 + 2 / 3 + 3 / 4 + 4 / 7) / 4)
    # The third one (3°, a b among a's): 1° a, 0° and 6° a, 10° a, 90° b, 91° b, 93° a, 96°, 100° b.
    assert hits[2].tolist() == [False] * 4 + [True, True, False, True, True, False]
    assert scores["map"][2] == pytest.approx((1 / 5 + 2 / 6 + 3 / 8 + 4 / 9) / 4)
    # Cut at 3 the denominator is 3, not 4.
    short = score(hits, labels, all_queries(labels), 3)
    assert short["map"][0] == pytest.approx((1 / 1 + 2 / 3) / 3)
    assert short["p@3"][0] == pytest.approx(2 / 3)


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_scikit_learn(seed: int) -> None:
    generator = np.random.default_rng(seed)
    count, k = 700, 10
    labels = np.array([f"kind {i}" for i in generator.integers(0, 9, count)])
    centres = {label: generator.standard_normal(24) for label in np.unique(labels)}
    vectors = np.stack([centres[label] for label in labels])
    vectors = vectors + 2.5 * generator.standard_normal(vectors.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    scores = score(relevance(vectors, labels, k), labels, all_queries(labels), k)

    model = NearestNeighbors(n_neighbors=k + 1, metric="euclidean").fit(vectors)
    distances, neighbours = model.kneighbors(vectors)
    for row in range(count):
        assert neighbours[row, 0] == row
        correct = labels[neighbours[row, 1:]] == labels[row]
        assert scores["p@5"][row] == pytest.approx(correct[:5].mean())
        assert scores["p@10"][row] == pytest.approx(correct.mean())
        relevant = (labels == labels[row]).sum() - 1
        # scikit-learn divides by the relevant ones that were found; ours by all that could be.
        expected = (
            average_precision_score(correct, -distances[row, 1:]) * correct.sum() / min(k, relevant)
            if correct.any()
            else 0
        )
        assert scores["map"][row] == pytest.approx(expected)
    assert 0.2 < scores["map"].mean() < 0.9


@given(st.integers(2, 40), st.integers(1, 4), st.integers(1, 12), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_measures_are_bounded_and_perfect_models_score_one(
    count: int, kinds: int, k: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    labels = np.array([str(i % kinds) for i in range(count)])
    queries = np.array([(labels == label).sum() > 1 for label in labels])
    apart = np.eye(kinds, dtype=np.float32)[[int(label) for label in labels]]
    perfect = score(relevance(apart, labels, max(k, 10))[queries], labels, queries, k)
    assert np.allclose(perfect["map"], 1)
    noise = generator.standard_normal((count, 8)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    scores = score(relevance(noise, labels, max(k, 10))[queries], labels, queries, k)
    for values in scores.values():
        assert ((values >= 0) & (values <= 1)).all()


def test_intervals_hold_the_mean_and_narrow_with_more_queries() -> None:
    generator = np.random.default_rng(1)
    few, many = (generator.random(n) for n in (50, 5000))
    widths = []
    for values in (few, many):
        low, high = interval(values)
        assert low < values.mean() < high
        # Against the normal approximation of the same interval.
        expected = 2 * 1.96 * values.std() / np.sqrt(len(values))
        assert high - low == pytest.approx(expected, rel=0.1)
        widths.append(high - low)
    assert widths[1] < widths[0] / 5
    assert interval(few) == interval(few)


def test_the_library_is_measured_through_its_stores(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 8, "b": 8})
    save(tmp_path / "in" / "alone" / "only.jpg", 99)
    library.add([tmp_path / "in"])
    library.speeds.measure(library.registry.ready())
    evaluation = evaluate(library)
    assert (evaluation.pictures, evaluation.labels) == (17, 3)
    assert [quality.model.name for quality in evaluation.models] == ["colour", "shape"]
    for quality in evaluation.models:
        assert quality.queries == 16  # a picture that is alone in its folder can't be asked for
        assert set(quality.per_label) == {"a", "b"}
        assert set(quality.means) == {"p@1", "p@5", "p@10", "map"}
        for name, mean in quality.means.items():
            by_label = np.mean([quality.per_label[label][name] for label in "ab"])
            assert mean == pytest.approx(by_label, abs=1e-3)
            low, high = quality.ci95[name]
            assert low <= mean <= high
        assert quality.milliseconds
    assert evaluate(library, ["shape"], k=3).document()["k"] == 3


def test_all_models_are_asked_the_same_pictures(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 4, "b": 4})
    library.add([tmp_path / "in"])
    shape = library.registry.get("shape").collection
    library.vectors.delete(shape, library.vectors.ids(shape)[:2])
    evaluation = evaluate(library)
    assert evaluation.pictures == 6
    assert {quality.queries for quality in evaluation.models} == {6}


def test_without_labels_there_is_a_sentence(library: Library, tmp_path: Path) -> None:
    save(tmp_path / "a" / "x.jpg", 1)
    save(tmp_path / "b" / "y.jpg", 2)
    library.add([tmp_path / "a", tmp_path / "b"])
    with pytest.raises(NotEnoughLabels, match="at least two pictures each"):
        evaluate(library)
    with pytest.raises(ModelNotReady):
        evaluate(library, ["nothing"])
