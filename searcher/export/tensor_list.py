"""The tensors of an external graph, to choose from."""

import onnx
from onnx import shape_inference

from searcher.export.onnx_graph import describe, inputs


def list_tensors(model: onnx.ModelProto) -> list[tuple[str, str, str]]:
    """Return kind ("input", "inner" or "output"), name with shape, and operator of each tensor.

    Shapes are given as far as they are known.
    """
    try:
        annotated = shape_inference.infer_shapes(model)
    except Exception:  # its errors have no common base class; shapes are missing then
        annotated = model
    values = [*annotated.graph.value_info, *annotated.graph.output]
    descriptions = {value.name: str(describe(value)) for value in values}
    outputs = {value.name for value in model.graph.output}
    rows = [("input", str(tensor), "") for tensor in inputs(model)]
    for node in model.graph.node:
        for name in filter(None, node.output):
            kind = "output" if name in outputs else "inner"
            rows.append((kind, descriptions.get(name, name), node.op_type))
    return rows
