"""Waiting for changes in watched folders: by events, or by polling where there are none."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

from searcher.library import folder_events
from searcher.library.core import Library
from searcher.library.folder_events import POLL_S, FolderEvents, is_remote
from searcher.library.watch import Step, Watch
from tests.pictures import folder, save
from tests.servers import wait_for


@dataclass
class Watched:
    """A folder that is being watched: what each look led to, and whether the watch waits."""

    root: Path
    steps: list[Step | None] = field(default_factory=list)
    waits: Event = field(default_factory=Event)

    @property
    def last(self) -> Step:
        return next(step for step in reversed(self.steps) if step)


@pytest.fixture
def watched(library: Library, tmp_path: Path) -> Iterator[Watched]:
    watched, end = Watched(tmp_path / "in"), Event()
    folder(watched.root, {"a": 3})
    watch = Watch(library, [watched.root])

    def run() -> None:
        while not end.is_set():
            watched.steps.append(watch.step())
            watched.waits.set()
            watch.wait()
            watched.waits.clear()

    thread = Thread(target=run)
    thread.start()
    try:
        # The first look, one at what may still grow, and one when the events have begun.
        wait_for(lambda: len(watched.steps) >= 3 and watched.waits.is_set(), what="the watch")
        yield watched
    finally:
        end.set()
        save(watched.root / "end.jpg", 99)
        thread.join(60)


def test_nothing_is_looked_at_while_nothing_happens(watched: Watched, library: Library) -> None:
    looks = len(watched.steps)
    (watched.root / "log.txt").write_text("no picture")
    assert not Event().wait(3 * POLL_S)  # in which a look each two seconds would be three
    assert len(watched.steps) == looks
    save(watched.root / "b" / "new.jpg", 91)
    wait_for(lambda: watched.last.report.added == 1, what="the new picture")
    assert library.records.count() == 4


def test_a_file_that_is_written_all_the_time_holds_up_no_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_events, "SCAN_INTERVAL_S", 3 * POLL_S)
    events, end = FolderEvents([tmp_path]), Event()
    events.wait(0)  # which begins to listen

    def write() -> None:
        while not end.wait(POLL_S / 10):
            (tmp_path / "app.log").write_text("a line")

    with ThreadPoolExecutor(2) as pool:
        pool.submit(write)
        try:
            pool.submit(events.wait, 0.0).result(60)
        finally:
            end.set()


def test_a_folder_that_goes_and_comes_back_is_noticed(watched: Watched, library: Library) -> None:
    elsewhere = watched.root.with_name("elsewhere")
    watched.root.rename(elsewhere)
    wait_for(lambda: len(watched.last.warnings) == 1, what="a warning")
    elsewhere.rename(watched.root)
    wait_for(lambda: watched.last.warnings == [], what="the folder")
    assert library.records.count() == 3
    (watched.root / "a" / "a-0.jpg").unlink()
    wait_for(lambda: library.records.count() == 2, what="the removal")


def test_folders_on_a_network_are_looked_at(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "our pictures"
    folder(root, {"a": 1})
    mounts = tmp_path / "mounts"
    escaped = str(root).replace(" ", r"\040")
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nhost:/x {escaped} nfs4 rw 0 0\n")
    assert is_remote(root / "a", mounts)
    assert not is_remote(tmp_path, mounts)
    monkeypatch.setattr(folder_events, "is_remote", lambda folder: is_remote(folder, mounts))
    watch = Watch(library, [root])
    watch.step()
    for _ in range(3):  # these waits end though nothing happens
        watch.wait()
        assert watch.step() is None
