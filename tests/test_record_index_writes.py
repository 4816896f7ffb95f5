"""The index of names and labels while others write, and after Redis was killed."""

import random
import threading
import time
from pathlib import Path

from searcher.errors import StoreUnavailable
from searcher.stores.record_index import NAMES
from searcher.stores.records import Record, RecordStore
from tests.records import record
from tests.servers import free_port, redis_on, wait_for
from tests.test_record_index import counted


def churn(store: RecordStore, end: threading.Event, seed: int) -> None:
    """Add, relabel and remove records until the end, or until Redis is away."""
    generator = random.Random(seed)
    while not end.is_set():
        numbers = generator.sample(range(1, 200), 8)
        try:
            store.put(_labelled(number, generator) for number in numbers)
            store.add(_labelled(generator.randrange(1, 200), generator))
            store.remove(generator.sample(range(1, 200), 4))
        except StoreUnavailable:
            return


def _labelled(number: int, generator: random.Random) -> Record:
    return record(number, label=generator.choice("abc"), added=generator.random())


def test_it_is_mended_beside_others_that_write(records: RecordStore) -> None:
    end = threading.Event()
    writers = [threading.Thread(target=churn, args=(records, end, seed)) for seed in (1, 2)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(5):
            records.connection.call(lambda client: client.delete(NAMES))
            records.check_index(repair=True)
    finally:
        end.set()
        for writer in writers:
            writer.join()
    records.check_index(repair=True)
    assert records.check_index(repair=False) == 0
    assert records.index.labels() == counted(records)


def test_a_killed_server_leaves_index_and_records_in_step(tmp_path: Path) -> None:
    port = free_port()
    store = RecordStore(lambda: f"redis://127.0.0.1:{port}")
    generator = random.Random(0)
    try:
        for seed in range(6):
            with redis_on(port, tmp_path, "--appendonly", "yes") as server:
                end = threading.Event()
                writer = threading.Thread(target=churn, args=(store, end, seed))
                try:
                    assert store.check_index(repair=False) == 0
                    assert store.index.labels() == counted(store)
                    before = store.connection.call(lambda client: client.dbsize())
                    writer.start()
                    wait_for(
                        lambda b=before: store.connection.call(lambda c: c.dbsize()) != b,  # type: ignore[misc]
                        what="writes",
                    )
                    time.sleep(generator.random() / 10)  # the kill comes at any moment
                finally:
                    end.set()
                    server.kill()
                writer.join()
    finally:
        store.close()
