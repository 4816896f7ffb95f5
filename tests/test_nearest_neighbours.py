"""Nearest neighbours, their overlap between models, and trustworthiness, against others."""

import numpy as np
import pytest

from searcher.metrics import nearest_neighbours
from searcher.metrics.nearest_neighbours import nearest, overlap
from searcher.metrics.projection import pca
from searcher.metrics.trustworthiness import trustworthiness

pytestmark = pytest.mark.numbers


def cloud(count: int, dim: int = 24) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((count, dim)).astype(np.float32)


def test_they_are_those_of_all_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy.spatial.distance import cdist

    monkeypatch.setattr(nearest_neighbours, "DISTANCES", 300 * 7)  # 43 chunks, the last one shorter
    vectors = cloud(300)
    shares: list[float] = []
    rows, distances = nearest(vectors, 9, shares.append)
    expected = cdist(vectors, vectors)
    np.fill_diagonal(expected, np.inf)
    assert np.array_equal(rows, expected.argsort(axis=1)[:, :9])
    assert np.allclose(distances, np.sort(expected, axis=1)[:, :9], atol=1e-3)
    assert len(shares) == 43
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_equal_vectors_are_neighbours_of_each_other() -> None:
    rows, distances = nearest(np.repeat(cloud(2), 4, axis=0), 3)
    assert [set(row) | {at} for at, row in enumerate(rows)] == [{0, 1, 2, 3}] * 4 + [
        {4, 5, 6, 7}
    ] * 4
    assert np.allclose(distances, 0, atol=5e-3)


def test_overlap_counts_what_is_in_both_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_neighbours, "PAIRS", 4 * 4 * 2)
    a = np.array([[1, 2, 3, 4], [1, 2, 3, 4], [5, 6, 7, 8]])
    b = np.array([[4, 3, 2, 1], [9, 1, 8, 7], [1, 2, 3, 4]])
    assert overlap(a, b).tolist() == [1, 0.25, 0]


def test_trustworthiness_is_scikit_learns() -> None:
    from sklearn.manifold import trustworthiness as reference

    vectors = cloud(400)
    points = pca(vectors).points
    assert trustworthiness(vectors, points, 7) == pytest.approx(
        reference(vectors, points, n_neighbors=7), abs=1e-4
    )
    assert trustworthiness(vectors, vectors, 7) == 1
    some = trustworthiness(vectors, points, 7, np.arange(0, 400, 2))
    assert some == pytest.approx(reference(vectors, points, n_neighbors=7), abs=0.02)
