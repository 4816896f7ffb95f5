"""The recent queries: what a browser stores, and how its entries are checked."""

from pathlib import Path
from typing import Any

import pytest

from searcher.errors import BadImage, NotFound
from searcher.library.core import Library
from searcher.search.query import UploadedQuery
from searcher.ui.components.history import LENGTH, entries, find, remember, strip_html
from searcher.ui.requests.page_query import PageQuery
from tests.page_queries import of_picture, of_upload
from tests.pictures import encode, paint, save


def upload(seed: int) -> UploadedQuery:
    return UploadedQuery(f"{seed}.jpg", encode(paint(seed), quality=90))


def test_the_latest_comes_first_each_once_and_not_too_many(library: Library) -> None:
    history: list[dict[str, Any]] = []
    for seed in range(LENGTH + 2):
        history = remember(history, library, *of_upload(upload(seed)), "colour", 12)
    history = remember(history, library, *of_upload(upload(LENGTH)), "shape", 5)
    assert [entry["name"] for entry in history][:2] == [f"{LENGTH}.jpg", f"{LENGTH + 1}.jpg"]
    assert len(history) == LENGTH
    assert entries(history)[0].model == "shape"
    assert entries(history)[0].k == 5


def test_an_upload_can_be_searched_again_and_is_known_again(library: Library) -> None:
    history = remember([], library, *of_upload(upload(1)), "colour", 12)
    picture = entries(history)[0].upload()
    assert picture.size == (224, 168)
    again = UploadedQuery("This picture", encode(picture, quality=80))
    assert len(remember(history, library, *of_upload(again), "colour", 12)) == 1


def test_a_picture_of_the_library_is_kept_by_its_id(library: Library, tmp_path: Path) -> None:
    save(tmp_path / "x" / "one.jpg", 1)
    library.add([tmp_path / "x"])
    ((record,), _) = library.browse("", 0)
    history = remember([], library, of_picture(record.id), {}, "colour", 12)
    # A browser's numbers have 53 bits.
    assert history[0]["id"] == str(record.id)
    assert (history[0]["name"], history[0]["image"]) == ("one.jpg", "")
    assert entries(history)[0].query == of_picture(record.id)


def test_words_and_sums_are_kept_as_in_an_address(library: Library) -> None:
    words = PageQuery().with_words("two <b>dogs</b>")
    composed = words.with_hit(77, -0.5)
    history: list[dict[str, Any]] = []
    for query in (words, composed, words):
        history = remember(history, library, query, {}, "colour", 12)
    assert [entry.query for entry in entries(history)] == [words, composed]
    assert [entry["name"] for entry in history] == [
        "two <b>dogs</b>",
        "two <b>dogs</b> − this picture",
    ]
    assert "two &lt;b&gt;dogs&lt;/b&gt;" in strip_html(history)
    assert "<b>" not in strip_html(history)


def test_an_upload_with_other_parts_is_not_kept(library: Library) -> None:
    query, queries = of_upload(upload(1))
    assert remember([], library, query.with_words("red"), queries, "colour", 12) == []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"k": "many"},
        {"image": "https://example.org/x.jpg"},
        {"image": "data:text/html;base64,AAAA"},
        {"image": "data:image/jpeg;base64,AAAA"},
        {"image": 'data:image/jpeg;base64,"><script>', "fingerprint": "0" * 32},
        {"parts": "x"},
        {"parts": "[]"},
        {"parts": '[{"image": "x"}]'},
        {"parts": 3},
    ],
)
def test_what_was_not_written_here_is_left_out(change: dict[str, str]) -> None:
    entry = {"name": "x", "model": "m", "k": 3, "id": "", "image": "", "fingerprint": ""} | change
    assert entries([entry]) == []
    assert strip_html([entry]).strip() == ""


@pytest.mark.parametrize("history", [None, 3, "text", {}, [None], [3], [{}]])
def test_nonsense_is_an_empty_history(history: Any) -> None:
    assert entries(history) == []


def test_damaged_pictures_get_a_sentence() -> None:
    image = "data:image/jpeg;base64,AAAA"
    entry = {"name": "x", "model": "m", "k": 3, "id": "", "image": image, "fingerprint": "0" * 32}
    with pytest.raises(BadImage):
        entries([entry])[0].upload()


def test_a_click_names_a_query_and_not_its_place(library: Library) -> None:
    history = remember([], library, *of_upload(upload(1)), "colour", 12)
    key = entries(history)[0].key
    history = remember(history, library, *of_upload(upload(2)), "colour", 12)
    assert find(history, key).name == "1.jpg"
    for other in ("", "0", 0, None, [key], "f" * 32):
        with pytest.raises(NotFound, match="not kept any more"):
            find(history, other)
