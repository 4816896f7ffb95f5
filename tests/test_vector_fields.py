"""The fields of vectors: filtered searches, and collections of earlier versions that get fields."""

import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pymilvus import MilvusClient

from searcher.errors import InvalidRequest
from searcher.search.filters import parse_filter
from searcher.stores.collection_names import COPY, RETIRED
from searcher.stores.fields import Fields
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests import forks
from tests.vectors import make_bare, unit

HOSTILE = ["", "dog", "Dog", "a_b", "axb", "50%", "50 kg", 'say "hi"', "it's", "back\\slash"]
HOSTILE += ["tail\\", "名前 é", "🐕 dog", "and or not", 'x" or width > 0 or "', "{}[]()"]


def describe(picture_id: int) -> Fields:
    label = HOSTILE[picture_id % len(HOSTILE)]
    width, orientation = (100, "portrait") if picture_id % 3 else (4000, "landscape")
    return Fields(label, f"{label}.jpg", picture_id * 1e6 + 0.25, width, 200, orientation, "folder")


def everything(ids: list[int]) -> dict[int, Fields]:
    return {i: describe(i) for i in ids}


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


CONDITIONS: list[tuple[str, Callable[[Fields], bool]]] = [
    *((f"label == {quoted(text)}", lambda f, text=text: f.label == text) for text in HOSTILE),
    ("not (label == 'dog' or width > 1000)", lambda f: f.label != "dog" and f.width <= 1000),
    ('orientation in ["landscape"] and width >= 4000', lambda f: f.width == 4000),
    ("added > 200000000", lambda f: f.added > 2e8),
    ("added <= 200000000.25 and height == 200", lambda f: f.added <= 200000000.25),
    ('source != "folder"', lambda f: False),
    ('label like "dog"', lambda f: f.label == "dog"),
    ('label like "50%"', lambda f: f.label.startswith("50")),
    (r'label like "50\%"', lambda f: f.label == "50%"),
    (r'name like "50\%%"', lambda f: f.name.startswith("50%")),
    (r'name like "back\\s%"', lambda f: f.name.startswith("back\\s")),
    (r'name like "a\_%"', lambda f: f.name.startswith("a_")),
    ('name like "say \\"%"', lambda f: f.name.startswith('say "')),
    ('label like "%"', lambda f: True),
    # The rest is more than Milvus 2.3 understands.
    ('label like "a_b"', lambda f: f.label in ("a_b", "axb")),
    ('label like "%dog"', lambda f: f.label.endswith("dog")),
    (r'name like "%\_b.j_g"', lambda f: f.name == "a_b.jpg"),
    (r'label like "%k\\s%"', lambda f: "k\\s" in f.label),
    (r'label like "%\\"', lambda f: f.label.endswith("\\")),
]


def test_a_filtered_search_finds_the_nearest_that_meet_the_condition(vectors: VectorStore) -> None:
    collection, stored = Collection("t_fields", 16), unit(600, 16)
    ids = list(range(1, 601))
    fields = everything([*ids, 999])
    vectors.upsert(collection, ids[10:], stored[10:], fields)
    vectors.upsert(collection, ids[:10], stored[:10])
    assert vectors.fields(collection, [7]) == {7: Fields()}
    assert vectors.set_fields(collection, fields) == 10
    assert vectors.set_fields(collection, fields) == 0
    assert vectors.fetch(collection, ids[:20]) == pytest.approx(stored[:20])
    vectors.flush(collection)
    assert vectors.fields(collection, [7, 600, 601]) == {i: fields[i] for i in (7, 600)}
    query = unit(1, 16, seed=5)[0]
    order = [int(i) + 1 for i in np.argsort(np.linalg.norm(stored - query, axis=1))]
    refused = []
    for text, meets in CONDITIONS:
        try:
            found = vectors.search(collection, query, 12, parse_filter(text))
        except InvalidRequest as error:
            refused.append(str(error))
            continue
        assert [i for i, _ in found] == [i for i in order if meets(fields[i])][:12], text
    assert len(refused) in (0, 5)
    assert all("with % at its end only" in sentence for sentence in refused)
    assert len(vectors.search(collection, query, 12)) == 12


