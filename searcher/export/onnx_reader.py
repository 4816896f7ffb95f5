"""Read an external ONNX file: find its picture input and feature output, and cut out the graph."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, external_data_helper, numpy_helper, shape_inference, utils

from searcher.errors import CannotAdopt
from searcher.messages.system import os_reason

STANDARD_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
FLOATS: tuple[int, ...] = (TensorProto.FLOAT, TensorProto.FLOAT16)
PIXELS: tuple[int, ...] = (*FLOATS, TensorProto.UINT8)
MAX_BYTES = 2**31 - 1  # of one protobuf message
# Operators that keep pixel values, and may stand before scaling.
TRANSPARENT = {"Cast", "Identity", "Transpose"}
SCALING = {"Sub", "Mul", "Div", "Add"}

Shape = list[int | str]


@dataclass(frozen=True)
class Tensor:
    """An input or output of a graph. Free dimensions are strings."""

    name: str
    type: int
    shape: Shape

    def __str__(self) -> str:
        """Such as `pixels [N, 3, 224, 224]`."""
        return f"{self.name} [{', '.join(str(side) for side in self.shape)}]"


def load(path: Path) -> onnx.ModelProto:
    """Read an ONNX file with its external weights.

    Args:
        path: The file; external weights are in the same folder.

    Returns:
        The model, with all weights in it.

    Raises:
        CannotAdopt: It cannot be read, or has operators that onnxruntime lacks.
    """
    try:
        model = onnx.load(path, load_external_data=False)
    except OSError as error:
        raise CannotAdopt("file.unreadable", name=path.name, reason=os_reason(error)) from error
    except Exception as error:  # what protobuf raises depends on its implementation
        raise CannotAdopt("adopt.not_onnx", name=path.name) from error
    if not model.graph.node:
        raise CannotAdopt("adopt.no_graph", name=path.name)
    unknown = sorted({n.op_type for n in model.graph.node if n.domain not in STANDARD_DOMAINS})
    if unknown:
        raise CannotAdopt("adopt.operators", name=path.name, names=", ".join(unknown))
    _load_external(model, path)
    if model.ByteSize() > MAX_BYTES:
        raise CannotAdopt("adopt.too_large", name=path.name)
    return model


def _load_external(model: onnx.ModelProto, path: Path) -> None:
    outside = {
        entry.value
        for tensor in model.graph.initializer
        if external_data_helper.uses_external_data(tensor)
        for entry in tensor.external_data
        if entry.key == "location"
    }
    missing = sorted(name for name in outside if not (path.parent / name).is_file())
    if missing:
        raise CannotAdopt("adopt.weights_missing", name=path.name, names=", ".join(missing))
    try:
        external_data_helper.load_external_data_for_model(model, str(path.parent))
    except Exception as error:  # onnx also refuses links and paths that leave the folder
        raise CannotAdopt("adopt.weights_unreadable", name=path.name) from error


def find_input(model: onnx.ModelProto, layout: str | None) -> tuple[Tensor, str]:
    """Find the input for pictures.

    Args:
        model: The model.
        layout: "NCHW", "NHWC", or None to infer it from the shape.

    Returns:
        The input and its layout.

    Raises:
        CannotAdopt: No input fits, or several do.
    """
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [_describe(value) for value in model.graph.input if value.name not in constants]
    matches = [
        (tensor, candidate)
        for tensor in inputs
        for candidate in ("NCHW", "NHWC")
        if layout in (None, candidate) and _is_picture(tensor, candidate, certain=layout is None)
    ]
    descriptions = "; ".join(str(tensor) for tensor in inputs)
    if not matches:
        raise CannotAdopt("adopt.no_input", inputs=descriptions)
    if len(matches) > 1:
        raise CannotAdopt("adopt.unclear_input", inputs=descriptions)
    return matches[0]


def _is_picture(tensor: Tensor, layout: str, certain: bool) -> bool:
    if tensor.type not in PIXELS or len(tensor.shape) != 4:
        return False
    channels = tensor.shape[layout.index("C")]
    return channels == 3 or (isinstance(channels, str) and not certain)


def find_output(model: onnx.ModelProto, name: str | None) -> str:
    """Find the tensor with the features.

    Args:
        model: The model.
        name: The name of an output or inner tensor, or None to choose the only fitting output.

    Returns:
        The tensor's name.

    Raises:
        CannotAdopt: No tensor fits, or several do.
    """
    if name is not None:
        tensors = {output for node in model.graph.node for output in node.output}
        if name not in tensors:
            names = ", ".join(value.name for value in model.graph.output)
            raise CannotAdopt("adopt.no_tensor", name=name, outputs=names)
        return name
    outputs = [_describe(value) for value in model.graph.output]
    fitting = [t for t in outputs if t.type in FLOATS and len(t.shape) in (0, 2, 4)]
    if len(fitting) != 1:
        descriptions = "; ".join(str(tensor) for tensor in fitting or outputs)
        if fitting:
            raise CannotAdopt("adopt.several_outputs", outputs=descriptions)
        raise CannotAdopt("adopt.no_output", outputs=descriptions)
    return fitting[0].name


def cut_out(model: onnx.ModelProto, source: str, target: str) -> onnx.ModelProto:
    """Return the part of the graph between two tensors.

    Args:
        model: The model.
        source: The name of the input.
        target: The name of the output, or of an inner tensor.

    Raises:
        CannotAdopt: The target needs other inputs as well, or does not depend on the source.
    """
    inferred = shape_inference.infer_shapes(model)
    typed = {value.name for value in [*inferred.graph.value_info, *inferred.graph.output]}
    if target not in typed:
        value = onnx.ValueInfoProto(name=target)
        value.type.tensor_type.elem_type = TensorProto.FLOAT
        inferred.graph.value_info.append(value)
    part = utils.Extractor(inferred).extract_model([source], [target])
    available = {value.name for value in part.graph.input}
    available |= {tensor.name for tensor in part.graph.initializer}
    available |= {output for node in part.graph.node for output in node.output}
    required = {name for node in part.graph.node for name in node.input if name}
    if missing := sorted(required - available):
        raise CannotAdopt("adopt.more_inputs", tensor=target, names=", ".join(missing))
    if source not in required:
        raise CannotAdopt("adopt.independent", tensor=target)
    return part


def free_batch(model: onnx.ModelProto) -> None:
    """Make the batch dimension free, in place.

    A fixed batch of 1 is often only in the shapes of inputs and outputs and in those of Reshape.
    """
    for value in (*model.graph.input, *model.graph.output):
        shape = value.type.tensor_type.shape
        if shape.dim:
            shape.dim[0].Clear()
            shape.dim[0].dim_param = "N"
    del model.graph.value_info[:]  # inner shapes may have the fixed batch
    shapes = {node.input[1] for node in model.graph.node if node.op_type == "Reshape"}
    for tensor in model.graph.initializer:
        if tensor.name in shapes:
            sides = numpy_helper.to_array(tensor).copy()
            if sides.size > 1 and sides[0] == 1:
                sides[0] = 0  # the same as in Reshape's input
                tensor.CopyFrom(numpy_helper.from_array(sides, tensor.name))


def has_scaling(model: onnx.ModelProto, source: str) -> bool:
    """Whether the first operation on an input is arithmetic with constants."""
    constants = {tensor.name for tensor in model.graph.initializer}
    constants |= {n.output[0] for n in model.graph.node if n.op_type == "Constant"}
    for node in model.graph.node:  # in topological order
        if source not in node.input:
            continue
        if node.op_type in TRANSPARENT:
            source = node.output[0]
            continue
        return node.op_type in SCALING and all(i == source or i in constants for i in node.input)
    return False


def run(model: onnx.ModelProto, pixels: np.ndarray) -> np.ndarray:
    """Run a graph with one input and one output in onnxruntime.

    Args:
        model: The graph.
        pixels: A batch, in the layout and type of the input.

    Returns:
        The output, float32 [N, …].

    Raises:
        CannotAdopt: onnxruntime cannot run it.
    """
    options = ort.SessionOptions()
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        (result,) = session.run(None, {session.get_inputs()[0].name: pixels})
    except Exception as error:  # onnxruntime's exceptions have no common base class
        reason = str(error).strip().splitlines()[-1][:300]
        raise CannotAdopt("adopt.run", size=len(pixels), reason=reason) from error
    return np.asarray(result, dtype=np.float32)


def _describe(value: onnx.ValueInfoProto) -> Tensor:
    tensor = value.type.tensor_type
    sides: Shape = [
        dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else dim.dim_param or "?"
        for dim in tensor.shape.dim
    ]
    return Tensor(value.name, tensor.elem_type, sides)
