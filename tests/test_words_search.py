"""Searches with words and with several parts, where one of two models understands words."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from searcher.config.settings import Settings
from searcher.errors import InvalidRequest, ModelNotReady, NotFound
from searcher.library.core import Library
from searcher.metrics.occlusion import GRID
from searcher.models.embedder import Embedder
from searcher.presentation.reasons import find_reasons
from searcher.search import query as queries
from searcher.search.query import ComposedQuery, Part, TextQuery, UploadedQuery
from searcher.search.signature import PICTURE, TEXT
from searcher.types import FloatArray
from searcher.ui.components.comparison_details import reasons_html
from tests.pictures import encode, folder, paint
from tests.reports import page_of
from tests.test_percentiles import counting
from tests.text_networks import write_text_file

COUNT = 12
MODELS = ("colour", "shape")
WORDS = ("zero", "one", "two")  # each has the vector of the picture with that number


@pytest.fixture(scope="module")
def lettered(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[Library]:
    """A library whose model Colour understands words; Shape does not."""
    home = tmp_path_factory.mktemp("words")
    models = shutil.copytree(baselines, home / "models")
    folder(home / "in", {"a": COUNT})
    embedder = Embedder(models / "colour.onnx")
    vectors = {w: embedder.embed_picture(upload(i).picture) for i, w in enumerate(WORDS)}
    write_text_file(models, "colour", {word: v.tolist() for word, v in vectors.items()})
    folders = {"TWINLENS_DATA": home / "data", "MODELS_DIR": models, "SAMPLES_DIR": home / "in"}
    settings = {name: str(path) for name, path in folders.items()}
    library = Library(Settings.from_env(settings | {"INSTALL_MODELS": ""}))
    try:
        library.add([home / "in"])
        yield library
    finally:
        library.close()


def upload(number: int) -> UploadedQuery:
    return UploadedQuery(f"{number}.jpg", encode(paint(number), quality=90))


def vector(library: Library, picture_id: int, model: str = "colour") -> FloatArray:
    found = library.vectors.get(library.registry.get(model).collection, picture_id)
    assert found is not None
    return found


def test_words_find_the_picture_that_they_describe(lettered: Library) -> None:
    ranking = lettered.search(TextQuery.of(" One\n"), "colour", 3)
    assert ranking.hits[0].record.name == "a-1.jpg"
    assert ranking.hits[0].distance < 0.05
    assert ranking.signature == TEXT
    assert "unseen" not in ranking.document("one")
    assert ranking.timings_ms["decode"] < ranking.timings_ms["total"]


def test_parts_of_all_kinds_add_up(lettered: Library) -> None:
    """Rocchio's sum, computed anew from the vectors of the parts."""
    ids = sorted(lettered.records.ids())
    stored = lettered.named_query(ids[3])
    assert stored.name.startswith("a-")
    region = queries.UploadedQuery("region", upload(5).data, (0.5, 0, 1, 0.5))
    parts = (Part(TextQuery("two"), 2), Part(stored), Part(region, -0.5), Part(upload(7), 0.25))
    embedder = lettered.registry.load("colour")[1]
    text = lettered.registry.load_text("colour")
    total = 2 * text.embed_text("two") + vector(lettered, ids[3])
    total += -0.5 * embedder.embed_picture(region.picture)
    total += 0.25 * embedder.embed_picture(upload(7).picture)
    pictures = np.stack([vector(lettered, i) for i in ids])
    expected = np.linalg.norm(pictures - total / np.linalg.norm(total), axis=1)
    ranking = lettered.search(ComposedQuery(parts), "colour", COUNT)
    assert len(ranking.own_copies) == 3  # all but the words
    hits = [*ranking.own_copies, *ranking.hits]
    distances = [hit.distance for hit in sorted(hits, key=lambda hit: hit.record.id)]
    np.testing.assert_allclose(distances, expected, atol=1e-3)


def test_each_picture_is_decoded_once_for_all_models(
    lettered: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = counting(monkeypatch, queries, "open_picture")
    stored = lettered.stored_query(lettered.search(upload(0), "shape", 1).ids[0])
    assert len(decoded) == 1
    lettered.rank(ComposedQuery((Part(upload(1)), Part(upload(2)), Part(stored))), MODELS, 3)
    assert len(decoded) == 3


def test_a_model_names_the_parts_that_it_cannot_see(lettered: Library) -> None:
    query = ComposedQuery((Part(TextQuery("two")), Part(upload(1)), Part(TextQuery("zero"), -1)))
    comparison = lettered.compare(query, MODELS, 5)
    assert (comparison.rankings[0].unseen, comparison.rankings[1].unseen) == ((), (0, 2))
    assert comparison.document(query.name)["unseen"] == {"shape": [0, 2]}
    assert comparison.rankings[1].document(query.name)["unseen"] == [0, 2]
    assert comparison.rankings[1].signature == PICTURE
    assert comparison.rankings[1].ids == lettered.search(upload(1), "shape", 5).ids
    assert lettered.expand([comparison.rankings[1].compact()]) == [comparison.rankings[1]]
    against = ComposedQuery((Part(TextQuery("two")), Part(upload(1), -1)))
    for unseen in (TextQuery("two"), against):  # what it sees counts for no picture
        with pytest.raises(ModelNotReady, match=r"Shape .* does not understand words"):
            lettered.rank(unseen, MODELS, 5)
        with pytest.raises(ModelNotReady, match=r"Shape .* does not understand words"):
            lettered.percentiles("shape", unseen)


def test_what_can_not_be_answered_gets_a_sentence(lettered: Library) -> None:
    opposites = ComposedQuery((Part(TextQuery("two")), Part(TextQuery("TWO"), -1)))
    with pytest.raises(InvalidRequest, match="cancel each other out"):
        lettered.search(opposites, "colour", 3)
    with pytest.raises(InvalidRequest, match="search with one picture"):
        lettered.robustness(TextQuery("two"), ["colour"], 3)
    with pytest.raises(NotFound, match="not in the library"):
        lettered.named_query(4711)


def test_reasons_and_reports_of_words_and_sums(lettered: Library) -> None:
    words = TextQuery.of("<b>two</b>")
    first, second = lettered.rank(words, ["colour", "colour"], 3)
    hit = lettered.stored_query(first.ids[0])
    explanation = lettered.explain(words, hit, "colour")
    assert explanation.query is None
    assert explanation.hit.shape == (GRID, GRID)
    # The hit is read from its thumbnail, so its vector differs a little from the stored one.
    assert explanation.similarity == pytest.approx(first.hits[0].similarity, abs=0.02)
    pair = {"a": "colour", "b": "colour"}
    *_, found = find_reasons(lettered, words, first.ids[0], pair)
    assert reasons_html(lettered, words, found).count("<figure>") == 2
    query = ComposedQuery((Part(words), Part(upload(1), -0.5)))
    report = page_of(lettered, query, lettered.compare(query, ["colour", "colour"], 3))
    assert "&lt;b&gt;two&lt;/b&gt;" in report
    assert "<b>two" not in report
    assert "− 0.50" in report
    assert second.ids == first.ids
