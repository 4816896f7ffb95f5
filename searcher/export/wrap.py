"""Add preprocessing, pooling and L2 normalisation to an external ONNX graph."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

from searcher.export.preprocess import Preprocess

Sides = list[int | str]

PREFIX = "net/"  # of every name of the external graph, to avoid clashes


@dataclass(frozen=True)
class GraphEnds:
    """Input and output of a network.

    `layout`, `height`, `width` and `type` (of TensorProto) are those of the input; `rank` is the
    number of dimensions of the output, `pool` its pooling if that is 4, `dim` the vectors' length.
    """

    layout: str
    height: int
    width: int
    type: int
    rank: int
    pool: str
    dim: int


def wrap(network: onnx.ModelProto, preprocess: Preprocess, ends: GraphEnds) -> onnx.ModelProto:
    """Add preprocessing, pooling and L2 normalisation to a network with one input and output.

    The added operators are the same in every operator set from 7 on, so that the network can keep
    its own.

    Args:
        network: The external graph.
        preprocess: The preprocessing to add.
        ends: The network's input and output.

    Returns:
        A model that fulfils the contract.
    """
    wrapped = compose.add_prefix(network, PREFIX)
    builder = _Builder(wrapped.graph)
    builder.preprocess(preprocess, ends)
    inner = list(wrapped.graph.node)
    del wrapped.graph.node[:]
    wrapped.graph.node.extend([*builder.take(), *inner])
    builder.finish(ends)
    wrapped.graph.node.extend(builder.take())

    image: Sides = ["N", ends.height, ends.width, 3]
    _replace(wrapped.graph.input, "image", TensorProto.UINT8, image)
    _replace(wrapped.graph.output, "embedding", TensorProto.FLOAT, ["N", ends.dim])
    return wrapped


class _Builder:
    """Builds a chain of nodes, each of which takes the previous one's output."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._nodes: list[onnx.NodeProto] = []
        self._count = 0

    def preprocess(self, preprocess: Preprocess, ends: GraphEnds) -> None:
        """Add the nodes from `image` to the network's input."""
        self._add("Cast", "image", to=TensorProto.FLOAT)
        if preprocess.channels == "BGR":
            self._then("Gather", self._constant([2, 1, 0], np.int64), axis=3)
        # (pixel x scale - mean) / std, as one factor and one offset per channel.
        std = np.array(preprocess.std)
        self._then("Mul", self._constant(preprocess.scale / std))
        self._then("Add", self._constant(-np.array(preprocess.mean) / std))
        if ends.layout == "NCHW":
            self._then("Transpose", perm=[0, 3, 1, 2])
        self._then("Cast", to=ends.type)
        self._nodes[-1].output[0] = self._graph.input[0].name

    def finish(self, ends: GraphEnds) -> None:
        """Add the nodes from the network's output to `embedding`."""
        self._add("Cast", self._graph.output[0].name, to=TensorProto.FLOAT)
        if ends.rank == 4:
            if ends.layout == "NHWC":
                self._then("Transpose", perm=[0, 3, 1, 2])
            self._then("GlobalMaxPool" if ends.pool == "max" else "GlobalAveragePool")
            self._then("Flatten")
        self._then("LpNormalization", axis=1, p=2)
        self._nodes[-1].output[0] = "embedding"

    def take(self) -> list[onnx.NodeProto]:
        """Return the nodes added since the last call."""
        nodes, self._nodes = self._nodes, []
        return nodes

    def _then(self, operator: str, *inputs: str, **attributes: Any) -> None:
        self._add(operator, self._nodes[-1].output[0], *inputs, **attributes)

    def _add(self, operator: str, *inputs: str, **attributes: Any) -> None:
        self._count += 1
        name = f"ends/{self._count}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], name, **attributes))

    def _constant(self, value: object, dtype: type[np.generic] = np.float32) -> str:
        name = f"ends/constant{self._count}"
        self._graph.initializer.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name


def _replace(values: object, name: str, kind: int, shape: Sides) -> None:
    del values[:]  # type: ignore[attr-defined]
    values.append(helper.make_tensor_value_info(name, kind, shape))  # type: ignore[attr-defined]
