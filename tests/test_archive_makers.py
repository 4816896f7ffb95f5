"""Archives of every maker: the pictures in them."""

import gzip
import io
import lzma
import os
import struct
import subprocess
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from searcher.images.sources import Source, find_sources
from tests.archive_files import changed, write_tar, write_zip
from tests.pictures import encode, paint

A, B, C = (encode(paint(seed, (48, 32))) for seed in range(3))
CP437 = "größe.jpg".encode("cp437")
READ_ME = "n.txt", b"no picture"


class Pipe(io.RawIOBase):
    """A stream without positions, into which zipfile writes sizes behind the data."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.content += bytes(data)  # type: ignore[call-overload]
        return len(data)  # type: ignore[arg-type]


def streamed(path: Path) -> Path:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("x/a.jpg", A)
    path.write_bytes(pipe.content)
    return path


def zip64(path: Path) -> Path:
    with (
        zipfile.ZipFile(path, "w") as out,
        out.open(zipfile.ZipInfo("x/a.jpg"), "w", force_zip64=True) as file,
    ):
        file.write(A)
    return path


def unicode_path(path: Path, raw: bytes = CP437) -> Path:
    """Info-ZIP's field, and the name as it is in an older encoding."""
    name = "größe ☃.jpg".encode()
    info = zipfile.ZipInfo("~" * len(CP437))
    info.extra = struct.pack("<HHBL", 0x7075, 5 + len(name), 1, zlib.crc32(CP437)) + name
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(info, A)
    path.write_bytes(path.read_bytes().replace(info.filename.encode(), raw))
    return path


def renamed_in_front(path: Path) -> Path:
    """The name before the data differs from that in the table."""
    write_zip(path, {"aaaa.jpg": A})
    return changed(path, lambda content: content.replace(b"aaaa", b"\xe1\xe1\xe1\xe1", 1))


def in_comment(comment: bytes, trailing: bytes, folder: Path) -> Path:
    path = folder / "c.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("x/a.jpg", A)
        out.comment = comment
    return changed(path, lambda content: content + trailing)


def with_links(path: Path) -> Path:
    with tarfile.open(path, "w") as out:
        info = tarfile.TarInfo("a.jpg")
        info.size = len(A)
        out.addfile(info, io.BytesIO(A))
        for kind in (tarfile.SYMTYPE, tarfile.DIRTYPE):
            other = tarfile.TarInfo(f"{kind.decode()}.jpg")
            other.type, other.linkname = kind, "a.jpg"
            out.addfile(other)
    return path


def with_hard_links(path: Path) -> Path:
    """As tar writes files with several names: the content once, of which the name may be hidden."""
    with tarfile.open(path, "w") as out:
        for name, data, link in ((".hidden/a.jpg", A, "shown.jpg"), ("b.jpg", B, "x/c.jpg")):
            info, other = tarfile.TarInfo(name), tarfile.TarInfo(link)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
            other.type, other.linkname = tarfile.LNKTYPE, name
            out.addfile(other)
    return path


def joined(path: Path, between: bytes) -> Path:
    """As `cat` joins archives; the first one may be empty."""
    first, second = ({"x/a.jpg": A} if between else {}), {"b.jpg": B}
    parts = [write_tar(path, entries).read_bytes() for entries in (first, second)]
    path.write_bytes(between.join(parts))
    return path


def tar(ending: str) -> Callable[[Path], Path]:
    return lambda folder: write_tar(folder / f"t{ending}", {"x/a.jpg": A, "b.jpg": B})


