"""The sample pictures: enough of them, varied, as bright as photographs, and not too easy."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from searcher.config.folders import ROOT
from searcher.evaluation.evaluate import evaluate
from searcher.export.install import install
from searcher.library.core import Library
from searcher.metrics.significance import interval
from searcher.search.duplicates import alike
from searcher.search.query import UploadedQuery
from tests.parameters import MakeSettings
from tools.measure_samples import DARK, light, precision

SAMPLES = ROOT / "sample_images"
QUERIES = SAMPLES / "queries"


def kinds() -> dict[str, list[Path]]:
    folders = [folder for folder in SAMPLES.iterdir() if folder.is_dir() and folder != QUERIES]
    return {folder.name: sorted(folder.glob("*.jpg")) for folder in folders}


def test_there_are_enough_of_each_kind() -> None:
    kind_counts = kinds()
    assert len(kind_counts) >= 33
    assert min(len(files) for files in kind_counts.values()) >= 9
    assert len(list(QUERIES.glob("*.jpg"))) >= 6
    # A file that was taken out of its folder still says what it shows.
    for kind, files in kind_counts.items():
        assert all(re.fullmatch(rf"{kind}_\d\d\.jpg", file.name) for file in files)


def test_they_are_small_and_of_every_format() -> None:
    files = list(SAMPLES.rglob("*.jpg"))
    assert sum(file.stat().st_size for file in files) < 9.5e6
    shapes = set()
    for file in files:
        with Image.open(file) as image:
            assert max(image.size) == 640
            shapes.add((image.width > image.height) - (image.width < image.height))
    assert shapes == {-1, 0, 1}


def test_queries_are_not_in_the_library() -> None:
    library = {file.read_bytes() for files in kinds().values() for file in files}
    assert not library & {file.read_bytes() for file in QUERIES.glob("*.jpg")}


def test_they_are_as_bright_as_photographs(shared: Path) -> None:
    measured = light(list(SAMPLES.rglob("*.jpg")))
    photographs = light(list((shared / "photos").rglob("*.jpg")))
    assert measured.means.mean() == pytest.approx(photographs.means.mean(), abs=0.02)
    assert (measured.means < DARK).mean() <= 0.05
    # Black is black and white nearly white: they are not just grey.
    assert np.median(measured.blacks) <= 0.1
    assert np.median(measured.whites) >= 0.7


def test_they_tell_good_networks_apart(tmp_path: Path) -> None:
    names = ("efficientnet_lite2", "efficientnet_lite0")
    first, second = (
        precision(install(name, "imagenet", tmp_path, print), SAMPLES)[0] for name in names
    )
    assert 0.7 <= max(first.mean(), second.mean()) <= 0.9
    low, high = interval(first - second)
    assert not low <= 0 <= high


def test_colour_does_not_see_the_kinds(make_settings: MakeSettings) -> None:
    library = Library(make_settings())
    report = library.add(sorted(SAMPLES / kind for kind in kinds()))
    assert report.skipped == []
    assert evaluate(library, ["colour"]).models[0].means["p@5"] <= 0.2
    # No two of them are near-duplicates, and of at least three queries the models show others.
    prints = [record.fingerprint for record in library.records.all()]
    assert len(prints) == sum(len(files) for files in kinds().values())
    assert not any(alike(a, b) for i, a in enumerate(prints) for b in prints[:i])
    differ = 0
    for path in QUERIES.glob("*.jpg"):
        comparison = library.compare(
            UploadedQuery(path.name, path.read_bytes()), ["shape", "colour"], 6
        )
        differ += set(comparison.rankings[0].ids) != set(comparison.rankings[1].ids)
    assert differ >= 3
    library.close()
