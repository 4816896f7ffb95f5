"""The sample pictures: enough of them, varied, and of kinds that a good network tells apart."""

from pathlib import Path

from PIL import Image

from searcher.config.folders import ROOT
from searcher.evaluation.evaluate import evaluate
from searcher.library.core import Library
from searcher.search.duplicates import alike
from searcher.search.query import UploadedQuery
from tests.mobilenet import wrap
from tests.parameters import MakeSettings

SAMPLES = ROOT / "sample_images"
QUERIES = SAMPLES / "queries"


def kinds() -> dict[str, list[Path]]:
    folders = [folder for folder in SAMPLES.iterdir() if folder.is_dir() and folder != QUERIES]
    return {folder.name: sorted(folder.glob("*.jpg")) for folder in folders}


def test_there_are_enough_of_each_kind() -> None:
    kind_counts = kinds()
    assert len(kind_counts) >= 12
    assert min(len(files) for files in kind_counts.values()) >= 9
    assert sum(len(files) for files in kind_counts.values()) >= 120
    assert len(list(QUERIES.glob("*.jpg"))) >= 6


def test_they_are_small_and_of_every_format() -> None:
    files = list(SAMPLES.rglob("*.jpg"))
    assert sum(file.stat().st_size for file in files) < 12e6
    shapes = set()
    for file in files:
        with Image.open(file) as image:
            assert max(image.size) == 640
            shapes.add((image.width > image.height) - (image.width < image.height))
    assert shapes == {-1, 0, 1}


def test_queries_are_not_in_the_library() -> None:
    library = {file.read_bytes() for files in kinds().values() for file in files}
    assert not library & {file.read_bytes() for file in QUERIES.glob("*.jpg")}


def test_a_good_network_sees_the_kinds_and_colour_does_not(
    shared: Path, make_settings: MakeSettings
) -> None:
    settings = make_settings()
    wrap(shared / "models" / "mobilenet_v2_imagenet.onnx", settings.models_dir)
    library = Library(settings)
    report = library.add(sorted(SAMPLES / kind for kind in kinds()))
    assert report.skipped == []
    measured = {quality.model.name: quality.means["p@5"] for quality in evaluate(library).models}
    assert measured["mobilenet_v2"] >= 0.85
    assert measured["colour"] <= measured["mobilenet_v2"] - 0.2
    # No two of them are near-duplicates, and of at least three queries the models show others.
    records = [record for page in range(5) for record in library.browse("", page)[0]]
    prints = [record.fingerprint for record in records]
    assert not any(alike(a, b) for i, a in enumerate(prints) for b in prints[:i])
    differ = 0
    for path in QUERIES.glob("*.jpg"):
        comparison = library.compare(
            UploadedQuery(path.name, path.read_bytes()), ["mobilenet_v2", "colour"], 6
        )
        differ += set(comparison.rankings[0].ids) != set(comparison.rankings[1].ids)
    assert differ >= 3
    library.close()
