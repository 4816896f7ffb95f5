"""Near-duplicates: fingerprints of pictures, and hits folded by them."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageEnhance

from searcher.images.pictures import fingerprint, open_picture
from searcher.library.core import Library
from searcher.search.duplicates import MAX_BITS, alike, fold
from searcher.search.query import UploadedQuery
from searcher.search.results import Hit
from searcher.stores.records import Record
from tests.pictures import encode, paint, save


def print_of(image: Image.Image, **options: Any) -> str:
    return fingerprint(open_picture(encode(image, **options)))


def hits(*prints: str) -> list[Hit]:
    return [
        Hit(Record(i, "/x.jpg", "x.jpg", "x", 4, 3, 9, "ab", 1.0, fingerprint), i, i / 10)
        for i, fingerprint in enumerate(prints, start=1)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_the_same_picture_is_known_again(seed: int) -> None:
    image = paint(seed, (640, 480))
    fingerprint = print_of(image, quality=95)
    assert len(fingerprint) == 32
    for variant in (
        print_of(image.resize((320, 240)), quality=95),
        print_of(image, quality=20),
        print_of(ImageEnhance.Brightness(image).enhance(0.9), quality=95),
    ):
        assert alike(fingerprint, variant)


def test_different_pictures_are_not_alike() -> None:
    prints = [print_of(paint(seed)) for seed in range(24)]
    assert not any(alike(a, b) for i, a in enumerate(prints) for b in prints[:i])


def test_bits_are_counted_up_to_the_limit() -> None:
    none = "0" * 32
    assert alike(none, f"{(1 << MAX_BITS) - 1:032x}")
    assert not alike(none, f"{(1 << (MAX_BITS + 1)) - 1:032x}")


def test_records_without_a_fingerprint_are_never_alike() -> None:
    assert not alike("", "")
    assert [len(group) for group in fold(hits("", "", ""))] == [1, 1, 1]


def test_groups_stand_where_their_first_hit_does() -> None:
    a, b = "0" * 32, "f" * 32
    groups = fold(hits(a, b, a, b, a))
    assert [[hit.rank for hit in group] for group in groups] == [[1, 3, 5], [2, 4]]
    assert fold([]) == []


def test_indexed_pictures_have_fingerprints(library: Library, tmp_path: Path) -> None:
    first = save(tmp_path / "x" / "large.jpg", 1, (640, 480))
    image = paint(1, (640, 480)).resize((320, 240))
    (tmp_path / "x" / "small.jpg").write_bytes(encode(image, quality=60))
    save(tmp_path / "x" / "other.jpg", 2)
    library.add([tmp_path / "x"])
    query = UploadedQuery("q", first.read_bytes(), box=(0.0, 0.0, 0.9, 0.9))
    assert fold(library.search(query, "colour", 3).hits)[0][0].record.name == "small.jpg"
    query = UploadedQuery("q", encode(image, quality=90))
    response = library.search(query, "colour", 3)
    assert sorted(len(group) for group in fold(response.hits)) == [1, 2]


def test_records_of_earlier_versions_are_read() -> None:
    (hit,) = hits("")
    stored = {name: str(value) for name, value in hit.record.to_hash().items()}
    del stored["fingerprint"]
    assert Record.from_hash(1, stored) == dataclasses.replace(hit.record, fingerprint="")
