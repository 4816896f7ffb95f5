"""Text sides in other layouts: SigLIP as immich has it, of one length and without other outputs."""

import json
import shutil
from pathlib import Path

import onnx

from tests import networks
from tests.networks import RIGHT
from tests.words_cases import FOLDER, adopt_folder, expected, lowest, vectors

PROCESSOR = {
    "size": [48, 48],
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "resize_mode": "squash",
}
SETTINGS = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 48},
    "text_cfg": {"context_length": 64, "tokenizer_kwargs": {"clean": "canonicalize"}},
}


def pooled_only(source: Path, target: Path) -> onnx.ModelProto:
    """Write a network of transformers with its pooled output alone, named `embedding`."""
    model = onnx.load(source)
    names = {"pooler_output": "embedding"}
    for node in model.graph.node:
        for tensors in (node.input, node.output):
            tensors[:] = [names.get(name, name) for name in tensors]
    (pooled,) = [value for value in model.graph.output if value.name in names]
    output = onnx.ValueInfoProto.FromString(pooled.SerializeToString())
    output.name = "embedding"
    del model.graph.output[:]
    model.graph.output.append(output)
    target.parent.mkdir(parents=True)
    onnx.save(model, target)
    return model


def immich(folder: Path) -> Path:
    """Write SigLIP in the layout of immich, for texts of 64 tokens one at a time."""
    root = folder / "immich"
    vision = networks.FOLDER / "siglip" / "onnx" / "vision_model.onnx"
    pooled_only(vision, root / "visual" / "model.onnx")
    text = root / "textual" / "model.onnx"
    model = pooled_only(FOLDER / "siglip" / "onnx" / "text_model.onnx", text)
    (tokens,) = model.graph.input
    for node in model.graph.node:
        node.input[:] = ["text" if name == tokens.name else name for name in node.input]
    tokens.name = "text"
    for dim, side in zip(tokens.type.tensor_type.shape.dim, (1, 64), strict=True):
        dim.Clear()
        dim.dim_value = side
    onnx.save(model, text)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(FOLDER / "siglip" / name, text.parent)
    (root / "config.json").write_text(json.dumps(SETTINGS))
    (root / "visual" / "preprocess_cfg.json").write_text(json.dumps(PROCESSOR))
    return root


def test_siglip_as_immich_has_it_is_right(tmp_path: Path) -> None:
    adoption = adopt_folder(immich(tmp_path), tmp_path / "models")
    assert lowest(vectors(tmp_path / "models"), expected("siglip")) >= RIGHT
    lines = list(map(str, adoption.report))
    assert "words, input: text [1, 64]" in lines
    assert "words, text: in lower case, without punctuation" in lines
