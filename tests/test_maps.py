"""Maps of the library: which pictures are on them, and when they are drawn anew."""

from pathlib import Path

import numpy as np
import pytest

from searcher.errors import ModelNotReady
from searcher.evaluation import maps as maps_module
from searcher.evaluation.maps import Maps
from searcher.library.core import Library
from searcher.library.trash import remove
from tests.pictures import folder


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    folder(tmp_path / "pictures", {"a": 6, "b": 6})
    library.add([tmp_path / "pictures"])
    return library


def test_a_map_has_every_picture_once(filled: Library) -> None:
    picture_map = Maps(filled).of("colour")
    assert sorted(picture_map.ids) == sorted(filled.records.ids())
    assert picture_map.total == 12
    assert picture_map.projection.points.shape == (12, 2)
    assert picture_map.title == "Colour (baseline)"


def test_it_is_kept_until_the_library_changes(filled: Library, tmp_path: Path) -> None:
    maps = Maps(filled)
    first = maps.of("colour")
    assert maps.of("colour") is first
    remove(filled, first.ids[:1])
    second = maps.of("colour")
    assert second.ids == first.ids[1:]
    folder(tmp_path / "more", {"c": 3})
    filled.add([tmp_path / "more"])
    assert maps.of("colour").total == len(set(filled.records.ids()))


def test_of_a_large_library_all_maps_have_the_same_sample(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps_module, "MAX_POINTS", 5)
    maps = Maps(filled)
    a, b = maps.of("colour"), maps.of("shape")
    assert a.ids == b.ids
    assert len(a.ids) == 5
    assert a.total == 12
    assert not np.allclose(a.projection.points, b.projection.points)


def test_an_empty_library_has_an_empty_map(library: Library) -> None:
    picture_map = Maps(library).of("colour")
    assert (picture_map.ids, picture_map.total, picture_map.projection.points.shape) == (
        [],
        0,
        (0, 2),
    )


def test_an_unknown_model_is_refused(library: Library) -> None:
    with pytest.raises(ModelNotReady):
        Maps(library).of("none")
