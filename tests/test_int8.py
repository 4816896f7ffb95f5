"""int8 variants: small, near their originals, calibrated on the library's own pictures."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from searcher.errors import ExportFailed
from searcher.evaluation.evaluate import evaluate
from searcher.export.adopt import AdoptOptions, adopt
from searcher.export.int8 import write_int8
from searcher.export.preprocess import PRESETS
from searcher.images.pictures import Picture
from searcher.library.core import Library
from searcher.metrics.ranking import overlap
from searcher.models.embedder import Embedder
from searcher.models.registry import ModelRegistry
from tests.parameters import MakeSettings
from tests.pictures import folder, paint

PICTURES = [Picture(paint(seed), 320, 240) for seed in range(8)]


@pytest.mark.parametrize("name", ["resnet50", "vgg16"])
def test_the_articles_networks_shrink_to_a_quarter(
    keras_models: Path, tmp_path: Path, name: str
) -> None:
    original = tmp_path / f"{name}.onnx"
    original.symlink_to(keras_models / f"{name}.onnx")
    variant = write_int8(original, PICTURES)
    assert variant.name == f"{name}-int8.onnx"
    assert variant.stat().st_size <= 0.30 * original.stat().st_size
    model = ModelRegistry(tmp_path, cache=2).get(variant.stem)
    assert model.display.endswith("int8 (untrained)")
    assert model.architecture.endswith("max pooling, int8")
    # Preprocessing and normalisation stay in float.
    graph = onnx.load(variant).graph
    types = {i.name: i.data_type for i in graph.initializer}
    first = next(node for node in graph.node if node.op_type == "Conv")
    assert types.get(first.input[1]) == onnx.TensorProto.FLOAT
    images = np.stack([np.asarray(paint(seed, (224, 224))) for seed in range(50, 54)])
    vectors = Embedder(variant).embed(images)
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    assert np.sum(vectors * Embedder(original).embed(images), axis=1).min() > 0.98


def test_calibration_takes_the_library_and_else_the_samples(
    library: Library, tmp_path: Path
) -> None:
    assert library.some_pictures(10) == []
    with pytest.raises(ExportFailed, match="calibrated on pictures"):
        write_int8(library.settings.models_dir / "shape.onnx", [])
    folder(tmp_path / "samples", {"a": 3})
    (tmp_path / "samples" / "a" / "bad.jpg").write_text("no picture")
    assert len(library.some_pictures(10)) == 3
    folder(tmp_path / "in", {"b": 12}, first_seed=40)
    library.add([tmp_path / "in"])
    sample = library.some_pictures(10)
    assert len(sample) == 10
    again = library.some_pictures(10)
    pixels = [[np.asarray(p.pixels) for p in pictures] for pictures in (sample, again)]
    assert all(np.array_equal(a, b) for a, b in zip(*pixels, strict=True))


def test_what_has_no_convolutions_to_quantise_is_refused(library: Library) -> None:
    with pytest.raises(ExportFailed, match="several convolutions"):
        write_int8(library.settings.models_dir / "colour.onnx", PICTURES)
    assert not (library.settings.models_dir / "colour-int8.onnx").exists()


def test_a_twin_that_would_be_too_different_is_refused(library: Library) -> None:
    with pytest.raises(ExportFailed, match="differ from the original's"):
        write_int8(library.settings.models_dir / "shape.onnx", PICTURES)
    assert not (library.settings.models_dir / "shape-int8.onnx").exists()


def test_a_real_network_and_its_twin_find_the_same(
    shared: Path, make_settings: MakeSettings
) -> None:
    settings = make_settings()
    source = shared / "models" / "mobilenet_v2_imagenet.onnx"
    library = Library(settings)
    library.add([shared / "photos"])
    options = AdoptOptions(preprocess=PRESETS["tf"])
    path = adopt(source, "mobilenet", settings.models_dir, options).path
    write_int8(path, library.some_pictures(128))
    library.index(library.incomplete())
    both = ["mobilenet", "mobilenet-int8"]
    shares = [
        overlap(a.ids, b.ids)
        for picture_id in library.records.ids()
        for a, b in [library.rank(library.stored_query(picture_id, "x"), both, 10)]
    ]
    assert np.mean(shares) >= 0.85
    original, variant = (quality.means["p@5"] for quality in evaluate(library, both).models)
    assert original >= 0.78
    assert abs(original - variant) <= 0.03
    library.close()
