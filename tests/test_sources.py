"""Finding picture files in folders and archives."""

import os
import zipfile
from pathlib import Path

import pytest

from searcher.errors import BadImage, BadSource
from searcher.images.sources import Source, find_sources
from tests.pictures import encode, folder, paint, save


def names(*paths: Path) -> list[str]:
    return [source.name for source in find_sources(paths)]


def test_folders_are_walked_in_order_and_only_pictures_are_taken(tmp_path: Path) -> None:
    folder(tmp_path, {"b": 1, "a": 2})
    (tmp_path / "a" / "notes.txt").write_text("no picture")
    (tmp_path / "a" / ".hidden.jpg").write_bytes(b"")
    save(tmp_path / ".cache" / "x.jpg", 1)
    save(tmp_path / "a" / "UPPER.JPG", 2)
    assert names(tmp_path) == ["UPPER.JPG", "a-0.jpg", "a-1.jpg", "b-0.jpg"]


def test_the_label_is_the_folder(tmp_path: Path) -> None:
    (source,) = find_sources([save(tmp_path / "dogs" / "rex.jpg", 1)])
    assert (source.label, source.name) == ("dogs", "rex.jpg")


def test_an_archive_is_read_like_a_folder(tmp_path: Path) -> None:
    archive = tmp_path / "holiday.zip"
    picture = encode(paint(1))
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("beach/sea.jpg", picture)
        out.writestr("top.jpg", encode(paint(2)))
        out.writestr("beach/notes.txt", "no picture")
        out.writestr("__MACOSX/beach/._sea.jpg", "no picture")
    sources = list(find_sources([archive]))
    assert [(s.label, s.name) for s in sources] == [("beach", "sea.jpg"), ("holiday", "top.jpg")]
    assert sources[0].read() == picture


def test_names_in_an_archive_never_lead_out_of_it(tmp_path: Path) -> None:
    save(tmp_path / "secret.jpg", 1)
    archive = tmp_path / "inner" / "evil.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("../secret.jpg", b"x")
        out.writestr("../../secret.jpg", b"x")
        out.writestr(str(tmp_path / "secret.jpg"), b"x")
        out.writestr("fine.jpg", encode(paint(2)))
    sources = list(find_sources([archive]))
    assert [source.name for source in sources if not source.refusal] == ["fine.jpg"]
    refusals = [source for source in sources if source.refusal]
    assert len(refusals) == 3
    for source in refusals:
        with pytest.raises(BadImage, match=r"secret\.jpg has a name that leads out"):
            source.read()


def test_an_encrypted_or_damaged_member_is_a_bad_image(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("x.jpg", encode(paint(1)) * 4)
    data = bytearray(archive.read_bytes())
    data[200:260] = b"\xff" * 60
    archive.write_bytes(data)
    with pytest.raises(BadImage, match=r"x\.jpg"):
        next(find_sources([archive])).read()


def test_what_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no file or folder"):
        list(find_sources([tmp_path / "nowhere"]))
    (tmp_path / "broken.zip").write_bytes(b"PK not really")
    with pytest.raises(BadSource, match=r"broken\.zip"):
        list(find_sources([tmp_path / "broken.zip"]))


def test_what_would_block_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "device.jpg").symlink_to("/dev/zero")
    (tmp_path / "folder.jpg").mkdir()
    sources_by_name = {source.name: source for source in find_sources([tmp_path])}
    assert set(sources_by_name) == {"pipe.jpg", "link.jpg", "device.jpg"}
    for source in sources_by_name.values():
        with pytest.raises(BadImage):
            source.read()


def test_any_name_can_be_shown(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9\nbar.jpg"
    with open(raw, "wb") as file:
        file.write(encode(paint(1)))
    (source,) = find_sources([tmp_path])
    source.name.encode("utf-8")
    assert "\n" not in source.name
    assert source.read()


def test_archives_in_folders_are_left_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("x.jpg", encode(paint(1)))
    assert names(tmp_path) == []


def test_sources_know_whether_they_still_exist(tmp_path: Path) -> None:
    path = save(tmp_path / "a" / "x.jpg", 1)
    source = Source(str(path))
    assert source.exists()
    path.unlink()
    assert not source.exists()