END_RECORD = b"PK\5\6"
COMMENTS = {
    "an end record": END_RECORD + bytes(18),
    "an end record of another archive": b"see " + END_RECORD + bytes(4) + b"\1\0\1\0" + bytes(99),
    "the start of an end record": b"see " + END_RECORD,
}
TAR_ENDINGS = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
DECOMPOSED = unicodedata.normalize("NFD", "Übung/größe é.jpg")
# What the archive is, and its pictures as label/name.
READ: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "Windows": (
        lambda f: write_zip(f / "w.zip", {"Cats\\a.jpg": A, "Dogs\\sub\\b.jpg": B, "Cats\\": b""}),
        ["Cats/a.jpg", "sub/b.jpg"],
    ),
    "bsdtar": (
        lambda f: write_zip(f / "b.zip", {"./": b"", "./Cats/a.jpg": A, ".//./b.jpg": B}),
        ["Cats/a.jpg", "b/b.jpg"],
    ),
    "upper case": (lambda f: write_zip(f / "HOLIDAY.ZIP", {"a.JPG": A}), ["HOLIDAY/a.JPG"]),
    "macOS": (
        lambda f: write_zip(f / "m.zip", [(DECOMPOSED.encode(), A), (b"__MACOSX/._a.jpg", b"")]),
        ["Übung/größe é.jpg"],
    ),
    "marked UTF-8": (lambda f: write_zip(f / "u.zip", {DECOMPOSED: A}), ["Übung/größe é.jpg"]),
    "repeated names": (
        lambda f: write_zip(f / "r.zip", [("a.jpg", A), ("./a.jpg", B), ("a.jpg", C)]),
        ["r/a (2).jpg", "r/a (3).jpg", "r/a.jpg"],
    ),
    "sizes behind the data": (lambda f: streamed(f / "s.zip"), ["x/a.jpg"]),
    "zip64": (lambda f: zip64(f / "z.zip"), ["x/a.jpg"]),
    "Info-ZIP's field": (lambda f: unicode_path(f / "i.zip"), ["i/größe ☃.jpg"]),
    "Info-ZIP's field, renamed": (
        lambda f: unicode_path(f / "i.zip", b"hallo.jpg"),
        ["i/hallo.jpg"],
    ),
    "bzip2": (lambda f: write_zip(f / "c.zip", {"a.jpg": A}, zipfile.ZIP_BZIP2), ["c/a.jpg"]),
    "LZMA": (lambda f: write_zip(f / "c.zip", {"a.jpg": A}, zipfile.ZIP_LZMA), ["c/a.jpg"]),
    "two names": (lambda f: renamed_in_front(f / "d.zip"), ["d/aaaa.jpg"]),
    "unpacks itself": (
        lambda f: changed(
            write_zip(f / "e.zip", {"x/a.jpg": A}), lambda c: b"MZ" + bytes(999) + c, "e.exe"
        ),
        ["x/a.jpg"],
    ),
    "byte-order mark": (
        lambda f: changed(write_zip(f / "e.zip", {"a.jpg": A}), lambda c: b"\xef\xbb\xbf" + c),
        ["e/a.jpg"],
    ),
    "trailing bytes": (
        lambda f: changed(write_zip(f / "e.zip", {"a.jpg": A}), lambda c: c + bytes(5000)),
        ["e/a.jpg"],
    ),
    **{
        f"{what} in the comment{end}": (partial(in_comment, comment, trailing), ["x/a.jpg"])
        for what, comment in COMMENTS.items()
        for end, trailing in (("", b""), (", trailing bytes", bytes(40)))
    },
    "without ending": (
        lambda f: changed(write_zip(f / "e.zip", {"x/a.jpg": A}), lambda c: c, "holiday"),
        ["x/a.jpg"],
    ),
    "comics": (lambda f: write_zip(f / "comic.cbz", {"a.jpg": A}), ["comic/a.jpg"]),
    "falsely marked UTF-8": (
        lambda f: changed(
            write_zip(f / "m.zip", {"x/green.jpg": A, "größe.jpg": B}),
            lambda c: c.replace("größe".encode(), "größe--".encode("cp437")),
        ),
        ["m/größe--.jpg", "x/green.jpg"],
    ),
    "no picture": (lambda f: write_zip(f / "n.zip", [READ_ME]), []),
    "a picture": (
        lambda f: changed(write_zip(f / "p.zip", {}), lambda c: A),
        ["in/p.zip"],
    ),
    "tar": (
        lambda f: write_tar(f / "t.tar", {"./Cats/a.jpg": A, "b.jpg": B, DECOMPOSED: C}),
        ["Cats/a.jpg", "t/b.jpg", "Übung/größe é.jpg"],
    ),
    **{f"tar{ending}": (tar(ending), ["t/b.jpg", "x/a.jpg"]) for ending in TAR_ENDINGS},
    "tar of another name": (
        lambda f: changed(write_tar(f / "t.tar.gz", {"x/a.jpg": A}), lambda c: c, "t.zip"),
        ["x/a.jpg"],
    ),
    "tar, repeated names": (
        lambda f: write_tar(f / "t.tar", [("a.jpg", A), ("a.jpg", B)]),
        ["t/a (2).jpg", "t/a.jpg"],
    ),
    "tar in Shift-JIS": (
        lambda f: write_tar(f / "t.tar", {"写真/表.jpg": A}, "cp932"),
        ["写真/表.jpg"],
    ),
    "tar with links": (lambda f: with_links(f / "t.tar"), ["t/a.jpg"]),
    "two tars": (lambda f: joined(f / "t.tar", bytes(2**20 + 512)), ["t/b.jpg", "x/a.jpg"]),
    "two tars, compressed": (
        lambda f: changed(
            joined(f / "t.tar", bytes(512)),
            lambda c: gzip.compress(c[:5120]) + gzip.compress(c[5120:]),
        ),
        ["t/b.jpg", "x/a.jpg"],
    ),
    "a tar of nothing, and another": (lambda f: joined(f / "t.tar", b""), ["t/b.jpg"]),
    "tar.lzma": (
        lambda f: changed(
            write_tar(f / "t.tar", {"a.jpg": A}),
            lambda c: lzma.compress(c, lzma.FORMAT_ALONE),
            "t.tar.lzma",
        ),
        ["t/a.jpg"],
    ),
    "several streams": (
        lambda f: changed(
            write_tar(f / "t.tar", {"a.jpg": A}),
            lambda c: gzip.compress(c[:700]) + gzip.compress(c[700:]) + bytes(40),
            "t.tar.gz",
        ),
        ["t/a.jpg"],
    ),
}


