"""Retrieval quality of a real network and of its int8 variant on real photographs."""

from pathlib import Path

import numpy as np
import pytest

from searcher.evaluation.evaluate import evaluate
from searcher.export.int8 import write_int8
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.metrics.ranking import overlap
from searcher.search.query import UploadedQuery
from tests.mobilenet import wrap
from tests.parameters import MakeSettings

K = 5


def precision(library: Library, photos: list[Path], model: str) -> float:
    """The mean share, among the K nearest others, of pictures from the query's own folder."""
    shares = []
    for path in photos:
        ranking = library.search(UploadedQuery(path.name, path.read_bytes()), model, K)
        (copy,) = ranking.own_copies
        assert copy.record.path == str(path)
        assert copy.distance < 0.01
        shares.append(sum(hit.record.label == path.parent.name for hit in ranking.hits) / K)
    return sum(shares) / len(shares)


def test_a_real_network_and_its_variant_find_photographs_of_the_same_kind(
    shared: Path, make_settings: MakeSettings
) -> None:
    settings = make_settings()
    wrap(shared / "models" / "mobilenet_v2_imagenet.onnx", settings.models_dir)
    photos = sorted((shared / "photos").rglob("*.jpg"))
    library = Library(settings)
    report = library.add([shared / "photos"])
    assert (report.added, report.skipped) == (len(photos), [])
    network, colour = (precision(library, photos, m) for m in ("mobilenet_v2", "colour"))
    assert network >= 0.75
    assert colour < network / 2
    # What `evaluate` reckons from the vectors is what the searches gave.
    measured = {quality.model.name: quality.means["p@5"] for quality in evaluate(library).models}
    assert measured["mobilenet_v2"] == pytest.approx(network, abs=0.002)
    assert measured["colour"] == pytest.approx(colour, abs=0.002)
    assert examine(library).problems == []

    write_int8(settings.models_dir / "mobilenet_v2.onnx", library.some_pictures(32))
    library.index(library.incomplete())
    both = ["mobilenet_v2", "mobilenet_v2-int8"]
    shares = [
        overlap(a.ids, b.ids)
        for picture_id in library.records.ids()
        for a, b in [library.rank(library.stored_query(picture_id, "x"), both, 10)]
    ]
    assert np.mean(shares) >= 0.85
    (variant,) = (quality.means["p@5"] for quality in evaluate(library, both[1:]).models)
    assert measured["mobilenet_v2"] >= 0.78
    assert abs(measured["mobilenet_v2"] - variant) <= 0.03
    library.close()
