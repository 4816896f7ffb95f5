"""Add preprocessing, pooling and L2 normalisation to an external ONNX graph."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

from searcher.export.preprocess import Preprocess

Sides = list[int | str]

PREFIX = "net/"  # before every name of the external graph, which may use the same ones


@dataclass(frozen=True)
class GraphEnds:
    """Shapes at both ends of a graph: `type` of its input, `rank` and `dim` of its output."""

    layout: str
    height: int
    width: int
    type: int
    rank: int
    pool: str
    dim: int


def wrap(network: onnx.ModelProto, preprocess: Preprocess, ends: GraphEnds) -> onnx.ModelProto:
    """Return a model of the contract around a network with one input and one output.

    Only operators that mean the same in every operator set from 7 on are added, so that the
    network keeps its own.
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
    """Makes nodes one behind the other; each takes what the one before gave."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._nodes: list[onnx.NodeProto] = []
        self._count = 0

    def preprocess(self, preprocess: Preprocess, ends: GraphEnds) -> None:
        """From `image` to the network's input."""
        self._add("Cast", "image", to=TensorProto.FLOAT)
        if preprocess.channels == "BGR":
            self._then("Gather", self._constant([2, 1, 0], np.int64), axis=3)
        # (x scale - mean) / std as one factor and one offset for each channel.
        std = np.array(preprocess.std)
        self._then("Mul", self._constant(preprocess.scale / std))
        self._then("Add", self._constant(-np.array(preprocess.mean) / std))
        if ends.layout == "NCHW":
            self._then("Transpose", perm=[0, 3, 1, 2])
        self._then("Cast", to=ends.type)
        self._nodes[-1].output[0] = self._graph.input[0].name

    def finish(self, ends: GraphEnds) -> None:
        """From the network's output to `embedding`."""
        self._add("Cast", self._graph.output[0].name, to=TensorProto.FLOAT)
        if ends.rank == 4:
            if ends.layout == "NHWC":
                self._then("Transpose", perm=[0, 3, 1, 2])
            self._then("GlobalMaxPool" if ends.pool == "max" else "GlobalAveragePool")
            self._then("Flatten")
        self._then("LpNormalization", axis=1, p=2)
        self._nodes[-1].output[0] = "embedding"

    def take(self) -> list[onnx.NodeProto]:
        """The nodes made since the last call."""
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
