"""The private servers: shared, restarted when they die, stopped when no process needs them."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from pymilvus import MilvusClient

from searcher.config.settings import Settings
from searcher.errors import StoreUnavailable
from searcher.file_locks import is_locked
from searcher.serve import start_stores
from searcher.stores.collection import ONE_LIST
from searcher.stores.private import supervisor
from searcher.stores.private.client import EmbeddedStores, read_addresses
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import Collection
from tests.process_names import named
from tests.records import record
from tests.servers import ROOT, wait_for
from tests.vectors import unit

pytestmark = [pytest.mark.slow, pytest.mark.real_processes]
COLLECTION = Collection("t_x", 8)

# Another process that puts one record and stays until its standard input closes.
OTHER = """
import sys
from pathlib import Path
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.records import RecordStore
stores = EmbeddedStores(Path(sys.argv[1]))
records = RecordStore(lambda: stores.addresses().redis)
print(records.count(), flush=True)
sys.stdin.read()
"""

# Another process that stays in the middle of a write.
WRITER = """
import sys, time
from pathlib import Path
from searcher.stores.private.client import EmbeddedStores
with EmbeddedStores(Path(sys.argv[1])).writing("t_x"):
    print("writing", flush=True)
    time.sleep(600)
"""


def servers(folder: Path) -> list[psutil.Process]:
    """The supervisor of a folder and its redis-server."""
    return [
        process
        for process in named(str(folder))
        if "searcher.stores.private.supervisor" in process.info["cmdline"]
        or "redis" in process.info["name"]
    ]


def open_stores(folder: Path) -> tuple[EmbeddedStores, RecordStore, VectorStore]:
    stores = EmbeddedStores(folder)
    return (
        stores,
        RecordStore(lambda: stores.addresses().redis),
        VectorStore(lambda: stores.addresses().milvus),
    )


def test_an_app_starts_them_before_it_needs_them(tmp_path: Path) -> None:
    env = {"TWINLENS_DATA": str(tmp_path / "data")}
    settings = Settings.from_env(env)
    stores = start_stores(settings)
    wait_for(lambda: read_addresses(settings.stores), what="the servers' start")
    stores.release()
    wait_for(lambda: not servers(settings.stores), what="the servers' end")
    elsewhere = {"MILVUS_URI": "http://127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1/0"}
    (tmp_path / "data").rename(tmp_path / "former")
    start_stores(Settings.from_env(env | elsewhere))
    assert "stores" not in {thread.name for thread in threading.enumerate()}
    assert not settings.stores.exists()


def test_servers_end_with_the_last_user_and_keep_everything(tmp_path: Path) -> None:
    folder = tmp_path / "stores"
    stores, records, vectors = open_stores(folder)
    records.put([record(1)])
    vectors.upsert(COLLECTION, [1], unit(1, 8))
    assert len(servers(folder)) == 2
    stores.release()
    wait_for(lambda: not servers(folder), what="the servers' end")
    assert not is_locked(folder / "keeper.lock")

    stores, records, vectors = open_stores(folder)
    assert records.get([1]) == [record(1)]
    assert vectors.get(COLLECTION, 1) == pytest.approx(unit(1, 8)[0], abs=1e-6)
    stores.release()


def test_two_processes_share_and_the_survivor_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "stores"
    command = [sys.executable, "-c", OTHER, str(folder)]
    first = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert first.stdout
    assert first.stdout.readline() == "0\n"
    stores, records, _ = open_stores(folder)
    records.put([record(1)])
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert records.count() == 1
    assert len(servers(folder)) == 2
    stores.release()


@pytest.mark.parametrize("victims", ["supervisor", "redis", "both"])
def test_killed_servers_are_started_again_without_loss(tmp_path: Path, victims: str) -> None:
    folder = tmp_path / "stores"
    stores, records, vectors = open_stores(folder)
    records.put([record(i) for i in range(1, 51)])
    vectors.upsert(COLLECTION, list(range(1, 51)), unit(50, 8))
    for process in servers(folder):
        is_redis = "redis" in process.name()
        if victims == "both" or is_redis == (victims == "redis"):
            os.kill(process.pid, signal.SIGKILL)
    assert records.count() == 50
    assert vectors.count(COLLECTION) == 50
    assert vectors.get(COLLECTION, 7) == pytest.approx(unit(50, 8)[6], abs=1e-6)
    stores.release()
    wait_for(lambda: not servers(folder), what="the servers' end")


def test_a_redis_that_is_slow_gets_no_second_one_beside_it(tmp_path: Path) -> None:
    stores, records, _ = open_stores(tmp_path)
    records.put([record(1)])
    keeper, redis = sorted(servers(tmp_path), key=lambda process: "redis" in process.name())
    redis.suspend()
    keeper.kill()
    wait_for(lambda: not is_locked(tmp_path / "keeper.lock"), what="the supervisor's end")
    is_resumed = threading.Event()

    def resume() -> None:
        is_resumed.set()
        redis.resume()

    # A supervisor gives up waiting for an answer after 5 s.
    threading.Timer(8, resume).start()
    stores.addresses()
    assert is_resumed.is_set()
    assert redis in servers(tmp_path)
    assert len(servers(tmp_path)) == 2
    assert records.get([1]) == [record(1)]
    stores.release()
    wait_for(lambda: not servers(tmp_path), what="the servers' end")


def test_addresses_of_a_killed_supervisor_are_never_those_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = tmp_path / "addresses.json"
    addresses.write_text('{"milvus": "http://127.0.0.1:1", "redis": "redis://127.0.0.1:1"}')
    held = []

    def discard(path: Path) -> None:
        held.append(is_locked(tmp_path / "keeper.lock") and path.exists())
        path.unlink(missing_ok=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(supervisor, "discard", discard)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        supervisor.main(tmp_path)
    assert held == [False]


def test_a_redis_whose_socket_was_deleted_is_started_again(tmp_path: Path) -> None:
    stores, records, _ = open_stores(tmp_path)
    records.put([record(1)])
    (socket,) = tmp_path.rglob("redis.sock")
    socket.unlink()
    wait_for(socket.exists, what="another socket")
    assert records.get([1]) == [record(1)]
    assert len(servers(tmp_path)) == 2
    stores.release()
    wait_for(lambda: not servers(tmp_path), what="the servers' end")


def test_no_server_outlives_a_folder_that_was_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "stores"
    stores, records, _ = open_stores(folder)
    assert records.count() == 0
    shutil.rmtree(folder)
    wait_for(lambda: not servers(folder), what="the servers' end")
    stores.release()


def test_an_index_that_a_crash_cut_off_is_made_anew(tmp_path: Path) -> None:
    stores, _, vectors = open_stores(tmp_path)
    vectors.upsert(COLLECTION, range(1, 51), unit(50, 8))
    vectors.flush(COLLECTION)
    wait_for(lambda: list(tmp_path.rglob("*.idx")), what="the index")
    (keeper,) = (p for p in servers(tmp_path) if "redis" not in p.name())
    os.kill(keeper.pid, signal.SIGKILL)
    (index,) = tmp_path.rglob("*.idx")
    os.truncate(index, index.stat().st_size // 2)
    assert vectors.search(COLLECTION, unit(50, 8)[6], 1)[0][0] == 7
    stores.release()
    wait_for(lambda: not servers(tmp_path), what="the servers' end")
    assert not (tmp_path / "milvus.open").exists()


def test_every_vector_is_compared_with(tmp_path: Path) -> None:
    stores = EmbeddedStores(tmp_path)
    vectors = VectorStore(lambda: stores.addresses().milvus, index=ONE_LIST)
    stored = unit(3000, 8)
    vectors.upsert(COLLECTION, range(1, 3001), stored)
    vectors.flush(COLLECTION)
    wait_for(lambda: list(tmp_path.rglob("*.ivf_flat.idx")), what="the index")
    client = MilvusClient(stores.addresses().milvus)
    assert client.describe_index(COLLECTION.name, "embedding")["params"] == {"nlist": 1}
    client.close()
    for query in unit(3040, 8)[3000:]:
        nearest = np.argsort(np.linalg.norm(stored - query, axis=1))[:10] + 1
        assert [i for i, _ in vectors.search(COLLECTION, query, 10)] == nearest.tolist()
    vectors.close()
    stores.release()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    stores = EmbeddedStores(tmp_path)
    inside: list[int] = []
    peaks: list[int] = []

    def work() -> None:
        with stores.writing("t_x"):
            inside.append(1)
            peaks.append(len(inside))
            time.sleep(0.05)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert peaks == [1, 1, 1, 1]


def test_a_killed_writer_lets_go_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert other.stdout
    assert other.stdout.readline() == "writing\n"
    assert is_locked(tmp_path / "t_x.lock")
    other.kill()
    other.wait()
    with EmbeddedStores(tmp_path).writing("t_x"):
        assert is_locked(tmp_path / "t_x.lock")


def test_a_deep_folder_is_no_problem_for_the_socket(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["a-rather-long-folder-name"] * 5)
    stores, records, _ = open_stores(folder)
    records.put([record(1)])
    assert records.count() == 1
    stores.release()


def test_a_folder_that_can_not_be_made_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    stores = EmbeddedStores(tmp_path / "file" / "stores")
    with pytest.raises(StoreUnavailable, match="TWINLENS_DATA"):
        stores.addresses()
