"""Hostile archives: no entry stops indexing or is written outside the archive's folder."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searcher.errors import BadImage, BadSource
from searcher.images.pictures import open_picture
from searcher.images.sources import Source, find_sources
from searcher.library.core import Library
from tests.pictures import encode, paint, png_bomb


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members.items():
            out.writestr(name, data)
    return path


def test_an_archive_of_horrors(library: Library, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as nested:
        nested.writestr("deep.jpg", encode(paint(1)))
    path = archive(
        tmp_path / "in.zip",
        {
            "a/good.jpg": encode(paint(2)),
            "b/good.jpg": encode(paint(3)),
            "../out.jpg": encode(paint(4)),
            "/abs.jpg": encode(paint(5)),
            "a/../../up.jpg": encode(paint(6)),
            "c/bomb.png": png_bomb(30_000),
            "c/zeros.jpg": bytes(257 * 2**20),
            "nested.zip": inner.getvalue(),
            "notes.txt": b"no picture",
            "n" * 60_000 + ".jpg": encode(paint(7)),
        },
    )
    report = library.add([path])
    reasons = {Path(p).name[:12]: str(reason) for p, reason in report.skipped}
    assert report.added == 3
    assert "leads out of its archive" in reasons["out.jpg"]
    assert "leads out of its archive" in reasons["abs.jpg"]
    assert "leads out of its archive" in reasons["up.jpg"]
    assert "megapixels" in reasons["bomb.png"]
    assert "larger than 256 MB" in reasons["zeros.jpg"]
    assert "archive inside an archive" in reasons["nested.zip"]
    assert len(report.skipped) == 6
    assert not (tmp_path.parent / "out.jpg").exists()


def test_a_member_below_endless_folders_is_skipped(library: Library, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "deep.zip", "w") as out:
        out.writestr("ab/" * 3000 + "deep.png", encode(paint(1)))
        out.writestr("fine.jpg", encode(paint(2)))
    report = library.add([tmp_path / "deep.zip"])
    assert report.added >= 1
    assert report.added + len(report.skipped) == 2


@pytest.mark.parametrize("in_place", [True, False])
def test_what_is_replaced_by_one_of_the_same_size_and_time_is_read_again(
    tmp_path: Path, in_place: bool
) -> None:
    archive, plain = tmp_path / "z.zip", tmp_path / "odd"

    def write(name: str, content: bytes, kind: bytes) -> None:
        for path in archive, plain:
            new = path if in_place else tmp_path / "new"
            new.write_bytes(kind)
            if path is archive:
                with zipfile.ZipFile(new, "w") as file:
                    file.writestr(name, content)
            os.utime(new, (1, 1))
            new.replace(path)

    picture = encode(paint(1))
    for name, kind in ("a.jpg", bytes(len(picture))), ("b.jpg", picture):
        write(name, picture, kind)
        read = {source.name: source.read() for source in find_sources([archive])}
        assert read == {name: picture}
        odd = [source.name for source in find_sources([tmp_path])]
        assert odd == ["odd"] * (kind == picture)


def test_an_encrypted_archive_gets_a_reason_for_each_picture(
    library: Library, tmp_path: Path
) -> None:
    path = archive(tmp_path / "in.zip", {"a.jpg": encode(paint(1)), "b.jpg": encode(paint(2))})
    data = bytearray(path.read_bytes())
    # The flag for encryption, in each local header and in the table at the end.
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(signature)
        while start >= 0:
            data[start + offset] |= 1
            start = data.find(signature, start + 4)
    path.write_bytes(data)
    report = library.add([path])
    assert report.added == 0
    assert [str(reason) for _, reason in report.skipped] == [
        f"{name} is encrypted inside its archive: unpack it with its password first."
        for name in ("a.jpg", "b.jpg")
    ]


def test_an_archive_of_66_000_entries(library: Library, tmp_path: Path) -> None:
    """More than the 65,535 that fit into the fields of a .zip archive without Zip64."""
    members = {f"{number % 100}/{number}.txt": b"" for number in range(66_000)}
    members |= {f"pictures/{number}.jpg": encode(paint(number, (64, 48))) for number in range(10)}
    report = library.add([archive(tmp_path / "in.zip", members)])
    assert (report.added, report.skipped) == (10, [])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_damaged_archives_never_stop_a_run(tmp_path: Path, data: st.DataObject) -> None:
    path = archive(tmp_path / "in.zip", {f"{i}.jpg": encode(paint(i, (32, 24))) for i in range(3)})
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    try:
        sources = list(find_sources([path]))
    except BadSource:
        return
    for source in sources:
        try:
            open_picture(source.read(), source.name)
        except BadImage:
            pass
    assert Source(str(path)).exists()
