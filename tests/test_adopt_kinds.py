"""The peculiarities of exports: adopted right, or refused with the option's name."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from searcher.embedding import Embedder
from searcher.errors import CannotAdopt
from searcher.export.adopt import Adopted, Wishes, adopt, list_tensors
from searcher.export.preprocess import PRESETS, Preprocess, assumed_scale
from searcher.images import Picture
from searcher.resizing import Fit
from tests.pictures import paint

SIDE, DIM, STRIDE = 32, 8, 4
PICTURES = [paint(seed, (80, 60)) for seed in range(4)]
IMAGES = np.stack([np.asarray(paint(seed, (SIDE, SIDE))) for seed in range(5)])
RIGHT = 0.9999
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


class Build:
    """Writes a graph node by node: a patch convolution, and what a test puts around it."""

    def __init__(self, channels: int = 3) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        generator = np.random.default_rng(0)
        shape = (DIM, channels, STRIDE, STRIDE)
        self.kernel = self.constant(generator.standard_normal(shape).astype(np.float32))

    def constant(self, value: object, dtype: type = np.float32) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def patches(self, x: str = "x") -> str:
        """[N, 8, 8, 8] for pictures of 32 pixels."""
        return self.add("Conv", x, self.kernel, strides=[STRIDE, STRIDE])

    def tokens(self, x: str = "x", batch: int = 0) -> str:
        """[N, 64, 8]."""
        shape = self.constant([batch, DIM, -1], np.int64)
        flat = self.add("Reshape", self.patches(x), shape)
        return self.add("Transpose", flat, perm=[0, 2, 1])

    def vector(self, x: str) -> str:
        """[N, 8]."""
        return self.add("Flatten", self.add("GlobalAveragePool", self.add("Relu", x)))

    def model(self, *outputs: str, batch: int | str = "N", channels: int = 3) -> onnx.ModelProto:
        image = helper.make_tensor_value_info("x", 1, [batch, channels, SIDE, SIDE])
        ends = [helper.make_tensor_value_info(name, 1, None) for name in outputs]
        graph = helper.make_graph(self.nodes, "g", [image], ends, self.weights)
        opset = [helper.make_opsetid("", 17)]
        return onnx.shape_inference.infer_shapes(
            helper.make_model(graph, opset_imports=opset, ir_version=8)
        )


def adopted(tmp_path: Path, model: onnx.ModelProto, **wishes: object) -> tuple[Embedder, Adopted]:
    path = tmp_path / "foreign.onnx"
    onnx.save(model, path)
    said = Wishes(**{"force": True, **wishes})  # type: ignore[arg-type]
    pictures = [Picture(picture, *picture.size) for picture in PICTURES]
    done = adopt(path, "net", tmp_path / "models", said, pictures)
    return Embedder(done.path), done


def prepared(preprocess: Preprocess = PRESETS["imagenet"]) -> np.ndarray:
    images = IMAGES[..., ::-1] if preprocess.channels == "BGR" else IMAGES
    pixels = (images * preprocess.scale - np.array(preprocess.mean)) / np.array(preprocess.std)
    return pixels.transpose(0, 3, 1, 2).astype(np.float32)


def features(model: onnx.ModelProto, pixels: np.ndarray, name: str, batch: int = 1) -> np.ndarray:
    """What the file itself says of each picture alone."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    if name not in {value.name for value in model.graph.output}:
        shown.graph.output.append(onnx.ValueInfoProto(name=name))
    session = ort.InferenceSession(shown.SerializeToString())
    rows = [session.run([name], {"x": np.repeat(p[None], batch, 0)})[0][0] for p in pixels]
    return np.stack(rows)


def assert_right(embedder: Embedder, expected: np.ndarray) -> None:
    unit = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.sum(embedder.embed(IMAGES) * unit, axis=1).min() >= RIGHT
    alone = np.concatenate([embedder.embed(IMAGES[i : i + 1]) for i in range(len(IMAGES))])
    assert np.sum(alone * unit, axis=1).min() >= RIGHT


