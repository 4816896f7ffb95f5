"""Pictures from the page: re-encoded, renamed by id, never stored twice."""

import io
import zipfile
from pathlib import Path

from PIL import Image

from searcher.images.pictures import identify
from searcher.images.stored_form import SIDE
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.trash import remove
from searcher.library.uploads import Upload, add_uploads, count
from searcher.search.query import UploadedQuery
from tests.archive_files import write_tar
from tests.pictures import encode, paint


def prepared_upload(tmp_path: Path, name: str, data: bytes) -> Upload:
    """A file as it lies in the upload folder; `name` is what the visitor called it."""
    suffix = Path(name).suffix
    path = tmp_path / f"upload-{len(list(tmp_path.glob('upload-*')))}{suffix}"
    path.write_bytes(data)
    return Upload(path, name)


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def test_uploads_are_kept_upright_and_without_metadata(library: Library, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    data = encode(paint(1, (3000, 1500)), exif=exif, quality=95)
    report = add_uploads(
        library, [prepared_upload(tmp_path, "../../evil/photo.jpg", data)], "holiday"
    )
    assert (report.added, report.skipped) == (1, [])
    (record,) = library.records.all()
    path = Path(record.path)
    assert path.is_relative_to(library.settings.uploads)
    stored = path.read_bytes()
    assert path.name == f"{identify(stored)[0]}.jpg"
    assert b"secret" not in stored
    with Image.open(path) as image:
        assert image.size == (SIDE // 2, SIDE)
    assert (record.label, record.name) == ("holiday", "../../evil/photo.jpg")
    assert list(library.settings.data.glob("**/evil")) == []


def test_an_uploaded_picture_finds_itself(library: Library, tmp_path: Path) -> None:
    pictures = {f"{i}.png": encode(paint(i), "PNG") for i in range(6)}
    uploads = [prepared_upload(tmp_path, name, data) for name, data in pictures.items()]
    assert count(uploads) == 6
    add_uploads(library, uploads, "")
    for name, data in pictures.items():
        best = library.search(UploadedQuery(name, data), "colour", 1).own_copies[0]
        assert best.record.name == name
        assert best.record.label == "uploads"
        assert best.distance < 0.1  # JPEG again, so not quite the same pixels


def test_the_same_upload_is_one_picture(library: Library, tmp_path: Path) -> None:
    data = encode(paint(3))
    first = add_uploads(library, [prepared_upload(tmp_path, "a.jpg", data)], "")
    again = add_uploads(library, [prepared_upload(tmp_path, "b.jpg", data)], "other")
    assert (first.added, again.added, again.unchanged) == (1, 0, 1)
    assert len(list(library.settings.uploads.glob("*/*"))) == 1


def test_archives_keep_their_folders_as_labels(library: Library, tmp_path: Path) -> None:
    data = archive(
        {
            "cats/tom.jpg": encode(paint(1)),
            "dogs/rex.jpg": encode(paint(2)),
            "top.jpg": encode(paint(3)),
            "../up.jpg": encode(paint(4)),
            "bad.jpg": b"no picture",
        }
    )
    uploads = [
        prepared_upload(tmp_path, "mine.zip", data),
        prepared_upload(tmp_path, "solo.jpg", encode(paint(5))),
    ]
    assert count(uploads) == 6
    report = add_uploads(library, uploads, "mixed")
    labels = {record.name: record.label for record in library.records.all()}
    assert labels == {"tom.jpg": "cats", "rex.jpg": "dogs", "top.jpg": "mixed", "solo.jpg": "mixed"}
    assert sorted(str(reason) for _, reason in report.skipped) == [
        "bad.jpg is not a picture in a known format "
        "(JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC).",
        "up.jpg has a name that leads out of its archive.",
    ]
    assert str(tmp_path) not in str(report.document())


def test_any_archive_is_taken_and_what_is_left_out_of_it_is_counted(
    library: Library, tmp_path: Path
) -> None:
    members = {"./b\\1.HIF": encode(paint(1), "HEIF"), "a/2": encode(paint(2)), "a/3.mov": b"film"}
    path = write_tar(tmp_path / "upload.tgz", members)
    report = add_uploads(library, [Upload(path, "my pictures.tgz")], "")
    assert (report.added, report.skipped) == (2, [])
    assert {(record.label, record.name) for record in library.records.all()} == {
        ("b", "1.HIF"),
        ("a", "2"),
    }
    assert [str(reason) for reason in report.left_out.messages()] == [
        "1 file is no picture (.mov)."
    ]
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3)
    report = add_uploads(library, [Upload(path, "my pictures.tgz")], "")
    assert [str(reason) for _, reason in report.skipped][-1].startswith("my pictures.tgz is cut")


def test_what_is_no_archive_is_named(library: Library, tmp_path: Path) -> None:
    report = add_uploads(library, [prepared_upload(tmp_path, "mine.zip", b"no archive")], "")
    skipped = [(path, str(reason)) for path, reason in report.skipped]
    assert skipped == [("mine.zip", "mine.zip is not a .zip archive that opens.")]


def test_removing_deletes_the_kept_file(library: Library, tmp_path: Path) -> None:
    add_uploads(library, [prepared_upload(tmp_path, "a.jpg", encode(paint(1)))], "")
    (record,) = library.records.all()
    assert remove(library, [record.id]).count == 1
    assert list(library.settings.uploads.glob("*/*")) == []
    assert examine(library).problems == []


def test_browsing_is_newest_first_and_filtered(library: Library, tmp_path: Path) -> None:
    uploads = [
        prepared_upload(tmp_path, f"picture {i}.jpg", encode(paint(i, (64, 48)))) for i in range(60)
    ]
    add_uploads(library, uploads[:50], "old")
    add_uploads(library, uploads[50:], "New")
    first, more = library.browse("", 0)
    assert (len(first), more) == (48, True)
    assert [r.added for r in first] == sorted((r.added for r in first), reverse=True)
    second, more = library.browse("", 1)
    assert (len(second), more) == (12, False)
    assert not {r.id for r in first} & {r.id for r in second}
    new, more = library.browse("new PICTURE", 0)
    assert (len(new), more) == (10, False)
    assert {r.label for r in new} == {"New"}
    assert library.browse("nothing", 0) == ([], False)
    old, more = library.browse("old", 1)
    assert (len(old), more) == (2, False)
