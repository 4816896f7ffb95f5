"""`doctor --deep`: vectors that can be read, but are wrong."""

from pathlib import Path

import numpy as np
import pytest

from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.types import Collection
from tests.pictures import folder
from tests.servers import wait_for
from tests.test_private_stores import servers
from tests.vectors import unit


@pytest.fixture
def filled(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library of which a deep check embeds three of five pictures again."""
    monkeypatch.setattr("searcher.library.deep_check.FIXED_SAMPLE", 8)
    monkeypatch.setattr("searcher.library.deep_check.RANDOM_SAMPLE", 4)
    library.add(folder(tmp_path / "in", {"a": 10, "b": 10}))
    assert examine(library, deep=True).problems == []
    return library


def sentences(library: Library) -> list[str]:
    return [str(problem) for problem in examine(library, deep=True).problems]


def collection(library: Library, name: str) -> Collection:
    return library.registry.get(name).collection


def mended(library: Library, *expected: str) -> None:
    """The damage is named; repaired, nothing is left of it; other models are not touched."""
    before = library.vectors.fetch(collection(library, "shape"), list(library.records.ids()))
    problems = sentences(library)
    for sentence in expected:
        assert any(sentence in problem for problem in problems), problems
    assert all(problem.startswith("colour:") for problem in problems)
    assert any("embedded again" in str(line) for line in examine(library, True, True).repaired)
    assert examine(library, deep=True).problems == []
    after = library.vectors.fetch(collection(library, "shape"), list(library.records.ids()))
    assert np.array_equal(before, after)
    assert library.coverage() == {"colour": 20, "shape": 20}


def test_vectors_of_another_length(filled: Library) -> None:
    ids = list(filled.records.ids())[:3]
    vectors = filled.vectors.fetch(collection(filled, "colour"), ids)
    filled.vectors.upsert(
        collection(filled, "colour"), ids, vectors * np.array([[0.5], [0.0], [0.99]], np.float32)
    )
    mended(filled, "colour: 3 vectors are not of unit length")


def test_vectors_of_other_pictures(filled: Library) -> None:
    ids = list(filled.records.ids())
    filled.vectors.upsert(
        collection(filled, "colour"), ids, unit(20, collection(filled, "colour").dim)
    )
    mended(filled, "are not their pictures'")


def test_spoilt_bytes_in_the_file(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searcher.library.deep_check.FIXED_SAMPLE", 20)  # all of them
    filled.close()
    stores = filled.settings.stores
    wait_for(lambda: not servers(stores), what="the servers' end")
    name = collection(filled, "colour").name
    for path in (stores / "milvus" / "collections" / name).rglob("*.parquet"):
        data = path.read_bytes()
        # Within the vectors, the lowest bits of some numbers aside: they stay below 1.
        numbers = bytearray(data)
        for offset in range(len(data) // 4, len(data) // 2, 97):
            numbers[offset] ^= 0x10
        path.write_bytes(numbers)
    for path in (stores / "milvus" / "collections" / name).rglob("*.idx"):
        path.unlink()
    again = Library(filled.settings)
    try:
        report = examine(again, True, True)
        put_aside = again.recoveries()
        assert put_aside or any("colour" in str(line) for line in report.repaired), report
        assert examine(again, deep=True).problems == []
        assert again.coverage() == {"colour": 20, "shape": 20}
    finally:
        again.close()


def test_an_original_that_is_gone_is_compared_by_its_thumbnail(
    filled: Library, tmp_path: Path
) -> None:
    for path in (tmp_path / "in").rglob("*.jpg"):
        path.unlink()
    problems = sentences(filled)
    assert all("the original file is gone" in problem for problem in problems)
    ids = list(filled.records.ids())
    colour = collection(filled, "colour")
    filled.vectors.upsert(colour, ids, np.roll(filled.vectors.fetch(colour, ids), 1, axis=0)[::-1])
    problems = sentences(filled)
    assert any("colour" in p and "are not their pictures'" in p for p in problems)
