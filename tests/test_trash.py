"""What is removed rests in the trash for a week: it comes back, and nothing else does."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from searcher.errors import NotFound
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.trash import remove, undo
from searcher.library.upkeep import put_in_order
from searcher.library.uploads import Upload, add_uploads
from searcher.search.query import UploadedQuery
from searcher.stores.records import Record
from tests.conftest import ON_EVERY_STORE, MakeSettings
from tests.pictures import folder, save
from tests.servers import ROOT, environment, wait_for

DAY_S = 24 * 3600


def sent(library: Library, tmp_path: Path, count: int = 3) -> list[Record]:
    paths = [save(tmp_path / "sent" / f"{n}.jpg", 300 + n) for n in range(count)]
    uploads = [Upload(path, f"my {path.stem}.jpg") for path in paths]
    add_uploads(library, uploads, "mine")
    return everything(library)


def everything(library: Library) -> list[Record]:
    return sorted(library.records.all(), key=lambda record: record.id)


def own_files(library: Library) -> list[Path]:
    """The pictures, thumbnails and sidecars of the library, without those in the trash."""
    places = library.settings.uploads, library.settings.thumbnails, library.settings.sidecars
    return sorted(path for place in places for path in place.glob("*/*.*"))


def restart(library: Library) -> None:
    """What every start does."""
    library.has_leftovers = True
    library.next_expiry = 0
    put_in_order(library)


@ON_EVERY_STORE
def test_a_batch_comes_back_as_it_was(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 2})
    library.add(paths)
    before = sent(library, tmp_path)
    files = own_files(library)
    removal = remove(library, [record.id for record in before] + [4711])
    assert (removal.count, removal.batch == "") == (5, False)
    assert (everything(library), own_files(library)) == ([], [])
    assert all(path.exists() for path in paths)
    assert (examine(library).problems, examine(library).trash) == ([], 5)
    restart(library)
    assert everything(library) == []
    assert undo(library, removal.batch) == 5
    assert (everything(library), own_files(library)) == (before, files)
    library.index(library.incomplete())
    assert (examine(library).problems, examine(library).trash) == ([], 0)
    assert library.search(UploadedQuery("x", paths[0].read_bytes()), "colour", 5).unresolved == 0
    assert list(library.settings.trash.iterdir()) == []


def test_batches_come_back_by_name_or_the_latest_first(library: Library, tmp_path: Path) -> None:
    before = sent(library, tmp_path)
    batches = [remove(library, [record.id]).batch for record in before]
    assert batches == sorted(set(batches))
    assert remove(library, [before[0].id]) == trash.Removal(0, "")
    assert undo(library, batches[1]) == 1
    assert undo(library) == 1
    assert everything(library) == before[1:]
    assert undo(library) == 1
    with pytest.raises(NotFound, match="nothing in the trash"):
        undo(library)


@pytest.mark.parametrize(
    "name", ["../records", "..", ".", "/etc", "a/b", "\0", "x" * 5000, "20260101T000000.000000Z-"]
)
def test_names_of_batches_are_no_paths(library: Library, tmp_path: Path, name: str) -> None:
    (record, *_) = sent(library, tmp_path, 1)
    remove(library, [record.id])
    (library.settings.data / "records" / "manifest.json").write_text('{"records": []}')
    with pytest.raises(NotFound):
        undo(library, name)


def test_what_was_added_again_stays_as_it_is(library: Library, tmp_path: Path) -> None:
    before = sent(library, tmp_path, 2)
    removal = remove(library, [record.id for record in before])
    path = tmp_path / "sent" / "0.jpg"
    add_uploads(library, [Upload(path, "again.jpg")], "anew")
    (again,) = everything(library)
    restart(library)
    assert everything(library) == [again]
    assert undo(library, removal.batch) == 1
    (other,) = (record for record in before if record.id != again.id)
    assert {record.id: record for record in everything(library)} == {
        again.id: again,
        other.id: other,
    }
    library.index(library.incomplete())
    assert examine(library).problems == []


def test_after_a_week_a_batch_is_deleted(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sent(library, tmp_path, 3)
    old, new = remove(library, [before[0].id]).batch, remove(library, [before[1].id]).batch
    restart(library)
    assert examine(library).trash == 2
    now = time.time()
    aged = time.gmtime(now - 7 * DAY_S - 60)
    name = time.strftime("%Y%m%dT%H%M%S.000000Z-", aged) + old.split("-")[1]
    os.rename(library.settings.trash / old, library.settings.trash / name)
    half = library.settings.trash / f"{trash.EXPIRED}{name}-cut-off"
    half.mkdir()
    foreign = library.settings.trash / "my own"
    foreign.mkdir()
    restart(library)
    assert sorted(path.name for path in library.settings.trash.iterdir()) == [new, foreign.name]
    assert everything(library) == before[2:]
    with pytest.raises(NotFound):
        undo(library, name)


def test_records_that_a_store_brings_back_are_removed_again(
    library: Library, tmp_path: Path
) -> None:
    """Redis lost its last changes, among them the removal."""
    before = sent(library, tmp_path, 2)
    remove(library, [before[0].id])
    library.records.connection.call(
        lambda client: [
            client.hset(f"twinlens:image:{before[0].id}", mapping=before[0].to_hash()),  # type: ignore[arg-type]
            client.zadd("twinlens:images", {str(before[0].id): before[0].added}),
        ]
    )
    assert library.records.count() == 2
    restart(library)
    assert everything(library) == before[1:]
    assert undo(library) == 1


def test_a_batch_with_a_damaged_manifest_comes_back(library: Library, tmp_path: Path) -> None:
    before = sent(library, tmp_path, 3)
    removal = remove(library, [record.id for record in before])
    (library.settings.trash / removal.batch / "manifest.json").write_bytes(b"\0" * 4096)
    restart(library)
    assert undo(library) == 3
    assert everything(library) == before


def test_a_record_without_a_sidecar_or_thumbnail_comes_back(
    library: Library, tmp_path: Path
) -> None:
    (record,) = sent(library, tmp_path, 1)
    library.sidecars.path(record.id).unlink()
    library.thumbnail_path(record.id).unlink()
    remove(library, [record.id])
    assert undo(library) == 1
    assert examine(library, repair=True).problems == []
    assert everything(library) == [record]


KILLED = """
import os, signal, sys
from searcher.library import trash
from searcher.library.core import Library
from searcher.config.settings import Settings

