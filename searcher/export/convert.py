"""Keras model -> tf2onnx -> an ONNX graph that onnxruntime can run."""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from searcher.errors import ExportFailed
from searcher.export import converter_internals
from searcher.export.contract import OPSET


def to_onnx(model: Any) -> onnx.ModelProto:
    """Convert a Keras model with one output to a graph with a free batch.

    Args:
        model: A keras.Model.

    Returns:
        A graph with the output `embedding`.

    Raises:
        ExportFailed: tf2onnx failed; its message is on stderr.
    """
    try:
        network = converter_internals.convert(model, OPSET, "embedding")
    except Exception as error:
        raise ExportFailed("install.tf2onnx") from error
    _name_free_batch(network)
    _replace_erfc(network.graph)
    return network


def _name_free_batch(model: onnx.ModelProto) -> None:
    """Name the free dimension of input and output N."""
    for value in (model.graph.input[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_param = "N"


def _replace_erfc(graph: onnx.GraphProto) -> None:
    """Replace TensorFlow's Erfc (used in GELU), which ONNX lacks, by 1 - Erf."""
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
