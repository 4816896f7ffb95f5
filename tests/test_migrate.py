"""A library is carried to other stores and back, and goes on after kill -9 at any moment."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import redis

from searcher.errors import ForeignStores, InvalidRequest, NotAllowed, StrangeStores
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.migration import migrate
from searcher.library.relabelling import set_label, undo_label
from searcher.library.trash import remove, undo
from searcher.library.vector_variants import find_variant, shrink
from searcher.stores.ballots import BallotStore
from searcher.stores.fields import Fields
from searcher.stores.key_copy import PAGE
from searcher.stores.pairing import Pairing
from tests import forks
from tests.cli_calls import Run
from tests.migrations import elsewhere, empty, everything
from tests.milvus import MilvusServer
from tests.parameters import SERVER, MakeSettings
from tests.pictures import folder, save
from tests.servers import environment

PICTURES = 24
VOTERS = ["ann", "bob"]


# For what another kind of Milvus may change: a standalone one takes a minute for each test.
ON_BOTH = pytest.mark.parametrize("addresses", ["lite", SERVER], indirect=True)


@pytest.fixture
def addresses(request: pytest.FixtureRequest) -> dict[str, str]:
    """Empty servers: a Milvus, of either kind, and a Redis."""
    kind = getattr(request, "param", "lite")
    fixture = {"lite": "milvus_uri", "server": "milvus_server"}[kind]
    location: str | MilvusServer = request.getfixturevalue(fixture)
    uri = location if isinstance(location, str) else location.uri
    addresses = {"MILVUS_URI": uri, "REDIS_URL": request.getfixturevalue("redis_url")}
    empty(addresses)
    return addresses


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    """A library with what a store may have: labels, votes, notes, a shrunken model."""
    folder(tmp_path / "in", {"cats": PICTURES // 2, "dogs": PICTURES // 2})
    library.add([tmp_path / "in"])
    ids = list(library.records.ids())
    set_label(library, ids[:3], "tiger")
    ballots = BallotStore(library.records.connection)
    for voter in VOTERS:
        for picture_id in ids[:4]:
            duel = Pairing(picture_id, "colour", "shape")
            ballots.open(f"{voter} {picture_id}", duel)
            assert ballots.count(f"{voter} {picture_id}", voter, duel, "colour")
    library.installs.decline("vgg16")
    model = library.registry.get("colour")
    assert shrink(library, model, find_variant(library, model, "pca-16"))
    return library


@ON_BOTH
def test_a_library_goes_to_servers_and_comes_back(
    filled: Library, addresses: dict[str, str], tmp_path: Path
) -> None:
    before = everything(filled)
    assert before[1]["colour"][0].name == "pca-16"
    reports: list[tuple[str, int, int]] = []
    migration = migrate(filled, elsewhere(filled, addresses), progress=lambda *r: reports.append(r))
    assert (migration.pictures, migration.models) == (PICTURES, {"colour": 24, "shape": 24})
    assert migration.document()["set"] == ["REDIS_URL", "MILVUS_URI"]
    assert {("records", 24, 24), ("colour", 24, 24), ("shape", 24, 24)} <= set(reports)
    assert everything(filled) == before, "the source stays as it was"

    there = Library(elsewhere(filled, addresses))
    try:
        assert everything(there) == before
        there.identity.require()
        assert examine(there).problems == []
        # It goes on there: votes and labels are taken back, pictures come and go.
        assert BallotStore(there.records.connection).undo("ann")
        assert undo_label(there) == 3
        removed = remove(there, list(there.records.ids())[:2])
        assert undo(there, removed.batch) == 2
        there.add([save(tmp_path / "new" / "later.jpg", 99)])
        assert remove(there, [next(there.records.ids())]).count == 1
        there.index(there.incomplete())
        later = everything(there)
        back = elsewhere(there, {})
        with pytest.raises(NotAllowed, match="have this library already"):
            migrate(there, back)
        assert everything(filled) == before
        migration = migrate(there, back, replace=True)
        assert migration.document()["unset"] == ["REDIS_URL", "MILVUS_URI"]
        assert everything(there) == later
    finally:
        there.close()
    again = Library(filled.settings)
    assert everything(again) == later
    assert examine(again).problems == []
    again.close()


def test_targets_that_are_refused_stay_as_they_are(
    filled: Library, make_settings: MakeSettings, addresses: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(InvalidRequest, match="in these stores already"):
        migrate(filled, filled.settings)
    other = Library(elsewhere(filled, addresses).model_copy(update={"data": tmp_path / "other"}))
    other.add([save(tmp_path / "others.jpg", 7)])
    theirs = everything(other)
    with pytest.raises(ForeignStores, match="Redis there has another library"):
        migrate(filled, elsewhere(filled, addresses), replace=True)
    milvus = {"MILVUS_URI": addresses["MILVUS_URI"]}
    with pytest.raises(ForeignStores, match="Milvus there has another library"):
        migrate(filled, elsewhere(filled, milvus), replace=True)
    # Nor without a mark, as an earlier version left them.
    (mark,) = other.vectors.marks()
    other.vectors.unmark(mark)
    other.records.note("library", {})
    for part in ({"REDIS_URL": addresses["REDIS_URL"]}, milvus):
        with pytest.raises(ForeignStores):
            migrate(filled, elsewhere(filled, part), replace=True)
    assert everything(other) == theirs
    other.close()
    # A second address of the very stores that are in use.
    empty(addresses)
    migrate(filled, elsewhere(filled, addresses))
    there = Library(elsewhere(filled, addresses))
    kept = everything(there)
    same = addresses["REDIS_URL"].replace("127.0.0.1", "localhost")
    with pytest.raises(InvalidRequest, match="in these stores already"):
        migrate(there, elsewhere(filled, {**addresses, "REDIS_URL": same}), replace=True)
    assert everything(there) == kept
    there.close()


KILLED = """
import sys
from searcher.cli.main import main
from searcher.library.job_board import JobBoard
from searcher.stores.collection_copy import CollectionCopy
from searcher.stores.key_copy import KeyCopy
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from tests.kills import kill_at

