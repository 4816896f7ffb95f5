"""The recent queries: what a browser stores, and how its entries are checked."""

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
    history: list[dict[str, Any]] = []
    for seed in range(LENGTH + 2):
        history = remember(history, library, upload(seed), "colour", 12)
    history = remember(history, library, upload(LENGTH), "shape", 5)
    assert [entry["name"] for entry in history][:2] == [f"{LENGTH}.jpg", f"{LENGTH + 1}.jpg"]
    assert len(history) == LENGTH
    assert entries(history)[0].model == "shape"
    assert entries(history)[0].k == 5


def test_an_upload_can_be_searched_again_and_is_known_again(library: Library) -> None:
    history = remember([], library, upload(1), "colour", 12)
    picture = entries(history)[0].value(library)
    assert not isinstance(picture, str)
    assert picture.size == (224, 168)
    again = UploadedQuery("This picture", encode(picture, quality=80))
    assert len(remember(history, library, again, "colour", 12)) == 1


def test_a_picture_of_the_library_is_kept_by_its_id(library: Library, tmp_path: Path) -> None:
    save(tmp_path / "x" / "one.jpg", 1)
    library.add([tmp_path / "x"])
    ((record,), _) = library.browse("", 0)
    history = remember([], library, library.stored_query(record.id, "q"), "colour", 12)
    # A browser's numbers have 53 bits.
    assert history[0]["id"] == str(record.id)
    assert (history[0]["name"], history[0]["image"]) == ("one.jpg", "")
    assert entries(history)[0].value(library) == f"thumbs/{record.id % 256:02x}/{record.id}.jpg"


def test_a_picture_that_is_gone_gets_a_sentence(library: Library) -> None:
    entry = {"name": "x", "model": "colour", "k": 3, "id": "77", "image": "", "fingerprint": ""}
    with pytest.raises(NotFound, match="not in the library any more"):
        entries([entry])[0].value(library)


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
    entry = {"name": "x", "model": "m", "k": 3, "id": "", "image": "", "fingerprint": ""} | change
    assert entries([entry]) == []
    assert strip_html([entry]).strip() == ""


@pytest.mark.parametrize("history", [None, 3, "text", {}, [None], [3], [{}]])
def test_nonsense_is_an_empty_history(history: Any) -> None:
    assert entries(history) == []


def test_damaged_pictures_get_a_sentence(library: Library) -> None:
    image = "data:image/jpeg;base64,AAAA"
    entry = {"name": "x", "model": "m", "k": 3, "id": "", "image": image, "fingerprint": "0" * 32}
    with pytest.raises(BadImage):
        entries([entry])[0].value(library)


def test_a_click_names_a_query_and_not_its_place(library: Library) -> None:
    history = remember([], library, upload(1), "colour", 12)
    key = entries(history)[0].key
    history = remember(history, library, upload(2), "colour", 12)
    assert find(history, key).name == "1.jpg"
    for other in ("", "0", 0, None, [key], "f" * 32):
        with pytest.raises(NotFound, match="not kept any more"):
            find(history, other)