def test_members_are_read_by_the_names_of_earlier_versions(tmp_path: Path) -> None:
    raw = "猫/照片.jpg".encode("gbk")
    path = write_zip(tmp_path / "a.zip", [(raw, A), ("Cats\\b.jpg", B), (DECOMPOSED, C)])
    for name, data in ((raw.decode("cp437"), A), ("Cats\\b.jpg", B), (DECOMPOSED, C)):
        assert Source(str(path / name)).read() == data


@pytest.mark.parametrize("maker", READ)
def test_pictures_of_an_archive(maker: str, tmp_path: Path) -> None:
    make, expected = READ[maker]
    (tmp_path / "in").mkdir()
    sources = list(find_sources([make(tmp_path / "in")]))
    assert sorted(f"{source.label}/{source.name}" for source in sources) == expected
    contents = [source.read() for source in sources]
    assert set(contents) <= {A, B, C}
    assert len(set(contents)) == len(expected)
    # A record has the path only.
    assert [Source(source.path).read() for source in sources] == contents


def test_files_with_several_names_have_each_of_them(tmp_path: Path) -> None:
    sources = list(find_sources([with_hard_links(tmp_path / "t.tar")]))
    shown = {f"{source.label}/{source.name}": source.read() for source in sources}
    assert shown == {"t/b.jpg": B, "x/c.jpg": B, "t/shown.jpg": A}


@pytest.mark.parametrize(
    "options",
    [
        ["--format=gnu", "-S"],
        *(
            ["--format=posix", "-S", f"--sparse-version={version}"]
            for version in ("0.0", "0.1", "1.0")
        ),
        ["--format=gnu", "--listed-incremental=list"],
    ],
    ids=" ".join,
)
def test_backups_of_gnu_tar(options: list[str], tmp_path: Path) -> None:
    """Files with holes, of which only the rest is stored; times where POSIX has folders."""
    folder = tmp_path / "in" / "Cats"
    folder.mkdir(parents=True)
    with_hole = A[:-2] + bytes(2**16) + A[-2:]
    with (folder / "a.jpg").open("wb") as file:
        file.write(A[:-2])
        file.seek(2**16, os.SEEK_CUR)
        file.write(A[-2:])
    (folder / "b.jpg").write_bytes(B)
    command = ["tar", "-c", "-f", str(tmp_path / "t.tar"), "--hole-detection=raw", *options, "Cats"]
    subprocess.run(command, cwd=tmp_path / "in", check=True, capture_output=True)
    sources = list(find_sources([tmp_path / "t.tar"]))
    assert [f"{source.label}/{source.name}" for source in sources] == ["Cats/a.jpg", "Cats/b.jpg"]
    assert [source.read() for source in sources] == [with_hole, B]
