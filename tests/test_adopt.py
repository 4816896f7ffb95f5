"""External networks become models of the contract, or are refused with a reason."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from searcher.errors import CannotAdopt
from searcher.evaluation.evaluate import evaluate
from searcher.export.adopt import Adoption, AdoptOptions, adopt
from searcher.export.preprocess import PRESETS, Preprocess
from searcher.images.resizing import Fit
from searcher.library.core import Library
from searcher.models.embedder import Embedder
from searcher.models.registry import ModelRegistry
from tests import external_networks
from tests.parameters import MakeSettings
from tests.pictures import paint

IMAGES = np.stack([np.asarray(paint(seed, (32, 32))) for seed in range(5)])


def adopted(tmp_path: Path, model: onnx.ModelProto, **options: object) -> tuple[Embedder, Adoption]:
    source = external_networks.write(tmp_path, model)
    choices = AdoptOptions(**{"force": True, **options})  # type: ignore[arg-type]
    report = adopt(source, "net", tmp_path / "models", choices)
    return Embedder(report.path), report


def expected(model: onnx.ModelProto, pixels: np.ndarray) -> np.ndarray:
    """What the external network itself says, one picture at a time, at unit length."""
    session = ort.InferenceSession(model.SerializeToString())
    name = session.get_inputs()[0].name
    rows = [session.run(None, {name: pixels[i : i + 1]})[0].ravel() for i in range(len(pixels))]
    vectors = np.stack(rows).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def imagenet(images: np.ndarray) -> np.ndarray:
    scaled = images / 255
    return ((scaled - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).astype(np.float32)


def test_pytorchs_way_is_guessed(tmp_path: Path) -> None:
    model = external_networks.network()
    embedder, report = adopted(tmp_path, model)
    assert (embedder.height, embedder.width, embedder.dim) == (32, 32, external_networks.CHANNELS)
    reference = expected(model, imagenet(IMAGES).transpose(0, 3, 1, 2))
    assert np.allclose(embedder.embed(IMAGES), reference, atol=1e-4)
    assert "preprocessing imagenet" in str(report.guesses[0])
    assert list(map(str, report.guesses[1:])) == ["fit: stretch, bilinear"]


def test_where_several_preprocessings_are_likely_none_is_guessed(tmp_path: Path) -> None:
    """Networks of Keras have three, those of transformers as many as there are processors."""
    for model in (
        external_networks.network("NHWC"),
        external_networks.network(names=("pixel_values", "y")),
    ):
        with pytest.raises(CannotAdopt, match=r"--preprocess with one of .*preprocessor_config"):
            adopted(tmp_path, model)
    model = external_networks.network("NHWC")
    embedder, _ = adopted(tmp_path, model, preprocess=PRESETS["tf"])
    reference = expected(model, (IMAGES / 127.5 - 1).astype(np.float32))
    assert np.allclose(embedder.embed(IMAGES), reference, atol=1e-4)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.UINT8])
def test_scaling_inside_the_graph_is_not_done_twice(tmp_path: Path, kind: int) -> None:
    model = external_networks.network("NHWC", scaled_inside=True, kind=kind)
    embedder, report = adopted(tmp_path, model)
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    assert np.allclose(embedder.embed(IMAGES), expected(model, IMAGES.astype(dtype)), atol=1e-4)
    assert "preprocessing none" in str(report.guesses[0])


def test_what_is_said_is_done(tmp_path: Path) -> None:
    model = external_networks.network()
    preprocess = Preprocess(channels="BGR", scale=0.5, mean=(1.0, 2.0, 3.0), std=(4.0, 5.0, 6.0))
    embedder, report = adopted(tmp_path, model, preprocess=preprocess)
    pixels = (IMAGES[..., ::-1] * 0.5 - [1, 2, 3]) / [4, 5, 6]
    reference = expected(model, pixels.transpose(0, 3, 1, 2).astype(np.float32))
    assert np.allclose(embedder.embed(IMAGES), reference, atol=1e-4)
    assert list(map(str, report.guesses)) == ["fit: stretch, bilinear"]
    _, report = adopted(tmp_path, model, preprocess=preprocess, fit=Fit("crop"))
    assert report.guesses == []
    assert "fit: crop, bilinear" in map(str, report.report)


def test_caffes_preset_is_kerass(tmp_path: Path) -> None:
    model = external_networks.network("NHWC")
    embedder, _ = adopted(tmp_path, model, preprocess=PRESETS["caffe"])
    pixels = IMAGES[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)
    reference = expected(model, pixels.astype(np.float32))
    assert np.allclose(embedder.embed(IMAGES), reference, atol=1e-4)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("pool", ["max", "avg", None])
def test_a_spatial_map_is_pooled(tmp_path: Path, layout: str, pool: str | None) -> None:
    model = external_networks.network(layout, features="map")
    embedder, report = adopted(tmp_path, model, pool=pool, preprocess=PRESETS["none"])
    pixels = IMAGES.astype(np.float32)
    session = ort.InferenceSession(model.SerializeToString())
    axes = (2, 3) if layout == "NCHW" else (1, 2)
    source = pixels.transpose(0, 3, 1, 2) if layout == "NCHW" else pixels
    (maps,) = session.run(None, {"pixels": source})
    pooled = maps.max(axes) if pool == "max" else maps.mean(axes)
    reference = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
    assert np.allclose(embedder.embed(IMAGES), reference, atol=1e-4)
    guesses = [str(guess) for guess in report.guesses]
    assert guesses == ["fit: stretch, bilinear", *([] if pool else ["pooling: avg"])]


def test_a_fixed_batch_is_freed(tmp_path: Path) -> None:
    for features in ("vector", "reshaped"):
        model = external_networks.network(batch=1, features=features)
        embedder, _ = adopted(tmp_path, model)
        reference = expected(model, imagenet(IMAGES).transpose(0, 3, 1, 2))
        assert np.allclose(embedder.embed(IMAGES), reference, atol=1e-4)


def test_free_sides_take_the_size(tmp_path: Path) -> None:
    free = external_networks.network(side="S")
    embedder, report = adopted(tmp_path, free)
    assert embedder.height == 224
    assert "size: 224 x 224" in [str(guess) for guess in report.guesses]
    embedder, _ = adopted(tmp_path, free, size=(48, 48))
    assert (embedder.height, embedder.width) == (48, 48)
    with pytest.raises(CannotAdopt, match="must be 32 x 32, not 48 x 48"):
        adopted(tmp_path, external_networks.network(), size=(48, 48))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_free_channels_are_found_at_the_first_convolution(tmp_path: Path, layout: str) -> None:
    model = external_networks.network(layout, channels="C", side="S")
    embedder, _ = adopted(tmp_path, model, size=(32, 32), preprocess=PRESETS["imagenet"])
    pixels = imagenet(IMAGES).transpose(0, 3, 1, 2) if layout == "NCHW" else imagenet(IMAGES)
    assert np.allclose(embedder.embed(IMAGES), expected(model, pixels), atol=1e-4)


@pytest.mark.parametrize("opset", [9, 13, 18, 21])
def test_every_operator_set_works(tmp_path: Path, opset: int) -> None:
    model = external_networks.network(features="map", opset=opset)
    embedder, _ = adopted(tmp_path, model, pool="max", preprocess=PRESETS["clip"])
    assert np.allclose(np.linalg.norm(embedder.embed(IMAGES), axis=1), 1, atol=1e-5)


def test_half_precision_works(tmp_path: Path) -> None:
    model = external_networks.network(kind=TensorProto.FLOAT16)
    embedder, _ = adopted(tmp_path, model)
    reference = expected(model, imagenet(IMAGES).transpose(0, 3, 1, 2).astype(np.float16))
    assert np.sum(embedder.embed(IMAGES) * reference, axis=1).min() > 0.9999


def test_our_own_names_do_no_harm(tmp_path: Path) -> None:
    model = external_networks.network(names=("image", "embedding"))
    embedder, _ = adopted(tmp_path, model)
    assert embedder.embed(IMAGES).shape == (5, external_networks.CHANNELS)


def test_an_inner_tensor_can_be_chosen(tmp_path: Path) -> None:
    model = external_networks.network()
    inner = next(node.output[0] for node in model.graph.node if node.op_type == "Relu")
    embedder, _ = adopted(tmp_path, model, output=inner, pool="max")
    assert embedder.dim == external_networks.CHANNELS
    assert not np.allclose(embedder.embed(IMAGES), adopted(tmp_path, model)[0].embed(IMAGES))
    with pytest.raises(CannotAdopt, match="no tensor nothing; its outputs: features"):
        adopted(tmp_path, model, output="nothing")


def test_an_input_that_the_features_do_not_need_is_dropped(tmp_path: Path) -> None:
    """As in CLIP's export with both towers: the text goes, the picture's part stays."""
    model = external_networks.network()
    text = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "T"])
    model.graph.input.append(text)
    model.graph.node.append(helper.make_node("Cast", ["input_ids"], ["floats"], to=1))
    model.graph.node.append(helper.make_node("ReduceMean", ["floats"], ["text"], axes=[1]))
    out = helper.make_tensor_value_info("text", TensorProto.FLOAT, ["batch", 1])
    model.graph.output.append(out)
    embedder, _ = adopted(tmp_path, model)
    assert embedder.dim == external_networks.CHANNELS
    with pytest.raises(CannotAdopt, match="text depends on more than the picture"):
        adopted(tmp_path, model, output="text")


def test_weights_beside_the_file_come_in(tmp_path: Path) -> None:
    model = external_networks.network()
    reference = expected(model, imagenet(IMAGES).transpose(0, 3, 1, 2))
    path = tmp_path / "external.onnx"
    onnx.save(model, path, save_as_external_data=True, location="external.data", size_threshold=0)
    report = adopt(path, "net", tmp_path / "models", AdoptOptions())
    (tmp_path / "external.data").unlink()
    assert np.allclose(Embedder(report.path).embed(IMAGES), reference, atol=1e-4)
    with pytest.raises(CannotAdopt, match=r"missing: external\.data"):
        adopt(path, "other", tmp_path / "models", AdoptOptions())


def test_what_the_file_says_of_itself(tmp_path: Path) -> None:
    _, report = adopted(tmp_path, external_networks.network(), title="Someone’s", licence="MIT")
    model = ModelRegistry(report.path.parent, cache=1).get("net")
    assert (model.display, model.licence) == ("Someone’s", "MIT")
    assert model.weights == "as brought in external.onnx"


def test_a_real_network_keeps_its_quality(shared: Path, make_settings: MakeSettings) -> None:
    settings = make_settings()
    source = shared / "models" / "mobilenet_v2_imagenet.onnx"
    adopt(source, "mobilenet", settings.models_dir, AdoptOptions(preprocess=PRESETS["tf"]))
    library = Library(settings)
    library.add([shared / "photos"])
    (quality,) = evaluate(library, ["mobilenet"]).models
    assert quality.means["p@5"] >= 0.78
    library.close()
