"""What the Compare tab says and draws."""

from collections.abc import Sequence

import pytest

from searcher.search.results import Comparison, Hit, Ranking
from searcher.stores.records import Record
from searcher.ui.components.comparison import badges, origins, ranks, summary, tiles
from searcher.ui.components.slope import slope
from searcher.ui.templating import code, render


def ranking(model: str, ids: Sequence[int]) -> Ranking:
    hits = [
        Hit(Record(i, f"/{i}.jpg", f"{i}.jpg", "x", 4, 3, 9, "ab", 1.0), rank, rank / 10)
        for rank, i in enumerate(ids, start=1)
    ]
    stages = dict.fromkeys(("decode", "embed", "milvus", "redis", "total"), 1.0)
    return Ranking(model, hits, stages, 0)


def compared(a: Sequence[int], b: Sequence[int]) -> Comparison:
    return Comparison.of(ranking("one", a), ranking("two", b))


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
def test_one_sentence_sums_up(a: Sequence[int], b: Sequence[int], words: str) -> None:
    assert words in summary(compared(a, b), "One", "Two")


def test_titles_are_escaped() -> None:
    assert "<script>" not in summary(compared([1, 2], [2, 1]), "<script>", "Two")


def test_badges_say_shared_or_only_here_and_the_shift() -> None:
    comparison = compared([1, 2, 3, 4], [2, 1, 3, 9])
    words = [badge.words for badge in badges(comparison.a.ids, comparison.b.ids)]
    assert words == ["shared ▼1", "shared ▲1", "shared –", "only here"]
    words = [badge.words for badge in badges(comparison.b.ids, comparison.a.ids)]
    assert words == ["shared ▼1", "shared ▲1", "shared –", "only here"]


def test_both_combined_says_who_found_what() -> None:
    comparison = compared([1, 2, 3], [2, 4, 5])
    fused = [hit.record.id for hit in comparison.fused]
    assert fused[0] == 2
    by_id = dict(zip(fused, zip(origins(comparison), ranks(comparison), strict=True), strict=True))
    assert (by_id[2][0].words, by_id[2][1]) == ("both", "A 2 · B 1")
    assert (by_id[1][0].words, by_id[1][1]) == ("A", "A 1")
    assert (by_id[4][0].words, by_id[4][1]) == ("B", "B 2")


def test_figures_are_those_of_the_comparison() -> None:
    comparison = compared([1, 2, 3, 4], [1, 3, 2, 9])
    assert [(tile.name, tile.value) for tile in tiles(comparison)] == [
        ("Overlap", "3 of 4"),
        ("RBO", f"{comparison.rbo:.2f}"),
        ("Kendall’s τ", "0.33"),
    ]
    assert tiles(compared([1], [2]))[2].value == "–"


@pytest.mark.parametrize("count", [1, 5, 50])
def test_the_chart_has_a_line_for_each_shared_and_stays_inside(count: int) -> None:
    comparison = compared(range(count), range(count // 2, count // 2 + count))
    chart = slope(comparison)
    shared = set(comparison.a.ids) & set(comparison.b.ids)
    assert {line.id for line in chart.lines} == shared
    assert len(chart.ends) == 2 * count
    assert chart.height <= 50 * 22 + 8
    for end in chart.ends:
        assert end.picture_y >= 0
        assert end.picture_y + chart.picture_height <= chart.height
        assert 0 < end.number_x < chart.width
        assert end.shared == (end.id in shared)
    heights = [end.y for end in chart.ends if end.side == "a"]
    assert heights == sorted(set(heights))


def test_lines_go_where_the_other_model_puts_the_picture() -> None:
    chart = slope(compared([1, 2, 3], [3, 2, 9]))
    assert {line.id: line.direction for line in chart.lines} == {2: "level", 3: "up"}


def test_templates_escape_and_code_is_set_as_code() -> None:
    html = render("empty.html", title="<b>x</b>", words="run `a <b>` now")
    assert "&lt;b&gt;x" in html
    assert "run <code>a &lt;b&gt;</code> now" in html
    assert code("plain") == "plain"
