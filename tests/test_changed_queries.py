"""Queries that find others in HNSW or by smaller vectors: page, addresses and reports have them."""

import re
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import EvaluationStopped
from searcher.evaluation.index_recall import (
    EFS,
    IndexRecall,
    IndexSample,
    read_ef,
    recall_by_ef,
)
from searcher.evaluation.shrink import measure
from searcher.evaluation.shrink_changes import Rankings, list_changes
from searcher.library.core import Library
from searcher.presentation.changed_queries import changed_list, changed_title
from searcher.presentation.cost_report import CHANGED, cost_report, find_recommended
from searcher.presentation.report_files import HTML, JSON, write_report
from searcher.presentation.wording import use_language
from searcher.ui.components.cost_look import read_look
from searcher.ui.components.cost_views import index_html
from tests.pictures import folder
from tests.reports import report_of


@pytest.fixture
def pictures(library: Library, tmp_path: Path) -> list[int]:
    """The ids of 14 pictures of each of two labels, sorted by label."""
    folder(tmp_path / "in", {"a": 14, "b": 14})
    library.add([tmp_path / "in"])
    ids = library.vectors.ids(library.registry.get("colour").collection)
    records = zip(ids, library.records.get(ids), strict=True)
    return sorted(ids, key={i: record.label for i, record in records if record}.__getitem__)


def test_the_exact_search_is_that_of_brute_force(library: Library, pictures: list[int]) -> None:
    collection = library.registry.get("colour").collection
    shares: list[float] = []
    points = recall_by_ef(library.vectors, collection, shares.append)
    assert [point.ef for point in points] == list(EFS)
    assert shares == sorted(shares)
    assert shares[0] == 0 < shares[-1] < 1
    sample = IndexSample(library.vectors, collection)
    vectors = library.vectors.fetch(collection, pictures)
    for query, found in zip(sample.ids, sample.truth, strict=True):
        similarity = vectors @ vectors[pictures.index(query)]
        others = np.delete(similarity, pictures.index(query))
        expected = np.sort(others)[:-11:-1]
        assert similarity[[pictures.index(i) for i in found]] == pytest.approx(expected, abs=1e-5)

    def stop(share: float) -> None:
        if share:
            raise EvaluationStopped("evaluation.stopped")

    with pytest.raises(EvaluationStopped):
        recall_by_ef(library.vectors, collection, stop)


def test_queries_that_find_others_are_listed_the_worst_first(
    library: Library, pictures: list[int]
) -> None:
    model = library.registry.get("colour")
    a, b = pictures[:14], pictures[14:]
    truth = [a[1:11], a[2:12], b[1:11], b[2:12]]
    nearest = [
        [*a[1:10], b[0]],  # a right one is lost
        [*a[3:12], a[13]],  # another right one is found
        b[1:11],  # the same
        [*b[3:11], a[0], a[1]],  # two right ones are lost
    ]
    labels = {i: "a" if i in a else "b" for i in pictures}
    found = Rankings([a[0], a[1], b[0], b[1]], truth, nearest, labels, True)
    changes = list_changes(library, model, "ef-64", found, 10)
    assert [case.id for case in changes.cases] == [b[1], a[0], a[1]]
    assert [case.gain for case in changes.cases] == pytest.approx([-0.2, -0.1, 0])
    assert (changes.queries, changes.changed, changes.worse, changes.better) == (4, 3, 2, 0)
    worst = changes.cases[0]
    assert [near.id for near in worst.lost] == [b[2], b[11]]
    assert [near.is_right for near in worst.lost + worst.found] == [True, True, False, False]
    assert all(near.name for near in worst.lost)
    assert list_changes(library, model, "ef-64", found, 1).cases == [worst]
    assert changes.document()["variant"] == "ef-64"

    assert changed_title(changes).endswith("HNSW with ef 64 instead of the exact search")
    listed = changed_list(changes)
    assert [row.title for row in listed.cards[0].rows] == [
        "Only in the exact search",
        "Only in HNSW",
    ]
    assert listed.cards[0].rows[1].note == "precision@10 −0.2"
    with use_language("es"):
        assert "búsqueda exacta" in changed_title(changes)

    unlabelled = list_changes(
        library, model, "ef-64", Rankings(found.queries, truth, nearest, {}, False), 10
    )
    assert (unlabelled.changed, unlabelled.worse, unlabelled.better) == (3, None, None)
    assert {case.gain for case in unlabelled.cases} == {None}


def test_each_recall_opens_its_pictures(library: Library, pictures: list[int]) -> None:
    model = library.registry.get("colour")
    points = recall_by_ef(library.vectors, model.collection)
    html = index_html(IndexRecall(model, 28, 0, 256, points))
    opened = re.findall(r'data-to="([^"]*)"[^>]*>1.000</button>', html)
    assert opened == [f"colour/ef-{ef}" for ef in EFS]
    reasons: list[str] = []
    for text in opened:
        assert str(read_look(library, text, reasons)) == text
    assert not reasons
    assert read_look(library, "colour/ef-65", reasons) is None
    assert len(reasons) == 1
    assert read_ef("ef-65") is read_ef("64") is None


def test_a_report_of_costs_shows_the_queries_that_lose_most(
    library: Library, pictures: list[int]
) -> None:
    document = measure(library, "colour").document()
    variant = next(v["variant"] for v in document["variants"] if v["overlap"] < 0.9)
    chosen = [document | {"recommended": "float32"}, document | {"recommended": variant}]
    (changes,) = find_recommended(library, chosen)
    assert len(changes.cases) == CHANGED
    plain = report_of(cost_report(library, {"Colour": document}))
    report = report_of(cost_report(library, {"Colour": document}, [changes]))
    html = write_report(report, HTML)
    assert write_report(plain, HTML).count("data:image/webp") == 0
    shown = {case.id for case in changes.cases}
    shown |= {near.id for case in changes.cases for near in (*case.lost, *case.found)}
    assert html.count("data:image/webp") == len(shown) > CHANGED
    assert f"{variant} instead of float32" in html
    assert len(html) < 5_000_000
    assert f"changed_colour_{variant}" in write_report(report, JSON)
