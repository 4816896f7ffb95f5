"""The data folder can be moved, and reached by other paths."""

import shutil
from pathlib import Path

import pytest

from searcher.config.settings import Settings
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.removal import find
from searcher.library.trash import remove, undo
from searcher.library.upkeep import put_in_order
from searcher.library.uploads import Upload, add_uploads
from searcher.search.query import UploadedQuery
from searcher.stores.paths import DataPaths
from tests.earlier import make_earlier
from tests.parameters import MakeSettings
from tests.pictures import encode, folder, paint, save
from tests.servers import call, wait_for


def filled(make_settings: MakeSettings, tmp_path: Path, **variables: str) -> Library:
    """Two uploads, and two pictures that lie elsewhere."""
    library = Library(make_settings(**variables))
    uploads = [Upload(save(tmp_path / "sent" / f"{n}.jpg", 40 + n), f"{n}.jpg") for n in (0, 1)]
    add_uploads(library, uploads, "mine")
    library.add(folder(tmp_path / "in", {"a": 2}))
    assert examine(library).problems == []
    return library


def closed(library: Library) -> None:
    """Close it and wait for the end of its private servers."""
    library.close()
    wait_for(lambda: not (library.settings.stores / "addresses.json").exists(), what="the end")


@pytest.mark.parametrize("version", ["this", "an earlier one"])
def test_everything_works_after_a_move(
    make_settings: MakeSettings, tmp_path: Path, version: str
) -> None:
    library = filled(make_settings, tmp_path)
    if version == "an earlier one":
        make_earlier(library)
    closed(library)
    moved = tmp_path / "else" / "where"
    moved.parent.mkdir()
    shutil.move(tmp_path / "data", moved)

    library = Library(make_settings(TWINLENS_DATA=str(moved)))
    put_in_order(library)
    assert examine(library).problems == []
    uploads = {r.id: Path(r.path) for r in library.records.all() if r.label == "mine"}
    assert all(path.is_relative_to(moved / "uploads") for path in uploads.values())
    data = next(iter(uploads.values())).read_bytes()
    assert library.search(UploadedQuery("x", data), "colour", 1).own_copies[0].distance < 0.01
    assert sorted(find(library, [moved / "uploads"])) == sorted(uploads)

    # Removing takes the files along, and they come back to the new place.
    assert remove(library, find(library, labels=["mine"])).count == 2
    assert list((moved / "uploads").glob("*/*")) == []
    assert not (tmp_path / "data").exists()
    assert undo(library) == 2
    assert {r.id: Path(r.path) for r in library.records.all() if r.label == "mine"} == uploads
    assert all(path.exists() for path in uploads.values())
    library.index(library.incomplete())
    assert examine(library).problems == []
    library.close()


def test_a_move_with_a_batch_in_the_trash(make_settings: MakeSettings, tmp_path: Path) -> None:
    library = filled(make_settings, tmp_path)
    remove(library, find(library, labels=["mine"]))
    closed(library)
    (tmp_path / "data").rename(tmp_path / "data 2")
    library = Library(make_settings(TWINLENS_DATA=str(tmp_path / "data 2")))
    assert undo(library) == 2
    paths = [Path(r.path) for r in library.records.all() if r.label == "mine"]
    assert all(path.is_relative_to(tmp_path / "data 2") and path.exists() for path in paths)
    library.close()


def test_other_spellings_of_the_folder_are_the_same_library(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    filled(make_settings, tmp_path).close()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    for spelling in (tmp_path / "link", f"{tmp_path}/link/../data/./", f"{tmp_path}//data"):
        library = Library(make_settings(TWINLENS_DATA=str(spelling)))
        assert examine(library).problems == []
        uploads = [r.id for r in library.records.all() if r.label == "mine"]
        for root in (tmp_path / "link" / "uploads", tmp_path / "data" / "uploads"):
            assert sorted(find(library, [root])) == sorted(uploads)
        library.close()


def test_the_folder_may_be_a_link_that_is_pointed_elsewhere(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    (tmp_path / "disk1").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk1")
    library = filled(make_settings, tmp_path, TWINLENS_DATA=str(tmp_path / "link"))
    closed(library)
    (tmp_path / "disk1").rename(tmp_path / "disk2")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to(tmp_path / "disk2")
    library = Library(make_settings(TWINLENS_DATA=str(tmp_path / "link")))
    assert examine(library).problems == []
    assert remove(library, find(library, labels=["mine"])).count == 2
    assert list((tmp_path / "disk2" / "uploads").glob("*/*")) == []
    library.close()


def test_the_command_line_removes_uploads_after_a_move(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    library = filled(make_settings, tmp_path)
    closed(library)
    shutil.move(tmp_path / "data", tmp_path / "new")
    variables = {"TWINLENS_DATA": str(tmp_path / "new")}
    process = call(tmp_path, "remove", "--label", "mine", "--json", **variables)
    assert '"removed": 2' in process.stdout
    assert list((tmp_path / "new" / "uploads").glob("*/*")) == []
    assert len(list((tmp_path / "new" / "trash").glob("*/uploads/*/*"))) == 2


def test_uploads_of_another_library_are_not_taken_for_our_own(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    """Somebody indexes the uploads folder of a second library."""
    other = filled(make_settings, tmp_path, TWINLENS_DATA=str(tmp_path / "other"))
    library = Library(make_settings())
    library.add([other.settings.uploads])
    assert all(Path(r.path).is_relative_to(tmp_path / "other") for r in library.records.all())
    remove(library, list(library.records.ids()))
    assert examine(other).problems == []
    library.close()
    other.close()


def test_paths_are_relative_in_the_data_folder_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(data)
    paths = DataPaths(data)
    for path, stored in {
        f"{data}/inner/x.jpg": "inner/x.jpg",
        f"{tmp_path}/link/inner/x.jpg": "inner/x.jpg",
        f"{data}2/x.jpg": f"{data}2/x.jpg",
        f"{data}/photos.zip/a/x.jpg": "photos.zip/a/x.jpg",
        f"{data}/inner/\udcff.jpg": "inner/\udcff.jpg",
        "/elsewhere/x.jpg": "/elsewhere/x.jpg",
        "": "",
    }.items():
        assert paths.shorten(path) == stored
    assert paths.resolve(1, "inner/x.jpg") == f"{data}/inner/x.jpg"
    assert paths.resolve(1, "/elsewhere/x.jpg") == "/elsewhere/x.jpg"
    assert paths.resolve(1, "") == ""


def test_pictures_in_the_data_folder_move_with_it(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    """Also pictures that a user keeps in the data folder."""
    library = Library(make_settings())
    picture = tmp_path / "data" / "pictures" / "x.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(encode(paint(3)))
    library.add([picture])
    closed(library)
    shutil.move(tmp_path / "data", tmp_path / "new")
    library = Library(Settings.from_env({"TWINLENS_DATA": str(tmp_path / "new")}))
    (record,) = library.records.all()
    assert record.path == str(tmp_path / "new" / "pictures" / "x.jpg")
    remove(library, [record.id])
    assert Path(record.path).exists()  # somebody's own file
    library.close()
