"""What the maps show of pictures, labels and two models' neighbours."""

import json
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from searcher.evaluation.map_documents import ABSENT, UNIT, document, page_document
from searcher.evaluation.maps import Map, Maps
from searcher.library.core import Library
from searcher.library.trash import remove
from searcher.metrics.projection import PCA, TSNE, Projection
from searcher.ui.delivery import map_data
from searcher.ui.delivery.map_data import MapData, add_routes
from tests.pictures import folder


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    folder(tmp_path / "pictures", {"a": 11, "b": 9})
    library.add([tmp_path / "pictures"])
    return library


def view(ids: list[int], rows: list[list[int]]) -> Map:
    """A map on which the pictures lie on a diagonal, with given neighbours."""
    points = np.repeat(np.linspace(0, 1, len(ids), dtype=np.float32)[:, None], 2, axis=1)
    listed = np.array(ids, dtype=np.int64)
    neighbours = np.array(rows, dtype=np.int32)
    return Map("m", "M", "s", listed, len(ids), TSNE, Projection(points, None), neighbours, None)


def test_the_document_of_a_map(filled: Library) -> None:
    picture_map = Maps(filled).of("colour", PCA)
    told = document(picture_map)
    assert json.loads(json.dumps(told)) == told
    assert sorted(told["ids"]) == sorted(filled.records.ids())
    assert np.allclose(told["positions"], picture_map.projection.points, atol=1e-4)
    assert (told["model"], told["method"], told["vectors"]) == ("colour", PCA, 20)
    assert 0 < told["explained"] <= 1
    assert told["progress"] is None  # too few pictures for more


def test_right_and_wrong_and_agreement_by_hand(filled: Library) -> None:
    ids = sorted(filled.records.ids())
    labels = [record.label for record in filled.records.get(ids) if record]
    count = len(ids)
    after = [[(at + step) % count for step in range(1, 12)] for at in range(count)]
    before = [[(at - step) % count for step in range(1, 12)] for at in range(count)]
    both = json.loads(page_document(filled, [view(ids, after), view(ids, before)]))
    assert both["ids"] == [str(i) for i in ids]
    assert both["labels"] == ["a", "b"]  # the more frequent one first
    assert [both["labels"][index] for index in both["label"]] == labels
    next_is_equal = [int(labels[at] == labels[(at + 1) % count]) for at in range(count)]
    assert both["maps"][0]["right"] == next_is_equal
    # 10 of the 19 others follow a picture and 10 precede it, so one does both.
    assert both["agreement"] == [1] * count
    assert both["maps"][1]["x"] == [round(at * UNIT / (count - 1)) for at in range(count)]
    assert json.loads(page_document(filled, [view(ids, after)] * 2))["agreement"] == [10] * count
    assert json.loads(page_document(filled, [view(ids, after)]))["agreement"] is None


def test_pictures_that_one_map_lacks_or_that_are_removed(filled: Library) -> None:
    ids = sorted(filled.records.ids())
    few = [[(at + step) % 14 for step in range(1, 12)] for at in range(14)]
    maps = [view(ids[:14], few), view(ids[6:], few)]
    remove(filled, [ids[0]])
    told = json.loads(page_document(filled, maps))
    assert told["ids"] == [str(i) for i in ids[1:]]
    first, second = told["maps"]
    assert first["x"].count(ABSENT) == 6
    assert second["x"].count(ABSENT) == 5
    assert first["x"][0] == round(UNIT / 13)
    # The neighbour of the fourteenth is the removed one.
    assert first["right"][12] == ABSENT
    assert [n for n, value in enumerate(told["agreement"]) if value != ABSENT] == [*range(5, 13)]


def test_the_library_lists_pictures_by_their_ids(filled: Library) -> None:
    ids = sorted(filled.records.ids())[:7]
    words = f"id:{'.'.join(np.base_repr(i, 36).lower() for i in ids)}.zzz"
    listed, more = filled.browse(words, 0)
    assert sorted(record.id for record in listed) == ids
    assert not more
    assert [r.added for r in listed] == sorted((r.added for r in listed), reverse=True)
    some, _ = filled.browse(f"a {words}", 0)
    assert {r.id for r in some} == {r.id for r in listed if "a" in f"{r.name} {r.label}"}
    assert filled.browse("id:", 0) == ([], False)
    assert filled.browse("id:A-1", 0) == ([], False)


def test_documents_are_sent_by_what_is_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    app, data = Starlette(), MapData()
    add_routes(app, data)
    client = TestClient(app)
    key = data.put("one", lambda: b'{"ids":[]}', lambda: 0.25)
    assert data.put("one", lambda: pytest.fail("made again"), lambda: None) == key
    answer = client.get(f"/twinlens/maps/{key}.json")
    assert answer.json() == {"ids": []}
    assert "private" in answer.headers["cache-control"]
    assert client.get(f"/twinlens/maps/{key}/progress").json() == {"share": 0.25}
    monkeypatch.setattr(map_data, "MAX_BYTES", 20)
    data.put("two", lambda: b'{"ids":[1]}', lambda: None)
    assert client.get(f"/twinlens/maps/{key}.json").status_code == 404
    assert client.get(f"/twinlens/maps/{key}/progress").status_code == 404
