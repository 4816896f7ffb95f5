"""All uses of private interfaces of Keras and tf2onnx (Keras 3.15, tf2onnx 1.17)."""

import urllib.request
from collections.abc import Callable
from typing import Any

import onnx
from onnx import numpy_helper


def report_downloads(report: Callable[[int, int], None]) -> None:
    """Replace the progress bar of Keras' downloads by a callback.

    Args:
        report: Called with the bytes that are there and all, whenever the percentage rises.
    """
    from keras.src.utils import file_utils

    def retrieve(url: str, filename: str, *_: object) -> object:
        latest = -1

        def hook(blocks: int, size: int, total: int) -> None:
            nonlocal latest
            done = min(blocks * size, total)
            percent = done * 100 // total if total > 0 else latest
            if percent > latest:
                latest = percent
                report(done, total)

        return urllib.request.urlretrieve(url, filename, hook)

    file_utils.urlretrieve = retrieve


# Optimizations of tf2onnx for what is in none of the networks; each pass copies the network.
UNNEEDED = (
    *("remove_redundant_upsample", "const_dequantize_optimizer", "loop_optimizer"),
    *("q_dq_optimizer", "einsum_optimizer"),
)


def convert(model: Any, opset: int, output: str) -> onnx.ModelProto:
    """Trace a Keras model and convert the trace, in this process.

    To save the model and convert the file, as the command line of tf2onnx does, takes twice as
    long; its function for Keras models supports Keras 2 only.

    Args:
        model: A keras.Model with one input and one output.
        opset: The version of ONNX's operator set.
        output: The name of the output in the graph.

    Returns:
        The graph.

    Raises:
        Exception: Anything that tf2onnx raises; its message is on stderr.
    """
    import tensorflow as tf
    from tf2onnx import convert as tf2onnx
    from tf2onnx import optimizer

    for name in UNNEEDED:
        optimizer._optimizers.pop(name, None)
    (image,) = model.inputs
    signature = [tf.TensorSpec(image.shape, image.dtype, name=image.name)]
    function = tf.function(
        lambda pixels: {output: model(pixels, training=False)},
        input_signature=signature,
        autograph=False,
    )
    network: onnx.ModelProto
    network, _ = tf2onnx.from_function(function, input_signature=signature, opset=opset)
    _keep_constants(network.graph, function.get_concrete_function().graph.captures)
    return network


def _keep_constants(graph: onnx.GraphProto, captures: list[tuple[Any, Any]]) -> None:
    """Give inputs that are constants of the model, such as a mean, their values."""
    values = {placeholder.name: value for value, placeholder in captures}
    inputs = [value for value in graph.input if value.name not in values]
    for name in [value.name for value in graph.input if value.name in values]:
        graph.initializer.append(numpy_helper.from_array(values[name].numpy(), name))
    del graph.input[:]
    graph.input.extend(inputs)
