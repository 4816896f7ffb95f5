"""Keras model -> SavedModel -> tf2onnx -> an ONNX graph that onnxruntime can run."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from searcher.errors import ExportFailed
from searcher.export.contract import OPSET


def to_onnx(model: Any) -> onnx.ModelProto:
    """Convert a Keras model whose only output is named `embedding`, with a free batch.

    Raises ExportFailed where tf2onnx can't; its own message goes to stderr.
    """
    with tempfile.TemporaryDirectory() as scratch:
        saved, target = Path(scratch) / "saved", Path(scratch) / "model.onnx"
        model.export(str(saved), verbose=False)
        _tf2onnx(["--saved-model", str(saved), "--output", str(target), "--opset", str(OPSET)])
        converted = onnx.load(target)
    _name_free_batch(converted)
    _spell_out_erfc(converted.graph)
    return converted


def _tf2onnx(arguments: list[str]) -> None:
    """Call its command line in this process: in another one, tensorflow would be loaded again."""
    from tf2onnx import convert

    called, sys.argv = sys.argv, ["tf2onnx", *arguments, "--rename-outputs", "embedding"]
    try:
        convert.main()
    except Exception as error:
        raise ExportFailed("install.tf2onnx") from error
    finally:
        sys.argv = called


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
