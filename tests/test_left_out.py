"""What folders and archives have besides pictures: left out, and counted by reason."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from searcher.images.left_out import LeftOut
from searcher.images.sources import find_sources
from tests.archive_files import write_folder, write_tar, write_zip
from tests.pictures import encode, paint

JPEG, WEBP, HEIC = encode(paint(1)), encode(paint(2), "WEBP"), encode(paint(3), "HEIF")
PLACES: dict[str, Callable[[Path, Mapping[str, bytes]], Path]] = {
    "in": write_folder,
    "in.zip": write_zip,
    "in.tar": write_tar,
    "in.tar.gz": write_tar,
}
SPACED = ["System Volume Information", "Network Trash Folder", "Network Recycle Bin 1"]
SYSTEM_FOLDERS = """
@eaDir @EADIR #recycle #Recycle #snapshot @Recycle @Recently-Snapshot $RECYCLE.BIN $Recycle.Bin
RECYCLER lost+found LOST+FOUND __MACOSX found.000 LOST.DIR @tmp @SynoDrive #trash
$WINDOWS.~BT files_trashbin node_modules
""".split()
SYSTEM_FOLDERS += SPACED
HIDDEN_FOLDERS = (
    ".thumbnails .Trash-1000 .Trashes .git .@__thumb .AppleDouble .Spotlight-V100".split()
)
PICTURES = {
    "IMG_1.HIF": HEIC,
    "photo.jpg_large": JPEG,
    "photo.JPE": JPEG,
    "photo.jfif": JPEG,
    "photo.jpg": WEBP,
    "photo": encode(paint(4), "PNG"),
    "photo.unknown": encode(paint(5), "GIF"),
    "photo.bak": encode(paint(6), "BMP"),
    "photo.v2.final": encode(paint(7), "TIFF"),
    "photo.123": encode(paint(8), "AVIF"),
    "photo.jpg?width=100": JPEG,
    "photo.jpg~": JPEG,
    "recycle/kept.jpg": JPEG,
    "@home/kept.jpg": JPEG,
    "found/kept.jpg": JPEG,
}
OTHERS: dict[str, dict[str, bytes]] = {
    "2 files are not complete yet (.crdownload, .part).": {
        "a.jpg.crdownload": JPEG,
        "a.jpg.part": JPEG,
    },
    "4 hidden files and folders are left out (.DS_Store, ._*, .hidden.jpg, .nomedia).": {
        ".DS_Store": b"\0\0\0\1Bud1",
        "a/._photo.jpg": b"\0\5\x16\7",
        "a/.hidden.jpg": JPEG,
        "a/.nomedia": b"",
    },
    "2 pictures have formats that are not read (.svg, .xcf).": {
        "a/1.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "a/2.xcf": b"gimp xcf v011",
    },
    "6 files are no pictures (.txt, .db, .empty, .mov, .xmp).": {
        "a/1.mov": b"\0\0\0\x14ftypqt  \0\0\0\0qt  ",
        "a/1.xmp": b"<x:xmpmeta/>",
        "a/1.TXT": b"BMW is a text that begins like a picture",
        "a/2.txt": b"no picture",
        "Thumbs.db": b"\xd0\xcf\x11\xe0",
        "none.empty": b"",
    },
}


def found(path: Path) -> tuple[list[str], list[str]]:
    """The paths below it, and the sentences about what is left out."""
    omitted = LeftOut()
    sources = list(find_sources([path], omitted))
    assert [source.refusal for source in sources if source.refusal] == []
    names = sorted(os.path.relpath(source.path, path) for source in sources)
    return names, [str(sentence) for sentence in omitted.messages()]


def parts(sentence: str) -> tuple[str, frozenset[str]]:
    """A sentence without its names, and these in no order."""
    start, _, rest = sentence.partition(" (")
    names, _, end = rest.partition(")")
    return start + end, frozenset(names.split(", "))


@pytest.mark.parametrize("place", PLACES)
def test_pictures_are_told_by_their_content_and_the_rest_is_counted(
    place: str, tmp_path: Path
) -> None:
    entries = dict(PICTURES)
    for others in OTHERS.values():
        entries |= others
    names, sentences = found(PLACES[place](tmp_path / place, entries))
    assert names == sorted(PICTURES)
    assert set(map(parts, sentences)) == set(map(parts, OTHERS))


@pytest.mark.parametrize("place", PLACES)
def test_folders_of_systems_and_hidden_ones_are_left_out(place: str, tmp_path: Path) -> None:
    folders = SYSTEM_FOLDERS + HIDDEN_FOLDERS
    entries = {f"album/{folder}/deep/x.jpg": JPEG for folder in folders} | {
        "Catalog Previews.lrdata/0/x.jpg": JPEG,
        "Photos.photoslibrary/originals/0/a.jpg": JPEG,
        "Photos.photoslibrary/resources/derivatives/a.jpg": JPEG,
        "album/kept.jpg": JPEG,
    }
    path = PLACES[place](tmp_path / place, entries)
    omitted = LeftOut()
    names = [os.path.relpath(source.path, path) for source in find_sources([path], omitted)]
    assert sorted(names) == ["Photos.photoslibrary/originals/0/a.jpg", "album/kept.jpg"]
    counts = {str(entry["reason"]).split()[1]: entry["count"] for entry in omitted.document()}
    assert counts == {"folders": len(SYSTEM_FOLDERS) + 2, "hidden": len(HIDDEN_FOLDERS)}


def test_a_folder_of_a_system_that_is_named_is_read(tmp_path: Path) -> None:
    write_folder(tmp_path / "#recycle" / ".old", {"a.jpg": JPEG})
    assert found(tmp_path / "#recycle" / ".old") == (["a.jpg"], [])


def test_many_reasons_and_names_stay_short() -> None:
    omitted = LeftOut()
    for number in range(3000):
        omitted.add_file("omitted.no_picture", f"{number}.{number}")
    ((sentence,), (entry,)) = omitted.messages(), omitted.document()
    assert str(sentence).startswith("3,000 files are no pictures (")
    assert len(str(sentence)) < 100
    assert entry["count"] == 3000


def test_archives_in_folders_are_named(tmp_path: Path) -> None:
    names = ("a.ZIP", "b.tar.gz", "c.7z")
    write_folder(tmp_path, dict.fromkeys(names, b"x") | {"d.jpg": JPEG})
    assert found(tmp_path) == (
        ["d.jpg"],
        ["3 archives in folders are not opened (.zip, .gz, .7z): name them to add their pictures."],
    )


def test_links_are_followed_once_and_never_in_circles(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "in", {"b/2.jpg": JPEG, "1.jpg": JPEG})
    other = write_folder(
        tmp_path / "disk", {"3.jpg": JPEG, "sub/4.jpg": JPEG, "@eaDir/5.jpg": JPEG}
    )
    write_folder(tmp_path / "secret", {"6.jpg": JPEG})
    (root / "a-link").symlink_to(root / "b")  # sorted before what it leads to
    (root / "again").symlink_to(other / "sub")
    (root / "circle").symlink_to(root)
    (root / "disk").symlink_to(other)
    (root / "gone").symlink_to(tmp_path / "gone")
    (root / "parent").symlink_to(tmp_path)
    (other / "back").symlink_to(root)
    (other / "self").symlink_to(other)
    (other / "inside.jpg").symlink_to(other / "3.jpg")
    names, sentences = found(root)
    assert names == ["1.jpg", "again/4.jpg", "b/2.jpg", "disk/3.jpg", "disk/inside.jpg"]
    links = next(sentence for sentence in sentences if "links" in sentence)
    for name in ("a-link", "circle", "parent", "back", "self"):
        assert name in links
    assert not any(name.endswith("6.jpg") for name in names)
