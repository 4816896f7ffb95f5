"""Write text sides as ONNX files, and compute the vectors that they must give."""

import json
import warnings
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor

from tools.reference_networks.exporting import SIDES, strip
from tools.reference_networks.seeding import seed
from tools.reference_networks.text_networks import TextNetwork
from tools.reference_networks.texts import TEXTS

DIGITS = 5


def write(network: TextNetwork, number: int, folder: Path) -> dict[str, Any]:
    """Write one text side with its tokenizer; return its entry of expected.json."""
    root = folder / network.name
    network.tokenizer(root / network.folder)
    path = root / network.file
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, document in network.configs.items():
        (root / name).write_text(json.dumps(document, indent=1) + "\n")
    seed(network.module, number)
    tokenizer = network.tokenizer_class.from_pretrained(root / network.folder)
    with torch.no_grad():
        vectors = [_vector(network, tokenizer, text) for text in TEXTS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _export(network, path)
    model = onnx.load(path)
    strip(model)
    onnx.save(model, path)
    (root / network.folder / "spiece.model").unlink(missing_ok=True)
    return {
        "vision": network.vision,
        "file": network.file,
        "tokenizer": network.tokenizer_class.__name__,
        "embedding": network.embedding,
        "vectors": vectors,
    }


def _vector(network: TextNetwork, tokenizer: Any, text: str) -> list[float]:
    # transformers' SiglipTokenizer makes a token of leading spaces, which the authors strip.
    text = text.strip() if network.strips else text
    padding = "max_length" if network.pad else False
    made = tokenizer(text, padding=padding, truncation=True, max_length=network.length)
    tokens = torch.tensor([made["input_ids"]], dtype=network.integers)
    values = {"attention_mask": torch.tensor([made["attention_mask"]])}
    outputs = network.module(*_inputs(network, tokens, values))
    (row,) = dict(zip(network.outputs, outputs, strict=True))[network.embedding]
    return [round(value, DIGITS) for value in (row / row.norm()).tolist()]


def _inputs(network: TextNetwork, tokens: Tensor, others: dict[str, Tensor]) -> list[Tensor]:
    known = {**others, "pixel_values": torch.zeros(1, 3, 48, 48)}
    return [tokens, *(known[name] for name in network.inputs[1:])]


def _export(network: TextNetwork, path: Path) -> None:
    length = network.length if network.fixed else 7
    tokens = torch.ones(1 if network.fixed else 2, length, dtype=network.integers)
    values = _inputs(network, tokens, {"attention_mask": torch.ones(2, length).long()})
    names: dict[str, Any] = {"input_names": network.inputs, "output_names": network.outputs}
    if network.dynamo:
        sides = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens", max=network.length)}
        torch.onnx.export(
            network.module, tuple(values), path, dynamo=True, opset_version=18, external_data=False,
            dynamic_shapes=((sides,),), verbose=False, **names,
        )  # fmt: skip
        return
    texts = ("input_ids", "attention_mask")
    axes = {name: {0: "batch_size", 1: "sequence_length"} for name in texts}
    axes |= {"pixel_values": dict(enumerate(SIDES)), network.embedding: {0: "batch_size"}}
    torch.onnx.export(
        network.module, tuple(values), path, dynamo=False, opset_version=14,
        dynamic_axes={} if network.fixed else axes, **names,
    )  # fmt: skip
