"""How often indexing reads a file, counted."""

from pathlib import Path
from typing import Any

import pytest

from searcher.images import picture_forms
from searcher.images.sources import Source
from searcher.indexing.batch_sizes import CHUNK
from searcher.indexing.prepare import ReadAhead
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.uploads import Upload, add_uploads
from tests.pictures import folder, save
from tests.test_percentiles import counting

COUNT = 3 * CHUNK + 5


def read_paths(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The path of each picture file whose bytes are read from the disk from now on."""
    paths: list[str] = []
    method = Path.read_bytes

    def counted(path: Path) -> bytes:
        if path.suffix == ".jpg":
            paths.append(str(path))
        return method(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    return paths


def test_a_new_file_is_read_once(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = folder(tmp_path / "in", {"a": COUNT})
    paths = read_paths(monkeypatch)
    assert library.add([tmp_path / "in"]).added == COUNT
    assert sorted(paths) == sorted(map(str, files))


def test_what_there_is_no_room_for_is_read_again(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = folder(tmp_path / "in", {"a": COUNT})
    room = 3 * files[0].stat().st_size
    monkeypatch.setattr(ReadAhead.__init__, "__defaults__", (room,))
    paths = read_paths(monkeypatch)
    assert library.add([tmp_path / "in"]).added == COUNT
    assert COUNT < len(paths) <= 2 * COUNT
    assert examine(library).problems == []


def test_room_is_given_back(tmp_path: Path) -> None:
    source = Source(str(save(tmp_path / "a.jpg", 1)))
    ahead = ReadAhead(len(source.read()))
    first, second = ahead.read(source), ahead.read(source)
    assert (bool(first.data), bool(second.data)) == (True, False)
    for raw in (first, first, second):
        ahead.release(raw)
    assert ahead.read(source).data


def test_an_upload_is_read_once_and_what_is_kept_of_it_never(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = [Upload(save(tmp_path / f"{i}.jpg", i), f"{i}.jpg") for i in range(CHUNK + 3)]
    paths = read_paths(monkeypatch)
    # Vectors are of what is kept, which differs a little from what was sent.
    decoded = counting(monkeypatch, picture_forms, "open_picture")
    assert add_uploads(library, uploads, "").added == len(uploads)
    assert sorted(paths) == sorted(str(upload.path) for upload in uploads)
    assert len(decoded) == len(uploads)
    assert examine(library, deep=True).problems == []


def test_the_same_upload_is_kept_byte_by_byte(library: Library, tmp_path: Path) -> None:
    def files() -> dict[Path, Any]:
        return {path: path.read_bytes() for path in library.settings.uploads.glob("*/*.jpg")}

    upload = [Upload(save(tmp_path / "a.jpg", 1), "a.jpg")]
    add_uploads(library, upload, "")
    before = files()
    assert add_uploads(library, upload, "").unchanged == 1
    assert files() == before
