"""A library knows its stores: strangers and empty ones are never changed, and pictures stay."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import redis
from gradio_client import Client, handle_file

from searcher.config.settings import Settings
from searcher.errors import EmptyStores, ForeignStores, StrangeStores
from searcher.evaluation.arena import Arena
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.upkeep import put_in_order
from searcher.library.uploads import Upload, add_uploads
from searcher.library.worker import Worker
from searcher.search.query import UploadedQuery
from searcher.stores.private.recovery import note
from tests.conftest import SERVER, MakeSettings
from tests.earlier import make_earlier, stored_paths
from tests.pictures import encode, folder, paint, save
from tests.servers import (
    answers,
    call,
    environment,
    free_port,
    running,
    stopping,
    wait_for,
)


def upload(library: Library, folder: Path, count: int) -> None:
    """Add pictures as visitors do."""
    for number in range(count):
        path = save(folder / "sent" / f"{number}.jpg", 500 + number)
        add_uploads(library, [Upload(path, f"my {number}.jpg")], "mine")


def files(library: Library) -> set[Path]:
    """The pictures, thumbnails and sidecars that there are."""
    places = library.settings.uploads, library.settings.thumbnails, library.settings.sidecars
    return {path for place in places for path in place.rglob("*.*")}


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A new, empty server; yields its URL."""
    executable = shutil.which("redis-server")
    if not executable:
        pytest.skip("redis-server is not installed")
    port = free_port()
    folder.mkdir(exist_ok=True)
    command = [executable, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with stopping(subprocess.Popen(command, stdout=subprocess.DEVNULL)):
        wait_for(lambda: answers(port), what="redis-server")
        yield f"redis://127.0.0.1:{port}/0"


def test_a_new_library_marks_its_stores_once(library: Library, tmp_path: Path) -> None:
    library.add(folder(tmp_path / "in", {"a": 2}))
    (mark,) = library.vectors.marks()
    assert library.records.note("library") == {"id": mark}
    assert mark in (library.settings.data / "library.json").read_text()
    library.add([tmp_path / "in"])
    assert library.vectors.marks() == [mark]
    assert set(library.vectors.names()) == {m.collection.name for m in library.registry.ready()}
    assert examine(library).problems == []


def changes(library: Library, tmp_path: Path) -> list[Callable[[], object]]:
    """Everything that changes a library."""
    (library.settings.models_dir / "more.onnx").write_bytes(
        (library.settings.models_dir / "shape.onnx").read_bytes()
    )
    picture = save(tmp_path / "new.jpg", 900)
    some = [int(path.stem) for path in library.settings.thumbnails.glob("*/*.jpg")]
    return [
        lambda: library.add([picture]),
        lambda: add_uploads(library, [Upload(picture, "new.jpg")], ""),
        lambda: trash.remove(library, some),
        lambda: trash.undo(library),
        lambda: library.remove_model("more"),
        lambda: put_in_order(library),
        lambda: examine(library, repair=True),
        lambda: Worker(library).install("vgg16"),
        lambda: Worker(library).cancel("vgg16"),
        lambda: Arena(library).duel("somebody"),
        lambda: Arena(library).vote("key", "somebody", "tie"),
        lambda: Arena(library).reset(),
    ]


def test_empty_stores_beside_pictures_are_not_changed(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    library = Library(make_settings())
    upload(library, tmp_path, 3)
    before = files(library)
    library.close()
    with redis_server(tmp_path / "redis") as url:
        library = Library(make_settings(REDIS_URL=url))
        for change in changes(library, tmp_path):
            with pytest.raises(EmptyStores, match="Redis is empty, but the data folder has pict"):
                change()
        assert files(library) == before
        assert library.records.connection.call(lambda client: client.dbsize()) == 0
        assert any("--rebuild" in str(problem) for problem in examine(library).problems)
        assert library.records.connection.call(lambda client: client.dbsize()) == 0
        library.close()


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "of an earlier version"])
def test_stores_of_another_library_are_not_changed(
    make_settings: MakeSettings, tmp_path: Path, marked: bool
) -> None:
    with redis_server(tmp_path / "redis") as url:
        other = Library(make_settings(REDIS_URL=url, TWINLENS_DATA=str(tmp_path / "other")))
        other.add(folder(tmp_path / "other-pictures", {"z": 3}, 50))
        if not marked:
            make_earlier(other)
        kept = {record.id for record in other.records.all()}
        other.close()

        library = Library(make_settings())
        upload(library, tmp_path, 2)
        before = files(library)
        library.close()
        library = Library(make_settings(REDIS_URL=url))
        for change in changes(library, tmp_path):
            with pytest.raises(ForeignStores, match="Redis belongs to another library"):
                change()
        with pytest.raises(ForeignStores):
            library.identity.claim()  # doctor --rebuild
        assert files(library) == before
        assert set(library.records.ids()) == kept
        # Looking for something is possible all the same.
        assert library.search(UploadedQuery("x", encode(paint(1))), "colour", 5).unresolved == 2

        library.identity.adopt()
        assert examine(library, repair=True).models["colour"]["missing"] == 0
        own = {int(path.stem) for path in library.settings.uploads.glob("*/*.jpg")}
        assert set(library.records.ids()) == own | kept
        library.close()


