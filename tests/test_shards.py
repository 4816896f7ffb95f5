"""Several processes index one folder with `--shard I/N`, and anybody sees how far they are."""

import json
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from searcher.images.pictures import identify
from searcher.images.sources import Source
from searcher.indexing.report import Report
from searcher.indexing.shard_files import ShardFiles
from searcher.library import serializers, shard_report
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.shard_report import ShardReporter
from searcher.library.shard_runs import SILENT_S, ShardRun, shard_runs
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.stores.connection import RedisConnection
from searcher.stores.shard_store import (
    DONE,
    EXPIRY_S,
    FAILED,
    RUNNING,
    SHARDS,
    STOPPED,
    ShardProgress,
    ShardStore,
)
from searcher.ui.i18n import use_language
from searcher.ui.templating import render
from tests import forks
from tests.parameters import ON_EVERY_STORE
from tests.pictures import folder
from tests.servers import environment, stopping, wait_for

PICTURES = 240


def part(number: int, **changes: object) -> ShardProgress:
    first = ShardProgress("a", "photos", number, 4, f"host-{number}", total=1000)
    return replace(first, **changes)  # type: ignore[arg-type]


def test_a_run_is_the_sum_of_its_parts() -> None:
    run = ShardRun(
        (
            part(1, seen=500, added=120, embedded=240, rate=10.0, age_s=3.0),
            part(2, seen=300, added=70, embedded=140, rate=8.0, age_s=SILENT_S + 61),
            part(4, state=DONE, seen=990, added=250, embedded=500, age_s=4000.0),
        )
    )
    assert run.missing == [3]
    assert run.share == (500 + 300 + 1000) / 4000, "the part that is done needs no more"
    assert (run.added, run.embedded) == (440, 880)
    assert run.rate == 10.0, "the silent part no longer counts"
    assert run.is_active
    assert str(run.progress) == "Indexing in 4 parts: 45 % of 1,000 files, 1 running, 10 vectors/s"
    (problem,) = run.problems()
    assert str(problem) == (
        "Part 2/4 of an indexing run on host-2 has been silent for 2 minutes: run `index --shard "
        "2/4` again to finish it."
    )
    document = run.document()
    assert [shard["state"] for shard in document["shards"]] == [RUNNING, "silent", DONE]
    assert (document["files"], document["share"], document["missing"]) == (1000, 0.45, [3])


def test_what_failed_is_told_and_what_was_stopped_is_not_a_problem() -> None:
    failed, stopped = ShardRun((part(1, state=FAILED),)), ShardRun((part(1, state=STOPPED),))
    assert "on host-1 failed: run `index --shard 1/4`" in str(failed.problems()[0])
    assert stopped.problems() == []
    assert [len(run.interrupted) for run in (failed, stopped)] == [1, 1]
    assert not failed.is_active
    streamed = ShardRun((part(1, total=0, rate=2.5),))
    assert streamed.share is None
    assert str(streamed.progress) == "Indexing in 4 parts: 1 running, 2.5 vectors/s"


def test_the_page_shows_runs_and_silent_parts() -> None:
    run = ShardRun((part(1, seen=500, rate=10.0), part(2, seen=300, age_s=90.0)))
    status = Status(shards=(run.progress,), problems=tuple(run.problems()))
    html = render("status.html", status=status)
    assert "Indexing in 4 parts: 20 % of 1,000 files, 1 running, 10 vectors/s …</p>" in html
    assert "Part 2/4 of an indexing run on host-2" in html
    assert "<code>index --shard 2/4</code>" in html
    with use_language("es"):
        html = render("status.html", status=status)
    assert "Indexando en 4 partes" in html and "no da señales desde hace 2 minutos" in html


@pytest.fixture
def shards(redis_url: str) -> Iterator[ShardStore]:
    connection = RedisConnection(lambda: redis_url)
    try:
        yield ShardStore(connection)
    finally:
        redis.Redis.from_url(redis_url).delete(SHARDS)
        connection.close()


