"""Smaller vectors of a library: measured, stored, checked by doctor, requested, brought back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymilvus import MilvusClient

from searcher.errors import EvaluationStopped, InvalidRequest, ModelNotReady, NotAllowed
from searcher.evaluation.index_recall import measure_index
from searcher.evaluation.shrink import measure
from searcher.evaluation.shrink_changes import find_changes
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.serializers import models
from searcher.library.vector_variants import ShrinkRequests, find_variant, shrink
from searcher.search.query import UploadedQuery
from searcher.stores import collection, shrinking
from searcher.stores.collection import FLAT
from searcher.stores.forms import Form, create_shrunken
from tests.pictures import folder, save


def stored(library: Library) -> dict[str, str]:
    return {m["name"]: m["vectors"] for m in models(library) if m["vectors"]}


def test_a_measurement_that_is_stopped_reads_no_further_vectors(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "pictures", {"a": 14, "b": 14})
    library.add([tmp_path / "pictures"])
    pages: list[int] = []

    def read(client: MilvusClient, name: str, ids: Sequence[int], fields: list[str]) -> Any:
        pages.append(len(ids))
        return collection.read(client, name, ids, fields)

    monkeypatch.setattr(collection, "PAGE", 10)
    monkeypatch.setattr(shrinking, "read", read)
    for ask in (
        lambda stop: measure(library, "colour", is_stopped=stop),
        lambda stop: find_changes(library, "colour", "first-114", 5, stop),
    ):
        pages.clear()
        with pytest.raises(EvaluationStopped):
            ask(lambda: bool(pages))
        assert pages == [10]


def test_vectors_are_measured_shrunken_and_brought_back(library: Library, tmp_path: Path) -> None:
    model = library.registry.get("colour")
    with pytest.raises(ModelNotReady) as too_few:
        measure(library, "colour")
    assert too_few.value.code == "shrink.too_few_to_measure"
    folder(tmp_path / "pictures", {"a": 14, "b": 14})
    library.add([tmp_path / "pictures"])
    document = measure(library, "colour", 8).document()
    assert document["pictures"] == document["measured"] == document["queries"] == 28
    assert document["stored"] == "float32"
    full, *others = document["variants"]
    assert full["overlap"] == 1
    assert full["bytes"] == 4 * model.dim
    assert full["price"] == pytest.approx(8 * full["gb"], abs=0.02)
    assert full["can_be_stored"]
    changes = find_changes(library, "colour", "first-114", 5)
    (variant,) = (v for v in others if v["variant"] == "first-114")
    everything = find_changes(library, "colour", "first-114", 500)
    lost = sum(len(case.lost) for case in everything.cases)
    assert 1 - lost / (10 * 28) == pytest.approx(variant["overlap"], abs=1e-4)
    gains = [case.gain or 0 for case in everything.cases]
    assert gains == sorted(gains)
    assert sum(gains) / 28 == pytest.approx(variant["quality"] - full["quality"], abs=1e-4)
    assert changes.cases == everything.cases[:5]
    assert changes.changed == len(everything.cases)
    assert all(len(case.lost) == len(case.found) > 0 for case in everything.cases)
    assert find_changes(library, "colour", "float32", 5).changed == 0
    # Also by variants that are not among those that are measured.
    for name in ("first-20", "pca-20"):
        assert name not in {variant["variant"] for variant in others}
        assert find_changes(library, "colour", name, 5).variant == name
    with pytest.raises(ModelNotReady) as too_few:
        find_changes(library, "colour", "pca-28", 5)
    assert too_few.value.code == "shrink.too_few_pictures"
    for name in (f"first-{model.dim}", "first-20-binary"):
        with pytest.raises(InvalidRequest):
            find_changes(library, "colour", name, 5)
    with pytest.raises(EvaluationStopped):
        measure(library, "colour", is_stopped=iter([False, False, True]).__next__)
    away = {v["variant"] for v in others if not v["can_be_stored"]}
    assert away == {"float16", "int8", "binary"}

    reasons = {"int8": "float32_only", "float16": "no_float16", "binary": "no_binary"}
    for name, code in reasons.items():
        with pytest.raises(NotAllowed) as refused:
            find_variant(library, model, name)
        assert refused.value.code == f"shrink.{code}"
    with pytest.raises(InvalidRequest):
        find_variant(library, model, f"first-{model.dim}")
    with pytest.raises(NotAllowed):
        measure_index(library, "colour")
    with pytest.raises(NotAllowed):
        find_changes(library, "colour", "ef-64", 5)
    with pytest.raises(ModelNotReady):
        shrink(library, model, find_variant(library, model, "pca-28"))
    before = library.percentiles("colour").percentile(0.3)

    # Requested, and made by another process, as after a kill -9 of the first.
    ShrinkRequests(library).request(model, "pca-4")
    reports: list[tuple[str, int, int]] = []
    requests = ShrinkRequests(library)
    assert requests.run(lambda m, n, all_: reports.append((m.name, n, all_)), lambda: False) == []
    assert reports == [("colour", 28, 28)]
    assert requests.run(lambda *report: reports.append(report), lambda: False) == []
    assert len(reports) == 1
    assert stored(library) == {"colour": "pca-4", "shape": "float32"}

    # Searched, evaluated, added to, deleted from, and checked.
    new = save(tmp_path / "pictures" / "a" / "new.jpg", 99)
    library.add([new])
    assert library.search(UploadedQuery("x.jpg", new.read_bytes()), "colour", 3).hits
    assert measure(library, "colour").document()["stored"] == "pca-4"
    assert library.percentiles("colour").percentile(0.3) != before
    assert examine(library, deep=True).problems == []
    shrink(library, model, find_variant(library, model, "float32"))
    assert stored(library) == {"colour": "float32", "shape": "float32"}
    assert examine(library, deep=True).problems == []
    assert library.percentiles("colour").percentile(0.3) == pytest.approx(before, abs=0.1)
    vectors = library.vectors.fetch(model.collection, library.vectors.ids(model.collection))
    assert np.linalg.matrix_rank(vectors) > 4

    # What an interruption leaves is found and dropped.
    form = Form(model.dim, find_variant(library, model, "first-8"))
    library.vectors._connection.call(
        lambda session: create_shrunken(session.client, model.collection.name, form, FLAT)
    )
    (problem,) = examine(library).problems
    assert "smaller vectors of colour" in str(problem)
    assert "dropped" in str(examine(library, repair=True).repaired[-1])
    assert examine(library).problems == []
