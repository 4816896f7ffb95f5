"""Collections whose vectors are shrunken: searched, written to, restored, interrupted anywhere."""

import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from pymilvus import MilvusClient

from searcher.metrics.shrinkage import Variant, principal_axes, reduce
from searcher.search.filters import parse_filter
from searcher.stores.collection import HNSW
from searcher.stores.collection_names import AXES, FULL, PCA
from searcher.stores.fields import Fields
from searcher.stores.forms import Form
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests import forks
from tests.milvus import MilvusServer
from tests.vectors import unit

DIM = 32
IDS = list(range(1, 1301))
STORED = unit(1302, DIM)
AXES_8 = principal_axes(STORED[:1300], 8)
PCA_8 = Form(DIM, Variant("pca", 8), AXES_8)


def fill(store: VectorStore, collection: Collection) -> None:
    fields = {i: Fields(label="old", width=i) for i in IDS}
    store.upsert(collection, IDS, STORED[: len(IDS)], fields)
    store.flush(collection)


def names(store: VectorStore) -> set[str]:
    client = MilvusClient(store._connection.address())
    found = {
        name
        for name in client.list_collections()
        if name.startswith(("t_shrink", "t_axes", "t_kill"))
    }
    client.close()
    return found  # a server has other tests' as well


def nearest(query: np.ndarray, reduced: np.ndarray, k: int = 5) -> list[tuple[int, float]]:
    distances = np.linalg.norm(reduced - query, axis=1)
    return [(int(row) + 1, float(distances[row])) for row in np.argsort(distances)[:k]]


def test_a_shrunken_collection_is_searched_written_to_and_restored(vectors: VectorStore) -> None:
    form = PCA_8
    collection = Collection("t_shrink", DIM)
    fill(vectors, collection)
    other = VectorStore(vectors._connection.address, writing=vectors._writing)
    assert other.count(collection) == 1300
    shrinking = vectors.shrinking(collection)
    reports: list[tuple[int, int]] = []
    assert not shrinking.apply(form, lambda *report: reports.append(report), lambda: True)
    assert names(vectors) == {"t_shrink"}
    assert shrinking.apply(form, lambda *report: reports.append(report))
    assert reports == [(1000, 1300), (1000, 1300), (1300, 1300)]

    reduced = reduce(STORED, 8, form.axes)
    for store in (vectors, other):  # the other one still knew the full collection
        assert "t_shrink" in store.names()
        assert store.form(collection).variant == form.variant
        assert store.count(collection) == 1300
        for query in STORED[:3]:
            expected = nearest(reduce(query[None], 8, form.axes)[0], reduced[:1300])
            hits = store.search(collection, query, 5)
            assert [i for i, _ in hits] == [i for i, _ in expected]
            assert [d for _, d in hits] == pytest.approx([d for _, d in expected], abs=2e-3)
        assert store.search(collection, STORED[0], 1, parse_filter("width == 77"))[0][0] == 77
    # What is read has the model's dimensions, and the distances of what is stored.
    fetched = vectors.fetch(collection, IDS[:2])
    assert fetched.shape == (2, DIM)
    assert np.linalg.norm(fetched[0] - fetched[1]) == pytest.approx(
        np.linalg.norm(reduced[0] - reduced[1]), abs=1e-5
    )
    assert shrinking.fetch_full(IDS) == pytest.approx(STORED[:1300])

    # Added, deleted and described while it is shrunken, by a process that knew it before.
    other.upsert(collection, [5000], STORED[1300:1301], {5000: Fields("new")})
    other.delete(collection, [2])
    assert vectors.set_fields(collection, {3: Fields("changed")}) == 1
    assert vectors.search(collection, STORED[1300], 1)[0][0] == 5000
    assert vectors.present(collection, [2, 3]) == {3}
    shrinking.restore()
    for store in (vectors, other):
        assert store.form(collection).variant.is_full
        assert sorted(store.ids(collection)) == [1, *IDS[2:], 5000]
        assert store.fields(collection, [3, 4, 5000]) == {
            3: Fields("changed"),
            4: Fields(label="old", width=4),
            5000: Fields("new"),
        }
        assert store.fetch(collection, [1, 5000]) == pytest.approx(STORED[[0, 1300]])
    assert names(vectors) == {"t_shrink"}
    assert shrinking.apply(form)
    vectors.drop("t_shrink")
    assert names(vectors) == set()
    other.close()


