"""A query that is in the library is no hit, and makes no two models agree."""

import json
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from searcher.evaluation.arena import RESULTS, Arena
from searcher.library.core import Library
from searcher.library.uploads import Upload, add_uploads
from searcher.library.worker import Worker
from searcher.metrics import ranking as measures
from searcher.metrics.robustness import CHANGES
from searcher.search import query as queries
from searcher.search.duplicates import fold
from searcher.search.query import ComposedQuery, Part, Query, UploadedQuery
from searcher.search.results import Comparison, Ranking
from searcher.stores.records import Record
from searcher.ui.components.comparison import comparison_html
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_filters import Filters
from searcher.ui.tabs import compare_tab
from searcher.ui.templating import render
from tests.page_queries import of_picture
from tests.pictures import encode, folder, paint
from tests.reports import page_of
from tests.test_percentiles import counting

MODELS = ["colour", "shape"]
RIGHT = (0.5, 0.0, 1.0, 1.0)


@pytest.fixture
def paths(library: Library, tmp_path: Path) -> list[Path]:
    """The files of a library of 12 pictures."""
    paths = folder(tmp_path / "in", {"a": 12})
    library.add([tmp_path / "in"])
    return paths


def id_of(library: Library, path: Path) -> int:
    return next(r.id for r in library.records.all() if r.path == str(path))


def require_apart(ranking: Ranking, copies: set[int], k: int) -> None:
    """Assert that there are k hits with ranks from 1, and the copies beside them."""
    assert {hit.record.id for hit in ranking.own_copies} == copies
    assert copies.isdisjoint(ranking.ids)
    assert [hit.rank for hit in ranking.hits] == list(range(1, k + 1))
    assert {hit.rank for hit in ranking.own_copies} <= {0}


def test_pictures_of_the_library_are_no_hits_of_themselves(
    library: Library, paths: list[Path]
) -> None:
    first, second, third = (id_of(library, path) for path in paths[:3])
    file = UploadedQuery("x", paths[0].read_bytes())
    parts = (
        Part(library.stored_query(first)),
        Part(UploadedQuery("y", paths[1].read_bytes()), 0.9),
        Part(library.stored_query(third), -0.1),
    )
    cases: list[tuple[Query, set[int]]] = [
        (library.stored_query(first), {first}),
        (file, {first}),
        (library.stored_query(first, box=RIGHT), {first}),
        (UploadedQuery("x", file.data, RIGHT), {first}),
        (ComposedQuery(parts), {first, second, third}),
        (UploadedQuery("x", encode(paint(99))), set()),
        (UploadedQuery("x", encode(paint(0).resize((160, 120)))), set()),  # a near-duplicate
    ]
    for query, copies in cases:
        for ranking in library.rank(query, MODELS, 9):
            require_apart(ranking, copies, 9)
            assert all(0 <= hit.distance <= 2 for hit in ranking.own_copies)
            shorter = library.search(query, ranking.model, 2)
            assert shorter.ids == ranking.ids[:2]
            assert library.expand([ranking.compact()]) == [ranking]
    nothing = library.search(file, "colour", 3, 'label == "b"')
    assert (nothing.hits, nothing.own_copies, nothing.unresolved) == ([], [], 0)
    library.records.remove([third])  # a vector without a record is still said to be one
    assert library.search(library.stored_query(third), "colour", 12).unresolved == 1


