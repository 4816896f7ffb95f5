"""The query of a tab: its parts, its filters, and the address that brings it back."""

import json
from copy import deepcopy
from typing import Any

import pytest

from searcher.errors import InvalidRequest
from searcher.search.filters import parse_filter
from searcher.search.query import MAX_PARTS
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_filters import CHOICES, Filters
from searcher.ui.requests.page_part import LESS, MORE
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.templating import thumbnail_path

WORDS = "two “dogs” & <b>cats</b>"
UPLOAD = {"path": "uploads/x.jpg", "orig_name": "x.jpg"}


def stored(picture_id: int) -> dict[str, str]:
    """The value of an image box with a picture of the library."""
    return {"path": thumbnail_path(picture_id)}


def keys(query: PageQuery) -> list[str]:
    return [part.key for part in query.parts]


def test_new_words_and_pictures_replace_those_of_their_input() -> None:
    query = PageQuery().with_words("a cat").with_image(stored(7)).with_words("a dog")
    assert [part.text or part.picture_id for part in query.parts] == [7, "a dog"]
    query = query.with_image(stored(8)).with_words("")
    assert keys(query) == ["8"]
    assert query.with_image(None) == PageQuery()


def test_the_same_picture_again_changes_nothing() -> None:
    query = PageQuery().with_image(stored(7)).with_region((0.1, 0.1, 0.5, 0.5)).flipped("7")
    assert query.with_image(stored(7)) == query
    assert PageQuery().with_image(None) == PageQuery()


def test_parts_that_are_kept_are_added_to() -> None:
    query = PageQuery().with_words("a cat").with_image(UPLOAD).detached()
    query = query.with_words("a dog").with_image(stored(7))
    assert [part.text for part in query.parts] == ["", "", "a cat", "a dog"]
    assert query.part(query.image) == query.parts[0]


def test_a_hit_is_a_part_once_with_its_latest_sign() -> None:
    query = PageQuery().with_words("a cat").with_hit(5, MORE).toggled("5").with_hit(5, LESS)
    assert [(part.weight, part.active) for part in query.parts] == [(MORE, True), (LESS, True)]
    assert [part.weight for part in query.flipped("5").parts] == [MORE, MORE]
    assert keys(query.toggled("5")) == keys(query)
    assert [part.key for part in query.toggled("5").active] == [query.words]
    assert query.without("5") == PageQuery().with_words("a cat")


def test_what_is_no_part_changes_nothing() -> None:
    query = PageQuery().with_hit(5, MORE)
    for changed in (query.toggled("6"), query.flipped("6"), query.without("6")):
        assert changed == query


def test_there_are_eight_parts_at_most() -> None:
    query = PageQuery()
    for picture_id in range(1, MAX_PARTS + 1):
        query = query.with_hit(picture_id, MORE)
    assert len(query.with_hit(1, LESS).parts) == MAX_PARTS
    for add in (lambda: query.with_hit(9, MORE), lambda: query.with_words("one more")):
        with pytest.raises(InvalidRequest, match="at most 8 parts"):
            add()


@pytest.mark.parametrize(
    "query",
    [
        PageQuery(),
        PageQuery().with_image(stored(2**63 - 1)),
        PageQuery().with_words(WORDS),
        PageQuery().with_image(stored(7)).with_region((0.25, 0, 0.5, 1)),
        PageQuery().with_image(stored(7)).with_words(WORDS).toggled("7"),
        PageQuery().with_words(WORDS).with_hit(7, LESS),
        PageQuery(filters=Filters(label='a "b" \\', size="large", added="week")),
    ],
)
def test_an_address_brings_a_query_back(query: PageQuery) -> None:
    assert PageQuery.of_address(query.address()) == query


def test_a_single_picture_or_text_has_a_short_address() -> None:
    assert PageQuery().with_image(stored(7)).address() == {"picture": "7"}
    assert PageQuery().with_words(WORDS).address() == {"text": WORDS}


def test_uploads_are_no_part_of_an_address_and_are_counted() -> None:
    query = PageQuery().with_image(UPLOAD)
    assert query.address() == {}
    address = query.with_words("red").address()
    assert address.pop("uploads") == "1"
    assert PageQuery.of_address(address) == PageQuery().with_words("red")


@pytest.mark.parametrize(
    "address",
    [
        {"picture": "x"},
        {"picture": "0"},
        {"text": "\u202e "},
        {"text": "x" * 1001},
        {"parts": "["},
        {"parts": "[" * 10_000},
        {"parts": "{}"},
        {"parts": "[3]"},
        {"parts": '[{"image": "/etc/passwd"}]'},
        {"parts": '[{"picture": "7", "box": [1, 1, 0, 0]}]'},
        {"parts": '[{"picture": "7", "weight": 0}]'},
        {"parts": '[{"picture": "7", "weight": 1e999}]'},
        {"parts": json.dumps([{"picture": str(i)} for i in range(1, 10)])},
        {"size": "enormous"},
        {"orientation": "' or 1"},
        {"label": "x" * 300},
    ],
)
def test_a_bad_address_is_refused_with_a_sentence(address: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        PageQuery.of_address(address)


@pytest.mark.parametrize("label", ["dog", 'a "b"', "back\\slash", '"', '\\"', "<b>", "' or 1 == 1"])
def test_any_label_is_a_text_of_the_expression(label: str) -> None:
    expression = parse_filter(Filters(label=label).expression())
    quoted = label.replace("\\", "\\\\").replace('"', '\\"')
    assert expression == f'label == "{quoted}"'


@pytest.mark.parametrize(("field", "choice"), [(f, c) for f, all_ in CHOICES.items() for c in all_])
def test_every_choice_is_an_expression(field: str, choice: str) -> None:
    filters = Filters(label="a").with_choice(field, choice)
    assert parse_filter(filters.expression()).startswith('(label == "a" and ')
    assert filters.with_choice(field, "").expression() == 'label == "a"'


def test_an_age_is_counted_back_from_now() -> None:
    assert Filters(added="day").expression(now=1_000_000.4) == "added >= 913600"


@pytest.mark.parametrize(("field", "value"), [("name", "x"), (3, "x"), ("size", 3), (None, None)])
def test_other_fields_and_values_are_refused(field: Any, value: Any) -> None:
    with pytest.raises(InvalidRequest):
        Filters().with_choice(field, value)


def test_clicks_in_quick_succession_are_all_counted() -> None:
    live = LiveQuery(PageQuery().with_words("a cat"))
    with live.changing(lambda query: query.with_hit(5, LESS)) as first:
        with live.changing(lambda query: query.with_hit(6, MORE)) as second:
            assert second.is_latest(second.new)
        assert not first.is_latest(first.new)  # its answer comes too late to be shown
    assert [part.picture_id for part in live.query.parts] == [None, 5, 6]


def test_a_change_that_fails_is_undone_unless_another_followed() -> None:
    live = LiveQuery()
    with pytest.raises(ValueError, match="broken"), live.changing(lambda q: q.with_image(UPLOAD)):
        raise ValueError("broken")
    assert live.query == PageQuery()
    with pytest.raises(ValueError, match="broken"), live.changing(lambda q: q.with_words("a")):
        live.query = PageQuery().with_words("b")
        raise ValueError("broken")
    assert live.query == PageQuery().with_words("b")


def test_sessions_do_not_share_a_query() -> None:
    first = LiveQuery()
    second = deepcopy(first)
    first.query = PageQuery().with_words("a cat")
    assert second.query == PageQuery()
