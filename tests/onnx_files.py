"""Small ONNX files made by the tests: good ones, and each kind of broken one."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from searcher.export.contract import Metadata, publish, save, temporary_path
from searcher.export.graph import Graph

TITLE = Metadata("Mean colour", "mean of the pixels", "none: a test", "Apache-2.0")


def mean_colour(side: int = 8) -> onnx.ModelProto:
    """A model of the contract: the picture's mean colour, 3-d."""
    g = Graph("mean", side, side)
    pixels = g.add("Cast", "image", to=TensorProto.FLOAT)
    return g.finish(g.add("ReduceMean", pixels, axes=[1, 2], keepdims=0), 3)


def write(folder: Path, name: str, side: int = 8, metadata: Metadata = TITLE) -> Path:
    """Write a working model file."""
    path = folder / f"{name}.onnx"
    temporary = temporary_path(path)
    save(mean_colour(side), metadata, temporary)
    publish(temporary, path)
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
