"""Searches take priority over indexing, which still makes progress."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from searcher.evaluation.evaluate import evaluate
from searcher.evaluation.maps import Maps
from searcher.indexing.batch_sizes import LONG_BATCH
from searcher.indexing.priority import MAX_WAIT_S, PriorityGate
from searcher.library.core import Library
from searcher.models.embedder import Embedder
from searcher.search.query import UploadedQuery
from tests.pictures import folder


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits as long as possible never ends."""
    monkeypatch.setattr("searcher.indexing.priority.MAX_WAIT_S", None)


@pytest.mark.usefixtures("endless")
def test_nobody_asking_is_no_wait() -> None:
    assert PriorityGate().yield_to_queries() is False


def test_indexing_waits_until_the_answer_is_there() -> None:
    priority = PriorityGate()
    searching, answered = threading.Event(), threading.Event()

    def ask() -> None:
        with priority.query():
            searching.set()
            time.sleep(0.05)
            answered.set()

    thread = threading.Thread(target=ask)
    thread.start()
    searching.wait()
    assert priority.yield_to_queries() is True
    assert answered.is_set()
    thread.join()
    assert priority.yield_to_queries() is True  # a recent query


def test_endless_questions_do_not_stop_it() -> None:
    priority = PriorityGate()
    with priority.query():
        started = time.monotonic()
        assert priority.yield_to_queries() is True
        assert time.monotonic() - started >= MAX_WAIT_S


@pytest.mark.usefixtures("endless")
def test_a_question_that_fails_is_over() -> None:
    priority = PriorityGate()
    try:
        with priority.query():
            raise ValueError
    except ValueError:
        pass
    assert priority.yield_to_queries() is True  # a recent query


def test_batches_are_short_only_while_somebody_searches(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = folder(tmp_path / "in", {"a": 96})
    sizes: list[int] = []
    embed = Embedder.embed

    def slowed(embedder: Embedder, images: np.ndarray) -> np.ndarray:
        sizes.append(len(images))
        time.sleep(0.015 * len(images))
        return embed(embedder, images)

    monkeypatch.setattr(Embedder, "embed", slowed)
    monkeypatch.setattr("searcher.indexing.priority.RECENT_S", 600)  # the machine may be busy
    library.add(paths[:48])
    assert max(sizes) == LONG_BATCH

    library.search(UploadedQuery("x", paths[0].read_bytes()), "colour", 1)
    sizes.clear()
    library.add(paths[48:])
    assert max(sizes) <= 2  # 40 ms
    assert sum(sizes) == 96  # both models, each picture once


def explain_it(library: Library, query: UploadedQuery) -> None:
    library.explain(query, library.stored_query(next(library.records.ids())), "colour")


WAITED_FOR: dict[str, Callable[[Library, UploadedQuery], object]] = {
    "search": lambda library, query: library.search(query, "colour", 3),
    "explain": explain_it,
    "robustness": lambda library, query: library.robustness(query, ["colour"], 3),
    "percentiles": lambda library, query: library.percentiles("colour"),
    "evaluate": lambda library, query: evaluate(library, ["colour"]),
    "map": lambda library, query: Maps(library).of("colour"),
}


@pytest.mark.parametrize("name", WAITED_FOR)
def test_indexing_yields_to_whatever_a_visitor_waits_for(
    library: Library, tmp_path: Path, name: str
) -> None:
    paths = folder(tmp_path / "in", {"a": 6, "b": 6})
    library.add([tmp_path / "in"])
    assert not library.priority.yield_to_queries()
    WAITED_FOR[name](library, UploadedQuery("x", paths[0].read_bytes()))
    assert library.priority.yield_to_queries()
