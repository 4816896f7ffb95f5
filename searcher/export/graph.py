"""A small builder over onnx.helper for graphs written by hand."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from searcher.export.contract import OPSET


class Graph:
    """Collects nodes and constants; `finish` returns a model that fulfils the contract."""

    def __init__(self, name: str, height: int, width: int) -> None:
        self.name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._input = helper.make_tensor_value_info(
            "image", TensorProto.UINT8, ["N", height, width, 3]
        )

    @classmethod
    def of_tokens(cls, name: str) -> Self:
        """Return a builder of a text file's graph: its input is `tokens`, int64 [N, L]."""
        graph = cls(name, 1, 1)
        graph._input = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["N", "L"])
        return graph

    def constant(self, value: npt.ArrayLike, dtype: type = np.float32) -> str:
        """Add a constant and return its name."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output and return the output's name."""
        return self.split(operator, *inputs, outputs=1, **attributes)[0]

    def split(self, operator: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        """Add a node with several outputs and return their names."""
        names = [f"{operator.lower()}{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names

    def reshape(self, tensor: str, *shape: int) -> str:
        """Add a Reshape; 0 keeps a dimension, -1 is inferred. Return the output's name."""
        return self.add("Reshape", tensor, self.constant(shape, np.int64))

    def sum(self, tensor: str, axis: int) -> str:
        """Add a sum over one axis, which is removed. Return the output's name."""
        return self.add("ReduceSum", tensor, self.constant([axis], np.int64), keepdims=0)

    def finish(self, features: str, dim: int) -> onnx.ModelProto:
        """Return the model.

        Args:
            features: The name of the output [N, dim], which is scaled to unit length.
            dim: The dimension of the vectors.
        """
        length = self.add("ReduceL2", features, axes=[1], keepdims=1)
        # The features of a uniform picture may have length 0: avoid a division by it.
        floor = self.add("Max", length, self.constant(1e-12))
        self._nodes.append(helper.make_node("Div", [features, floor], ["embedding"]))
        output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", dim])
        graph = helper.make_graph(self._nodes, self.name, [self._input], [output], self._constants)
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8, producer_name="twinlens")
