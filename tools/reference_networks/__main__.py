"""Make tests/networks/ anew."""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import onnx
import torch
from PIL import Image

from tools.reference_networks import exporting, pictures, timm_networks, transformers_networks
from tools.reference_networks.readme import readme
from tools.reference_networks.reference import Network, Prepare, processor, vectors
from tools.reference_networks.seeding import calibrate, seed

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "networks"
PACKAGES = ("torch", "torchvision", "transformers", "timm", "open_clip_torch", "onnx", "pillow")
PROCESSORS = ("preprocessor_config.json", "preprocess_cfg.json", "config.json")


def own_processor(network: Network) -> tuple[str, Prepare]:
    """The file beside a network that tells its preprocessing, and that preprocessing."""
    named = {Path(name).name: config for name, config in network.beside.items()}
    name = next(name for name in PROCESSORS if name in named)
    return name, processor(name, named[name])


def make(network: Network, number: int, folder: Path, shown: dict[str, Image.Image]) -> Any:
    """Write one network; what expected.json says of it."""
    path = folder / network.name / network.export.file
    kind, prepare = own_processor(network)
    seed(network.module, number)
    calibrate(network.module, torch.cat([prepare(image) for image in shown.values()]))
    exporting.write(network, path)
    for name, config in network.beside.items():
        (folder / network.name / name).write_text(json.dumps(config, indent=1) + "\n")
    others = {
        name: {
            "file": kind,
            "config": config,
            "vectors": vectors(network, processor(kind, config), network.embed, shown),
        }
        for name, config in network.other_processors.items()
    }
    module: Any = network.module.model
    height, width = network.sides
    return {
        "library": type(module).__module__.split(".")[0],
        "architecture": type(module).__name__,
        "picture": f"{height} x {width}",
        "file": network.export.file,
        "ir": onnx.load(path, load_external_data=False).ir_version,
        "exporter": network.export.exporter,
        "opset": network.export.opset,
        "batch": network.export.batch or "free",
        "embedding": network.rule,
        "vectors": vectors(network, prepare, network.embed, shown),
        "other_processors": others,
    }


def main(folder: Path) -> None:
    shown = {
        path.name: pictures.open_reference(path) for path in pictures.write(folder / "pictures")
    }
    networks = {}
    for number, network in enumerate([*transformers_networks.build(), *timm_networks.build()]):
        print(network.name, file=sys.stderr)
        networks[network.name] = make(network, number, folder, shown)
    document = {"versions": {name: version(name) for name in PACKAGES}, "networks": networks}
    (folder / "expected.json").write_text(json.dumps(document) + "\n")
    (folder / "README.md").write_text(readme(document))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
