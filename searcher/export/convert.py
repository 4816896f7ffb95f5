"""Keras model -> SavedModel -> tf2onnx -> an ONNX graph that onnxruntime can run."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from searcher.errors import ExportFailed
from searcher.export import converter_internals
from searcher.export.contract import OPSET


def to_onnx(model: Any) -> onnx.ModelProto:
    """Convert a Keras model whose only output is named `embedding`, with a free batch.

    Raises ExportFailed where tf2onnx can't; its own message goes to stderr.
    """
    with tempfile.TemporaryDirectory() as scratch:
        saved, target = Path(scratch) / "saved", Path(scratch) / "model.onnx"
        model.export(str(saved), verbose=False)
        try:
            converter_internals.convert(saved, target, OPSET, "embedding")
        except Exception as error:
            raise ExportFailed("install.tf2onnx") from error
        converted = onnx.load(target)
    _name_free_batch(converted)
    _spell_out_erfc(converted.graph)
    return converted


def _name_free_batch(model: onnx.ModelProto) -> None:
    """Name the free dimension N on both ends."""
    for value in (model.graph.input[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "N"


def _spell_out_erfc(graph: onnx.GraphProto) -> None:
    """Replace TensorFlow's Erfc (in its GELU), which ONNX does not have, by 1 - Erf."""
    one = numpy_helper.from_array(np.array(1, np.float32), "one_of_erfc")
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.op_type != "Erfc":
            nodes.append(node)
            continue
        inner = f"{node.output[0]}/erf"
        nodes.append(helper.make_node("Erf", node.input, [inner]))
        nodes.append(helper.make_node("Sub", [one.name, inner], node.output, node.name))
    if len(nodes) > len(graph.node):
        graph.initializer.append(one)
        del graph.node[:]
        graph.node.extend(nodes)
