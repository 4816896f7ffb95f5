"""Percentiles: distances compared with those of random pairs."""

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from searcher.errors import ModelNotReady
from searcher.library.core import Library
from searcher.search import percentiles
from searcher.search.percentiles import SAMPLE, Percentiles
from searcher.search.query import ComposedQuery, Part, TextQuery, UploadedQuery
from searcher.search.random_distances import random_distances
from searcher.search.signature import PICTURE, TEXT
from searcher.types import FloatArray
from tests.pictures import folder
from tests.records import record
from tests.text_networks import write_text_file
from tests.vectors import unit


def counting(patch: pytest.MonkeyPatch, holder: object, name: str) -> list[tuple[Any, ...]]:
    """The arguments of each call of a method from now on, which does what it did."""
    method, calls = getattr(holder, name), []

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return method(*args, **kwargs)

    patch.setattr(holder, name, counted)
    return calls


def pair_distances(vectors: FloatArray) -> FloatArray:
    """The distances of all pairs of pictures, each twice."""
    return random_distances(PICTURE, {"picture": vectors})


def test_all_pairs_are_measured() -> None:
    vectors = unit(30, 8)
    expected = [np.linalg.norm(a - b) for a, b in permutations(vectors, 2)]
    assert np.allclose(np.sort(pair_distances(vectors)), np.sort(expected), atol=1e-3)


def test_shares_are_those_of_the_sample() -> None:
    distances = pair_distances(unit(120, 6))
    shares = Percentiles(np.quantile(distances, np.linspace(0, 1, 1001)).astype(np.float32))
    for distance in np.quantile(distances, [0.01, 0.2, 0.5, 0.99]):
        share = shares.percentile(float(distance))
        assert share == pytest.approx((distances > distance).mean(), abs=0.002)
    assert shares.percentile(0) == 1
    assert shares.percentile(2) == 0


def test_the_sample_is_large_enough() -> None:
    assert SAMPLE * (SAMPLE - 1) // 2 >= 2000


def test_a_library_knows_what_its_distances_mean(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 40})
    library.add([tmp_path / "in"])
    colour = library.percentiles("colour")
    query = UploadedQuery("x", paths[0].read_bytes())
    ranking = library.search(query, "colour", 40)
    hits = [*ranking.own_copies, *ranking.hits]
    shares = [colour.percentile(hit.distance) or 0 for hit in hits]
    assert shares[0] == 1
    assert shares == sorted(shares, reverse=True)
    # The furthest of 40 pictures is further than most pairs.
    assert shares[-1] is not None
    assert shares[-1] < 0.5


def test_they_are_kept_until_the_library_has_grown_by_a_fifth(
    library: Library, tmp_path: Path
) -> None:
    paths = folder(tmp_path / "in", {"a": 32})
    key = f"pairs:{library.registry.get('colour').collection.name}"

    def sampled_at(count: int) -> str:
        library.add(paths[:count])
        library.percentiles("colour")
        return library.records.note(key)["count"]

    assert sampled_at(20) == "20"
    assert sampled_at(24) == "20"
    assert sampled_at(25) == "25"


def test_once_they_are_there_no_store_is_asked(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "in", {"a": 20})
    library.add([tmp_path / "in"])
    library.percentiles("colour")
    redis, milvus = library.records.connection, library.vectors
    calls = [counting(monkeypatch, redis, "call"), counting(monkeypatch, milvus, "count")]
    assert library.percentiles("colour").percentile(0) == 1
    assert [len(batch) for batch in calls] == [0, 0]


def test_a_sample_asks_for_as_many_pictures_however_many_there_are(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = library.registry.get("colour").collection
    vectors = unit(3 * SAMPLE, collection.dim)
    library.vectors.upsert(collection, range(1, 3 * SAMPLE + 1), vectors)
    library.records.put(record(i) for i in range(1, 4 * SAMPLE))  # one in four has no vector
    listed = counting(monkeypatch, library.vectors, "ids")
    fetched = counting(monkeypatch, library.vectors, "fetch")
    sampled = library.percentiles("colour")
    distances = pair_distances(vectors)
    for distance in np.quantile(distances, [0.2, 0.5, 0.8]):
        expected = (distances > distance).mean()
        assert sampled.percentile(float(distance)) == pytest.approx(expected, abs=0.05)
    assert not listed
    assert [len(ids) for _, ids in fetched] == [SAMPLE]


def test_few_pictures_say_nothing(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 4})
    library.add([tmp_path / "in"])
    assert library.percentiles("colour").percentile(0.5) is None


def test_distances_of_words_are_compared_with_those_of_random_words(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, model = library.settings.models_dir, library.registry.get("colour")
    with pytest.raises(ModelNotReady, match="does not understand words"):
        library.percentiles("colour", TEXT)
    write_text_file(models, "colour")
    library.add(folder(tmp_path / "in", {"a": 20}))
    query = TextQuery("something quite green")
    shares = [
        library.percentiles("colour", kind).percentile(
            library.search(query, "colour", 10).hits[-1].distance
        )
        for kind in (query, PICTURE)
    ]
    assert shares[0] == pytest.approx(0.5, abs=0.35)  # the tenth of 20 pictures
    assert shares[1] == 0  # any words are further from pictures than these from each other
    key = f"texts:{model.collection.name}"
    stored = library.records.note(key)
    assert stored["count"] == "20"
    library.percentiles("colour", ComposedQuery((Part(query), Part(query, -0.5))))
    assert library.records.note(key) == stored

    monkeypatch.setattr(percentiles, "MAX_ENTRIES", 6)
    for weight in range(1, 11):
        library.percentiles("colour", (("picture", weight / 10), ("text", 1.0)))
    assert 3 <= len(library._percentiles._entries) <= 6

    # Another process samples no more, unless the words of the model are other ones.
    fetched = counting(monkeypatch, library.vectors, "fetch")
    library._percentiles.invalidate()
    library.percentiles("colour", TEXT)
    assert not fetched
    write_text_file(
        models, "colour", {"a": [1.0] * model.dim, "dog": [-1.0] + [0.0] * (model.dim - 1)}
    )
    library._percentiles.invalidate()
    library.percentiles("colour", TEXT)
    assert len(fetched) == 1
    assert library.records.note(key)["quantiles"] != stored["quantiles"]