steps = int(sys.argv[1])

def killing(event, arguments):
    global steps
    moves = event == "os.rename" and str(arguments[1]).endswith((".jpg", ".json"))
    if moves or event in ("socket.connect", "shutil.rmtree"):
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)

library = Library(Settings.from_env())
library.identity.require()
ids = list(library.records.ids())
sys.addaudithook(killing)
if sys.argv[2] == "remove":
    trash.remove(library, ids[:2])
else:
    trash.undo(library)
"""


@pytest.mark.parametrize("act", ["remove", "undo"])
def test_killed_at_any_step_it_is_done_to_its_end(
    make_settings: MakeSettings, tmp_path: Path, act: str
) -> None:
    settings = make_settings()
    library = Library(settings)
    before = sent(library, tmp_path, 3)
    if act == "undo":
        remove(library, [record.id for record in before[:2]])
    env = environment(tmp_path, MODELS_DIR=str(settings.models_dir))
    killed = 0
    for step in range(40):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(step), act], cwd=ROOT, env=env, check=False
        )
        restart(library)
        library.index(library.incomplete())
        diagnosis = examine(library)
        assert (diagnosis.problems, diagnosis.pictures + diagnosis.trash) == ([], 3)
        assert diagnosis.trash in (0, 2)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        killed += 1
        if act == "remove" and diagnosis.trash:
            assert undo(library) == 2
            library.index(library.incomplete())
        elif act == "undo" and not diagnosis.trash:
            remove(library, [record.id for record in before[:2]])
    assert killed >= 5
    library.close()


def test_nothing_is_registered_while_it_is_being_removed(library: Library, tmp_path: Path) -> None:
    """Starts of other processes look for pictures without a record at any time."""
    before = sent(library, tmp_path, 12)
    stop = threading.Event()

    def start_again_and_again() -> None:
        other = Library(library.settings)
        while not stop.is_set():
            restart(other)
        other.close()

    thread = threading.Thread(target=start_again_and_again)
    thread.start()
    try:
        for record in before:
            remove(library, [record.id])
    finally:
        stop.set()
        thread.join()
    wait_for(lambda: library.records.count() == 0, seconds=1)
    assert (own_files(library), examine(library).trash) == ([], 12)
