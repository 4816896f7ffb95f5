"""The comparison that the page opens on: chosen by the worker, shown without a search."""

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest

from searcher.images.pictures import identify
from searcher.library.core import Library
from searcher.library.example import Examples
from searcher.library.query_label import QUERIES, example_labels
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.metrics.ranking import overlap
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.tabs import compare_tab
from tests import onnx_files
from tests.pictures import encode, folder, paint


@pytest.fixture
def firsts(library: Library) -> Iterator[list[Path]]:
    """The first sample of each of three kinds, of two of which there are examples."""
    samples = library.settings.samples_dir
    paths = folder(samples, {"cats": 12, "dogs": 12, "owls": 12})
    (samples / QUERIES).mkdir()
    for number, label in enumerate(("cats", "dogs", "horses")):
        (samples / QUERIES / f"{label}_2.jpg").write_bytes(encode(paint(90 + number)))
    library.add([samples / "cats", samples / "dogs", samples / "owls"])
    example_labels.cache_clear()
    try:
        yield [paths[0], paths[12], paths[24]]
    finally:
        example_labels.cache_clear()


def status_of(library: Library) -> Status:
    coverage = tuple(library.coverage().items())
    models = tuple(library.registry.ready())
    return Status(True, None, library.records.count(), models, coverage)


def test_the_example_is_that_on_which_the_models_differ_most(
    library: Library, firsts: list[Path]
) -> None:
    examples = Examples(library)
    examples.update(status_of(library))
    example = examples.current
    assert example is not None
    assert example.models == ["colour", "shape"]
    agreement = {}
    for path in firsts[:2]:
        picture_id, _ = identify(path.read_bytes())
        query = library.stored_query(picture_id)
        first, second = library.rank(query, example.models, 12)
        agreement[picture_id] = overlap(first.ids, second.ids)
    assert example.picture_id in agreement
    assert agreement[example.picture_id] == min(agreement.values())
    shown = library.expand(example.rankings)
    assert [len(ranking.hits) for ranking in shown] == [12, 12]

    # It is made again when the library has changed, and then only.
    examples.update(status_of(library))
    assert examples.current is example
    for name in ("efficientnet_lite0", "resnet50"):
        onnx_files.write(library.settings.models_dir, name)
    library.add(firsts[:1])
    examples.update(status_of(library))
    assert examples.current is not example
    samples = library.settings.samples_dir
    library.add([samples / name for name in ("cats", "dogs", "owls")])
    examples.update(status_of(library))
    assert examples.current is not None
    assert sorted(examples.current.models) == ["efficientnet_lite0", "resnet50"]


def test_without_samples_there_is_no_example(library: Library, tmp_path: Path) -> None:
    example_labels.cache_clear()
    folder(tmp_path / "in", {"a": 4})
    library.add([tmp_path / "in"])
    examples = Examples(library)
    examples.update(status_of(library))
    assert examples.current is None


def test_the_page_shows_it_to_visitors_without_a_query(
    library: Library, firsts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(library)
    examples = worker._rounds.examples
    with gr.Blocks():
        tab = compare_tab.build(library, worker)
    live = LiveQuery()
    waiting = tab.first_view(live, False)
    assert "tl-skeleton" in waiting[1]
    examples.update(status_of(library))

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("the example is not searched for again")

    monkeypatch.setattr(library, "rank", refuse)
    values = tab.first_view(live, False)
    assert len(values) == len(tab.outputs)
    assert values[1].count("of the same kind") >= 2
    assert "Your query is in the library" in values[1]
    assert examples.current is not None
    assert live.query == PageQuery.of_address({"picture": str(examples.current.picture_id)})
    # Not a second time, and not in place of what a visitor searches for.
    for other, shown in ((LiveQuery(), True), (live, False)):
        assert tab.first_view(other, shown)[-1] is not True
