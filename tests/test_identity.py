"""A library recognises its stores: foreign and empty ones are never changed."""

from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from searcher.errors import EmptyStores, ForeignStores
from searcher.evaluation.arena import Arena
from searcher.library import trash
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.upkeep import put_in_order
from searcher.library.uploads import Upload, add_uploads
from searcher.library.worker import Worker
from searcher.search.query import UploadedQuery
from searcher.stores.private.recovery import note
from tests.earlier import make_earlier
from tests.library_acts import add_painted_uploads, all_files
from tests.parameters import SERVER, MakeSettings
from tests.pictures import encode, folder, paint, save
from tests.servers import redis_server


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
    picture_ids = [int(path.stem) for path in library.settings.thumbnails.glob("*/*.jpg")]
    return [
        lambda: library.add([picture]),
        lambda: add_uploads(library, [Upload(picture, "new.jpg")], ""),
        lambda: trash.remove(library, picture_ids),
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
    add_painted_uploads(library, tmp_path, 3)
    before = all_files(library)
    library.close()
    with redis_server(tmp_path / "redis") as url:
        library = Library(make_settings(REDIS_URL=url))
        for change in changes(library, tmp_path):
            with pytest.raises(EmptyStores, match="Redis is empty, but the data folder has pict"):
                change()
        assert all_files(library) == before
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
        foreign_ids = {record.id for record in other.records.all()}
        other.close()

        library = Library(make_settings())
        add_painted_uploads(library, tmp_path, 2)
        before = all_files(library)
        library.close()
        library = Library(make_settings(REDIS_URL=url))
        for change in changes(library, tmp_path):
            with pytest.raises(ForeignStores, match="Redis belongs to another library"):
                change()
        with pytest.raises(ForeignStores):
            library.identity.claim()  # doctor --rebuild
        assert all_files(library) == before
        assert set(library.records.ids()) == foreign_ids
        # Searching is still possible.
        assert library.search(UploadedQuery("x", encode(paint(1))), "colour", 5).unresolved == 2

        library.identity.adopt()
        assert examine(library, repair=True).models["colour"]["missing"] == 0
        uploads = {int(path.stem) for path in library.settings.uploads.glob("*/*.jpg")}
        assert set(library.records.ids()) == uploads | foreign_ids
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


@pytest.mark.parametrize("store", [SERVER], indirect=True)
def test_an_empty_or_foreign_milvus_is_not_filled(
    library: Library, tmp_path: Path, make_settings: MakeSettings
) -> None:
    library.add(folder(tmp_path / "in", {"a": 3}))
    (mark,) = library.vectors.marks()
    for name in library.vectors.names():
        library.vectors.drop(name)
    library.vectors.unmark(mark)
    with pytest.raises(EmptyStores, match="Milvus is empty"):
        library.add([tmp_path / "in"])
    library.vectors.mark("f" * 32)
    with pytest.raises(ForeignStores, match="Milvus belongs to another library"):
        library.add([tmp_path / "in"])
    with pytest.raises(ForeignStores):
        library.identity.claim()
    assert library.coverage() == {"colour": 0, "shape": 0}
    library.identity.adopt()
    assert library.vectors.marks() == [mark]
    assert examine(library, repair=True).problems == []
    assert library.coverage() == {"colour": 3, "shape": 3}


def test_a_former_repair_opens_no_other_redis(
    make_settings: MakeSettings, tmp_path: Path, redis_url: str
) -> None:
    """A repair of the private stores does not apply to a server at another address."""
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
