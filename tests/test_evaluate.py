"""Quality from labels: worked out by hand, and through a library's stores."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.errors import ModelNotReady, NotEnoughLabels
from searcher.evaluation.evaluate import evaluate
from searcher.library.core import Library
from searcher.metrics import relevant_ranks
from searcher.metrics.ground_truth import LabelTruth
from searcher.metrics.relevant_ranks import rank_in_blocks
from searcher.metrics.retrieval import Scores, ceilings, has_relevant, score
from searcher.metrics.significance import interval
from tests.pictures import folder, save


def on_a_circle(*degrees: float) -> np.ndarray:
    """Unit vectors [N, 2]: which is nearest can be read off the angles."""
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def measured(vectors: np.ndarray, labels: np.ndarray, k: int) -> tuple[Scores, np.ndarray]:
    """The scores of all pictures as queries, and the labels of their nearest others."""
    rows = np.arange(len(labels))
    truth = LabelTruth(labels, labels, rows)
    ((_, ranks, nearest),) = rank_in_blocks(vectors, vectors, truth, len(labels) - 1)
    return score(ranks, k), labels[nearest]


def test_ten_pictures_worked_out_by_hand() -> None:
    vectors = on_a_circle(0, 1, 3, 6, 10, 90, 91, 93, 96, 100)
    labels = np.array(list("aabaabbabb"))
    # The nearest others of each, nearest first, as their labels; 5 of each label, so 4 relevant.
    scores, nearest = measured(vectors, labels, 10)
    # The first one (0°): 1° a, 3° b, 6° a, 10° a, then 90° b, 91° b, 93° a, 96° b, 100° b.
    assert "".join(nearest[0]) == "abaabbabb"
    assert scores["p@1"][0] == 1
    assert scores["p@5"][0] == 3 / 5
    assert scores["p@10"][0] == 4 / 10
    assert scores["map"][0] == pytest.approx((1 / 1 + 2 / 3 + 3 / 4 + 4 / 7) / 4)
    # The third one (3°, a b among a's): 1° a, 0° and 6° a, 10° a, 90° b, 91° b, 93° a, 96°, 100° b.
    assert "".join(nearest[2]) == "aaaabbabb"
    assert scores["map"][2] == pytest.approx((1 / 5 + 2 / 6 + 3 / 8 + 4 / 9) / 4)
    # Cut at 3 the denominator is 3, not 4.
    short, _ = measured(vectors, labels, 3)
    assert short["map"][0] == pytest.approx((1 / 1 + 2 / 3) / 3)
    assert short["p@3"][0] == pytest.approx(2 / 3)
    assert short["map_cut@3"][0] == pytest.approx((1 / 1 + 2 / 3) / 4)


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    vectors = generator.standard_normal((300, 24)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = np.array([f"kind {i}" for i in generator.integers(0, 9, 300)])
    whole, nearest = measured(vectors, labels, 10)
    monkeypatch.setattr(relevant_ranks, "BLOCK_CELLS", 300 * 64)
    truth = LabelTruth(labels, labels, np.arange(300))
    shares: list[float] = []
    blocks = list(rank_in_blocks(vectors, vectors, truth, 299, shares.append))
    assert [rows.stop for rows, *_ in blocks] == [64, 128, 192, 256, 300]
    assert shares == [rows.stop / 300 for rows, *_ in blocks]
    for name, values in whole.items():
        parts = np.concatenate([score(ranks, 10)[name] for _, ranks, _ in blocks])
        assert parts == pytest.approx(values)
    assert (labels[np.concatenate([rows for *_, rows in blocks])] == nearest).all()


@given(st.integers(2, 40), st.integers(1, 4), st.integers(1, 12), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_measures_are_below_their_ceilings_and_perfect_models_reach_them(
    count: int, kinds: int, k: int, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    labels = np.array([str(i % kinds) for i in range(count)])
    rows = np.flatnonzero(has_relevant(labels))
    truth = LabelTruth(labels[rows], labels, rows)
    apart = np.eye(kinds, dtype=np.float32)[[int(label) for label in labels]]
    noise = generator.standard_normal((count, 8)).astype(np.float32)
    for vectors in (apart, noise):
        for _, ranks, _ in rank_in_blocks(vectors[rows], vectors, truth, 1):
            scores, most = score(ranks, k), ceilings(ranks, k)
            for name, values in scores.items():
                assert ((values >= 0) & (values <= most[name] + 1e-12)).all(), name
                assert (most[name] <= 1 + 1e-12).all(), name
                if vectors is apart:
                    assert values == pytest.approx(most[name]), name
            assert most["map"] == pytest.approx(1)


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
        assert set(quality.means) == set(quality.scores) == set(evaluation.ceilings)
        assert set(quality.means) >= {"p@1", "p@5", "p@10", "map", "ndcg@10", "knn@10"}
        assert quality.nearest.shape == (16, 20)
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