JobBoard.start = lambda self: None  # its thread reads notes, too
kill_at(int(sys.argv[1]), {
    RecordStore: "note", VectorStore: "mark unmark", KeyCopy: "_copy_records _copy",
    CollectionCopy: "_write _flush drop_others differs",
})
sys.exit(main(["migrate", "--json", *sys.argv[2:]]))
"""


@ON_BOTH
def test_killed_at_any_moment_it_goes_on(
    filled: Library, addresses: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = everything(filled)
    program = tmp_path / "killed.py"
    program.write_text(KILLED)
    models = str(filled.settings.models_dir)
    options = ["--to-milvus", addresses["MILVUS_URI"], "--to-redis", addresses["REDIS_URL"]]
    there = elsewhere(filled, addresses)
    killed = 0
    # A standalone Milvus takes 15 s for each: fewer moments, 5 rather than 14.
    apart = 14 if request.node.get_closest_marker("milvus_server") else 5
    for step in range(0, 200, apart):
        process = forks.run(
            [sys.executable, program, str(step), *options],
            env=environment(tmp_path, MODELS_DIR=models),
        )
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, process.stderr
        killed += 1
        other = Library(there)
        if other.vectors.marks():  # nothing may use what is not complete
            with pytest.raises(StrangeStores, match="does not have all of the library yet"):
                other.identity.require()
        other.close()
    assert killed >= 4
    assert json.loads(process.stdout)["pictures"] == PICTURES
    complete = Library(there)
    assert everything(complete) == before == everything(filled)
    assert examine(complete).problems == []
    change_vectors(complete, list(filled.records.ids()))
    assert everything(complete) != before
    assert migrate(filled, there).models["shape"] == PICTURES
    assert everything(complete) == before
    complete.close()


def change_vectors(there: Library, ids: list[int]) -> None:
    """Change what Milvus has, as if a migration had been interrupted: the next goes on with it."""
    shape = there.registry.get("shape").collection
    there.vectors.delete(shape, ids[:2])
    there.vectors.upsert(shape, [17], there.vectors.fetch(shape, ids[3:4]))
    there.vectors.set_fields(shape, {ids[5]: Fields("another")})
    library_id = there.identity.id
    there.vectors.mark(f"{library_id}_incomplete")
    there.vectors.unmark(library_id)


def test_what_is_larger_than_a_page_and_what_changed_is_carried(
    filled: Library, addresses: dict[str, str]
) -> None:
    """Thousands of entries in each kind of key, and an interrupted run that knows some of them."""
    many: dict[Any, Any] = {f"entry {n}": str(n) for n in range(2 * PAGE + 7)}

    def write(client: redis.Redis) -> None:
        client.hset("twinlens:test:hash", mapping=many)
        client.sadd("twinlens:test:set", *many)
        client.rpush("twinlens:test:list", *many)
        client.zadd("twinlens:test:sorted", many)
        client.set("twinlens:test:text", "\udcff")  # undecodable bytes of a file name

    def change(client: redis.Redis) -> None:
        client.hset("twinlens:test:hash", "entry 5", "another")
        client.hset("twinlens:test:hash", "surplus", "1")
        client.sadd("twinlens:test:set", "surplus")
        client.lset("twinlens:test:list", PAGE + 3, "another")
        client.zadd("twinlens:test:sorted", {"entry 7": -1, "surplus": 4})
        client.set("twinlens:test:text", "another")
        client.set("twinlens:test:surplus", "1")
        client.delete("twinlens:names")
        client.set("twinlens:names", "of another type")
        (client.delete)(*[f"twinlens:image:{i}" for i in ids[:2]])

    ids = list(filled.records.ids())
    filled.records.connection.call(write)
    target = elsewhere(filled, addresses)
    migrate(filled, target)
    there = Library(target)
    there.records.connection.call(change)
    change_vectors(there, ids)
    assert everything(there) != everything(filled)
    migration = migrate(filled, target)
    assert migration.models["shape"] == PICTURES
    assert everything(there) == everything(filled)
    there.close()


def test_the_command_says_what_to_set(run: Run, addresses: dict[str, str], tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 3})
    run("index", tmp_path / "in")
    to = ["--to-milvus", addresses["MILVUS_URI"], "--to-redis", addresses["REDIS_URL"]]
    output = run("migrate", *to).stdout.splitlines()
    assert output == [
        "3 pictures and 6 vectors of 2 models are there, and agree with those here.",
        "Set REDIS_URL and MILVUS_URI to what you gave from now on; the former stores are as they "
        "were.",
    ]
    refused = run("migrate", *to, status=2).stderr
    assert "With --replace they get what those in use have" in refused
    assert "give --to-milvus" in run("migrate", status=2).stderr
