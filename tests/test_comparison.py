"""What the Compare tab says and draws."""

from collections.abc import Sequence
from itertools import combinations

import pytest

from searcher.metrics import ranking as measures
from searcher.presentation.agreement import matrix, tiles
from searcher.presentation.comparison_view import column_cards, fused_cards
from searcher.presentation.slope import slope
from searcher.presentation.verdict import verdict
from searcher.search.results import Comparison, Hit, Ranking
from searcher.stores.records import Record
from searcher.ui.templating import code, nearness, render

TITLES = ("One", "Two", "Three", "Four")


def ranking(model: str, ids: Sequence[int]) -> Ranking:
    """A ranking; odd ids are of the label "odd"."""
    hits = [
        Hit(
            Record(i, f"/{i}.jpg", f"{i}.jpg", ("even", "odd")[i % 2], 4, 3, 9, "ab", 1.0),
            rank,
            rank / 10,
        )
        for rank, i in enumerate(ids, start=1)
    ]
    stages = dict.fromkeys(("decode", "embed", "milvus", "redis", "total"), 1.0)
    return Ranking(model, hits, stages, 0)


def compared(*ids: Sequence[int]) -> Comparison:
    return Comparison.of(
        *(ranking(model.lower(), i) for model, i in zip(TITLES, ids, strict=False))
    )


def agreement(*ids: Sequence[int]) -> str:
    return verdict(compared(*ids), TITLES[: len(ids)], None, "").agreement


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ([1, 2, 3], [3, 2, 1], "They agree on <b>3 of 3</b>; One’s first is Two’s 3rd."),
        ([1, 2, 3], [2, 1, 4], "They agree on <b>2 of 3</b>; One’s first is Two’s 2nd."),
        ([1, 2, 3], [1, 4, 5], "They agree on <b>1 of 3</b>; both put the same picture first."),
        ([1, 2], [3, 4], "They agree on <b>0 of 2</b>; One’s first is not among Two’s 2."),
        ([1], [], "One of the models has nothing indexed yet."),
        (range(12), range(11, -1, -1), "One’s first is Two’s 12th."),
        (range(30), [*range(1, 21), 0, *range(21, 30)], "One’s first is Two’s 21st."),
    ],
)
def test_one_sentence_sums_up_two_models(a: Sequence[int], b: Sequence[int], words: str) -> None:
    assert words in agreement(a, b)


def test_one_sentence_sums_up_more_models() -> None:
    assert agreement([1, 2, 3], [2, 1, 4], [2, 5, 6]) == (
        "All 3 find the same <b>1 of 3</b>; one alone finds 4 pictures."
    )
    assert agreement([1, 2], [2, 1], [2, 3]).endswith("<b>1 of 2</b>; one alone finds 1 picture.")
    twice = Comparison.of(ranking("one", [1]), ranking("one", [1]), ranking("two", [1]))
    assert "one model twice" in verdict(twice, TITLES[:3], None, "").agreement


def test_the_verdict_counts_hits_of_the_querys_kind() -> None:
    comparison = compared([1, 3, 2], [2, 4, 5])
    right = [
        sum(card.is_right is True for card in column_cards(comparison, n, "odd")) for n in (0, 1)
    ]
    assert verdict(comparison, TITLES[:2], right, "odd").kinds == (
        "Of the same kind, odd: One <b>2 of 3</b>, Two <b>1 of 3</b>."
    )
    assert {card.is_right for card in column_cards(comparison, 0, "")} == {None}
    assert [card.is_right for card in fused_cards(comparison, "odd")] == [False, True, True]


def test_titles_and_labels_are_escaped() -> None:
    sentences = verdict(compared([1, 2], [2, 1]), ["<script>", "Two"], [1, 1], "<i>")
    assert "<script>" not in f"{sentences.kinds} {sentences.agreement}"
    assert "<i>" not in str(sentences.kinds)


def test_cards_have_the_ranks_with_the_other_models() -> None:
    comparison = compared([1, 2, 3, 4], [2, 1, 3, 9], [7, 2])
    cards = column_cards(comparison, 0, "")
    assert [[rank.words for rank in card.ranks] for card in cards] == [
        ["B: rank 2"],
        ["B: rank 1", "C: rank 2"],
        ["B: rank 3"],
        [],
    ]
    assert [card.found_by for card in cards] == [2, 3, 2, 1]
    first = fused_cards(comparison, "")[0]
    assert first.hit.record.id == 2
    assert [(rank.key, rank.rank) for rank in first.ranks] == [("a", 2), ("b", 1), ("c", 2)]