def test_a_map_with_its_channels_last_is_seen_as_that(tmp_path: Path) -> None:
    g = Build()
    out = g.add("Transpose", g.add("Relu", g.patches()), perm=[0, 2, 3, 1])
    model = g.model(out)
    with pytest.raises(CannotAdopt, match="8 x 8 x 8, is the channels: say --output-layout"):
        adopted(tmp_path, model)
    embedder, done = adopted(tmp_path, model, output_layout="NHWC")
    assert f"output: {out} [N, 8, 8, 8], NHWC" in done.report
    assert_right(embedder, features(model, prepared(), out).mean((1, 2)))

    g = Build()
    six = g.constant(np.random.default_rng(1).standard_normal((6, DIM, 1, 1)))
    out = g.add("Transpose", g.add("Relu", g.add("Conv", g.patches(), six)), perm=[0, 2, 3, 1])
    model = g.model(out)
    embedder, done = adopted(tmp_path, model)
    assert embedder.dim == 6
    assert_right(embedder, features(model, prepared(), out).mean((1, 2)))


def mixing(kind: str) -> tuple[onnx.ModelProto, str]:
    g = Build()
    if kind == "standardised":
        x = g.patches()
        mean = g.add("ReduceMean", x, axes=[0, 2, 3], keepdims=1)
        out = g.vector(g.add("Sub", x, mean))
    else:
        parts = ["q", "scale", "zero"]
        g.nodes.append(helper.make_node("DynamicQuantizeLinear", ["x"], parts))
        out = g.vector(g.patches(g.add("DequantizeLinear", *parts)))
    return g.model(out), out


@pytest.mark.parametrize("kind", ["standardised", "quantised"])
def test_what_mixes_a_batch_is_run_one_by_one(tmp_path: Path, kind: str) -> None:
    model, out = mixing(kind)
    embedder, done = adopted(tmp_path, model)
    assert any(line.startswith("batch: one picture at a time") for line in done.report)
    assert_right(embedder, features(model, prepared(), out))


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
    with pytest.raises(CannotAdopt, match=r"to 1 or to 255: say --preprocess unit"):
        adopted(tmp_path, scaled("unclear"))


def test_mean_and_std_are_of_pixels_to_1_unless_they_can_not_be() -> None:
    assert assumed_scale((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)) == 1 / 255
    assert assumed_scale(None, (0.5, 0.5, 0.5)) == 1 / 255
    assert assumed_scale((123.7, 116.8, 103.9), None) == 1
    with pytest.raises(CannotAdopt, match="--scale 1/255 or --scale 1"):
        assumed_scale((0.5, 0.5, 0.5), (127.5, 127.5, 127.5))


def transformer(pooler: str) -> onnx.ModelProto:
    """A class token before 64 others, and perhaps a second output."""
    g = Build()
    row = np.random.default_rng(2).standard_normal((1, 1, DIM))
    one = g.add("Mul", g.add("ReduceMean", g.tokens(), axes=[1], keepdims=1), g.constant(row))
    tokens = g.add("Concat", one, g.nodes[2].output[0], axis=1)
    outputs = [tokens]
    if pooler:
        first = g.add("Gather", tokens, g.constant(1, np.int64), axis=1)
        outputs.append(g.add(pooler, first))
    model = g.model(*outputs)
    for old, new in zip(outputs, ("last_hidden_state", "pooler_output"), strict=False):
        for node in model.graph.node:
            for names in (node.input, node.output):
                for place, name in enumerate(names):
                    names[place] = new if name == old else name
        next(v for v in model.graph.output if v.name == old).name = new
    return model


