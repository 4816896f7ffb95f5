"""README.md of the fixtures: a line a network."""

from typing import Any

HEAD = """# Networks for tests

Small networks of the real architectures as people export them, with the files that lie beside them
on the Hub, some pictures, and in `expected.json` the unit vectors of the reference: transformers',
timm's or open_clip's own preprocessing and the network in torch.
The weights are random and the pictures are drawn; `python -m tools.reference_networks` made both
from seeds, and both are under the project's licence. The architectures are those of libraries under
the Apache-2.0 and MIT licences.

Made with {versions}.

| network | architecture | exporter, opset, IR | batch | embedding | picture |
|---|---|---|---|---|---|
"""
ROW = (
    "| {name} | {library} {architecture} | {exporter}, {opset}, {ir} | {batch} | {embedding} "
    "| {picture} |\n"
)


def readme(document: dict[str, Any]) -> str:
    """The whole file for what expected.json holds."""
    versions = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
    rows = [ROW.format(name=name, **entry) for name, entry in document["networks"].items()]
    return HEAD.format(versions=versions) + "".join(rows)
