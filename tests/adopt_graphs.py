"""External networks made node by node, and what their model files must equal."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

from searcher.export.adopt import Adoption, AdoptOptions, adopt
from searcher.export.preprocess import PRESETS, Preprocess
from searcher.images.pictures import Picture
from searcher.models.embedder import Embedder
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

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
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


def adopted(tmp_path: Path, model: onnx.ModelProto, **options: object) -> tuple[Embedder, Adoption]:
    path = tmp_path / "external.onnx"
    onnx.save(model, path)
    choices = AdoptOptions(**{"force": True, **options})  # type: ignore[arg-type]
    pictures = [Picture(picture, *picture.size) for picture in PICTURES]
    adoption = adopt(path, "net", tmp_path / "models", choices, pictures)
    return Embedder(adoption.path), adoption


def lines(adoption: Adoption) -> list[str]:
    return [str(line) for line in adoption.report]


def guesses(adoption: Adoption) -> list[str]:
    return [str(guess) for guess in adoption.guesses]


def prepared(preprocess: Preprocess = PRESETS["imagenet"]) -> np.ndarray:
    images = IMAGES[..., ::-1] if preprocess.channels == "BGR" else IMAGES
    pixels = (images * preprocess.scale - np.array(preprocess.mean)) / np.array(preprocess.std)
    return pixels.transpose(0, 3, 1, 2).astype(np.float32)


def features(model: onnx.ModelProto, pixels: np.ndarray, name: str, batch: int = 1) -> np.ndarray:
    """What the file itself says of each picture alone."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    if name not in {value.name for value in model.graph.output}:
        exposed.graph.output.append(onnx.ValueInfoProto(name=name))
    session = ort.InferenceSession(exposed.SerializeToString())
    rows = [session.run([name], {"x": np.repeat(p[None], batch, 0)})[0][0] for p in pixels]
    return np.stack(rows)


def assert_right(embedder: Embedder, expected: np.ndarray) -> None:
    unit = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.sum(embedder.embed(IMAGES) * unit, axis=1).min() >= RIGHT
    alone = np.concatenate([embedder.embed(IMAGES[i : i + 1]) for i in range(len(IMAGES))])
    assert np.sum(alone * unit, axis=1).min() >= RIGHT