@pytest.mark.parametrize(
    ("pooler", "taken"),
    [("", "last_hidden_state"), ("Tanh", "last_hidden_state"), ("Softplus", "pooler_output")],
)
def test_the_output_of_transformers_is_chosen_by_rule(
    tmp_path: Path, pooler: str, taken: str
) -> None:
    model = transformer(pooler)
    embedder, done = adopted(tmp_path, model)
    rows = features(model, prepared(), taken)
    assert_right(embedder, rows[:, 0] if taken == "last_hidden_state" else rows)
    assert any(line.startswith(f"output: {taken}") for line in done.report)
    assert ("pooling cls" in done.guesses) == (taken == "last_hidden_state")


@pytest.mark.parametrize("pool", ["cls", "mean", "avg", "max"])
def test_tokens_are_pooled_as_one_says(tmp_path: Path, pool: str) -> None:
    model = transformer("")
    embedder, _ = adopted(tmp_path, model, pool=pool)
    rows = features(model, prepared(), "last_hidden_state")
    wanted = {"cls": rows[:, 0], "max": rows.max(1)}.get(pool, rows.mean(1))
    assert_right(embedder, wanted)


def test_tokens_without_a_class_are_averaged_and_odd_ones_are_refused(tmp_path: Path) -> None:
    g = Build()
    out = g.tokens()
    model = g.model(out)
    embedder, done = adopted(tmp_path, model)
    assert "pooling mean" in done.guesses
    assert_right(embedder, features(model, prepared(), out).mean(1))
    g = Build()
    out = g.add("Transpose", g.tokens(), perm=[0, 2, 1])
    with pytest.raises(CannotAdopt, match="--pool cls, mean or max"):
        adopted(tmp_path, g.model(out))


def fixed(kind: str) -> tuple[onnx.ModelProto, str, str]:
    """A batch of one (or two) that is written into the graph, and what is to be done about it."""
    g = Build()
    how = "freed from a fixed one"
    batch = 2 if kind == "two" else 1
    if kind == "allowzero":
        x = g.add("Reshape", g.patches(), g.constant([1, -1, 8, 8], np.int64), allowzero=1)
        out = g.vector(x)
    elif kind == "constant node":
        sides = g.add("Constant", value_ints=[1, DIM * 64])
        out = g.add("Reshape", g.patches(), sides)
    elif kind == "expanded token":
        row = g.constant(np.ones((1, 1, DIM)))
        one = g.add("Expand", row, g.constant([1, 1, DIM], np.int64))
        tokens = g.add("Concat", one, g.tokens(batch=1), axis=1)
        mixed = g.add("Mul", tokens, g.constant(np.arange(65).reshape(1, 65, 1)))
        out = g.add("ReduceMean", mixed, axes=[1], keepdims=0)
    elif kind == "folded token":
        row = g.constant(np.ones((1, 1, DIM)))
        tokens = g.add("Concat", row, g.tokens(batch=1), axis=1)
        out = g.add("ReduceMax", tokens, axes=[1], keepdims=0)
    elif kind == "windows":
        shape = [1, DIM, 2, 4, 2, 4]
        x = g.add("Reshape", g.patches(), g.constant(shape, np.int64))
        x = g.add("Transpose", x, perm=[0, 2, 4, 1, 3, 5])
        x = g.add("Reshape", x, g.constant([4, DIM, 4, 4], np.int64))
        x = g.add("Softmax", g.add("ReduceMax", x, axes=[2], keepdims=0), axis=-1)
        out = g.add("Reshape", x, g.constant([1, 4 * DIM * 4], np.int64))
    elif kind == "tokens first":
        x = g.add("Transpose", g.tokens(batch=1), perm=[1, 0, 2])  # [64, 1, 8]
        x = g.add("Reshape", x, g.constant([64, 1, 2, 4], np.int64))
        x = g.add("ReduceMax", x, axes=[0], keepdims=0)
        out = g.add("Reshape", x, g.constant([1, DIM], np.int64))
        how = "one picture at a time"
    else:
        out = g.add("Reshape", g.vector(g.patches()), g.constant([2, DIM], np.int64))
    return g.model(out, batch=batch), out, how


