"""Add preprocessing, pooling and L2 normalisation to an external ONNX graph."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from searcher.export.onnx_graph import rename
from searcher.export.preprocess import Preprocess

Sides = list[int | str]

PREFIX = "net/"  # of every name of the external graph, to avoid clashes
# Grey as Pillow's convert("L") (ITU-R 601-2), in 65536ths, rounded.
LUMA = (19595 / 65536, 38470 / 65536, 7471 / 65536)


@dataclass(frozen=True)
class GraphEnds:
    """Input and output of a network.

    `layout`, `height`, `width`, `channels` and `type` (of TensorProto) are those of the input;
    `rank` is the number of dimensions of the output, `map_layout` its layout if that is 4, `pool`
    its pooling if that is 3 or 4, `dim` the vectors' length.
    """

    layout: str
    height: int
    width: int
    channels: int  # 3, or 1 for grey-scale
    type: int
    rank: int
    map_layout: str
    pool: str  # "avg" or "max"; for rank 3 also "cls"
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
    model = onnx.ModelProto()
    model.CopyFrom(network)
    rename(model.graph, lambda name: PREFIX + name)
    builder = _Builder(model.graph)
    builder.preprocess(preprocess, ends)
    inner = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*builder.take(), *inner])
    builder.finish(ends)
    model.graph.node.extend(builder.take())

    image: Sides = ["N", ends.height, ends.width, 3]
    _replace(model.graph.input, "image", TensorProto.UINT8, image)
    _replace(model.graph.output, "embedding", TensorProto.FLOAT, ["N", ends.dim])
    return model


class _Builder:
    """Builds a chain of nodes, each of which takes the previous one's output."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._nodes: list[onnx.NodeProto] = []
        self._count = 0

    def preprocess(self, preprocess: Preprocess, ends: GraphEnds) -> None:
        """Add the nodes from `image` to the network's input."""
        self._add("Cast", "image", to=TensorProto.FLOAT)
        if ends.channels == 1:
            self._then("MatMul", self._constant(np.reshape(LUMA, (3, 1))))
            self._then("Add", self._constant(0.5))
            self._then("Floor")
        elif preprocess.channels == "BGR":
            self._then("Gather", self._constant([2, 1, 0], np.int64), axis=3)
        # (pixel x scale - mean) / std, as one factor and one offset per channel.
        mean, std = (np.array(v[: ends.channels]) for v in (preprocess.mean, preprocess.std))
        self._then("Mul", self._constant(preprocess.scale / std))
        self._then("Add", self._constant(-mean / std))
        if ends.layout == "NCHW":
            self._then("Transpose", perm=[0, 3, 1, 2])
        self._then("Cast", to=ends.type)
        self._nodes[-1].output[0] = self._graph.input[0].name

    def finish(self, ends: GraphEnds) -> None:
        """Add the nodes from the network's output to `embedding`."""
        self._add("Cast", self._graph.output[0].name, to=TensorProto.FLOAT)
        pooling = "GlobalMaxPool" if ends.pool == "max" else "GlobalAveragePool"
        if ends.rank == 4:
            if ends.map_layout == "NHWC":
                self._then("Transpose", perm=[0, 3, 1, 2])
            self._then(pooling)
            self._then("Flatten")
        elif ends.rank == 3 and ends.pool == "cls":
            self._then("Gather", self._constant(0, np.int64), axis=1)
        elif ends.rank == 3:
            self._then("Transpose", perm=[0, 2, 1])
            self._then(pooling)
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
