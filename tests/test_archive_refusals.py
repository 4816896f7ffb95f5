"""Archives that can't be read, wholly or in part, and those that would take too much."""

import gzip
import os
import struct
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from searcher.errors import BadImage, BadSource
from searcher.images import tar_archives, zip_archives
from searcher.images.sources import find_sources
from tests.archive_files import changed, write_tar, write_zip
from tests.pictures import encode, paint

A, B = (encode(paint(seed, (48, 32))) for seed in range(2))


def with_method(path: Path, method: int, flags: int = 0) -> Path:
    """Change the method of a member, and its flags, in both of its headers."""
    data = bytearray(write_zip(path, {"a.jpg": A}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(signature) + offset
        struct.pack_into("<HH", data, start, flags, method)
    path.write_bytes(data)
    return path


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "7-Zip": (lambda f: changed(write_zip(f, {}), lambda _: b"7z\xbc\xaf\x27\x1c\0\4"), "7-Zip"),
    "RAR": (lambda f: changed(write_zip(f, {}), lambda _: b"Rar!\x1a\7\1\0"), "RAR"),
    "Zstandard": (lambda f: changed(write_zip(f, {}), lambda _: b"\x28\xb5\x2f\xfd"), "Zstandard"),
    "cut off": (lambda f: changed(write_zip(f, {"a.jpg": A}), lambda c: c[:-30]), "is cut off"),
    "a part": (
        lambda f: changed(write_zip(f, {"a.jpg": A}), lambda c: c[:-18] + b"\1\0\1\0" + c[-14:]),
        "one of several parts",
    ),
    "no archive": (
        lambda f: changed(write_zip(f, {}), lambda _: b"no archive"),
        "not a .zip archive",
    ),
    "nothing": (lambda f: changed(write_zip(f, {}), lambda _: b""), "not a .zip archive"),
    "one file": (lambda f: changed(write_zip(f, {}), lambda _: gzip.compress(A)), "not an archive"),
    "cut off, bzip2": (
        lambda f: changed(write_tar(f.with_suffix(".bz2"), {"a.jpg": A}), lambda c: c[:500]),
        "cut off or damaged",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_an_archive_that_can_not_be_read_gets_a_sentence(kind: str, tmp_path: Path) -> None:
    make, words = REFUSED[kind]
    with pytest.raises(BadSource, match=words):
        list(find_sources([make(tmp_path / "holiday.zip")]))


EMPTY: dict[str, Callable[[Path], Path]] = {
    "zip": lambda f: write_zip(f / "e.zip", {}),
    "folders only": lambda f: write_zip(f / "e.zip", {"x/": b""}),
    "tar": lambda f: write_tar(f / "e.tar", {}),
    "tar.gz": lambda f: write_tar(f / "e.tar.gz", {}),
    "zeros": lambda f: changed(write_tar(f / "e.tar", {}), lambda _: bytes(512)),
}


@pytest.mark.parametrize("kind", EMPTY)
def test_an_archive_without_files_says_so(kind: str, tmp_path: Path) -> None:
    (source,) = find_sources([EMPTY[kind](tmp_path)])
    with pytest.raises(BadImage, match=r"e\.\S+ is an archive without files"):
        source.read()


def test_devices_and_pipes_in_an_archive_are_refused_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "t.tar"
    with tarfile.open(path, "w") as out:
        for kind in (tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE):
            info = tarfile.TarInfo(f"{kind.decode()}.jpg")
            info.type, info.size = kind, 0
            out.addfile(info)
    sources = list(find_sources([path]))
    assert [source.name for source in sources] == ["3.jpg", "4.jpg", "6.jpg"]
    for source in sources:
        with pytest.raises(BadImage, match="is not a regular file"):
            source.read()


@pytest.mark.parametrize(
    ("method", "flags", "words"),
    [
        (9, 0, "compressed by Deflate64"),
        (93, 0, "compressed by Zstandard"),
        (77, 0, "compressed by method 77"),
        (99, 1, "is encrypted"),
        (8, 1, "is encrypted"),
    ],
)
def test_a_member_that_can_not_be_read_gets_a_sentence(
    method: int, flags: int, words: str, tmp_path: Path
) -> None:
    (source,) = find_sources([with_method(tmp_path / "a.zip", method, flags)])
    with pytest.raises(BadImage, match=words):
        source.read()


@pytest.mark.parametrize("ending", [".tar", ".tar.gz", ".tar.xz"])
def test_what_is_whole_of_a_truncated_archive_comes_in(ending: str, tmp_path: Path) -> None:
    pictures = {f"{seed}.jpg": encode(paint(seed)) for seed in range(8)}
    path = write_tar(tmp_path / f"t{ending}", pictures)
    os.truncate(path, path.stat().st_size // 2)
    *whole, end = sorted(find_sources([path]), key=lambda source: source.refusal is not None)
    assert 2 <= len(whole) <= 5
    assert all(source.read() == pictures[source.name] for source in whole)
    assert "cut off or damaged" in str(end.refusal)


@pytest.mark.parametrize("write", [write_zip, write_tar])
def test_names_that_lead_out_are_refused_one_by_one(
    write: Callable[[Path, dict[str, bytes]], Path], tmp_path: Path
) -> None:
    outside = [
        "/a.jpg",
        "../b.jpg",
        "x/../../c.jpg",
        "C:\\x\\d.jpg",
        "\\\\server\\e.jpg",
        "..\\f.jpg",
    ]
    path = write(tmp_path / "a", dict.fromkeys(outside, A) | {"a.jpg": B})
    sources = list(find_sources([path]))
    (inside,) = (source for source in sources if not source.refusal)
    assert inside.read() == B
    refusals = [str(source.refusal) for source in sources if source.refusal]
    assert len(refusals) == len(outside)
    assert all("leads out of its archive" in refusal for refusal in refusals)


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = {f"{number}.jpg": A for number in range(20)}
    monkeypatch.setattr(tar_archives, "MAX_FILES", 10)
    monkeypatch.setattr(zip_archives, "TABLE_BYTES", 500)
    for path in (write_tar(tmp_path / "a.tar", pictures), write_zip(tmp_path / "a.zip", pictures)):
        with pytest.raises(BadSource, match="too many files"):
            list(find_sources([path]))
    monkeypatch.setattr(tar_archives, "UNPACKED_BYTES", 2**20)
    bomb = write_tar(tmp_path / "b.tar.gz", {"zeros.jpg": bytes(2**21)})
    with pytest.raises(BadSource, match="unpacked"):
        list(find_sources([bomb]))
    name = "n" * 2 * tar_archives.HEADER_BYTES  # which tarfile would read whole
    long = write_tar(tmp_path / "c.tar", {"a.jpg": A, name: B})
    assert [source.name for source in find_sources([long]) if not source.refusal] == ["a.jpg"]
