"""Comparison of two rankings: overlap, RBO, Kendall's tau, fusion."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.metrics.ranking import (
    kendall_tau,
    overlap,
    rank_biased_overlap,
    reciprocal_rank_fusion,
)

rankings = st.lists(st.integers(1, 30), unique=True, max_size=20)


def rbo_by_definition(a: list[int], b: list[int], p: float) -> float:
    """Extrapolated RBO of equally long lists, summed as in equation 30 of Webber et al."""
    k = len(a)
    shared = [len(set(a[:d]) & set(b[:d])) for d in range(1, k + 1)]
    total = sum(x / d * p**d for d, x in enumerate(shared, start=1))
    return shared[-1] / k * p**k + (1 - p) / p * total


def test_overlap_counts_what_both_have() -> None:
    assert overlap([1, 2, 3, 4], [3, 4, 5, 6]) == 0.5
    assert overlap([1, 2], [2, 1]) == 1
    assert overlap([1], []) == 0
    assert overlap([], []) == 1


def test_rbo_of_a_case_worked_out_by_hand() -> None:
    # Agreement 0, 1, 1 at depths 1 to 3, p = 0.5: 0.5**3 + 0.5/0.5 * (0.25 + 0.125).
    assert rank_biased_overlap([1, 2, 3], [2, 1, 3], p=0.5) == pytest.approx(0.5)


def test_rbo_gives_the_top_more_weight() -> None:
    reference = list(range(10))
    top_swapped = [1, 0, *range(2, 10)]
    bottom_swapped = [*range(8), 9, 8]
    assert rank_biased_overlap(reference, bottom_swapped) > rank_biased_overlap(
        reference, top_swapped
    )


def test_tau_matches_its_definition() -> None:
    assert kendall_tau([1, 2, 3, 4], [1, 2, 3, 4]) == 1
    assert kendall_tau([1, 2, 3, 4], [4, 3, 2, 1]) == -1
    # One of six pairs is turned round: (5 - 1) / 6.
    assert kendall_tau([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(4 / 6)
    assert kendall_tau([1, 2, 9], [8, 2, 1]) == -1
    assert kendall_tau([1, 2], [2, 3]) is None


@pytest.mark.numbers
@given(st.permutations(range(12)), st.integers(3, 12), st.integers(3, 12))
def test_tau_is_scipys(order: list[int], a: int, b: int) -> None:
    from scipy.stats import kendalltau

    first, second = list(range(a)), order[:b]
    shared = [item for item in first if item in second]
    tau = kendall_tau(first, second)
    if len(shared) < 2:
        assert tau is None
        return
    expected = kendalltau(range(len(shared)), [second.index(item) for item in shared]).statistic
    assert tau == pytest.approx(expected)


def test_fusion_adds_reciprocal_ranks() -> None:
    fused = reciprocal_rank_fusion([[1, 2], [2, 3]])
    assert fused == [
        (2, pytest.approx(1 / 62 + 1 / 61)),
        (1, pytest.approx(1 / 61)),
        (3, pytest.approx(1 / 62)),
    ]


@given(rankings, rankings)
def test_measures_are_symmetric_and_bounded(a: list[int], b: list[int]) -> None:
    assert overlap(a, b) == overlap(b, a)
    assert rank_biased_overlap(a, b) == pytest.approx(rank_biased_overlap(b, a))
    assert -1e-9 <= rank_biased_overlap(a, b) <= 1 + 1e-9
    assert 0 <= overlap(a, b) <= 1
    tau = kendall_tau(a, b)
    assert tau == kendall_tau(b, a)
    assert tau is None or -1 <= tau <= 1


@given(rankings)
def test_a_ranking_agrees_with_itself(a: list[int]) -> None:
    assert overlap(a, a) == 1
    assert math.isclose(rank_biased_overlap(a, a), 1)
    assert [item for item, _ in reciprocal_rank_fusion([a, a])] == a


@given(st.permutations(range(8)), st.permutations(range(4, 12)), st.sampled_from([0.5, 0.9, 0.98]))
def test_rbo_matches_its_definition_for_equal_lengths(a: list[int], b: list[int], p: float) -> None:
    assert rank_biased_overlap(a, b, p) == pytest.approx(rbo_by_definition(a, b, p))
