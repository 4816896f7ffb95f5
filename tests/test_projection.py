"""Vectors in two dimensions: principal components, t-SNE, and what they do with very little."""

import numpy as np
import pytest

from searcher.metrics.nearest_neighbours import nearest
from searcher.metrics.projection import MAX_EXACT, MIN_POINTS, NEIGHBOURS, pca, to_square, tsne
from searcher.metrics.repulsion import MOST, Repulsion
from searcher.metrics.trustworthiness import trustworthiness

pytestmark = pytest.mark.numbers


def cloud(count: int, dim: int, seed: int = 0) -> np.ndarray:
    """Vectors whose variance falls from one dimension to the next, off the origin."""
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((count, dim)) * 0.8 ** np.arange(dim)
    turned = values @ np.linalg.qr(generator.standard_normal((dim, dim)))[0]
    return (turned + 3).astype(np.float32)


@pytest.mark.parametrize(
    ("count", "dim"),
    [
        (300, 24),
        (40, 200),
        (3, 5),
        (MAX_EXACT + 60, MAX_EXACT + 30),
        (MAX_EXACT + 30, MAX_EXACT + 60),
    ],
)
def test_it_is_sklearns_pca(count: int, dim: int) -> None:
    from sklearn.decomposition import PCA

    vectors = cloud(count, dim)
    projection = pca(vectors)
    reference = PCA(2, svd_solver="full").fit(vectors.astype(np.float64))
    expected = to_square(reference.transform(vectors))
    assert projection.points.dtype == np.float32
    for axis in range(2):
        coordinates, other = projection.points[:, axis], expected[:, axis]
        assert np.allclose(coordinates, other, atol=2e-3) or np.allclose(
            coordinates, 1 - other, atol=2e-3
        )
    assert projection.explained == pytest.approx(
        reference.explained_variance_ratio_.sum(), abs=1e-4
    )


def test_points_fill_the_unit_square_in_proportion() -> None:
    points = pca(cloud(200, 16)).points
    assert points.min() == pytest.approx(0)
    assert points.max() == pytest.approx(1)
    extents = np.ptp(points, axis=0)
    assert extents[0] == pytest.approx(1)
    assert 0.3 < extents[1] < 1  # standard deviations of 1 and 0.8
    assert points.min(axis=0) + points.max(axis=0) == pytest.approx([1, 1], abs=1e-5)


def test_nothing_and_one_and_two_points() -> None:
    assert pca(np.empty((0, 8), np.float32)).points.shape == (0, 2)
    assert pca(cloud(1, 8)).points.tolist() == [[0.5, 0.5]]
    two = pca(cloud(2, 8))
    assert np.allclose(np.sort(two.points, axis=0), [[0, 0.5], [1, 0.5]], atol=1e-5)
    assert two.explained == pytest.approx(1)


def test_one_dimension_is_a_line() -> None:
    projection = pca(np.arange(5, dtype=np.float32)[:, None])
    assert np.allclose(projection.points, [[x / 4, 0.5] for x in range(5)], atol=1e-6)
    assert projection.explained == pytest.approx(1)


@pytest.mark.parametrize("count", [2, 7, 900])
def test_identical_points_are_in_the_middle(count: int) -> None:
    projection = pca(np.repeat(cloud(1, 850), count, axis=0))
    assert (projection.points == 0.5).all()
    assert projection.explained == 1


@pytest.mark.parametrize("size", [(200, 30), (MAX_EXACT + 10, MAX_EXACT + 20)])
def test_the_same_vectors_come_out_the_same(size: tuple[int, int]) -> None:
    vectors = cloud(*size)
    assert np.array_equal(pca(vectors).points, pca(vectors.copy()).points)


def test_the_order_of_the_vectors_does_not_turn_the_map() -> None:
    vectors = cloud(200, 30)
    assert np.allclose(pca(vectors[::-1]).points[::-1], pca(vectors).points, atol=1e-4)


def test_t_sne_keeps_neighbours_together() -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    vectors = digits.data[:600].astype(np.float32)
    start = pca(vectors).points
    shares: list[float] = []
    projection = tsne(nearest(vectors, NEIGHBOURS)[0], start, shares.append)
    points = projection.points
    assert projection.explained is None
    assert points.dtype == np.float32
    assert (points.min(), points.max()) == pytest.approx((0, 1))
    assert trustworthiness(vectors, points, 10) > trustworthiness(vectors, start, 10) + 0.1
    nearest_on_map = nearest(points, 1)[0][:, 0]
    assert (digits.target[:600][nearest_on_map] == digits.target[:600]).mean() > 0.9
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_t_sne_of_the_same_is_the_same_and_equal_vectors_part() -> None:
    vectors = np.repeat(cloud(1, 16), MIN_POINTS, axis=0)
    rows, _ = nearest(vectors, NEIGHBOURS)
    first = tsne(rows, pca(vectors).points).points
    assert np.isfinite(first).all()
    assert len(np.unique(first, axis=0)) > 1
    assert np.array_equal(first, tsne(rows, pca(vectors).points).points)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 20.0, MOST])
def test_pushes_are_those_of_all_pairs(scale: float) -> None:
    points = np.random.default_rng(0).standard_normal((400, 2)) * scale
    points -= points.mean(axis=0)
    apart = points[:, None] - points
    weights = 1 / (1 + np.square(apart).sum(axis=2))
    expected = (np.square(weights)[:, :, None] * apart).sum(axis=1)
    repulsion = Repulsion()
    repulsion(points * 0.98)  # the next uses the same grid
    pushes, total = repulsion(points)
    if scale < MOST:  # beyond that the boxes are large, and points push only their neighbours
        assert np.abs(pushes - expected).max() < 0.1 * np.abs(expected).max()
        assert total == pytest.approx(weights.sum() - 400, rel=0.02)
    assert np.isfinite(pushes).all()
    assert total > 0


def test_t_sne_ends_early_where_a_step_raises() -> None:
    vectors = cloud(60, 8)
    steps = 0

    def step(share: float) -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        tsne(nearest(vectors, NEIGHBOURS)[0], pca(vectors).points, step)
    assert steps == 3