def test_parts_expire_by_the_clock_of_redis(shards: ShardStore, redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    shards.write(part(2, seen=7, heartbeat=1.0))
    shards.write(part(1, seen=3))
    first, second = shards.read()
    assert (first.number, first.seen, second.number, second.seen) == (1, 3, 2, 7)
    assert second.age_s < 60 and second.heartbeat > 1e9, "the writer's own time does not count"
    assert 0 < int(str(client.ttl(SHARDS))) <= EXPIRY_S

    stored = json.loads(str(client.hget(SHARDS, "a:2")))
    stored["heartbeat"] -= EXPIRY_S + 60
    client.hset(SHARDS, "a:2", json.dumps(stored | {"of_a_later_version": 1}))
    client.hset(SHARDS, "a:3", "[]")
    assert [p.number for p in shards.read()] == [1]
    assert client.hkeys(SHARDS) == ["a:1"], "what has expired is deleted"
    client.delete(SHARDS)
    assert shards.read() == []


def test_a_part_reports_while_it_runs_and_how_it_ended(
    shards: ShardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_report, "INTERVAL_S", 0.05)
    report = Report(added=4, embedded={"colour": 4, "shape": 3})
    reporter = ShardReporter(shards, ["/pictures/photos", "b/c"], (2, 3), 100)
    with reporter.reporting():
        (begun,) = shards.read()
        assert (begun.state, begun.seen, begun.title) == (RUNNING, 0, "photos, c")
        assert (begun.number, begun.count, begun.host) == (2, 3, platform.node())
        reporter.seen = 10
        reporter.follow(report)
        wait_for(lambda: shards.read()[0].embedded == 7, what="a heartbeat")
        (running,) = shards.read()
        assert (running.state, running.seen, running.added) == (RUNNING, 10, 4)
        assert running.heartbeat > begun.heartbeat
        assert running.rate > 0
    (ended,) = shards.read()
    assert (ended.state, ended.rate, ended.embedded) == (DONE, 0.0, 7)

    for error, state in ((KeyboardInterrupt, STOPPED), (RuntimeError, FAILED)):
        again = ShardReporter(shards, ["b/c", "/pictures/photos"], (2, 3), 100)
        with pytest.raises(error), again.reporting():
            raise error
        assert [p.state for p in shards.read()] == [state], "the same part of the same run"


def picture_id(path: Path) -> int:
    number, _ = identify(path.read_bytes())
    return number


@ON_EVERY_STORE
def test_a_killed_part_is_named_and_finished_by_another_run(
    library: Library, tmp_path: Path, store: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = folder(tmp_path / "in", {"a": PICTURES})
    first_part = ShardFiles((1, 2))
    own = {picture_id(path) for path in paths if first_part.takes(Source(str(path)))}
    ids = set(map(picture_id, paths))
    library.records.count()  # the private servers stay
    env = environment(tmp_path, **store)

    def start(number: int) -> forks.Process:
        command = [sys.executable, "-m", "searcher", "index", str(tmp_path / "in")]
        with (tmp_path / f"{number}.log").open("wb") as log:
            return forks.popen(
                [*command, "--shard", f"{number}/2"], env=env, stdout=log, stderr=log
            )

    first, second = start(1), start(2)
    with stopping(first), stopping(second):
        # It has reported by then, and has some 100 pictures to go.
        wait_for(lambda: own & set(library.records.ids()), what="pictures of the first part")
        first.kill()
        first.wait()
        assert second.wait(120) == 0, (tmp_path / "2.log").read_text()
    indexed = set(library.records.ids())
    assert own & indexed < own, "the first part was killed before its end"
    assert ids - own <= indexed

    time.sleep(1.1)
    monkeypatch.setattr("searcher.library.shard_runs.SILENT_S", 1.0)
    (run,) = shard_runs(library.shards)
    assert [shard["state"] for shard in run.document()["shards"]] == ["silent", DONE]
    assert (run.total, run.missing, run.is_active) == (PICTURES, [], False)
    worker = Worker(library)
    worker._rounds._refresh()
    assert [p.code for p in worker.status.general_problems] == ["shards.silent"]
    assert worker.status.shards == ()

    again = start(1)
    with stopping(again):
        assert again.wait(120) == 0, (tmp_path / "1.log").read_text()
    (run,) = shard_runs(library.shards)
    assert (run.share, run.interrupted, run.problems()) == (1.0, [], [])
    assert library.records.count() == PICTURES
    assert library.coverage() == {"colour": PICTURES, "shape": PICTURES}
    assert examine(library).problems == []
    (document,) = serializers.status(library)["shards"]
    assert document["parts"] == 2 and document["embedded"] > 0