def test_an_upload_is_known_again_by_what_is_stored_of_it(
    library: Library, paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library stores another file of an upload, with another id."""
    large = encode(paint(50, (2400, 1200)), "PNG")
    (tmp_path / "sent.png").write_bytes(large)
    add_uploads(library, [Upload(tmp_path / "sent.png", "mine.png")], "")
    (sent,) = (record.id for record in library.records.all() if record.name == "mine.png")
    for box in (None, (0.0, 0.0, 0.9, 1.0)):
        for ranking in library.rank(UploadedQuery("again.png", large, box), MODELS, 5):
            require_apart(ranking, {sent}, 5)
    encoded = counting(monkeypatch, queries, "stored_form")
    for ranking in library.rank(UploadedQuery("file", paths[3].read_bytes()), MODELS, 12):
        require_apart(ranking, {id_of(library, paths[3])}, 12)
    assert not encoded  # no upload looks like that one
    alike = UploadedQuery("small.png", encode(paint(50, (600, 300))))
    for ranking in library.rank(alike, MODELS, 5):
        require_apart(ranking, set(), 5)
        assert ranking.ids[0] == sent
    assert len(encoded) == 1


def test_figures_and_documents_leave_the_query_out(library: Library, paths: list[Path]) -> None:
    query = library.stored_query(id_of(library, paths[0]))
    comparison = library.compare(query, MODELS, 4)
    document = json.loads(json.dumps(comparison.document("q", public=True)))
    hits = {model: document["results"][model] for model in MODELS}
    for model in MODELS:
        assert [hit["query"] for hit in hits[model]] == [True, *[False] * 4]
        assert [hit["rank"] for hit in hits[model]] == [0, 1, 2, 3, 4]
        assert hits[model][0]["id"] == query.picture_id
        assert library.search(query, model, 4).document("q", public=True)["hits"] == hits[model]
    a, b = ([hit["id"] for hit in hits[model][1:]] for model in MODELS)
    assert document["overlap"] == pytest.approx(measures.overlap(a, b), abs=1e-6)
    assert document["rbo"] == pytest.approx(measures.rank_biased_overlap(a, b), abs=1e-6)
    assert document["tau"] == measures.kendall_tau(a, b)
    assert [hit["rank"] for hit in document["fused"]] == [1, 2, 3, 4]
    assert query.picture_id not in {hit["id"] for hit in document["fused"]}


def test_robustness_leaves_the_query_out_and_keeps_to_the_filter(
    library: Library, paths: list[Path]
) -> None:
    alone = {"a-1.jpg", "a-2.jpg"}
    where = 'name in ["a-1.jpg", "a-2.jpg"]'
    stored = library.stored_query(id_of(library, paths[1]))
    for query in (stored, UploadedQuery("x", paths[1].read_bytes())):
        (ranking,) = library.rank(query, ["colour"], 5, where)
        assert {hit.record.name for hit in ranking.hits} == alone - {"a-1.jpg"}
        # Whatever the change, the only other picture that meets the filter is found.
        assert set(map(tuple, library.robustness(query, MODELS, 5, where).values())) == {(1.0, 1.0)}
    file = UploadedQuery("x", paths[1].read_bytes())
    shares = library.robustness(file, ["colour"], 3)
    for name in ("greyscale", "turned by 90°", "blurred"):
        changed = UploadedQuery("y", encode(CHANGES[name](file.picture.pixels), "PNG"))
        after = library.search(changed, "colour", 12).ids
        others = [i for i in after if i != stored.picture_id][:3]
        before = library.search(file, "colour", 3).ids
        assert shares[name] == [measures.overlap(before, others)]


def test_the_page_asks_for_robustness_with_its_filters(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 11, "b": 1})
    library.add([tmp_path / "in"])
    with gr.Blocks() as page:
        compare_tab.build(library, Worker(library))
    handlers = {function.name: function.fn for function in page.fns.values()}
    ask = handlers["show_robustness"]
    assert ask is not None
    query = of_picture(id_of(library, paths[0]))
    whole, filtered = (
        ask(LiveQuery(replace(query, filters=Filters(label=label))), MODELS, 3, None)[0]
        for label in ("", "b")
    )
    # The only picture that meets the filter survives all of the changes.
    assert (filtered.count("<span>100%</span>"), filtered.count("<b>100%</b>")) == (12, 2)
    assert whole.count("<b>100%</b>") < 2


def test_a_duel_has_all_its_results(library: Library, paths: list[Path]) -> None:
    arena = Arena(library)
    for visitor in "abc":
        duel = arena.duel(visitor)
        assert isinstance(duel.query, Record)
        for ranking in (duel.left, duel.right):
            assert len(ranking.hits) == RESULTS
            assert duel.query.id not in ranking.ids


def test_the_page_says_which_picture_is_the_query(library: Library, paths: list[Path]) -> None:
    query = library.stored_query(id_of(library, paths[0]))
    comparison = library.compare(query, MODELS, 3)
    html = comparison_html(library, comparison, "")
    assert html.count("your query</span>") == 2
    assert html.count("Your query is in the library; it does not count.") == 1
    fused = html[html.index("tl-fused") :]
    assert "a-0.jpg" not in fused
    assert "it does not count" in page_of(library, query, comparison)
    other = library.compare(UploadedQuery("x", encode(paint(99))), MODELS, 3)
    assert "does not count" not in comparison_html(library, other, "")
    shown = render(
        "results.html",
        ranking=comparison.rankings[0],
        groups=fold(comparison.rankings[0].hits),
        percentiles=library.percentiles("colour"),
        pictures=12,
        is_partial=False,
        link="",
        partly="",
    )
    assert shown.count("your query</span>") == 1
    assert shown.index(f'data-id="{query.picture_id}"') < shown.index('tl-rank">1<')
    assert "<b>3</b> of 12 pictures" in shown
    alone = library.compare(query, MODELS, 3, 'name == "a-0.jpg"')
    html = comparison_html(library, alone, "")
    assert "No other picture is found." in html
    assert html.count("your query</span>") == 2


def test_a_comparison_of_expanded_rankings_is_the_same(library: Library, paths: list[Path]) -> None:
    query = library.stored_query(id_of(library, paths[5]))
    comparison = library.compare(query, MODELS, 6)
    compact = [side.compact() for side in comparison.rankings]
    assert Comparison.of(*library.expand(compact)) == comparison
    library.records.remove([query.picture_id])
    assert [side.own_copies for side in library.expand(compact)] == [[], []]
    assert [side.ids for side in library.expand(compact)] == [
        side.ids for side in comparison.rankings
    ]
