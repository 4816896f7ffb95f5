"""Read a third party's ONNX file: where pictures go in and features come out, what is missing."""

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
MAX_BYTES = 2**31 - 1  # what one protobuf message can hold
# Operators that leave pixel values as they are: looked through to find scaling behind them.
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
    """Read the file with the weights that lie beside it. Raises CannotAdopt with the reason."""
    try:
        model = onnx.load(path, load_external_data=False)
    except OSError as error:
        raise CannotAdopt("file.unreadable", name=path.name, reason=os_reason(error)) from error
    except Exception as error:  # protobuf raises whatever its implementation likes
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
    except Exception as error:  # onnx refuses links and paths that lead out of the folder
        raise CannotAdopt("adopt.weights_unreadable", name=path.name) from error


def find_input(model: onnx.ModelProto, layout: str | None) -> tuple[Tensor, str]:
    """Return the input that takes pictures, and its layout, NCHW or NHWC. Raises CannotAdopt."""
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [_describe(value) for value in model.graph.input if value.name not in constants]
    found = [
        (tensor, fitting)
        for tensor in inputs
        for fitting in ("NCHW", "NHWC")
        if layout in (None, fitting) and _is_picture(tensor, fitting, certain=layout is None)
    ]
    listed = "; ".join(str(tensor) for tensor in inputs)
    if not found:
        raise CannotAdopt("adopt.no_input", inputs=listed)
    if len(found) > 1:
        raise CannotAdopt("adopt.unclear_input", inputs=listed)
    return found[0]


def _is_picture(tensor: Tensor, layout: str, certain: bool) -> bool:
    if tensor.type not in PIXELS or len(tensor.shape) != 4:
        return False
    channels = tensor.shape[layout.index("C")]
    return channels == 3 or (isinstance(channels, str) and not certain)


def find_output(model: onnx.ModelProto, name: str | None) -> str:
    """Return the tensor that holds the features; `name` may be an inner one. Raises CannotAdopt."""
    if name is not None:
        made = {output for node in model.graph.node for output in node.output}
        if name not in made:
            listed = ", ".join(value.name for value in model.graph.output)
            raise CannotAdopt("adopt.no_tensor", name=name, outputs=listed)
        return name
    outputs = [_describe(value) for value in model.graph.output]
    fitting = [t for t in outputs if t.type in FLOATS and len(t.shape) in (0, 2, 4)]
    if len(fitting) != 1:
        listed = "; ".join(str(tensor) for tensor in fitting or outputs)
        if fitting:
            raise CannotAdopt("adopt.several_outputs", outputs=listed)
        raise CannotAdopt("adopt.no_output", outputs=listed)
    return fitting[0].name


def cut_out(model: onnx.ModelProto, source: str, target: str) -> onnx.ModelProto:
    """Return the part of the graph between two tensors. Raises CannotAdopt where it needs more."""
    inferred = shape_inference.infer_shapes(model)
    known = {value.name for value in [*inferred.graph.value_info, *inferred.graph.output]}
    if target not in known:
        value = onnx.ValueInfoProto(name=target)
        value.type.tensor_type.elem_type = TensorProto.FLOAT
        inferred.graph.value_info.append(value)
    part = utils.Extractor(inferred).extract_model([source], [target])
    available = {value.name for value in part.graph.input}
    available |= {tensor.name for tensor in part.graph.initializer}
    available |= {output for node in part.graph.node for output in node.output}
    wanted = {name for node in part.graph.node for name in node.input if name}
    if missing := sorted(wanted - available):
        raise CannotAdopt("adopt.more_inputs", tensor=target, names=", ".join(missing))
    if source not in wanted:
        raise CannotAdopt("adopt.independent", tensor=target)
    return part


def free_batch(model: onnx.ModelProto) -> None:
    """Let any number of pictures in at once, in place.

    A fixed batch of 1 is often only written on the ends and in the shapes given to Reshape.
    """
    for value in (*model.graph.input, *model.graph.output):
        shape = value.type.tensor_type.shape
        if shape.dim:
            shape.dim[0].Clear()
            shape.dim[0].dim_param = "N"
    del model.graph.value_info[:]  # they may still speak of the fixed batch
    shapes = {node.input[1] for node in model.graph.node if node.op_type == "Reshape"}
    for tensor in model.graph.initializer:
        if tensor.name in shapes:
            sides = numpy_helper.to_array(tensor).copy()
            if sides.size > 1 and sides[0] == 1:
                sides[0] = 0  # 0 stands for "as the input has it"
                tensor.CopyFrom(numpy_helper.from_array(sides, tensor.name))


def scales_by_itself(model: onnx.ModelProto, source: str) -> bool:
    """Whether the first thing that happens to the pixels is arithmetic with constants."""
    constants = {tensor.name for tensor in model.graph.initializer}
    constants |= {n.output[0] for n in model.graph.node if n.op_type == "Constant"}
    for node in model.graph.node:  # sorted: every producer stands before its consumers
        if source not in node.input:
            continue
        if node.op_type in TRANSPARENT:
            source = node.output[0]
            continue
        return node.op_type in SCALING and all(i == source or i in constants for i in node.input)
    return False


def run(model: onnx.ModelProto, pixels: np.ndarray) -> np.ndarray:
    """Run a graph with one input and one output in onnxruntime. Raises CannotAdopt."""
    options = ort.SessionOptions()
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        (result,) = session.run(None, {session.get_inputs()[0].name: pixels})
    except Exception as error:  # onnxruntime has no common base for what it raises
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