def test_without_its_axes_the_full_vectors_are_used(milvus_uri: str) -> None:
    vectors, collection = VectorStore(lambda: milvus_uri), Collection("t_axes", DIM)
    fill(vectors, collection)
    vectors.shrinking(collection).apply(PCA_8)
    client = MilvusClient(vectors._connection.address())
    client.drop_collection("t_axes" + AXES)
    client.close()
    other = VectorStore(vectors._connection.address, writing=vectors._writing)
    assert other.fetch(collection, IDS[:3]) == pytest.approx(STORED[:3])
    other.upsert(collection, [5000], STORED[1300:1301])
    other.shrinking(collection).restore()
    assert len(other.ids(collection)) == 1301
    assert names(other) == {"t_axes"}
    other.drop("t_axes")
    for store in (vectors, other):
        store.close()


KILLED = """
import sys
from searcher.stores.vectors import VectorStore
from tests.kills import kill_at
from tests.test_shrunken_vectors import PCA_8, Collection, DIM

kill_at(int(sys.argv[2]))
shrinking = VectorStore(lambda: sys.argv[1]).shrinking(Collection("t_kill", DIM))
shrinking.apply(PCA_8)
shrinking.restore()
"""


def test_killed_at_any_step_nothing_is_lost(milvus_uri: str, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    store, ids = VectorStore(lambda: milvus_uri), IDS[:20]
    collection = Collection("t_kill", DIM)
    states = set()
    for step in range(30):
        store.upsert(collection, ids, STORED[:20])
        status = forks.run([sys.executable, script, milvus_uri, str(step)]).returncode
        states.add(frozenset(name.removeprefix("t_kill") for name in names(store)))
        fresh = VectorStore(lambda: milvus_uri)
        assert sorted(fresh.ids(collection)) == ids
        assert fresh.search(collection, STORED[4], 1)[0][0] == 5
        assert fresh.shrinking(collection).fetch_full(ids) == pytest.approx(STORED[:20])
        fresh.shrinking(collection).restore()
        assert names(fresh) == {"t_kill"}
        assert fresh.fetch(collection, ids) == pytest.approx(STORED[:20])
        fresh.drop("t_kill")
        fresh.close()
        if status == 0:
            break
        assert status == -signal.SIGKILL
    store.close()
    used = {frozenset({FULL, PCA, AXES}), frozenset({"", PCA, AXES}), frozenset({"", AXES})}
    assert states >= used


@pytest.mark.milvus_server
def test_a_server_stores_fewer_bits(milvus_server: MilvusServer) -> None:
    """And fewer dimensions; int8 alone is the same but for the number of dimensions."""
    variant = Variant.parse("first-8-int8", DIM)
    assert variant is not None
    store = VectorStore(lambda: milvus_server.uri, index=HNSW)
    collection = Collection("t_bits", DIM)
    fill(store, collection)
    store.shrinking(collection).apply(Form(DIM, variant))
    assert store.form(collection).variant == variant
    reduced = reduce(STORED, variant.dim)
    hits = store.search(collection, STORED[6], 5)
    expected = nearest(reduced[6], reduced[:1300])
    assert len({i for i, _ in hits} & {i for i, _ in expected}) >= 4
    assert [d for _, d in hits][1:] == pytest.approx([d for _, d in expected][1:], abs=0.02)
    store.upsert(collection, [5000], STORED[1300:1301])
    assert store.set_fields(collection, {5000: Fields("new")}) == 1
    assert store.search(collection, STORED[1300], 1)[0][0] == 5000
    store.shrinking(collection).restore()
    assert store.fetch(collection, [7, 5000]) == pytest.approx(STORED[[6, 1300]])
    assert store.fields(collection, [5000]) == {5000: Fields("new")}
    store.drop("t_bits")
    store.close()
