"""The recent queries: what a browser is given to keep, and what is believed of what it says."""

from pathlib import Path
from typing import Any

import pytest

from searcher.errors import BadImage, NotFound
from searcher.library.core import Library
from searcher.search.query import UploadedQuery
from searcher.ui.components.history import LENGTH, entries, find, remember, strip_html
from tests.pictures import encode, paint, save


def upload(seed: int) -> UploadedQuery:
    return UploadedQuery(f"{seed}.jpg", encode(paint(seed), quality=90))


def test_the_latest_comes_first_each_once_and_not_too_many(library: Library) -> None:
    kept: list[dict[str, Any]] = []
    for seed in range(LENGTH + 2):
        kept = remember(kept, library, upload(seed), "colour", 12)
    kept = remember(kept, library, upload(LENGTH), "shape", 5)
    assert [entry["name"] for entry in kept][:2] == [f"{LENGTH}.jpg", f"{LENGTH + 1}.jpg"]
    assert len(kept) == LENGTH
    assert entries(kept)[0].model == "shape"
    assert entries(kept)[0].k == 5


def test_an_upload_can_be_searched_again_and_is_known_again(library: Library) -> None:
    kept = remember([], library, upload(1), "colour", 12)
    picture = entries(kept)[0].value(library)
    assert not isinstance(picture, str)
    assert picture.size == (224, 168)
    again = UploadedQuery("This picture", encode(picture, quality=80))
    assert len(remember(kept, library, again, "colour", 12)) == 1


def test_a_picture_of_the_library_is_kept_by_its_id(library: Library, tmp_path: Path) -> None:
    save(tmp_path / "x" / "one.jpg", 1)
    library.add([tmp_path / "x"])
    ((record,), _) = library.browse("", 0)
    kept = remember([], library, library.stored_query(record.id, "q"), "colour", 12)
    # A browser's numbers have 53 bits.
    assert kept[0]["id"] == str(record.id)
    assert (kept[0]["name"], kept[0]["image"]) == ("one.jpg", "")
    assert entries(kept)[0].value(library) == f"thumbs/{record.id % 256:02x}/{record.id}.jpg"


def test_a_picture_that_is_gone_gets_a_sentence(library: Library) -> None:
    said = {"name": "x", "model": "colour", "k": 3, "id": "77", "image": "", "fingerprint": ""}
    with pytest.raises(NotFound, match="not in the library any more"):
        entries([said])[0].value(library)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"k": "many"},
        {"image": "https://example.org/x.jpg"},
        {"image": "data:text/html;base64,AAAA"},
        {"image": "data:image/jpeg;base64,AAAA"},
        {"image": 'data:image/jpeg;base64,"><script>', "fingerprint": "0" * 32},
    ],
)
def test_what_was_not_written_here_is_left_out(change: dict[str, str]) -> None:
    said = {"name": "x", "model": "m", "k": 3, "id": "", "image": "", "fingerprint": ""} | change
    assert entries([said]) == []
    assert strip_html([said]).strip() == ""


@pytest.mark.parametrize("kept", [None, 3, "text", {}, [None], [3], [{}]])
def test_nonsense_is_an_empty_history(kept: Any) -> None:
    assert entries(kept) == []


def test_damaged_pictures_get_a_sentence(library: Library) -> None:
    image = "data:image/jpeg;base64,AAAA"
    said = {"name": "x", "model": "m", "k": 3, "id": "", "image": image, "fingerprint": "0" * 32}
    with pytest.raises(BadImage):
        entries([said])[0].value(library)


def test_a_click_names_a_query_and_not_its_place(library: Library) -> None:
    kept = remember([], library, upload(1), "colour", 12)
    key = entries(kept)[0].key
    kept = remember(kept, library, upload(2), "colour", 12)
    assert find(kept, key).name == "1.jpg"
    for other in ("", "0", 0, None, [key], "f" * 32):
        with pytest.raises(NotFound, match="not kept any more"):
            find(kept, other)
