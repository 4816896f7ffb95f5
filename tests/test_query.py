"""How often a query is decoded and searched with, counted."""

from pathlib import Path

import gradio as gr
import pytest

from searcher.errors import InvalidRequest
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.presentation.reasons import find_reasons
from searcher.search import query as queries
from searcher.search.query import UploadedQuery
from searcher.search.results import Comparison
from searcher.ui.components import history
from searcher.ui.components.comparison_details import Explained
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.tabs import compare_tab
from tests.page_queries import of_picture, of_upload
from tests.pictures import folder
from tests.reports import page_of
from tests.test_percentiles import counting


def searched(library: Library, tmp_path: Path) -> tuple[UploadedQuery, Comparison]:
    paths = folder(tmp_path / "in", {"a": 6})
    library.add([tmp_path / "in"])
    query = UploadedQuery("x.jpg", paths[0].read_bytes())
    return query, library.compare(query, ["colour", "shape"], 5)


def test_a_query_is_decoded_once(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = counting(monkeypatch, queries, "open_picture")
    query, comparison = searched(library, tmp_path)
    history.remember([], library, *of_upload(query), "colour", 5)
    page_of(library, query, comparison)
    assert len(decoded) == 1


def test_reasons_decode_query_and_hit_once_for_all_models(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query, comparison = searched(library, tmp_path)
    query = UploadedQuery(query.name, query.data)  # that of another request
    decoded = counting(monkeypatch, queries, "open_picture")
    hit = comparison.rankings[0].hits[1].record.id
    views = list(find_reasons(library, query, hit, {"a": "colour", "b": "shape"}))
    assert len(views) == 2
    assert len(decoded) == 2


def test_a_report_is_of_what_the_page_shows(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, comparison = searched(library, tmp_path)
    with gr.Blocks() as page:
        tab = compare_tab.build(library, Worker(library))
    handlers = {function.name: function.fn for function in page.fns.values()}
    show = handlers["on_words"]
    assert show is not None
    first = of_picture(comparison.rankings[0].own_copies[0].record.id)
    *_, shown, _, _, _ = show(LiveQuery(first), "", ["colour", "shape"], 5)
    searches = counting(monkeypatch, library, "rank")
    section = tab.report.make(shown, None, Explained())
    (hits,) = (table for table in section.tables if table.key == "hits")
    assert [row["name"] for row in hits.rows] == [
        hit.record.name for ranking in comparison.rankings for hit in ranking.hits
    ]
    assert not searches
    with pytest.raises(InvalidRequest, match="nothing to save"):
        tab.report.make(None, None, Explained())


def test_what_a_page_shows_is_small_and_comes_back_whole(library: Library, tmp_path: Path) -> None:
    _, comparison = searched(library, tmp_path)
    both = list(comparison.rankings)
    compact = [ranking.compact() for ranking in both]
    assert library.expand(compact) == both
    assert Comparison.of(*library.expand(compact)) == comparison
    # Of 50 hits, the most that can be asked for: 3,000 pages with two of them take 5 MB.
    assert 50 * (compact[0].ids.itemsize + compact[0].distances.itemsize) <= 800
    removed = comparison.rankings[0].hits[1].record
    library.records.remove([removed.id])
    (less, _) = library.expand(compact)
    assert [hit.rank for hit in less.hits] == [1, 3, 4, 5]
