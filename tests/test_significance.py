"""Intervals and tests of differences: against scipy, exact enumeration and worked examples."""

import itertools

import numpy as np
import pytest

from searcher.metrics.significance import bootstrap, groups, holm, interval, sign_flips

pytestmark = pytest.mark.numbers


def pair(count: int, shift: float, seed: int = 0) -> np.ndarray:
    """Scores of two models that find the same queries hard; the first is better by `shift`."""
    rng = np.random.default_rng(seed)
    hard = rng.random(count)
    noise = rng.standard_normal((2, count)) * 0.1
    return np.stack([hard + noise[0] + shift, hard + noise[1]], axis=1)


def test_the_interval_of_a_difference_is_paired_and_agrees_with_scipy() -> None:
    from scipy import stats

    scores = pair(300, 0.05)
    resampled = bootstrap(scores)
    low, high = resampled.difference(0, 1)
    theirs = stats.bootstrap(
        (scores[:, 0] - scores[:, 1],), np.mean, n_resamples=10_000, method="percentile", rng=1
    ).confidence_interval
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.002)
    assert low < 0.05 < high
    # As if they were strangers, the interval would be three times as wide.
    alone = resampled.interval(0)
    assert alone == pytest.approx(interval(scores[:, 0]), abs=1e-12)
    assert high - low < (alone[1] - alone[0]) / 2
    assert resampled.difference(1, 0) == pytest.approx((-high, -low))


@pytest.mark.parametrize("count", [3, 8, 12])
def test_the_p_value_of_few_queries_is_exact(count: int) -> None:
    scores = pair(count, 0.06, seed=count).round(1)  # with equal sums
    difference = scores[:, 0] - scores[:, 1]
    sums = [
        abs(sum(sign * d for sign, d in zip(signs, difference, strict=True)))
        for signs in itertools.product((1, -1), repeat=count)
    ]
    expected = np.mean([total >= abs(difference.sum()) - 1e-9 for total in sums])
    flips = sign_flips(scores)
    assert flips.exact
    assert flips.p_value(0, 1) == pytest.approx(expected)
    assert flips.p_value(0, 0) == 1


@pytest.mark.parametrize("shift", [0.0, 0.01, 0.02, 0.1])
def test_the_p_value_of_many_queries_agrees_with_scipy(shift: float) -> None:
    from scipy import stats

    scores = pair(200, shift)
    flips = sign_flips(scores)
    assert not flips.exact
    theirs = stats.permutation_test(
        (scores[:, 0], scores[:, 1]),
        lambda a, b, axis: (a - b).mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=10_000,
        rng=1,
    ).pvalue
    ours = flips.p_value(0, 1)
    assert ours == pytest.approx(theirs, abs=0.02)
    assert ours >= 1 / 10_001


def test_holm_by_hand() -> None:
    # Holm's example: 0.01 * 4, 0.02 * 3, then never smaller than the one before.
    assert holm([0.02, 0.01, 0.03, 0.9]) == pytest.approx([0.06, 0.04, 0.06, 0.9])
    assert holm([0.6, 0.5]) == [1.0, 1.0]
    assert holm([]) == []


def test_groups_hold_the_models_that_cannot_be_told_apart() -> None:
    apart = {frozenset("ac"), frozenset("ad"), frozenset("bd")}
    assert groups("abcd", apart) == [("a", "b"), ("b", "c"), ("c", "d")]
    assert groups("abcd", set()) == [tuple("abcd")]
    every = {frozenset(two) for two in itertools.combinations("abc", 2)}
    assert groups("abc", every) == [("a",), ("b",), ("c",)]
