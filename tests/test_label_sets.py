"""Several labels a picture: from files, and as ground truth."""

import json
from pathlib import Path

import numpy as np
import pytest

from searcher.datasets.csv_labels import read_several
from searcher.datasets.label_sets import read_label_sets
from searcher.datasets.qrels import read_qrels
from searcher.errors import BadLabels, InvalidRequest
from searcher.evaluation.evaluate import evaluate
from searcher.evaluation.plan import Plan
from searcher.library.core import Library
from searcher.metrics.ground_truth import LabelSetTruth, LabelTruth
from tests.pictures import folder


def test_single_labels_are_a_case_of_several() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 9, 60).astype(str)
    rows = np.arange(40)
    places = np.where(rows % 3, rows, -1)
    one = LabelTruth(labels[rows], labels, places)
    several = LabelSetTruth([(label,) for label in labels[rows]], [{x} for x in labels], places)
    assert (one.gains(slice(5, 40)) == several.gains(slice(5, 40))).all()
    assert (one.has_relevant() == several.has_relevant()).all()
    alone = LabelTruth(np.array(["a", "b"]), np.array(["a", "b", "b"]), np.array([0, 1]))
    assert alone.has_relevant().tolist() == [False, True]


def test_files_give_several_labels(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("path,label\n1.jpg,dog|beach\n2.jpg,cat\n2.jpg,beach\n1.jpg,dog\n3.jpg,|\n")
    assert read_several(path, "x") == {"1.jpg": ("dog", "beach"), "2.jpg": ("cat", "beach")}
    things = [{"image_id": 1, "category_id": kind, "area": kind % 3} for kind in (1, 2, 3, 1)]
    document = {
        "images": [{"id": 1, "file_name": "1.jpg"}],
        "categories": [{"id": kind, "name": f"kind {kind}"} for kind in (1, 2, 3)],
        "annotations": things,
    }
    coco = tmp_path / "coco.json"
    coco.write_text(json.dumps(document))
    assert read_label_sets(coco).labels == {"1.jpg": ("kind 2", "kind 1", "kind 3")}
    with pytest.raises(BadLabels, match="can't be read"):
        read_label_sets(tmp_path / "none.csv")


def test_whoever_shares_a_label_is_relevant(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 3, "b": 2})
    library.add([tmp_path / "in"])
    path = tmp_path / "labels.csv"
    path.write_text("a-0.jpg,x|y\nin/a/a-1.jpg,y|z\nb/b-0.jpg,z\ngone.jpg,x\n")
    evaluation = evaluate(library, ["shape"], plan=Plan(labels=read_label_sets(path)))
    task = evaluation.task
    names = task.queries.names
    assert sorted(names) == ["a-0.jpg", "a-1.jpg", "b-0.jpg"]  # a-2 and b-1 are alone now
    gains = task.truth.gains(slice(0, 3))
    relevant = {
        name: {task.gallery.names[column] for column in np.flatnonzero(gains[row] > 0)}
        for row, name in enumerate(names)
    }
    assert relevant == {
        "a-0.jpg": {"a-1.jpg"},
        "a-1.jpg": {"a-0.jpg", "b-0.jpg"},
        "b-0.jpg": {"a-1.jpg"},
    }
    assert set(evaluation.models[0].per_label) == {"x", "y", "z"}
    assert {record.label for record in library.records.all()} == {"a", "b"}
    path.write_text("gone.jpg,x\n")
    with pytest.raises(BadLabels, match="none of the pictures"):
        evaluate(library, ["shape"], plan=Plan(labels=read_label_sets(path)))
    with pytest.raises(InvalidRequest, match="either labels or judgements"):
        Plan(labels=read_label_sets(path), qrels=read_qrels(path))
