"""Which picture of the library a row of a file is of."""

from dataclasses import replace
from pathlib import Path

import pytest

from searcher.datasets.vector_rows import AMBIGUOUS, NAMELESS, UNKNOWN
from searcher.images.pictures import identify
from searcher.library.picture_finder import PictureFinder
from searcher.stores.record import Record
from tests.pictures import save
from tests.records import record

UPLOADS = "/data/uploads/"


def at(number: int, path: str, **changes: object) -> Record:
    return record(number, path=path, name=path.rpartition("/")[2], **changes)


RECORDS = [
    at(1, "/photos/dog/1.jpg"),
    at(2, "/photos/cat/1.jpg"),
    at(3, "/photos/cat/été.jpg"),
    at(4, "/archive/holiday.zip/beach/sea.jpg"),
    at(5, "/other/dog/1.jpg"),
    at(77, "/photos/8.jpg"),
    replace(at(6, UPLOADS + "06/6.jpg"), name="tram.png", label="trams"),
    replace(record(7), path="", name="lost.jpg"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("77", 77),
        (" 77 ", 77),
        ("8", UNKNOWN),
        ("/photos/dog/1.jpg", 1),
        ("photos/dog/1.jpg", 1),
        ("./other/dog/../dog/1.jpg", 5),
        ("photos\\cat\\1.jpg", 2),
        ("cat/1.jpg", 2),
        ("dog/1.jpg", AMBIGUOUS),
        ("1.jpg", AMBIGUOUS),
        ("og/1.jpg", UNKNOWN),
        ("/dog/1.jpg", UNKNOWN),  # an absolute path of another place
        ("cat/e\u0301te\u0301.jpg", 3),  # decomposed, as by macOS
        ("beach/sea.jpg", 4),
        ("holiday.zip/beach/sea.jpg", 4),
        ("tram.png", 6),
        ("trams/tram.png", 6),
        ("6.jpg", 6),
        ("lost.jpg", 7),
        ("nothing.jpg", UNKNOWN),
        ("99999999999999999999999", UNKNOWN),
        ("²", UNKNOWN),
        ("  ", NAMELESS),
    ],
)
def test_a_picture_is_found_by_id_path_and_name(text: str, expected: int | str) -> None:
    finder = PictureFinder(RECORDS, lambda path: path.startswith(UPLOADS))
    assert finder.find(text) == expected


def test_paths_relative_to_a_folder_come_before_others() -> None:
    finder = PictureFinder(RECORDS, folder=Path("/photos"))
    assert finder.find("dog/1.jpg") == 1
    assert PictureFinder(RECORDS, folder=Path("/photos/cat")).find("../dog/1.jpg") == 1


def test_a_copy_is_found_by_its_bytes_but_not_for_visitors(tmp_path: Path) -> None:
    copy = save(tmp_path / "copies" / "again.jpg", 0)
    picture_id, _ = identify(copy.read_bytes())
    records = [*RECORDS, at(picture_id, "/photos/first.jpg")]
    assert PictureFinder(records, folder=tmp_path).find("copies/again.jpg") == picture_id
    assert PictureFinder(records, folder=tmp_path).find(str(copy)) == picture_id
    assert PictureFinder(records).find(str(copy)) == UNKNOWN
