"""Measures of retrieval: against scikit-learn and textbook definitions, on 200 random cases."""

import math

import numpy as np
import pytest

from searcher.metrics.ground_truth import EASY, HARD, JUNK, NEGATIVE, UNCLEAR, revisited_gains
from searcher.metrics.relevant_ranks import NOWHERE, from_lists, rank
from searcher.metrics.retrieval import ceilings, nearest_label, score

pytestmark = pytest.mark.numbers

K = 7
CASES = 200


def case(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Similarities and gains of one query: graded, with junk, and with equal similarities."""
    generator = np.random.default_rng(seed)
    count = int(generator.integers(8, 60))
    similarity = generator.standard_normal(count).astype(np.float32)
    if seed % 2:
        similarity = similarity.round(1)
    gains = generator.choice([0, 0, 0, 1, 2, 3, JUNK], count).astype(np.float32)
    gains[generator.integers(count)] = 1
    return similarity, gains


def textbook(gains: list[float], k: int) -> dict[str, float]:
    """All measures by their definitions, of a whole ranking without junk."""
    relevant = [gain > 0 for gain in gains]
    count = sum(relevant)
    precision = [sum(relevant[:n]) / n for n in range(1, len(gains) + 1)]
    at_hits = [(n, precision[n - 1]) for n in range(1, len(gains) + 1) if relevant[n - 1]]
    before = {n: 1.0 if n == 1 else precision[n - 2] for n, _ in at_hits}
    cut = sum(p for n, p in at_hits if n <= k)
    first = at_hits[0][0]
    best = sorted(gains, reverse=True)

    def dcg(values: list[float]) -> float:
        return sum(gain / math.log2(n + 1) for n, gain in enumerate(values[:k], start=1))

    return {
        **{f"p@{n}": sum(relevant[:n]) / n for n in (1, 5, 10, k)},
        "map": cut / min(k, count),
        f"recall@{k}": sum(relevant[:k]) / count,
        f"hit_rate@{k}": float(any(relevant[:k])),
        f"mrr@{k}": 1 / first if first <= k else 0.0,
        f"ndcg@{k}": dcg(gains) / dcg(best),
        f"map_cut@{k}": cut / count,
        "r_precision": sum(relevant[:count]) / count,
        "map@all": sum(p for _, p in at_hits) / count,
        "map_trapezoid": sum((before[n] + p) / 2 for n, p in at_hits) / count,
    }


@pytest.mark.parametrize("seed", range(CASES))
def test_measures_are_those_of_the_textbook_and_of_scikit_learn(seed: int) -> None:
    from sklearn.metrics import average_precision_score, ndcg_score

    similarity, gains = case(seed)
    order = [i for i in np.argsort(-similarity, kind="stable") if gains[i] >= 0]
    ranks, nearest = rank(similarity[None], gains[None], len(similarity) + 3)
    assert nearest[0].tolist() == order + [NOWHERE] * (len(similarity) + 3 - len(order))
    ranked = [float(gains[i]) for i in order]
    scores = {name: values.item() for name, values in score(ranks, K).items()}
    assert scores == pytest.approx(textbook(ranked, K))
    best = {name: values.item() for name, values in ceilings(ranks, K).items()}
    assert best == pytest.approx(textbook(sorted(ranked, reverse=True), K))
    # scikit-learn, with similarities that keep the order of equal ones.
    falling = -np.arange(len(order), dtype=float)
    relevant = np.array(ranked) > 0
    assert scores["map@all"] == pytest.approx(average_precision_score(relevant, falling))
    expected = ndcg_score([ranked], [falling], k=K) if len(ranked) > 1 else 1
    assert scores[f"ndcg@{K}"] == pytest.approx(expected)


@pytest.mark.parametrize("digits", [9, 1, 0])
def test_of_equally_similar_pictures_the_earlier_one_comes_first(digits: int) -> None:
    """Few are equal, or nearly all; some are 0 and -0, some rankings are all junk."""
    rng = np.random.default_rng(digits)
    for _ in range(60):
        queries, pictures, depth = rng.integers(1, [7, 120, 30])
        similarity = rng.standard_normal((queries, pictures)).astype(np.float32).round(digits)
        similarity[:, ::7] *= np.float32(0)
        gains = rng.choice([0, 0, 1, 2.5, JUNK], (queries, pictures)).astype(np.float32)
        gains[0] = rng.choice([1, JUNK])
        ranks, nearest = rank(similarity, gains, depth)
        for row in range(queries):
            order = np.argsort(-similarity[row], kind="stable")
            kept = order[gains[row, order] >= 0]
            first = [*kept[:depth], *[NOWHERE] * (depth - len(kept))]
            assert nearest[row].tolist() == first
            part = slice(ranks.starts[row], ranks.starts[row + 1])
            places = np.flatnonzero(gains[row, kept] > 0)
            assert ranks.ranks[part].tolist() == (places + 1).tolist()
            assert ranks.gains[part].tolist() == gains[row, kept[places]].tolist()


def test_lists_are_measured_like_similarities() -> None:
    cases = [case(seed) for seed in range(20)]
    lists = [np.argsort(-similarity, kind="stable").tolist() for similarity, _ in cases]
    judged = [{i: float(gain) for i, gain in enumerate(gains) if gain} for _, gains in cases]
    scores = score(from_lists(judged, lists), K)
    for row, (similarity, gains) in enumerate(cases):
        expected = score(rank(similarity[None], gains[None], K)[0], K)
        for name, values in expected.items():
            assert scores[name][row] == pytest.approx(values[0]), name
    # What was not retrieved counts as relevant, but not as a hit.
    short = score(from_lists([{1: 1.0, 2: 1.0, 9: JUNK}], [[9, 1]]), K)
    half = {"p@1": 1.0, "recall@7": 0.5, "map": 0.5, "map@all": 0.5, "r_precision": 0.5}
    assert {name: short[name].item() for name in half} == half
    assert short["map_trapezoid"].item() == 0.5
    nothing = score(from_lists([{1: 1.0}, {}], [[], [3]]), K)
    assert all((values == 0).all() for values in nothing.values())


def test_votes_of_neighbours_agree_with_scikit_learn() -> None:
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(3)
    points, labels = rng.standard_normal((150, 4)), rng.integers(0, 3, 150)
    queries = rng.standard_normal((60, 4))
    distances = np.linalg.norm(queries[:, None] - points, axis=2)
    nearest = np.argsort(distances, axis=1)[:, :9].astype(np.int32)
    for k in (1, 3, 9):
        ours = nearest_label(nearest, labels, k)
        theirs = KNeighborsClassifier(k).fit(points, labels).predict(queries)
        counts = np.array([np.bincount(labels[row[:k]], minlength=3) for row in nearest])
        is_clear = (counts == counts.max(axis=1, keepdims=True)).sum(axis=1) == 1
        assert is_clear.sum() > 30
        assert (ours[is_clear] == theirs[is_clear]).all()
    tie = np.array([[0, 1, 2, 3, NOWHERE]], np.int32)
    assert nearest_label(tie, np.array([2, 1, 1, 2]), 5).tolist() == [2]
    assert nearest_label(tie[:, 4:], np.array([2, 1, 1, 2]), 1).tolist() == [-1]


def test_easy_medium_and_hard_leave_out_what_the_others_look_for() -> None:
    """By the program of the Revisited Oxford and Paris sets, written from its paper."""
    rng = np.random.default_rng(5)
    classes = rng.choice([NEGATIVE, NEGATIVE, UNCLEAR, HARD, EASY], (40, 50)).astype(np.int8)
    similarity = rng.standard_normal((40, 50)).astype(np.float32)
    settings = {
        "easy": ({EASY}, {UNCLEAR, HARD}),
        "medium": ({EASY, HARD}, {UNCLEAR}),
        "hard": ({HARD}, {UNCLEAR, EASY}),
    }
    for protocol, (positive, junk) in settings.items():
        ours = score(rank(similarity, revisited_gains(classes, protocol), 1)[0], K)
        for row in range(40):
            order = np.argsort(-similarity[row])
            kept = [classes[row, i] for i in order if classes[row, i] not in junk]
            places = [place for place, kind in enumerate(kept) if kind in positive]
            area = 0.0
            for found, place in enumerate(places):  # both from 0
                before = 1.0 if place == 0 else found / place
                area += (before + (found + 1) / (place + 1)) / 2 / len(places)
            assert ours["map_trapezoid"][row] == pytest.approx(area)
