"""EfficientNet-Lite as the ONNX graph of a model file.

R. Liu, "Higher accuracy on vision models with EfficientNet-Lite" (TensorFlow blog, 2020): Tan and
Le's EfficientNet (ICML 2019) without squeeze-and-excitation, with ReLU6, and with a stem and a head
that are not scaled.
"""

import math
from collections.abc import Callable

import numpy as np
import onnx

from searcher.errors import ExportFailed
from searcher.export.graph import Graph
from searcher.export.state_dict import Weights
from searcher.models.networks import PipNetwork

# Repeats, kernel, stride, expansion, channels out; Lite deepens all but the first and the last.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
EPSILON = 1e-3  # of the batch norms
CLASSES = 1000  # of ImageNet
HEAD = 1280

# Adds to a graph what follows on its logits; returns the name of that, and its dimension.
Head = Callable[[Graph, str], tuple[str, int]]


def build(
    network: PipNetwork, weights: Weights, output: str, head: Head | None = None
) -> onnx.ModelProto:
    """Return the graph of a network.

    Args:
        network: The network.
        weights: Its tensors by name.
        output: "logits" or "features".
        head: What follows on the logits, if anything does.

    Raises:
        ExportFailed: The weights are those of another network.
    """
    try:
        return _Builder(network, weights).build(output, head)
    except (KeyError, ValueError) as error:
        raise ExportFailed(
            "install.weights_differ", title=network.title, reason=str(error)
        ) from error


def round_channels(channels: float) -> int:
    """Round to a multiple of 8, never more than a tenth down (as in MobileNet's code)."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * channels else rounded + 8


class _Builder:
    """Adds layer by layer; `_side` is the current feature map's, in pixels."""

    def __init__(self, network: PipNetwork, weights: Weights) -> None:
        self._network = network
        self._weights = weights
        self._graph = Graph(network.name, network.size, network.size)
        self._side = network.size
        self._bounds = self._graph.constant(0), self._graph.constant(6)

    def build(self, output: str, head: Head | None) -> onnx.ModelProto:
        g = self._graph
        x = g.add("Cast", "image", to=onnx.TensorProto.FLOAT)
        x = g.add("Div", g.add("Sub", x, g.constant(127)), g.constant(128))
        x = g.add("Transpose", x, perm=[0, 3, 1, 2])
        x = self._relu6(self._convolution(x, "_conv_stem", "_bn0", (32, 3, 3, 3), 2))
        x = self._blocks(x)
        last = self._channels(STAGES[-1][-1])
        x = self._relu6(self._convolution(x, "_conv_head", "_bn1", (HEAD, last, 1, 1)))
        features = g.add("Flatten", g.add("GlobalAveragePool", x))
        if output == "features":
            return g.finish(features, HEAD)
        matrix = g.constant(self._take("_fc.weight", (CLASSES, HEAD)))
        bias = g.constant(self._take("_fc.bias", (CLASSES,)))
        logits = g.add("Gemm", features, matrix, bias, transB=1)
        return g.finish(*(head(g, logits) if head else (logits, CLASSES)))

    def _channels(self, channels: int) -> int:
        return round_channels(channels * self._network.width)

    def _blocks(self, x: str) -> str:
        """The inverted residual blocks (Sandler et al., "MobileNetV2", CVPR 2018)."""
        number, channels_in = 0, 32
        for stage, (repeats, kernel, stride, expansion, channels) in enumerate(STAGES):
            channels_out = self._channels(channels)
            if 0 < stage < len(STAGES) - 1:
                repeats = math.ceil(repeats * self._network.depth)
            for repeat in range(repeats):
                step = stride if repeat == 0 else 1
                sides = (kernel, step, channels_in * expansion, channels_in, channels_out)
                block = self._block(x, f"_blocks.{number}.", sides)
                x = (
                    self._graph.add("Add", block, x)
                    if step == 1 and channels_in == channels_out
                    else block
                )
                number, channels_in = number + 1, channels_out
        return x

    def _block(self, x: str, name: str, sides: tuple[int, int, int, int, int]) -> str:
        kernel, stride, channels_inner, channels_in, channels_out = sides
        if channels_inner != channels_in:
            expand = (channels_inner, channels_in, 1, 1)
            x = self._relu6(self._convolution(x, f"{name}_expand_conv", f"{name}_bn0", expand))
        depthwise = (channels_inner, 1, kernel, kernel)
        x = self._convolution(x, f"{name}_depthwise_conv", f"{name}_bn1", depthwise, stride)
        x = self._relu6(x)
        return self._convolution(
            x, f"{name}_project_conv", f"{name}_bn2", (channels_out, channels_inner, 1, 1)
        )

    def _convolution(
        self, x: str, name: str, norm: str, shape: tuple[int, int, int, int], stride: int = 1
    ) -> str:
        """Add a convolution, its batch norm folded into its weights."""
        weights = self._take(f"{name}.weight", shape)
        channels = shape[:1]
        factor = self._take(f"{norm}.weight", channels) / np.sqrt(
            self._take(f"{norm}.running_var", channels) + EPSILON
        )
        mean = self._take(f"{norm}.running_mean", channels)
        bias = self._take(f"{norm}.bias", channels) - mean * factor
        return self._graph.add(
            "Conv",
            x,
            self._graph.constant(weights * factor[:, None, None, None]),
            self._graph.constant(bias),
            strides=[stride, stride],
            pads=self._pads(shape[-1], stride),
            group=shape[0] if shape[1] == 1 else 1,
        )

    def _pads(self, kernel: int, stride: int) -> list[int]:
        """Return the pads of TensorFlow's "SAME": an odd pixel is on the right and below."""
        after = -(-self._side // stride)
        pads = max((after - 1) * stride + kernel - self._side, 0)
        self._side = after
        return [pads // 2, pads // 2, pads - pads // 2, pads - pads // 2]

    def _relu6(self, x: str) -> str:
        return self._graph.add("Clip", x, *self._bounds)

    def _take(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        weights = self._weights[name]
        if weights.shape != shape:
            raise ValueError(f"{name} is {weights.shape}, not {shape}")
        return weights