def test_figures_are_those_of_the_comparison() -> None:
    comparison = compared([1, 2, 3, 4], [1, 3, 2, 9])
    assert [(tile.name, tile.value) for tile in tiles(comparison)] == [
        ("Overlap", "3 of 4"),
        ("RBO", f"{comparison.rbo:.2f}"),
        ("Kendall’s τ", "0.33"),
    ]
    assert tiles(compared([1], [2]))[2].value == "–"
    assert matrix(comparison, "ab").rows[0][1] == matrix(comparison, "ab").rows[1][0]


def test_more_models_are_compared_in_pairs() -> None:
    lists = [1, 2, 3, 4], [4, 3, 2, 1], [1, 2, 9, 8], [5, 6, 7, 1]
    comparison = compared(*lists)
    document = comparison.document("q")
    assert [pair["models"] for pair in document["pairs"]] == [
        *(["one", "two"], ["one", "three"], ["one", "four"]),
        *(["two", "three"], ["two", "four"], ["three", "four"]),
    ]
    for pair, (a, b) in zip(document["pairs"], combinations(lists, 2), strict=True):
        assert pair["overlap"] == measures.overlap(a, b)
        assert pair["rbo"] == round(measures.rank_biased_overlap(a, b), 6)
        assert pair["tau"] == measures.kendall_tau(a, b)
    overlaps = [pair["overlap"] for pair in document["pairs"]]
    assert document["overlap"] == round(sum(overlaps) / 6, 6)
    taus = [pair["tau"] for pair in document["pairs"] if pair["tau"] is not None]
    assert 0 < len(taus) < 6
    assert document["tau"] == round(sum(taus) / len(taus), 6)
    assert document["fused"][0]["id"] == 1
    table = matrix(comparison, "abcd")
    assert [row[i] for i, row in enumerate(table.rows)] == [None] * 4
    cell = table.rows[2][0]
    assert cell is not None
    assert cell.shared == "2 of 4"


def test_the_document_of_two_models_stays_as_it_was() -> None:
    document = compared([1, 2], [2, 3]).document("q")
    assert list(document) == [
        *("models", "query", "results", "overlap", "rbo", "tau", "fused", "timings_ms"),
        "unresolved",
    ]


@pytest.mark.parametrize("count", [1, 5, 50])
@pytest.mark.parametrize("small", [False, True])
def test_the_chart_has_a_line_for_each_shared_and_stays_inside(count: int, small: bool) -> None:
    comparison = compared(range(count), range(count // 2, count // 2 + count), range(count))
    chart = slope(comparison, "abc", small)
    first, second, _ = (set(ranking.ids) for ranking in comparison.rankings)
    shared = first & second
    assert sorted(line.id for line in chart.lines) == sorted([*shared, *shared])
    assert len(chart.ends) == 3 * count
    assert chart.height <= 50 * 22 + 8
    for end in chart.ends:
        assert end.picture_y >= 0
        assert end.picture_y + chart.picture_height <= chart.height
        assert 0 <= end.number_x < end.picture_x
        assert end.picture_x + chart.picture_width < chart.width
        assert end.shared == (end.id in first)
    heights = [end.y for end in chart.ends if end.side == "a"]
    assert heights == sorted(set(heights))


def test_lines_go_where_the_other_model_puts_the_picture() -> None:
    chart = slope(compared([1, 2, 3], [3, 2, 9]), "ab")
    assert {line.id: line.direction for line in chart.lines} == {2: "level", 3: "up"}


def test_bars_grow_with_each_nine() -> None:
    assert [nearness(share) for share in (0, 0.9, 0.99, 0.999, 1)] == [0, 0.333, 0.667, 1, 1]


def test_templates_escape_and_code_is_set_as_code() -> None:
    html = render("empty.html", states=[("any", ("<b>x</b>", "run `a <b>` now"))], unanswered="")
    assert "&lt;b&gt;x" in html
    assert "run <code>a &lt;b&gt;</code> now" in html
    assert code("plain") == "plain"
