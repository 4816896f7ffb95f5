"""Records in Redis: one suite for the private server and for one over the network."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from searcher.errors import StoreUnavailable
from searcher.stores.records import RecordStore
from tests.records import record
from tests.servers import free_port, redis_on


def test_records_come_back_in_the_order_asked(records: RecordStore) -> None:
    records.put(record(i) for i in (1, 2, 3))
    assert records.get([3, 9, 1]) == [record(3), None, record(1)]
    assert records.get([]) == []


def test_putting_twice_is_one_record(records: RecordStore) -> None:
    records.put([record(5)])
    records.put([record(5, label="other")])
    assert records.count() == 1
    assert records.get([5]) == [record(5, label="other")]


def test_ids_are_listed_by_time_added(records: RecordStore) -> None:
    records.put(record(i, added=1e9 - i) for i in range(1, 26))
    assert list(records.ids(page=10)) == list(range(25, 0, -1))


def test_any_name_survives(records: RecordStore) -> None:
    odd = record(
        2**63 - 1, name="é\n日本 '\"\\/\x7f", path="/caf\udce9/ü.jpg", copies=("/a", "/\udcff")
    )
    records.put([odd])
    assert records.get([odd.id]) == [odd]


def test_a_thousand_and_more_come_back_at_once(records: RecordStore) -> None:
    records.put(record(i) for i in range(1, 2101))
    asked = [*range(2100, 0, -1), 9999]
    assert records.get(asked) == [*map(record, asked[:-1]), None]


def test_removed_is_gone(records: RecordStore) -> None:
    records.put([record(1), record(2)])
    records.remove([1, 77])
    assert list(records.ids()) == [2]
    assert records.get([1]) == [None]


def test_incomplete_records_count_as_missing(records: RecordStore) -> None:
    records.put([record(4)])
    records.connection.call(lambda client: client.hdel("twinlens:image:4", "width"))
    assert records.get([4]) == [None]


def test_notes_are_replaced_whole(records: RecordStore) -> None:
    assert records.note("test") == {}
    records.note("test", {"a": "1", "b": "2"})
    records.note("test", {"a": "3"})
    assert records.note("test") == {"a": "3"}
    records.note("test", {})
    assert records.note("test") == {}


def test_a_server_that_is_away_gets_a_sentence() -> None:
    port = free_port()
    with pytest.raises(StoreUnavailable, match="Redis does not answer"):
        RecordStore(lambda: f"redis://127.0.0.1:{port}").count()


@pytest.mark.parametrize(
    "url",
    [
        *("localhost:6379", "redis://localhost:port/0", "http://localhost"),
        *("redis://host?no_such=1", "redis://host?db=x", "redis://host?protocol=9"),
        *("redis://host?decode_responses=0", "redis://host?retry=5"),
    ],
)
def test_an_address_that_is_none_gets_a_sentence(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="REDIS_URL is no address"):
        RecordStore(lambda: url).count()


def test_work_goes_on_when_the_server_is_back(tmp_path: Path) -> None:
    port = free_port()
    store = RecordStore(lambda: f"redis://127.0.0.1:{port}")
    for expected in (0, 1):
        with redis_on(port, tmp_path, "--appendonly", "yes") as server:
            try:
                assert store.count() == expected
                store.put([record(1)])
            finally:
                server.kill()
        with pytest.raises(StoreUnavailable):
            store.count()


def test_a_late_failure_closes_no_client_that_another_thread_opened(redis_url: str) -> None:
    store = RecordStore(lambda: redis_url)
    failing, reopened = threading.Event(), threading.Event()
    clients: list[redis.Redis] = []

    def fail_late(client: redis.Redis) -> None:
        clients.append(client)
        if len(clients) == 1:
            failing.set()
            assert reopened.wait(60)
            raise redis.ConnectionError

    try:
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(store.connection.call, fail_late)
            assert failing.wait(60)
            store.close()  # as another thread does whose call fails first
            client = store.connection.call(lambda client: client)
            reopened.set()
            late.result()
        assert clients[1] is client
        assert store.connection.call(lambda client: client) is client
    finally:
        reopened.set()
        store.close()


def test_a_call_whose_connection_another_thread_closes_is_made_again(redis_url: str) -> None:
    store = RecordStore(lambda: redis_url)
    answers: list[object] = []

    def closed_before_the_answer(client: redis.Redis) -> object:
        connection = client.connection_pool.get_connection()
        connection.send_command("PING")
        if not answers:
            answers.append(None)
            store.close()  # as another thread does
        return connection.read_response()

    def wrong(client: redis.Redis) -> None:
        raise AttributeError("wrong")

    try:
        assert store.connection.call(closed_before_the_answer) == "PONG"
        with pytest.raises(AttributeError, match="wrong"):
            store.connection.call(wrong)
    finally:
        store.close()