def test_two_machines_can_share_servers(make_settings: MakeSettings, tmp_path: Path) -> None:
    """The second one, with a folder of its own, takes the id of the stores."""
    with redis_server(tmp_path / "redis") as url:
        first = Library(make_settings(REDIS_URL=url))
        first.add(folder(tmp_path / "one", {"a": 2}))
        second = Library(make_settings(REDIS_URL=url, TWINLENS_DATA=str(tmp_path / "data2")))
        second.add(folder(tmp_path / "two", {"b": 2}, 20))
        first.add(folder(tmp_path / "three", {"c": 1}, 40))
        assert first.records.count() == 5
        first.close()
        second.close()


def test_a_library_of_an_earlier_version_is_taken_over(library: Library, tmp_path: Path) -> None:
    upload(library, tmp_path, 2)
    library.add(folder(tmp_path / "in", {"a": 2}))
    before = sorted(library.records.all(), key=lambda record: record.id)
    make_earlier(library)
    assert any(path.startswith(str(library.settings.uploads)) for path in stored_paths(library))

    library.has_leftovers = True
    put_in_order(library)
    assert sorted(library.records.all(), key=lambda record: record.id) == before
    own = {f"uploads/{r.id % 256:02x}/{r.id}.jpg" for r in before if r.label == "mine"}
    assert stored_paths(library) == own | {str(p) for p in (tmp_path / "in").rglob("*.jpg")}
    assert [library.sidecars.read(record.id) for record in before] == before
    assert examine(library).problems == []
    assert library.identity.format == 2


