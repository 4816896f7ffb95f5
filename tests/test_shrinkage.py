"""Smaller vectors: their geometry, searches of them, and the costs, against numpy and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.evaluation.shrink import Point, recommend
from searcher.metrics.cost import cost
from searcher.metrics.shrinkage import Variant, expand, principal_axes, reduce, variants
from searcher.metrics.variant_search import VariantSearch, best_binary, overlap
from tests.vectors import unit

pytestmark = pytest.mark.numbers

DIM = 64
# Vectors near a subspace of 8 dimensions, as those of networks are.
LOW_RANK = unit(400, 8, seed=1) @ unit(8, DIM, seed=2) + 0.02 * unit(400, DIM, seed=3)
VECTORS = (LOW_RANK / np.linalg.norm(LOW_RANK, axis=1, keepdims=True)).astype(np.float32)
ROWS = np.arange(50)
AXES = principal_axes(VECTORS, 16)
TRUTH = VariantSearch(Variant("", DIM), VECTORS).nearest(ROWS, 10)


def by_hand(stored: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """The ten nearest others of the first rows, by Euclidean distance."""
    distances = np.linalg.norm(stored[None] - queries[:, None], axis=2)
    distances[ROWS, ROWS] = np.inf
    return np.argsort(distances, axis=1, kind="stable")[:, :10]


@pytest.mark.parametrize(
    "name", ["float32", "int8", "binary", "first-8", "pca-62", "pca-8-int8", "first-63-float16"]
)
def test_a_variant_has_a_name_that_is_read_back(name: str) -> None:
    variant = Variant.parse(name, 64)
    assert variant is not None
    assert variant.name == name


@given(st.text("firstpcan-0128t6loab", max_size=16))
def test_a_name_is_read_or_refused(name: str) -> None:
    variant = Variant.parse(name, 64)
    if variant is not None and not name.endswith("-float32"):
        assert variant.name == name


@pytest.mark.parametrize("name", ["", "pca", "pca-0", "pca-64", "pca-8-", "-int8", "int8-pca-8"])
def test_other_names_are_refused(name: str) -> None:
    assert Variant.parse(name, 64) is None


def test_bytes_of_a_vector() -> None:
    sizes = {v.name: v.bytes for v in variants(1000, 300)}
    assert sizes["float32"] == 4000
    assert sizes["float16"] == 2000
    assert sizes["int8"] == 1000
    assert sizes["binary"] == 125
    assert sizes["pca-62"] == 248
    assert sizes["pca-62-int8"] == 62
    assert "pca-500" not in sizes  # there are no 500 axes among 300 vectors
    assert "first-500" in sizes


@pytest.mark.parametrize("count", [40, 400])  # fewer vectors than dimensions, and more
def test_principal_axes_are_those_of_scikit_learn(count: int) -> None:
    from sklearn.decomposition import TruncatedSVD

    axes = principal_axes(VECTORS[:count], 4)
    model = TruncatedSVD(4, algorithm="arpack", random_state=0).fit(VECTORS[:count])
    assert np.abs(np.sum(axes * model.components_, axis=1)) == pytest.approx(1, abs=1e-3)
    assert axes @ axes.T == pytest.approx(np.eye(4), abs=1e-5)


@pytest.mark.parametrize("axes", [None, AXES[:8]], ids=["first", "pca"])
def test_reduced_vectors_are_unit_vectors_that_expand_to_themselves(
    axes: np.ndarray | None,
) -> None:
    reduced = reduce(VECTORS, 8, axes)
    assert np.linalg.norm(reduced, axis=1) == pytest.approx(1, abs=1e-5)
    expanded = expand(reduced, DIM, axes)
    assert reduce(expanded, 8, axes) == pytest.approx(reduced, abs=1e-5)
    assert expanded @ expanded.T == pytest.approx(reduced @ reduced.T, abs=1e-5)
    nothing = reduce(np.zeros((1, DIM), np.float32), 8, axes)
    assert np.linalg.norm(nothing) == 1


@pytest.mark.parametrize("name", ["float32", "first-8", "pca-8", "pca-16"])
def test_a_search_finds_the_nearest_reduced_vectors(name: str) -> None:
    variant = Variant.parse(name, DIM)
    assert variant is not None
    axes = AXES[: variant.dim] if variant.method == "pca" else None
    reduced = reduce(VECTORS, variant.dim, axes)
    nearest = VariantSearch(variant, VECTORS, AXES).nearest(ROWS, 10)
    assert overlap(nearest, by_hand(reduced, reduced[ROWS])) > 0.99


def test_int8_is_each_dimension_in_256_steps() -> None:
    low, high = VECTORS.min(axis=0), VECTORS.max(axis=0)
    steps = np.floor((VECTORS - low) / (high - low) * 255)
    stored = low + (np.minimum(steps, 255) + 0.5) / 255 * (high - low)
    nearest = VariantSearch(Variant("", DIM, "int8"), VECTORS).nearest(ROWS, 10)
    assert overlap(nearest, by_hand(stored, VECTORS[ROWS])) > 0.98


def test_binary_vectors_are_rescored() -> None:
    signs = np.where(VECTORS > 0, 1.0, -1.0)
    hamming = np.argsort(-(signs[ROWS] @ signs.T), axis=1, kind="stable")
    search, _ = best_binary(Variant("", DIM, "binary"), VECTORS, ROWS, TRUTH)
    nearest = search.nearest(ROWS, 10)
    similarity = np.take_along_axis(VECTORS[ROWS] @ VECTORS.T, nearest, axis=1)
    assert (np.diff(similarity, axis=1) <= 1e-6).all()  # in the order of the full vectors
    unscored = overlap(hamming[:, 1:11], TRUTH)
    assert overlap(nearest, TRUTH) > unscored
    centred = VECTORS + 0.4  # every sign is the same without centring
    centred = (centred / np.linalg.norm(centred, axis=1, keepdims=True)).astype(np.float32)
    truth = VariantSearch(Variant("", DIM), centred).nearest(ROWS, 10)
    assert best_binary(Variant("", DIM, "binary"), centred, ROWS, truth)[1]


def test_overlap_counts_what_is_there() -> None:
    assert overlap(np.array([[1, 2, -1]]), np.array([[2, 3, -1]])) == 0.5
    assert overlap(np.array([[-1]]), np.array([[-1]])) == 1


def test_the_cost_of_a_million_pictures() -> None:
    assert cost(3.6, 2**30 / 1e6, 4) == (1.0, 1.0, 4.0)
    assert cost(None, 1024, 0).hours is None


def test_the_smallest_that_loses_next_to_nothing_is_recommended() -> None:
    def point(name: str, quality: float | None, share: float, is_there: bool = True) -> Point:
        variant = Variant.parse(name, 1000)
        assert variant is not None
        return Point(variant, quality, share, 1.0, cost(None, variant.bytes, 4), is_there)

    full = point("float32", 0.6, 1)
    good = point("pca-62", 0.595, 0.95)
    others = [point("pca-30", 0.58, 0.95), point("first-62", 0.6, 0.5), point("int8", 0.6, 1)]
    impossible = point("pca-62-int8", 0.6, 0.95, False)
    assert recommend([full, good, *others, impossible]) is good
    assert recommend([full, *others[:2], impossible]) is full
    assert recommend([point("float32", None, 1), point("pca-62", None, 0.95)]).variant.dim == 62
