"""Models of vectors from elsewhere in a library: complete, and honest about what they can't."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from searcher.errors import BadVectors, ModelNotReady, TwinlensError
from searcher.evaluation.evaluate import evaluate
from searcher.library import archive, trash
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.proposals import TOKEN
from searcher.library.vector_import import VectorImport
from searcher.library.vector_probe import probe
from searcher.library.vector_proposals import VectorFiles, install, propose
from searcher.library.worker import Worker
from searcher.search.query import ComposedQuery, Part, TextQuery, UploadedQuery
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.servers import wait_for
from tests.vector_sources import random_vectors, units, write_array

Bring = Callable[..., VectorImport]


@pytest.fixture
def paths(library: Library, tmp_path: Path) -> list[Path]:
    """Ten pictures of the library."""
    paths = folder(tmp_path / "in", {"a": 5, "b": 5})
    library.add([tmp_path / "in"])
    return paths


@pytest.fixture
def bring(library: Library, tmp_path: Path, paths: list[Path]) -> Bring:
    """Make the model `api` of vectors of some paths, by default of the first eight pictures."""

    def bring(
        vectors: Any = None, named: Any = None, name: str = "api", force: bool = False
    ) -> VectorImport:
        named = paths[:8] if named is None else named
        vectors = random_vectors(len(named)) if vectors is None else vectors
        file = write_array(tmp_path / "v.npy", vectors)
        keys = tmp_path / "ids.txt"
        keys.write_text("".join(f"{os.path.relpath(path, tmp_path)}\n" for path in named))
        files = VectorFiles(file, file.name, ids_path=keys, title="An API", folder=tmp_path)
        return install(library, files, name, force)

    return bring


def ids(library: Library) -> dict[str, int]:
    return {record.name: record.id for record in library.records.all()}


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(TwinlensError) as caught:
        call()
    return caught.value.code


def test_vectors_are_searched_and_compared_like_a_networks(
    library: Library, bring: Bring, paths: list[Path]
) -> None:
    bring()
    model = library.registry.get("api")
    assert (model.display, model.dim, model.embeds, model.words) == ("An API", 8, False, False)
    assert library.coverage() == {"colour": 10, "shape": 10, "api": 8}
    known = ids(library)
    query = library.stored_query(known["a-0.jpg"])
    expected = units(random_vectors(8))
    order = np.argsort(np.linalg.norm(expected[1:] - expected[0], axis=1)) + 1
    names = [f"a-{n}.jpg" if n < 5 else f"b-{n - 5}.jpg" for n in range(8)]
    assert [h.record.name for h in library.search(query, "api", 12).hits] == [
        names[row] for row in order
    ]
    assert library.search(query, "api", 12, 'label == "b"').hits[0].record.label == "b"
    assert library.compare(query, ["api", "colour"], 5).document("q")["models"] == ["api", "colour"]
    assert 0 <= (library.percentiles("api").percentile(1.0) or 0) <= 1
    assert {q.model.name: q.milliseconds for q in evaluate(library).models}["api"] is None
    assert evaluate(library).pictures == 8
    # With none of its pictures in the library it can't be measured, but others can.
    trash.remove(library, [known[name] for name in names])
    library.add(folder(paths[0].parents[2] / "more", {"c": 3}, 60))
    assert [quality.model.name for quality in evaluate(library).models] == ["colour", "shape"]


def test_what_it_can_not_do_is_one_sentence(
    library: Library, bring: Bring, paths: list[Path]
) -> None:
    bring()
    known = ids(library)
    stored = library.stored_query(known["a-0.jpg"])
    upload = UploadedQuery("new.jpg", paths[1].read_bytes())
    for query in (
        upload,
        TextQuery("dog"),
        library.stored_query(known["a-0.jpg"], box=(0, 0, 1, 1)),
    ):
        assert refusal(lambda q=query: library.search(q, "api", 5)) == "model.no_network"  # type: ignore[misc]
    lacking = library.stored_query(known["b-4.jpg"])
    assert refusal(lambda: library.search(lacking, "api", 5)) == "model.no_vector"
    assert refusal(lambda: library.explain(stored, lacking, "api")) == "model.no_network"
    assert refusal(lambda: library.robustness(stored, ["api"], 5)) == "model.no_network"
    mixed = ComposedQuery((Part(stored, 1.0), Part(upload, 1.0)))
    assert library.search(mixed, "api", 5).unseen == (1,)
    assert "api" not in library.speeds.measure(library.registry.ready())


def test_unusable_rows_are_skipped_and_counted(
    library: Library, bring: Bring, paths: list[Path]
) -> None:
    vectors = random_vectors(7).astype(np.float16)
    vectors[1], vectors[2, 0] = 0, np.inf
    result = bring(vectors, [*paths[:4], paths[0], Path("gone.jpg"), Path("gone.jpg")])
    counts = {entry.reason: (entry.count, entry.row) for entry in result.skipped.values()}
    assert (result.rows, result.vectors, library.coverage()["api"]) == (7, 2, 2)
    assert counts == {
        "rows.zero": (1, 2),
        "rows.not_finite": (1, 3),
        "rows.repeated": (1, 5),
        "rows.unknown": (2, 6),
    }
    with pytest.raises(BadVectors, match="no vector of a picture of the library: 1 row names no"):
        bring(random_vectors(1), [Path("gone.jpg")], "other")
    assert "other" not in library.registry.names()
    assert [p.name for p in library.settings.models_dir.glob("*other*.p*")] == []


def test_pictures_without_a_vector_are_left_alone(
    library: Library, bring: Bring, tmp_path: Path
) -> None:
    bring()
    assert library.incomplete() == []
    report = library.add(folder(tmp_path / "more", {"c": 2}, 50))
    assert (report.added, "api" in report.embedded) == (2, False)
    diagnosis = examine(library, deep=True)
    assert diagnosis.problems == []
    assert diagnosis.models["api"] == {"vectors": 8, "missing": 4, "orphans": 0}
    worker = Worker(library)
    worker._rounds.run()
    status = worker.status
    assert (status.problems, status.working, status.complete) == ((), None, True)
    assert status.covered("api") == 8


def test_a_lost_collection_is_made_again(library: Library, bring: Bring) -> None:
    bring()
    collection = library.registry.get("api").collection
    known = sorted(ids(library).values())
    before = library.vectors.fetch(collection, known)
    library.vectors.drop(collection.name)
    assert any("8 pictures have no vector" in str(p) for p in examine(library).problems)
    Worker(library)._rounds.run()
    assert np.array_equal(library.vectors.fetch(collection, known), before)
    two = [i for i in known if library.vectors.get(collection, i) is not None][:2]
    library.vectors.upsert(collection, two, np.eye(2, 8, dtype=np.float32))
    assert any(
        "2 vectors are not those of its file" in str(p)
        for p in examine(library, deep=True).problems
    )
    examine(library, repair=True, deep=True)
    assert np.array_equal(library.vectors.fetch(collection, known), before)
    assert examine(library, deep=True).problems == []


def test_removed_pictures_come_back_with_their_vectors(library: Library, bring: Bring) -> None:
    bring()
    removal = trash.remove(library, [ids(library)["a-0.jpg"]])
    assert library.coverage()["api"] == 7
    trash.undo(library, removal.batch)
    library.index(library.incomplete())
    assert library.coverage()["api"] == 8
    assert examine(library, deep=True).problems == []


def test_vectors_are_replaced_and_removed(
    library: Library, bring: Bring, paths: list[Path]
) -> None:
    bring()
    first = library.registry.get("api").collection.name
    assert refusal(bring) == "adopt.name_exists"
    bring(named=paths, force=True)
    assert library.coverage()["api"] == 10
    assert first not in library.vectors.names()
    library.remove_model("api")
    assert "api" not in library.registry.names()
    assert examine(library).problems == []


def test_backup_and_restore(
    library: Library, bring: Bring, make_settings: MakeSettings, tmp_path: Path
) -> None:
    bring()
    archive.backup(library, tmp_path / "b.zip")
    library.close()
    settings = make_settings(TWINLENS_DATA=str(tmp_path / "d"), MODELS_DIR=str(tmp_path / "m"))
    other = Library(settings)
    try:
        archive.restore(other, tmp_path / "b.zip")
        other.index(other.incomplete())
        assert other.coverage() == {"colour": 10, "shape": 10, "api": 8}
        # A second file of the name is named, and not used.
        shutil.copy(tmp_path / "m" / "colour.onnx", tmp_path / "m" / "api.onnx")
        assert other.registry.get("api").embeds
        assert any("same name" in str(problem) for problem in examine(other).problems)
    finally:
        other.close()


def test_a_proposal_waits_until_it_is_accepted(
    library: Library, tmp_path: Path, paths: list[Path]
) -> None:
    np.savez(tmp_path / "v.npz", vectors=random_vectors(10), paths=[path.name for path in paths])
    proposal = propose(library, VectorFiles(tmp_path / "v.npz", "v.npz"), "api")
    assert TOKEN.fullmatch(proposal.token)
    assert [line.code for line in proposal.report] == ["vectors.read"]
    assert "api" not in library.registry.names()
    worker = Worker(library)
    assert worker.accept(proposal.token) == "api"
    worker.start()
    try:
        wait_for(lambda: worker.status.covered("api") == 10, what="the vectors")
    finally:
        worker.stop()


def test_a_broken_file_has_a_reason(library: Library, bring: Bring) -> None:
    bring()
    path = library.settings.models_dir / "api.vectors.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    assert [(m.state, m.embeds) for m in library.models() if m.name == "api"] == [("broken", False)]
    with pytest.raises(ModelNotReady, match="can't be read as a Parquet file"):
        library.registry.get("api")
    assert library.incomplete() == []


@pytest.mark.slow
def test_a_visitors_file_is_read_within_limits(tmp_path: Path) -> None:
    path = write_array(tmp_path / "v.npy", random_vectors(20))
    (tmp_path / "bad.npz").write_bytes(b"PK")
    probe(path, "v.npy")
    probe(tmp_path / "bad.npz", "bad.npz")  # others say why
    assert refusal(lambda: probe(path, "v.npy", data_bytes=2**24)) == "vectors.too_costly"
    assert refusal(lambda: probe(path, "v.npy", stop=lambda: True)) == "install.cancelled"
