"""Repositories with small networks that can be adopted."""

import json
from pathlib import Path

import numpy as np
import onnx

from tests.adopt_graphs import SIDE, Build

PROCESSOR = {
    "image_processor_type": "CLIPImageProcessor",
    "size": {"shortest_edge": 40},
    "crop_size": {"height": SIDE, "width": SIDE},
    "do_center_crop": True,
    "resample": 3,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.25, 0.25, 0.25],
}
PADDING = 40_000  # bytes, so that the file counts as large


def network() -> onnx.ModelProto:
    """A network with an output `image_embeds` [N, 8]."""
    build = Build()
    vector = build.vector(build.patches())
    padding = build.constant(np.arange(PADDING // 4, dtype=np.float32))
    mean = build.add("ReduceMean", padding, keepdims=0)
    build.nodes.append(onnx.helper.make_node("Add", [vector, mean], ["image_embeds"]))
    return build.model("image_embeds")


def write_repository(folder: Path, external: bool = False, variants: tuple[str, ...] = ()) -> Path:
    """Write a repository of the layout of transformers.js.

    With `external`, the weights are in a second file; `variants` are suffixes of further files.
    """
    (folder / "onnx").mkdir(parents=True)
    (folder / "README.md").write_text("# A model")
    (folder / "config.json").write_text('{"model_type": "clip"}')
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    (folder / "onnx" / "text_model.onnx").write_bytes(b"never read")
    for suffix in ("", *variants):
        path = folder / "onnx" / f"vision_model{suffix}.onnx"
        onnx.save(
            network(),
            path,
            save_as_external_data=external,
            location=f"{path.name}_data",
            size_threshold=0,
        )
    return folder