def test_a_library_of_an_earlier_version_does_not_take_anothers_milvus(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    """It has no id yet that the other's could be compared with."""
    libraries = [Library(make_settings(TWINLENS_DATA=str(tmp_path / name))) for name in "ab"]
    for number, library in enumerate(libraries):
        library.add(folder(tmp_path / f"in{number}", {"a": 2}, 30 * number))
    make_earlier(libraries[0])
    places = [library.settings.stores for library in libraries]
    for library, place in zip(libraries, places, strict=True):
        library.close()
        wait_for((lambda path: lambda: not path.exists())(place / "addresses.json"), what="the end")
    shutil.rmtree(places[0] / "milvus")
    shutil.copytree(places[1] / "milvus", places[0] / "milvus")
    library = Library(libraries[0].settings)
    with pytest.raises(ForeignStores, match="Milvus belongs to another library"):
        put_in_order(library)
    library.identity.adopt()
    assert examine(library, repair=True).problems == []
    assert examine(library).models["colour"] == {"vectors": 2, "missing": 0, "orphans": 0}
    library.close()


def test_an_upgrade_that_was_cut_off_goes_on(library: Library, tmp_path: Path) -> None:
    library.add(folder(tmp_path / "in", {"a": 4}))
    make_earlier(library)
    library.identity.require()  # … and then the process is killed
    ids = list(library.records.ids())
    library.records.put([record for record in library.records.get(ids[:2]) if record])
    assert library.identity.format < 2
    library.has_leftovers = True
    put_in_order(library)
    assert all(library.sidecars.read(picture_id) for picture_id in ids)
    assert examine(library).problems == []


@pytest.mark.parametrize("store", [SERVER], indirect=True)
def test_an_empty_or_foreign_milvus_is_not_filled(
    library: Library, tmp_path: Path, make_settings: MakeSettings
) -> None:
    library.add(folder(tmp_path / "in", {"a": 3}))
    (own,) = library.vectors.marks()
    for name in library.vectors.names():
        library.vectors.drop(name)
    library.vectors.unmark(own)
    with pytest.raises(EmptyStores, match="Milvus is empty"):
        library.add([tmp_path / "in"])
    library.vectors.mark("f" * 32)
    with pytest.raises(ForeignStores, match="Milvus belongs to another library"):
        library.add([tmp_path / "in"])
    with pytest.raises(ForeignStores):
        library.identity.claim()
    assert library.coverage() == {"colour": 0, "shape": 0}
    library.identity.adopt()
    assert library.vectors.marks() == [own]
    assert examine(library, repair=True).problems == []
    assert library.coverage() == {"colour": 3, "shape": 3}


def sentence(url: str) -> str:
    """What the app's visitors are told is wrong."""
    return " ".join(Client(url, verbose=False).predict(api_name="/status")["problems"])


@pytest.mark.parametrize("remedy", ["--rebuild", "--adopt-stores"])
@pytest.mark.parametrize("loss", ["its file is gone", "another server"])
def test_a_start_with_an_empty_redis_deletes_nothing(
    tmp_path: Path, baselines: Path, loss: str, remedy: str
) -> None:
    shutil.copytree(baselines, tmp_path / "models")
    library = Library(Settings.from_env(environment(tmp_path)))
    upload(library, tmp_path, 20)
    folder(tmp_path / "in", {"a": 4})
    library.add([tmp_path / "in"])
    before = files(library)
    records = {record.id: record for record in library.records.all()}
    vectors = library.coverage()
    library.close()
    with redis_server(tmp_path / "redis") as url:
        variables = {"REDIS_URL": url} if loss == "another server" else {}
        wait_for(lambda: not (library.settings.stores / "addresses.json").exists(), what="the end")
        for path in (library.settings.stores / "redis").rglob("*.*"):
            if path.suffix in (".aof", ".rdb", ".manifest") and not variables:
                path.unlink()
        with running(tmp_path, **variables) as app:
            wait_for(lambda: remedy_is_named(app.url), what="the sentence")
            added = handle_file(str(save(tmp_path / "more.jpg", 990)))
            with pytest.raises(Exception, match="is empty, but the data folder has pictures"):
                Client(app.url, verbose=False).predict([added], "", api_name="/add")
            assert httpx.get(app.url).status_code == 200
        assert files(library) == before

        library = Library(Settings.from_env(environment(tmp_path, **variables)))
        done = call(tmp_path, "doctor", remedy, **variables)
        if remedy == "--rebuild":
            assert done.returncode == 0, done.stdout + done.stderr
        with running(tmp_path, **variables):
            wait_for(lambda: not examine(library).problems, what="a library in order")
        assert {record.id: record for record in library.records.all()} == records
        assert library.coverage() == vectors
        assert files(library) >= before
        library.close()


def remedy_is_named(url: str) -> bool:
    return "doctor --rebuild" in sentence(url)


def test_strange_stores_are_a_sentence_on_the_command_line(tmp_path: Path, baselines: Path) -> None:
    assert issubclass(ForeignStores, StrangeStores)
    shutil.copytree(baselines, tmp_path / "models")
    folder(tmp_path / "in", {"a": 2})
    assert call(tmp_path, "index", str(tmp_path / "in")).returncode == 0
    with redis_server(tmp_path / "redis") as url:
        done = call(tmp_path, "index", str(tmp_path / "in"), REDIS_URL=url)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines()[-1].startswith("Redis is empty, but the data folder has")
        done = call(tmp_path, "doctor", "--json", REDIS_URL=url)
        assert done.returncode == 1
        done = call(tmp_path, "doctor", "--rebuild", "--json", REDIS_URL=url)
        assert done.returncode == 0
        assert '"pictures": 2' in done.stdout


def test_a_former_repair_opens_no_other_redis(
    make_settings: MakeSettings, tmp_path: Path, redis_url: str
) -> None:
    """What the private stores once repaired says nothing of a server elsewhere."""
    library = Library(make_settings())
    library.add(folder(tmp_path / "in", {"a": 3}))
    library.close()
    note(library.settings.stores, "records unusable")
    redis.Redis.from_url(redis_url).flushdb()
    elsewhere = Library(make_settings(REDIS_URL=redis_url))
    with pytest.raises(EmptyStores):
        put_in_order(elsewhere)
    assert elsewhere.records.count() == 0
    elsewhere.close()
