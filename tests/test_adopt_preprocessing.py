"""The preprocessing of adopted networks: from their graph, or from a file beside it."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from searcher.errors import CannotAdopt
from searcher.export.preprocess import PRESETS, Preprocess, assumed_scale
from searcher.images.resizing import Fit
from tests.adopt_graphs import (
    IMAGES,
    MEAN,
    SIDE,
    STD,
    Build,
    adopted,
    assert_right,
    features,
    lines,
    prepared,
)
from tests.test_adopt_files import odd


def scaled(kind: str) -> onnx.ModelProto:
    g = Build()

    def per_channel(values: list[float]) -> str:
        return g.constant(np.reshape(values, (1, 3, 1, 1)))

    x = "x"
    if kind in ("to 255, imagenet", "by 255"):
        x = g.add("Div", x, g.constant(255))
    if kind in ("to 1, imagenet", "to 255, imagenet"):
        x = g.add("Div", g.add("Sub", x, per_channel(MEAN)), per_channel(STD))
    elif kind == "to 1, doubled":
        x = g.add("Sub", g.add("Mul", x, g.constant(2)), g.constant(1))
    elif kind == "caffe":
        x = g.add("Sub", x, per_channel([103.939, 116.779, 123.68]))
    elif kind == "unclear":
        x = g.add("Sub", x, g.constant(20))
    return g.model(g.vector(g.patches(x)))


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        ("to 255, imagenet", PRESETS["none"]),
        ("by 255", PRESETS["none"]),
        ("to 1, imagenet", PRESETS["unit"]),
        ("to 1, doubled", PRESETS["unit"]),
        ("caffe", Preprocess(channels="BGR")),
    ],
)
def test_what_a_graph_does_to_pixels_tells_what_it_wants(
    tmp_path: Path, kind: str, right: Preprocess
) -> None:
    model = scaled(kind)
    embedder, _ = adopted(tmp_path, model)
    assert_right(embedder, features(model, prepared(right), model.graph.output[0].name))


def test_where_it_does_not_tell_nothing_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(CannotAdopt, match=r"to 1 or to 255: use --preprocess unit"):
        adopted(tmp_path, scaled("unclear"))


def test_mean_and_std_are_of_pixels_to_1_unless_they_can_not_be() -> None:
    assert assumed_scale((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)) == 1 / 255
    assert assumed_scale(None, (0.5, 0.5, 0.5)) == 1 / 255
    assert assumed_scale((123.7, 116.8, 103.9), None) == 1
    with pytest.raises(CannotAdopt, match="--scale 1/255 or --scale 1"):
        assumed_scale((0.5, 0.5, 0.5), (127.5, 127.5, 127.5))


def test_grey_networks_get_grey_pictures(tmp_path: Path) -> None:
    g = Build(channels=1)
    out = g.vector(g.patches())
    model = g.model(out, channels=1)
    embedder, adoption = adopted(tmp_path, model, preprocess=PRESETS["siglip"])
    grey = np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in IMAGES])
    pixels = ((grey / 255 - 0.5) / 0.5)[:, None].astype(np.float32)
    assert_right(embedder, features(model, pixels, out))
    assert any("grey" in line for line in lines(adoption))


CONFIGS = {
    "dinov2": (
        {
            "image_processor_type": "BitImageProcessor",
            "size": {"shortest_edge": 36},
            "crop_size": {"height": SIDE, "width": SIDE},
            "do_center_crop": True,
            "resample": 3,
            "image_mean": MEAN,
            "image_std": STD,
        },
        Fit("crop", 36, "bicubic"),
        PRESETS["imagenet"],
    ),
    "siglip": (
        {
            "image_processor_type": "SiglipImageProcessor",
            "size": {"height": SIDE, "width": SIDE},
            "resample": 2,
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.5, 0.5, 0.5],
        },
        Fit("stretch", 0, "bilinear"),
        PRESETS["siglip"],
    ),
    "mobileclip": (
        {
            "feature_extractor_type": "CLIPFeatureExtractor",
            "size": SIDE,
            "crop_size": SIDE,
            "resample": 1,
            "do_normalize": False,
        },
        Fit("crop", SIDE, "lanczos"),
        PRESETS["unit"],
    ),
    "convnext": (
        {
            "image_processor_type": "ConvNextImageProcessor",
            "size": {"shortest_edge": SIDE},
            "crop_pct": 0.875,
            "image_mean": MEAN,
            "image_std": STD,
        },
        Fit("crop", 36, "bicubic"),
        PRESETS["imagenet"],
    ),
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_lies_beside_the_file_is_heeded(tmp_path: Path, kind: str) -> None:
    config, fit, preprocess = CONFIGS[kind]
    (tmp_path / "onnx").mkdir()
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config))
    embedder, adoption = adopted(tmp_path / "onnx", odd("plain")[0])
    assert embedder.fit == fit
    assert embedder.metadata["format_version"] == "2"
    assert any("preprocessor_config.json" in line for line in lines(adoption))
    model, out = odd("plain")
    assert_right(embedder, features(model, prepared(preprocess), out))


WHOLE = {"size": {"height": SIDE, "width": SIDE}, "resample": 2, "image_mean": MEAN}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"crop_size": {"height": 32, "width": 24}}, r"crop_size \(32, 24\)"),
        ({"size": {"longest_edge": 32}}, "longest_edge"),
        ({"size": {"shortest_edge": 32}, "do_center_crop": False}, "do_center_crop False"),
        ({"do_resize": False}, "do_resize False"),
        ({"do_pad": True}, "do_pad True"),
        ({"resample": None}, "no resample"),
        ({"image_mean": None}, "no image_mean"),
        ({"image_processor_type": "SamImageProcessor"}, "SamImageProcessor"),
        ({"image_processor_type": "ConvNextImageProcessor", "size": 32, "crop_pct": 0}, "zero"),
        ({"size": []}, "out of range"),
        ({"size": {"height": 1e999, "width": 32}}, "infinity"),
        ({"size": {"height": 0, "width": 0}}, "size 0 x 0"),
        ({"size": {"height": 10**6, "width": 32}}, "size 1000000 x 32"),
    ],
)
def test_a_processor_that_a_model_file_can_not_follow_is_refused(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    config = WHOLE | {"image_std": STD} | change
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config))
    with pytest.raises(CannotAdopt, match=rf"{reason}.*--fit and --resample"):
        adopted(tmp_path, odd("plain")[0])
    embedder, _ = adopted(
        tmp_path,
        odd("plain")[0],
        size=(SIDE, SIDE),
        fit=Fit("crop", 36),
        preprocess=PRESETS["imagenet"],
    )
    assert embedder.fit == Fit("crop", 36)


@pytest.mark.parametrize(
    ("file", "key", "part", "fit"),
    [
        (
            "processor_config.json",
            "image_processor",
            {"image_processor_type": "CLIPImageProcessor", "size": 36, "crop_size": SIDE},
            Fit("crop", 36, "bicubic"),
        ),
        (
            "open_clip_config.json",
            "preprocess_cfg",
            {"size": [SIDE, SIDE], "mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"},
            Fit("stretch", 0, "bicubic"),
        ),
    ],
)
def test_a_part_of_a_larger_file_is_read(
    tmp_path: Path, file: str, key: str, part: dict[str, object], fit: Fit
) -> None:
    (tmp_path / file).write_text(json.dumps({key: part}))
    embedder, _ = adopted(tmp_path, odd("plain")[0])
    assert embedder.fit == fit