@pytest.mark.parametrize(
    "kind",
    [
        "allowzero",
        "constant node",
        "expanded token",
        "folded token",
        "windows",
        "tokens first",
        "two",
    ],
)
def test_a_fixed_batch_is_freed_or_run_in_its_own_size(tmp_path: Path, kind: str) -> None:
    model, out, how = fixed(kind)
    embedder, done = adopted(tmp_path, model)
    assert any(line.startswith(f"batch: {how}") for line in done.report), done.report
    assert_right(embedder, features(model, prepared(), out, 2 if kind == "two" else 1))


def test_a_free_batch_stays_as_it_is(tmp_path: Path) -> None:
    """A leading 1 in a shape need not be the batch."""
    g = Build()
    row = g.add("Reshape", g.constant(np.arange(DIM)), g.constant([1, DIM], np.int64))
    out = g.add("Add", g.vector(g.patches()), row)
    model = g.model(out)
    embedder, done = adopted(tmp_path, model)
    assert "batch: free" in done.report
    assert_right(embedder, features(model, prepared(), out))


def odd(kind: str) -> tuple[onnx.ModelProto, str]:
    g = Build()
    if kind == "branch":  # whose inner graphs take a tensor from outside
        out = g.vector(g.patches())
        branches = [
            helper.make_graph(
                [helper.make_node("Mul" if squared else "Add", [out, out], ["y"])],
                "b",
                [],
                [helper.make_tensor_value_info("y", 1, None)],
            )
            for squared in (True, False)
        ]
        yes = g.constant(True, np.bool_)
        out = g.add("If", yes, then_branch=branches[0], else_branch=branches[1])
        return g.model(out), out
    out = g.vector(g.patches())
    model = g.model(out)
    if kind == "unsorted":
        nodes = list(model.graph.node)[::-1]
        copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
        del model.graph.node[:]
        model.graph.node.extend(copies)
    elif kind == "old":
        model.ir_version = 3
        model.opset_import[0].version = 9
        for tensor in model.graph.initializer:
            value = helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
            model.graph.input.append(value)
    elif kind == "functions":
        body = [helper.make_node("Relu", ["a"], ["r"]), helper.make_node("Sqrt", ["r"], ["b"])]
        opset = [helper.make_opsetid("", 17)]
        model.functions.append(helper.make_function("own", "Root", ["a"], ["b"], body, opset))
        model.opset_import.append(helper.make_opsetid("own", 1))
        model.graph.node.append(helper.make_node("Root", [out], ["root"], domain="own"))
        model.graph.output[0].name = out = "root"
    return model, out


@pytest.mark.parametrize("kind", ["unsorted", "old", "functions", "branch"])
def test_whatever_onnxruntime_runs_is_adopted(tmp_path: Path, kind: str) -> None:
    model, out = odd(kind)
    embedder, _ = adopted(tmp_path, model, preprocess=PRESETS["imagenet"])
    reference = odd("plain") if kind == "unsorted" else (model, out)
    assert_right(embedder, features(reference[0], prepared(), reference[1]))


