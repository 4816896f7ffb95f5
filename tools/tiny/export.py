"""A trained network as a graph of the model contract, with its batch norms folded in."""

from typing import cast

import numpy as np
import onnx
import torch
from onnx import TensorProto
from torch import nn

from searcher.embedding import FloatArray
from searcher.export.graph import Graph
from searcher.images import UInt8Array
from tools.tiny.config import Config
from tools.tiny.network import Block, ConvNorm, Network, embed


def to_onnx(network: Network, config: Config) -> onnx.ModelProto:
    """Return the network in float32, without the part that guesses labels."""
    g = Graph("tiny", config.size, config.size)
    x = g.add("Cast", "image", to=TensorProto.FLOAT)
    x = g.add("Transpose", x, perm=[0, 3, 1, 2])
    x = g.add("Sub", x, g.constant(np.reshape(config.mean, (1, 3, 1, 1))))
    x = g.add("Div", x, g.constant(config.deviation))
    x = g.add("Relu", _conv(g, x, network.stem))
    for block in network.blocks:
        x = _block(g, x, cast("Block", block))
    x = g.add("Flatten", g.add("GlobalAveragePool", x))
    scale, shift = _affine(network.norm)
    weight = _numbers(network.project.weight)
    bias = weight @ shift + _numbers(network.project.bias)
    x = g.add("Gemm", x, g.constant(weight * scale), g.constant(bias), transB=1)
    return g.finish(x, config.dim)


def reference(network: Network, config: Config, pictures: UInt8Array) -> FloatArray:
    """What PyTorch gives for uint8 [N, size, size, 3]: unit vectors [N, dim]."""
    return embed(network, torch.from_numpy(pictures), config).numpy()


def _block(g: Graph, x: str, block: Block) -> str:
    first = g.add("Relu", _conv(g, x, block.first))
    if block.pool:
        sides = [block.pool.kernel_size] * 2
        x = g.add("AveragePool", x, kernel_shape=sides, strides=sides)
    if block.shortcut:
        x = _conv(g, x, block.shortcut)
    return g.add("Relu", g.add("Add", _conv(g, first, block.second), x))


def _conv(g: Graph, x: str, layer: ConvNorm) -> str:
    """One convolution that does its batch norm's work too."""
    conv = layer.conv
    scale, shift = _affine(layer.norm)
    weight = _numbers(conv.weight) * scale[:, None, None, None]
    return g.add(
        "Conv",
        x,
        g.constant(weight),
        g.constant(shift),
        kernel_shape=conv.kernel_size,
        strides=conv.stride,
        pads=[conv.kernel_size[0] // 2] * 4,
    )


def _affine(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> tuple[np.ndarray, np.ndarray]:
    """The factor and the summand, for each channel, that a trained batch norm comes to."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = _numbers(norm.weight) / np.sqrt(_numbers(norm.running_var) + norm.eps)
    return scale, _numbers(norm.bias) - _numbers(norm.running_mean) * scale


def _numbers(tensor: torch.Tensor) -> np.ndarray:
    """In float64: what is multiplied together here is rounded only once."""
    return tensor.detach().double().numpy()