def test_a_collection_of_an_earlier_version_gets_fields(
    vectors: VectorStore, request: pytest.FixtureRequest
) -> None:
    collection, stored = Collection("t_bare", 16), unit(2600, 16)
    ids = list(range(1, 2601))
    make_bare(vectors, collection, ids[:-1], stored[:-1])
    vectors.upsert(collection, ids[-1:], stored[-1:], everything(ids[-1:]))
    assert not vectors.has_fields(collection)
    assert vectors.set_fields(collection, everything(ids[:2])) is None
    assert vectors.search(collection, stored[0], 1)[0][0] == 1

    # Interrupted after the first page, and changed meanwhile, also by a process of its own.
    reports: list[tuple[int, int]] = []

    def record_all(page: object) -> dict[int, Fields]:
        return everything([i for i in ids if i != 5])  # a vector without a record is copied, too

    other = VectorStore(vectors._connection.address)
    assert other.count(collection) == 2600
    assert not vectors.add_fields(
        collection, record_all, lambda *report: reports.append(report), lambda: True
    )
    assert reports == [(1000, 2600)]
    assert vectors.lacks_fields(collection)
    assert vectors.names() == ["t_bare"]
    vectors.delete(collection, [3, 2000])
    vectors.upsert(collection, [3000], stored[:1])
    # By two at once, but not where Milvus Lite is served without the lock of the private stores.
    rival = VectorStore(vectors._connection.address, writing=vectors._writing)
    stores = [vectors] if "[lite]" in request.node.name else [vectors, rival]
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(store.add_fields, collection, record_all) for store in stores]
    assert all(run.result() for run in runs)
    rival.close()
    assert not vectors.lacks_fields(collection)

    expected = [*(i for i in ids if i not in (3, 2000)), 3000]
    for store in (other, vectors):  # the other one still knew the old collection
        assert sorted(store.ids(collection)) == expected
        assert store.present(collection, [2, 3]) == {2}
        assert store.has_fields(collection)
    assert vectors.fields(collection, [5, 6, 3000]) == {5: Fields(), 6: describe(6), 3000: Fields()}
    assert vectors.fetch(collection, ids[3:1999]) == pytest.approx(stored[3:1999])
    other.upsert(collection, [4000], stored[:1], {4000: describe(4000)})
    assert vectors.names() == ["t_bare"]
    assert {i for i, _ in vectors.search(collection, stored[0], 3)} == {1, 3000, 4000}
    assert vectors.search(collection, stored[0], 3, parse_filter("added > 3e9")) == [
        (4000, pytest.approx(0, abs=1e-3))
    ]
    vectors.drop("t_bare")
    assert vectors.names() == []
    other.close()


KILLED = """
import sys
from searcher.stores.fields import Fields
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests.kills import kill_at

kill_at(int(sys.argv[2]))
store = VectorStore(lambda: sys.argv[1])
assert store.add_fields(Collection("t_kill", 16), lambda ids: {i: Fields("new") for i in ids})
"""


def test_killed_at_any_step_nothing_is_lost(milvus_uri: str, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    store, stored = VectorStore(lambda: milvus_uri), unit(20, 16)
    collection, ids = Collection("t_kill", 16), list(range(1, 21))
    states = set()
    for step in range(20):
        make_bare(store, collection, ids, stored)
        status = forks.run([sys.executable, script, milvus_uri, str(step)]).returncode
        client = MilvusClient(milvus_uri)
        states.add(frozenset(name.removeprefix("t_kill") for name in client.list_collections()))
        client.close()
        assert sorted(store.ids(collection)) == ids
        assert store.add_fields(collection, lambda ids: {i: Fields("new") for i in ids})
        assert store.fields(collection, ids) == dict.fromkeys(ids, Fields("new"))
        assert store.fetch(collection, ids) == pytest.approx(stored)
        store.drop("t_kill")
        if status == 0:
            break
        assert status == -signal.SIGKILL
    store.close()
    assert states == {frozenset(s) for s in ([""], ["", COPY], [COPY, RETIRED], [COPY])}
