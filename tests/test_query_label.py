"""The label of a query, by which hits are marked as right or wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from searcher.errors import InvalidRequest
from searcher.images.pictures import identify
from searcher.library.core import Library
from searcher.library.query_label import QUERIES, example_labels, query_label
from searcher.models.order import contenders
from searcher.models.registry import Model
from searcher.search.query import ComposedQuery, Part, TextQuery, UploadedQuery
from searcher.ui.components.comparison import comparison_html
from tests import onnx_files
from tests.pictures import encode, folder, paint
from tests.reports import page_of


@pytest.fixture
def kinds(library: Library, tmp_path: Path) -> dict[str, Path]:
    """A file of each of two kinds that are in the library."""
    paths = folder(tmp_path / "in", {"cats": 4, "dogs": 4})
    library.add([tmp_path / "in"])
    return {"cats": paths[0], "dogs": paths[-1]}


def test_the_label_is_that_of_the_librarys_copy(library: Library, kinds: dict[str, Path]) -> None:
    for label, path in kinds.items():
        file = UploadedQuery("other.jpg", path.read_bytes())
        stored = library.stored_query(identify(file.data)[0])
        assert query_label(library, file) == query_label(library, stored) == label
        for unknown in (
            replace(file, box=(0.0, 0.0, 0.5, 1.0)),
            UploadedQuery("cats.jpg", encode(paint(77))),
            TextQuery("cats"),
            ComposedQuery((Part(stored), Part(TextQuery("cats")))),
        ):
            assert query_label(library, unknown) == ""


def test_examples_have_their_label_in_the_name(library: Library, kinds: dict[str, Path]) -> None:
    examples = library.settings.samples_dir / QUERIES
    examples.mkdir(parents=True)
    for number, name in enumerate(("dogs", "cats_03", "snow_men-7", "birds")):
        (examples / f"{name}.jpg").write_bytes(encode(paint(60 + number)))
    example_labels.cache_clear()
    assert sorted(example_labels(library.settings.samples_dir).values()) == [
        *("birds", "cats", "dogs", "snow_men"),
    ]
    queries = [UploadedQuery("x", encode(paint(60 + number))) for number in range(4)]
    # No picture of the library is a bird, so a bird could only be wrong.
    assert [query_label(library, query) for query in queries] == ["dogs", "cats", "", ""]
    example_labels.cache_clear()


def test_three_models_have_equal_columns(library: Library, kinds: dict[str, Path]) -> None:
    onnx_files.write(library.settings.models_dir, "third")
    library.add([kinds["cats"].parents[1]])
    query = UploadedQuery("x.jpg", kinds["cats"].read_bytes())
    comparison = library.compare(query, ["colour", "shape", "third"], 4)
    html = comparison_html(library, comparison, "cats")
    assert html.count('class="tl-side ') == 3
    for number, ranking in enumerate(comparison.rankings):
        right = sum(hit.record.label == "cats" for hit in ranking.hits)
        assert f"<b>{right} of 4</b> of the same kind" in html
        assert [hit.record.label for hit in ranking.hits].count("dogs") == 4 - right, number
    assert html.count("Agreement of each two models") == 2
    assert "found by 3 of 3" in html
    report = page_of(library, query, comparison)
    for words in (
        "Agreement of each two models",
        "found by 3 of 3",
        "Combined",
        "of the same kind",
    ):
        assert words in report
    for wrong in (["colour"], ["colour"] * 7):
        with pytest.raises(InvalidRequest, match="Name 2 to 6 models to compare"):
            library.compare(query, wrong, 4)


def test_baselines_step_back_for_two_others() -> None:
    names = ("colour", "shape", "one", "random", "two")
    models = [
        Model(name, "ready", weights="untrained" if name == "random" else "") for name in names
    ]
    assert [model.name for model in contenders(models)] == ["one", "two"]
    assert contenders(models[:4]) == models[:4]
