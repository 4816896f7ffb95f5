"""The search that replaces Milvus Lite's own has its results, to the last bit."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from milvus_lite.engine import collection as lite
from milvus_lite.search.executor_indexed import execute_search_with_index

from searcher.stores.collection import ONE_LIST
from searcher.stores.fields import Fields
from searcher.stores.private.lite_search_internals import search
from searcher.stores.private.lite_write_internals import check_vectors_at_once
from searcher.stores.private.milvus_lite_internals import Server
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests.vectors import unit

COLLECTION = Collection("t_lite", 24)
STORED = unit(600, COLLECTION.dim)
FIELDS = {i: Fields(label="odd" if i % 2 else "even", width=i) for i in range(600)}
Nearest = list[tuple[int, float]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorStore]:
    """Two segments, rows that replace and delete some of theirs, flushed and not."""
    server = Server(Path(tmp_path_factory.mktemp("lite")))
    store = VectorStore(lambda: server.url, index=ONE_LIST)
    for first in (0, 300):
        write(store, first, first + 300)
        store.flush(COLLECTION)
    write(store, 0, 100, turned=True)
    store.delete(COLLECTION, [*range(250, 290)])
    store.flush(COLLECTION)
    write(store, 50, 150)
    write(store, 400, 450, turned=True)
    store.delete(COLLECTION, [*range(140, 160), *range(420, 430)])
    # The indexes; without them distances differ in their last bits.
    server._db.get_collection(COLLECTION.name)._wait_for_bg()
    try:
        yield store
    finally:
        store.close()
        server.stop()


def write(store: VectorStore, first: int, end: int, turned: bool = False) -> None:
    vectors = -STORED[first:end] if turned else STORED[first:end]
    store.upsert(COLLECTION, range(first, end), vectors, FIELDS)


def by_both(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], Nearest]) -> tuple[Nearest, Nearest]:
    results: list[Nearest] = []
    for function in (execute_search_with_index, search):
        calls: list[int] = []

        def counted(*args: Any, call: Any = function, calls: Any = calls, **named: Any) -> Any:
            calls.append(1)
            return call(*args, **named)

        monkeypatch.setattr(lite, "execute_search_with_index", counted)
        results.append(ask())
        assert calls  # the function is the one that searches
    return results[0], results[1]


@pytest.mark.parametrize("where", ["", 'label == "odd"', "width > 590", "width > 9000"])
def test_same_hits_as_milvus_lite(
    store: VectorStore, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    for picture in (0, 60, 120, 145, 255, 299, 410, 425, 599):  # replaced, deleted, neither
        for sign in (1, -1):
            for k in (1, 14, 40):
                ask = partial(store.search, COLLECTION, sign * STORED[picture], k, where)
                theirs, ours = by_both(monkeypatch, ask)
                assert ours == theirs
                assert len(ours) == (0 if "9000" in where else min(k, 9) if "590" in where else k)


def test_more_is_asked_for_where_hits_are_outdated(
    store: VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = Collection("t_outdated", 8)
    near, far = unit(1, 8).repeat(200, 0), -unit(1, 8).repeat(200, 0)
    store.upsert(collection, range(200), near)
    store.upsert(collection, range(200, 260), unit(60, 8, seed=2))
    store.flush(collection)
    store.upsert(collection, range(200), far)  # 200 outdated rows are the nearest
    theirs, ours = by_both(monkeypatch, lambda: store.search(collection, near[0], 40))
    assert ours == theirs
    assert {i for i, _ in ours} <= {*range(200, 260)}


def test_fields_of_hits_are_returned(store: VectorStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.names()
    client = store._connection._open().client
    answers = []
    for function in (execute_search_with_index, search):
        monkeypatch.setattr(lite, "execute_search_with_index", function)
        data, fields = [STORED[410].tolist()], ["id", "label", "width", "embedding"]
        found = client.search(COLLECTION.name, data=data, limit=30, output_fields=fields)
        answers.append([dict(hit) for hit in found[0]])
    assert answers[0] == answers[1]
    assert answers[1][0]["entity"]["label"] in ("odd", "even")


def test_stores_search_by_it(store: VectorStore) -> None:
    assert lite.execute_search_with_index is search


@pytest.mark.parametrize("vector", [[0.5] * 3, [0.5, 1], [0.5, "x"], [0.5, True], [0.5, None], 0.5])
def test_vectors_are_checked_as_before(vector: object) -> None:
    from milvus_lite.schema.types import CollectionSchema, DataType, FieldSchema

    fields = [
        FieldSchema("id", DataType.INT64, is_primary=True),
        FieldSchema("v", DataType.FLOAT_VECTOR, dim=2),
    ]
    check_vectors_at_once()
    quick = lite.validate_record

    def outcome(check: Callable[..., None], record: dict[str, object]) -> object:
        try:
            check(record, CollectionSchema(fields))
        except Exception as error:
            return str(error)
        return record

    for record in ({"id": 1, "v": vector}, {"v": vector}, {"id": 1, "v": [0.5, 0.25]}):
        expected = outcome(quick.__wrapped__, dict(record))
        assert outcome(quick, dict(record)) == expected
