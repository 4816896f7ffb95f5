"""Verdicts: from made-up scores, and from a library with near-copies."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from searcher.errors import EvaluationStopped
from searcher.evaluation.disagreement import ModelComparison
from searcher.evaluation.evaluate import evaluate
from searcher.evaluation.paired import compare_pairs
from searcher.evaluation.quality_verdict import Candidate, QualityVerdict, conclude
from searcher.library.core import Library
from tests.pictures import folder


def verdict(*models: tuple[str, float, float | None, int]) -> QualityVerdict:
    """Of models with a name, mean, milliseconds and dimensions; noise is 0.1 a query."""
    rng = np.random.default_rng(0)
    hard = rng.standard_normal(400) / 5
    noise = rng.standard_normal((len(models), 400)) / 10
    noise -= noise.mean(axis=1, keepdims=True)
    scores = {
        name: {"p@10": (mean + hard - hard.mean() + row).astype(np.float32)}
        for (name, mean, _, _), row in zip(models, noise, strict=True)
    }
    candidates = [Candidate(n, n.upper(), mean, ms, dim) for n, mean, ms, dim in models]
    return conclude(candidates, compare_pairs(scores).comparisons, "p@10")


def test_the_best_is_named_with_its_lead() -> None:
    said = verdict(("b", 0.6, 50, 512), ("a", 0.72, 60, 512))
    assert (said.best, said.tied, said.choice, said.unless) == ("a", (), "a", None)
    assert said.groups == [("a",), ("b",)]
    assert str(said.sentence) == "A is best: 0.12 ± 0.01 over B in p@10."
    assert str(said.recommendation) == "Choose A."


def test_of_tied_models_the_fast_one_is_chosen() -> None:
    said = verdict(("a", 0.702, 60, 512), ("b", 0.7, 20, 512), ("c", 0.5, 2, 512))
    assert (said.best, said.tied, said.choice) == ("a", ("b",), "b")
    assert said.groups == [("a", "b"), ("c",)]
    assert str(said.sentence) == "A and B are tied in p@10; B is 3.0 times as fast."
    assert str(said.recommendation) == (
        "Choose B, which is no worse than A and 3.0 times as fast, unless time matters more: "
        "C is 10.0 times as fast and loses 0.20."
    )
    assert json.loads(json.dumps(said.document()))["unless"]["model"] == "c"


def test_without_speeds_size_decides_and_what_is_bad_is_no_alternative() -> None:
    said = verdict(("a", 0.702, None, 2048), ("b", 0.7, None, 512), ("c", 0.2, None, 8))
    assert (said.choice, said.unless) == ("b", None)
    assert "vectors 4.0 times as short" in str(said.sentence)
    slow = verdict(("a", 0.702, 10, 2048), ("b", 0.7, 100, 512))
    assert (slow.choice, slow.instead) == ("a", None)
    assert str(slow.sentence) == "A and B are tied in p@10; A is 10.0 times as fast."
    assert str(slow.recommendation) == (
        "Choose A, which is no worse than B and 10.0 times as fast."
    )
    three = verdict(("a", 0.702, 10, 512), ("b", 0.701, 30, 512), ("c", 0.7, 20, 512))
    assert "A is 2.0 times as fast" in str(three.sentence)
    mixed = verdict(("a", 0.702, 10, 512), ("b", 0.701, 30, 512), ("c", 0.7, 11, 512))
    assert str(mixed.recommendation) == "Choose A."


def test_models_that_are_one_are_tied() -> None:
    rng = np.random.default_rng(0)
    same = {"p@10": rng.random(50).astype(np.float32)}
    (comparison,) = compare_pairs({"a": same, "b": same}).comparisons
    difference = comparison.differences["p@10"]
    assert (difference.mean, difference.ci95, difference.p) == (0, (0, 0), 1)


def test_near_copies_under_different_labels_are_named(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 5, "b": 5})
    with Image.open(paths[0]) as image:
        smaller = image.resize((image.width * 3 // 4, image.height * 3 // 4))
    copy = tmp_path / "in" / "b" / "again.jpg"
    smaller.save(copy, quality=70)
    library.add([tmp_path / "in"])
    evaluation = evaluate(library)
    (pair,) = evaluation.near_copies
    assert sorted(pair.places) == sorted([f"a/{paths[0].name}", "b/again.jpg"])
    assert evaluation.warning
    assert str(evaluation.warning) in evaluation.sentences()
    copy.unlink()


def test_queries_that_one_model_gets_right(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 8, "b": 8, "c": 8})
    library.add([tmp_path / "in"])
    evaluation = evaluate(library)
    comparison = ModelComparison(evaluation, "colour", "shape")
    right = {name: evaluation.quality(name).scores["p@1"] for name in ("colour", "shape")}
    for queries, winner, loser in (
        (comparison.a_right, "colour", "shape"),
        (comparison.b_right, "shape", "colour"),
    ):
        rows = np.flatnonzero((right[winner] == 1) & (right[loser] == 0))
        assert sorted(query.row for query in queries) == rows.tolist()
        for query in queries:
            record = library.record(query.id)
            assert (record.name, record.label) == (query.name, query.label)
    assert comparison.a_right or comparison.b_right
    flipped = ModelComparison(evaluation, "shape", "colour")
    assert flipped.a_right == [
        type(query)(query.row, query.id, query.name, query.label, query.scores[::-1])
        for query in comparison.b_right
    ]
    assert flipped.differences["map"].mean == -comparison.differences["map"].mean


def test_progress_is_told_and_an_evaluation_can_be_stopped(
    library: Library, tmp_path: Path
) -> None:
    folder(tmp_path / "in", {"a": 4, "b": 4})
    library.add([tmp_path / "in"])
    shares: list[float] = []
    evaluate(library, progress=shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert {0.4, 0.8} < set(shares)  # both models are ranked, before they are compared
    with pytest.raises(EvaluationStopped):
        evaluate(library, progress=shares.append, is_stopped=lambda: len(shares) > 5)
