"""Files of the vectors, damaged in every way: one bad collection disables only itself."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from searcher.errors import DamagedCollection
from searcher.stores.collection import ONE_LIST
from searcher.stores.private import milvus_server
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.private.milvus_server import PrivateMilvus
from searcher.stores.private.recovery import recoveries
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests.damage import DAMAGES, copy
from tests.servers import wait_for
from tests.test_private_stores import open_stores, servers
from tests.vectors import unit

pytestmark = pytest.mark.slow

BAD, GOOD = Collection("t_bad", 8), Collection("t_good", 8)
COUNT = 60
# A collection for each kind of damage.
EACH = {kind: Collection(f"t_bad{chr(97 + n)}", 8) for n, kind in enumerate(DAMAGES)}
VECTORS = unit(COUNT, 8)
FILES = {
    "data": "partitions/_default/data/*.parquet",
    "delta": "partitions/_default/delta/*.parquet",
    "index": "partitions/_default/indexes/*.idx",
    "log": "wal/wal_data_*.arrow",
    "log of deletes": "wal/wal_delta_*.arrow",
    "schema": "schema.json",
    "manifest": "manifest.json",
    "former manifest": "manifest.json.prev",
}


@contextmanager
def open_vectors(stores: Path) -> Iterator[VectorStore]:
    with PrivateMilvus(stores) as server:
        vectors = VectorStore(lambda: server.url, index=ONE_LIST)
        try:
            yield vectors
        finally:
            vectors.close()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two collections after a crash."""
    return crashed(tmp_path_factory.mktemp("two"), BAD, GOOD)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection for each kind of damage, and another, after a crash."""
    return crashed(tmp_path_factory.mktemp("many"), *EACH.values(), GOOD)


def crashed(folder: Path, *collections: Collection) -> Path:
    """Collections with every kind of file; of what is in the logs nothing is flushed."""
    stores = folder / "open"
    stores.mkdir()
    with open_vectors(stores) as vectors:
        for collection in collections:
            vectors.upsert(collection, range(1, 41), VECTORS[:40])
            vectors.flush(collection)
            vectors.delete(collection, [3])
            vectors.flush(collection)
            files = stores / "milvus" / "collections" / collection.name
            wait_for(partial(_files, files, FILES["index"]), what="the index")
            vectors.upsert(collection, range(41, COUNT + 1), VECTORS[40:])
            vectors.delete(collection, [50])
        # As after a crash: closing would flush the logs.
        copied = copy(stores, folder / "crashed")
    (copied / "milvus.open").unlink()
    return copied


def check(vectors: VectorStore, collection: Collection) -> None:
    """All vectors are there and are found."""
    assert vectors.count(collection) == COUNT - 2
    assert set(vectors.ids(collection)) == set(range(1, COUNT + 1)) - {3, 50}
    for number in (0, 20, 45):
        assert vectors.search(collection, VECTORS[number], 1)[0][0] == number + 1


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_disables_no_other_collection(many: Path, tmp_path: Path, name: str) -> None:
    stores = copy(many, tmp_path / "stores")
    everything = set(range(1, COUNT + 1)) - {3, 50}
    for kind, bad in EACH.items():
        for path in sorted((stores / "milvus" / "collections" / bad.name).glob(FILES[name])):
            DAMAGES[kind](path)
    with open_vectors(stores) as vectors:
        check(vectors, GOOD)
        assert set(vectors.names()) <= {GOOD.name, *(bad.name for bad in EACH.values())}
        put_aside = [entry.name for entry in recoveries(stores)]
        assert len(put_aside) == len(set(put_aside))
        for kind, bad in EACH.items():
            aside = bad.name in put_aside
            assert aside == bool(list((stores / "milvus-damaged").glob(f"{bad.name}*"))), kind
            assert vectors.count(bad) == 0 or not aside, kind
            # As the app's worker does: what is missing is embedded again.
            lacking = sorted(everything - set(vectors.ids(bad)))
            vectors.upsert(bad, lacking, VECTORS[[i - 1 for i in lacking]])
            vectors.delete(bad, [3, 50])
            vectors.flush(bad)
            assert set(vectors.ids(bad)) == everything, kind
    with open_vectors(stores) as vectors:
        check(vectors, GOOD)
        for kind, bad in EACH.items():
            assert vectors.count(bad) == COUNT - 2, kind


STRAYS = [
    *("LOCK", "collections", "databases", ".database-staging", "aliases.json"),
    *("database_properties.json", "stray", "collections/stray", "collections/t_new"),
    *("collections/t_bad", ".", "../milvus.open", "../milvus.opening", "../milvus-damaged"),
]


@pytest.mark.parametrize("kind", ["garbage", "a folder"])
@pytest.mark.parametrize("name", STRAYS)
def test_nothing_in_the_folder_stops_it(closed: Path, tmp_path: Path, name: str, kind: str) -> None:
    stores = copy(closed, tmp_path / "stores")
    path = (stores / "milvus" / name).resolve()
    if path.is_dir():
        shutil.rmtree(path)
    path.write_bytes(b"")
    DAMAGES[kind](path)
    for _ in range(2):
        with open_vectors(stores) as vectors:
            if name not in ("collections", "."):
                check(vectors, GOOD)
            new = Collection("t_new", 8)
            vectors.upsert(new, [1], VECTORS[:1])
            assert vectors.count(new) == 1
            assert "stray" not in vectors.names()


def test_only_the_last_few_damaged_ones_are_kept(closed: Path, tmp_path: Path) -> None:
    stores = copy(closed, tmp_path / "stores")
    for _ in range(5):
        (stores / "milvus/collections/t_bad/schema.json").write_text("")
        with open_vectors(stores) as vectors:
            vectors.upsert(BAD, [1], VECTORS[:1])
    assert len(list((stores / "milvus-damaged").iterdir())) == 3
    assert len(recoveries(stores)) == 5


def test_a_collection_that_stops_the_process_is_put_aside(
    closed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = copy(closed, tmp_path / "stores")
    (stores / "milvus.opening").write_text(GOOD.name)  # an unrelated kill: the collection stays
    with open_vectors(stores) as vectors:
        check(vectors, GOOD)
    assert not (stores / "milvus.opening").exists()
    (stores / "milvus.opening").write_text("../../..")
    with open_vectors(stores) as vectors:
        check(vectors, GOOD)
    manifest = stores / "milvus/collections/t_bad/manifest.json"
    manifest.unlink()
    os.mkfifo(manifest)  # reading it blocks forever
    (stores / "milvus.opening").write_text(BAD.name)
    monkeypatch.setattr(milvus_server, "TRY_S", 3)
    with open_vectors(stores) as vectors:
        assert vectors.names() == [GOOD.name]
    assert [entry.name for entry in recoveries(stores)] == [BAD.name]


def break_folder(stores: Path) -> None:
    """Replace the log folder by a file, on which a running Milvus Lite fails at its next write."""
    log = stores / "milvus" / "collections" / BAD.name / "wal"
    shutil.rmtree(log)
    log.write_bytes(b"")


def ended(folder: Path, stores: EmbeddedStores, vectors: VectorStore) -> None:
    vectors.close()
    stores.release()
    wait_for(lambda: not servers(folder), what="the servers' end")


def test_damage_under_the_running_server_is_mended(closed: Path, tmp_path: Path) -> None:
    folder = copy(closed, tmp_path / "stores")
    stores, _, _ = open_stores(folder)
    vectors = VectorStore(lambda: stores.addresses().milvus, index=ONE_LIST, check=stores.check)
    check(vectors, BAD)
    break_folder(folder)
    vectors.upsert(BAD, [1], VECTORS[:1])
    assert vectors.count(BAD) == 1
    check(vectors, GOOD)
    assert [entry.name for entry in stores.recoveries()] == [BAD.name]
    ended(folder, stores, vectors)


def test_a_creation_that_a_full_disk_interrupted_is_repeated(closed: Path, tmp_path: Path) -> None:
    """Milvus Lite leaves an empty folder then, and creates no collection where there is one."""
    folder = copy(closed, tmp_path / "stores")
    stores, _, _ = open_stores(folder)
    vectors = VectorStore(lambda: stores.addresses().milvus, index=ONE_LIST, check=stores.check)
    assert vectors.marks() == []  # the server is up
    for name in ("twinlens_library_0123", "t_new"):
        (folder / "milvus" / "collections" / name).mkdir()
    vectors.mark("0123")
    assert vectors.marks() == ["0123"]
    vectors.upsert(Collection("t_new", 8), [1], VECTORS[:1])
    assert vectors.count(Collection("t_new", 8)) == 1
    ended(folder, stores, vectors)


def test_damage_and_a_killed_supervisor(closed: Path, tmp_path: Path) -> None:
    folder = copy(closed, tmp_path / "stores")
    stores, _, _ = open_stores(folder)
    vectors = VectorStore(lambda: stores.addresses().milvus, index=ONE_LIST, check=stores.check)
    check(vectors, BAD)
    (data, *_) = (folder / "milvus/collections/t_bad").glob(FILES["data"])
    os.truncate(data, data.stat().st_size // 2)
    (folder / "addresses.json").write_text("{")
    for process in servers(folder):
        process.send_signal(signal.SIGKILL)
    assert vectors.count(BAD) == 0
    check(vectors, GOOD)
    ended(folder, stores, vectors)


def test_a_damaged_collection_of_a_server_elsewhere_is_named(closed: Path, tmp_path: Path) -> None:
    stores = copy(closed, tmp_path / "stores")
    with open_vectors(stores) as vectors:
        check(vectors, BAD)
        # No supervisor is there to move it aside.
        break_folder(stores)
        with pytest.raises(DamagedCollection, match="can't use the collection t_bad"):
            vectors.upsert(BAD, [1], VECTORS[:1])
        check(vectors, GOOD)


def _files(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))
