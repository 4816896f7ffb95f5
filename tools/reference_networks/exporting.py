"""Write modules as ONNX files, by both of torch's exporters."""

import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor

from tools.reference_networks.reference import Network

SIDES = ("batch_size", "num_channels", "height", "width")


def write(network: Network, path: Path) -> None:
    """Export a network as its `export` says, without what only this computer knows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The newer exporter takes an example of 1 for a constant.
    pixels = torch.zeros(network.export.batch or 2, 3, *network.sides)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if network.export.exporter == "dynamo":
            _dynamo(network, pixels, path)
        else:
            _torchscript(network, pixels, path)
    model = onnx.load(path)
    strip(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _dynamo(network: Network, pixels: Tensor, path: Path) -> None:
    free = {0: torch.export.Dim("batch")} if network.export.batch is None else None
    torch.onnx.export(
        network.module,
        (pixels,),
        path,
        input_names=[network.export.input],
        output_names=list(network.outputs),
        opset_version=network.export.opset,
        dynamic_shapes=(free,),
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def _torchscript(network: Network, pixels: Tensor, path: Path) -> None:
    export = network.export
    axes: dict[str, dict[int, str]] = {}
    if export.batch is None:
        sides = SIDES if export.free_sides else SIDES[:1]
        axes = {name: {0: SIDES[0]} for name in network.outputs}
        axes[export.input] = dict(enumerate(sides))
    torch.onnx.export(
        network.module,
        (pixels, *network.other_inputs.values()),
        path,
        input_names=[export.input, *network.other_inputs],
        output_names=list(network.outputs),
        opset_version=export.opset,
        dynamic_axes=axes,
        dynamo=False,
    )


def strip(model: onnx.ModelProto) -> None:
    """Remove stack traces, which hold paths and are larger than the weights."""
    model.ClearField("doc_string")
    model.ClearField("metadata_props")
    parts = [model.graph, *model.graph.node, *model.graph.input, *model.graph.output]
    for part in [*parts, *model.graph.value_info, *model.graph.initializer]:
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    if len(model.graph.value_info):
        model.graph.ClearField("value_info")
