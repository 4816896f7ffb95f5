"""Small ONNX files made by the tests: good ones, and each kind of broken one."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from searcher.export.contract import Metadata, save
from searcher.export.graph import Graph
from searcher.files import part_of

TITLE = Metadata("Mean colour", "mean of the pixels", "none: a test", "Apache-2.0")


def mean_colour(side: int = 8) -> onnx.ModelProto:
    """A model of the contract: the picture's mean colour, 3-d."""
    g = Graph("mean", side, side)
    pixels = g.add("Cast", "image", to=TensorProto.FLOAT)
    return g.finish(g.add("ReduceMean", pixels, axes=[1, 2], keepdims=0), 3)


def write(folder: Path, name: str, side: int = 8, metadata: Metadata = TITLE) -> Path:
    """Write a working model file."""
    path = folder / f"{name}.onnx"
    with part_of(path) as part:
        save(mean_colour(side), metadata, part)
    return path


def write_broken(path: Path, kind: str) -> None:
    """Write a file that breaks the contract in one way."""
    model = mean_colour()
    graph = model.graph
    if kind == "truncated":
        path.write_bytes(model.SerializeToString()[:-40])
        return
    if kind == "text":
        path.write_text("not a model")
        return
    if kind == "float input":
        graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    elif kind == "fixed batch":
        graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    elif kind == "other output":
        graph.node[-1].output[0] = graph.output[0].name = "vectors"
    elif kind in ("not unit", "nan"):
        factor = np.array(3 if kind == "not unit" else np.nan, np.float32)
        graph.initializer.append(numpy_helper.from_array(factor, "factor"))
        graph.node[-1].output[0] = "unit"
        graph.node.append(helper.make_node("Mul", ["unit", "factor"], ["embedding"]))
    else:
        raise ValueError(kind)
    path.write_bytes(model.SerializeToString())


def write_hostile(path: Path, kind: str) -> None:
    """Write a file that asks for more than a process has, or for what it must not have."""
    model = mean_colour()
    graph = model.graph
    extra: list[onnx.NodeProto] = []
    if kind == "huge input":
        for dim in graph.input[0].type.tensor_type.shape.dim[1:3]:
            dim.dim_value = 60_000
    elif kind == "endless loop":
        extra = _endless_loop(graph)
    elif kind == "constant bomb":  # 8 bytes of shape become 64 GB
        _constant(graph, "shape", np.array([16_000_000_000], np.int64))
        extra = [helper.make_node("ConstantOfShape", ["shape"], ["bomb"])]
        extra += [helper.make_node("ReduceMax", ["bomb"], ["factor"], keepdims=0)]
    elif kind == "growing result":  # 2.4 GB for each picture
        _constant(graph, "times", np.array([200_000_000, 1, 1], np.int64))
        _constant(graph, "zero", np.float32(0))
        extra = [helper.make_node("Expand", ["unit", "times"], ["large"])]
        extra += [helper.make_node("ReduceSum", ["large"], ["sum"], keepdims=0)]
        extra += [helper.make_node("Mul", ["sum", "zero"], ["factor"])]
    elif kind == "lying weights":
        _constant(graph, "factor", np.zeros(1, np.float32))
        graph.initializer[-1].dims[0] = 10**12
    elif kind == "outside weights":
        _constant(graph, "factor", np.zeros(1, np.float32))
        weights = graph.initializer[-1]
        weights.ClearField("raw_data")
        weights.data_location = TensorProto.EXTERNAL
        weights.external_data.add(key="location", value="../outside.bin")
    elif kind == "custom operator":
        model.opset_import.append(helper.make_opsetid("nobody.knows", 1))
        extra = [helper.make_node("Strange", ["unit"], ["factor"], domain="nobody.knows")]
    else:
        raise ValueError(kind)
    if kind != "huge input":
        graph.node[-1].output[0] = "unit"
        graph.node.extend(extra)
        graph.node.append(helper.make_node("Add", ["unit", "factor"], ["embedding"]))
    path.write_bytes(model.SerializeToString())


def _constant(graph: onnx.GraphProto, name: str, value: object) -> None:
    graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))


def _endless_loop(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """A Loop of 2**62 rounds, whose result is added to the vectors."""
    _constant(graph, "rounds", np.int64(2**62))
    _constant(graph, "go_on", np.bool_(True))
    _constant(graph, "start", np.float32(0))
    scalar = [
        helper.make_tensor_value_info(name, kind, [])
        for name, kind in (
            ("round", TensorProto.INT64),
            ("condition", TensorProto.BOOL),
            ("before", TensorProto.FLOAT),
            ("continues", TensorProto.BOOL),
            ("after", TensorProto.FLOAT),
        )
    ]
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["condition"], ["continues"]),
            helper.make_node("Abs", ["before"], ["after"]),
        ],
        "body",
        scalar[:3],
        scalar[3:],
    )
    return [helper.make_node("Loop", ["rounds", "go_on", "start"], ["factor"], body=body)]