def test_weights_behind_links_come_in(tmp_path: Path) -> None:
    """As in the Hub's cache: snapshots/… links into blobs/…"""
    model, out = odd("plain")
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshot"
    blobs.mkdir()
    snapshot.mkdir()
    onnx.save(
        model,
        blobs / "a.onnx",
        save_as_external_data=True,
        location="model.onnx_data",
        size_threshold=0,
    )
    (blobs / "model.onnx_data").rename(blobs / "b")
    (snapshot / "model.onnx").symlink_to(blobs / "a.onnx")
    (snapshot / "model.onnx_data").symlink_to(blobs / "b")
    done = adopt(snapshot / "model.onnx", "net", tmp_path / "models", Wishes())
    assert_right(Embedder(done.path), features(odd("plain")[0], prepared(), out))


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", ""])
def test_weights_outside_the_folder_are_not_read(tmp_path: Path, location: str) -> None:
    model, _ = odd("plain")
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.append(onnx.StringStringEntryProto(key="location", value=location))
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_bytes(bytes(4 * int(np.prod(tensor.dims))))
    (tmp_path / "in" / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(CannotAdopt, match="can't be read"):
        adopt(tmp_path / "in" / "net.onnx", "net", tmp_path / "models", Wishes())


def test_more_than_two_gigabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    model, _ = odd("plain")
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": "w", "length": str(3 * 2**30)}.items():
        tensor.external_data.append(onnx.StringStringEntryProto(key=key, value=value))
    with (tmp_path / "w").open("wb") as file:
        file.truncate(3 * 2**30)
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(CannotAdopt, match="more than 2 GB"):
        adopt(tmp_path / "net.onnx", "net", tmp_path / "models", Wishes())


def test_a_model_is_overwritten_only_by_force(tmp_path: Path) -> None:
    model, _ = odd("plain")
    onnx.save(model, tmp_path / "a.onnx")
    models = tmp_path / "models"
    adopt(tmp_path / "a.onnx", "net", models, Wishes())
    before = (models / "net.onnx").read_bytes()
    for name in ("net", "resnet50", "colour"):
        with pytest.raises(CannotAdopt, match="--force"):
            adopt(tmp_path / "a.onnx", name, models, Wishes(title="another"))
    assert (models / "net.onnx").read_bytes() == before
    adopt(tmp_path / "a.onnx", "net", models, Wishes(title="another", force=True))
    assert Embedder(models / "net.onnx").metadata["title"] == "another"


def test_grey_networks_get_grey_pictures(tmp_path: Path) -> None:
    g = Build(channels=1)
    out = g.vector(g.patches())
    model = g.model(out, channels=1)
    embedder, done = adopted(tmp_path, model, preprocess=PRESETS["siglip"])
    grey = np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in IMAGES])
    pixels = ((grey / 255 - 0.5) / 0.5)[:, None].astype(np.float32)
    assert_right(embedder, features(model, pixels, out))
    assert any("grey" in line for line in done.report)


def test_an_inner_tensor_is_listed_and_can_be_chosen(tmp_path: Path) -> None:
    model, out = odd("plain")
    path = tmp_path / "foreign.onnx"
    onnx.save(model, path)
    lines = list_tensors(path)
    assert lines[0] == f"input   x [N, 3, {SIDE}, {SIDE}]"
    assert any(line.startswith(f"output  {out} ") for line in lines)
    inner = next(line for line in lines if line.endswith("Relu")).split()[1]
    embedder, done = adopted(tmp_path, model, output=inner, pool="max", output_layout="NCHW")
    assert_right(embedder, features(model, prepared(), inner).max((2, 3)))
    _, done = adopted(tmp_path, model)
    assert any(inner in line for line in done.report if line.startswith("other tensors"))


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
    embedder, done = adopted(tmp_path / "onnx", odd("plain")[0])
    assert embedder.fit == fit
    assert embedder.metadata["format_version"] == ("1" if fit == Fit() else "2")
    assert any("preprocessor_config.json" in line for line in done.report)
    model, out = odd("plain")
    assert_right(embedder, features(model, prepared(preprocess), out))


def test_a_processor_that_a_model_file_can_not_follow_is_refused(tmp_path: Path) -> None:
    config = {"size": {"height": 36, "width": 36}, "crop_size": 32, "image_mean": MEAN}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config | {"image_std": STD}))
    with pytest.raises(CannotAdopt, match=r"stretched and then cropped.*--fit and --resample"):
        adopted(tmp_path, odd("plain")[0])
    embedder, _ = adopted(
        tmp_path,
        odd("plain")[0],
        size=(SIDE, SIDE),
        fit=Fit("crop", 36),
        preprocess=PRESETS["imagenet"],
    )
    assert embedder.fit == Fit("crop", 36)
