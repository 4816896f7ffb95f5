"""The grammar of a query's parts, and the sum of their vectors."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from searcher.errors import InvalidRequest, TwinlensError
from searcher.images.pictures import Box
from searcher.search.part_documents import read_parts
from searcher.search.query import (
    MAX_TEXT,
    ComposedQuery,
    Part,
    Query,
    StoredQuery,
    TextQuery,
    UploadedQuery,
)
from searcher.search.query_view import weighted_sum
from searcher.search.random_distances import random_distances
from searcher.search.signature import PICTURE, TEXT, signature_of
from tests.vectors import unit

BOXES: list[Any] = [[], [0, 0, 1], [1, 0, 0, 1], [0, 0, 1, 2], "0001", {}, 7]
WEIGHTS: list[Any] = [0, 11, -11, 10**5000, "1", True, [], {}, float("nan"), float("inf")]
DOG, CAT = {"text": "a dog"}, {"text": "a cat"}


def stored(picture_id: int, box: Box | None) -> StoredQuery:
    return StoredQuery(f"{picture_id}.jpg", picture_id, Path("nowhere"), box)


def image(value: Any, box: Box | None) -> UploadedQuery:
    if not isinstance(value, str):
        raise InvalidRequest("request.no_picture")
    return UploadedQuery(value, b"", box)


def read(*documents: Any) -> Query:
    return read_parts(list(documents), stored, image)


def test_a_single_part_is_its_own_query_and_several_have_weights() -> None:
    assert read(DOG) == TextQuery("a dog")
    assert read({"picture": "7", "weight": 3}) == stored(7, None)
    box = (0.0, 0.25, 0.5, 1.0)
    documents = [DOG, {"picture": 7, "box": [0, 0.25, 0.5, 1]}, {"image": "x", "weight": -0.5}]
    query = read(*documents, {"text": None, "image": "y", "box": None, "weight": None})
    assert query == ComposedQuery(
        (
            Part(TextQuery("a dog")),
            Part(stored(7, box)),
            Part(UploadedQuery("x", b""), -0.5),
            Part(UploadedQuery("y", b"")),
        )
    )
    assert query.name == "a dog + 7.jpg − x + y"


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        (None, "request.list"),
        ("x", "request.list"),
        ({"text": "a dog"}, "request.list"),
        ([], "query.no_parts"),
        ([DOG] * 9, "query.too_many_parts"),
        ([{"nothing": 1}] * 10_000, "query.too_many_parts"),
        ([[]], "query.not_a_part"),
        ([None], "query.not_a_part"),
        ([{}], "query.not_a_part"),
        ([{"text": None}], "query.not_a_part"),
        ([DOG | {"picture": 1}], "query.not_a_part"),
        ([DOG | {"where": "label == 'dog'"}], "query.not_a_part"),
        ([DOG | {"box": [0, 0, 1, 1]}], "query.not_a_part"),
        ([{"text": 7}], "request.text"),
        ([{"text": ["a dog"]}], "request.text"),
        ([{"text": " \u202e\u200d\x00\ud800 "}], "query.no_text"),
        ([{"text": "x" * 2**20}], "query.text_too_long"),
        ([{"picture": -1}], "request.picture_id"),
        ([{"picture": {"id": 1}}], "request.picture_id"),
        ([{"picture": 10**5000}], "request.picture_id"),
        ([{"image": {"path": "/etc/passwd"}}], "request.no_picture"),
        *[([{"image": "x", "box": box}], "query.region") for box in BOXES],
        ([{"image": "x", "box": [0, 0, 1, "1"]}], "request.number"),
        ([{"image": "x", "box": [0, 0, 1, float("nan")]}], "request.number"),
        *[([DOG | {"weight": weight}, CAT], "query.weight") for weight in WEIGHTS],
        ([DOG | {"weight": -1}], "query.only_minus"),
        ([DOG | {"weight": -1}, CAT | {"weight": -2}], "query.only_minus"),
    ],
)
def test_whatever_is_no_list_of_parts_gets_a_sentence(documents: Any, code: str) -> None:
    with pytest.raises(TwinlensError) as refused:
        read_parts(documents, stored, image)
    assert refused.value.message.code == code


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  two\tdogs\n", "two dogs"),
        ("a\x00\u202e\u2066\ud800\ue000b", "ab"),
        ("<b>bold</b> & more", "<b>bold</b> & more"),
        ("👩\u200d👧 می\u200cخواهم", "👩\u200d👧 می\u200cخواهم"),
        ("雪人", "雪人"),
        ("x" * MAX_TEXT, "x" * MAX_TEXT),
    ],
)
def test_words_keep_what_can_be_seen(typed: str, cleaned: str) -> None:
    assert TextQuery.of(typed).text == cleaned


def test_the_vector_is_the_normalised_sum_of_the_weighted_vectors() -> None:
    first, second, third = unit(3, 8)
    expected = 2 * first + second - 0.5 * third
    expected /= np.linalg.norm(expected)
    vector = weighted_sum([first, second, third], [2, 1, -0.5])
    assert (vector.dtype, vector.shape) == (np.float32, (8,))
    np.testing.assert_allclose(vector, expected, atol=1e-6)
    np.testing.assert_array_equal(weighted_sum([first], [0.1]), first)
    almost = first + np.float32(1e-4) * second
    for other in (first, almost):
        with pytest.raises(InvalidRequest) as refused:
            weighted_sum([first, other], [0.5, -0.5])
        assert refused.value.message.code == "query.cancels_out"


def test_a_signature_has_the_proportions_of_the_weights_in_one_order() -> None:
    words, picture = TextQuery("a dog"), stored(7, None)
    assert signature_of([Part(picture, 0.3)]) == PICTURE
    assert signature_of([Part(words, 7)]) == TEXT
    parts = [Part(words, 4), Part(picture, 2), Part(picture, -1)]
    assert signature_of(parts) == (("picture", -0.25), ("picture", 0.5), ("text", 1.0))
    assert signature_of(parts[::-1]) == signature_of(parts)


def test_random_queries_are_no_further_from_their_own_parts_than_measured() -> None:
    """No query meets a picture that is a part of it, which would be nearer than chance has it."""
    pools = {"picture": unit(20, 64), "text": -unit(7, 64)}
    assert len(random_distances(PICTURE, pools)) == 20 * 19
    assert len(random_distances(TEXT, pools)) == 7 * 20
    mixed = (("picture", -0.5), ("picture", 1.0), ("text", 1.0))
    distances = random_distances(mixed, pools)
    assert len(distances) == 20 * 18
    # Vectors in 64 dimensions are nearly orthogonal, except for a part of the query.
    assert 1 < distances.min() < distances.max() < 2
    same = {"picture": np.repeat(unit(1, 64), 20, axis=0)}
    assert len(random_distances((("picture", -1.0), ("picture", 1.0)), same)) == 0
