"""Real architectures as other tools write them: adopted right, whatever the file's form."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from searcher.export.adopt import AdoptOptions, adopt
from searcher.export.processor_config import read_beside
from searcher.export.reference import preprocess_in_numpy
from searcher.images.resizing import resized
from tests import network_kinds as kinds
from tests.networks import FOLDER, RIGHT, Case, cosines, read

pytestmark = pytest.mark.numbers

PICTURES = sorted(path.name for path in (FOLDER / "pictures").iterdir())


def adopt_right(source: Path, folder: Path, vectors: dict[str, list[float]]) -> list[str]:
    """Adopt a file and compare its vectors; the report's lines."""
    shown = [read(name) for name in PICTURES[:3]]
    adoption = adopt(source, "net", folder / "models", AdoptOptions(), shown)
    reached = cosines(adoption.path, vectors)
    assert min(reached.values()) >= RIGHT, reached
    return [str(line) for line in adoption.report]


@pytest.mark.parametrize("name", ["clip", "vit-tanh-pooler", "swin-tokens", "timm-resnet-map"])
@pytest.mark.parametrize(
    "transform",
    [
        kinds.unsorted,
        kinds.of_an_old_version,
        kinds.in_a_function,
        kinds.in_a_branch,
        kinds.in_a_loop,
    ],
)
def test_another_form_gives_the_same_vectors(
    name: str, transform: kinds.Transform, tmp_path: Path
) -> None:
    case = Case(name)
    source = case.copy_to(tmp_path)
    onnx.save(transform(onnx.load(source)), source)
    adopt_right(source, tmp_path, dict(case.vectors))


def test_weights_outside_the_file_give_the_same_vectors(tmp_path: Path) -> None:
    case = Case("siglip2")
    source = case.copy_to(tmp_path)
    onnx.save(
        onnx.load(source),
        source,
        save_as_external_data=True,
        location=f"{source.name}_data",
        size_threshold=0,
    )
    adopt_right(source, tmp_path, dict(case.vectors))


def own_vectors(source: Path, output: str, channels: int = 3) -> dict[str, list[float]]:
    """What a file itself gives for each picture alone."""
    config = read_beside(source)
    assert config is not None and config.sides is not None
    session = ort.InferenceSession(source)
    vectors = {}
    for name in PICTURES:
        images = resized(read(name).pixels, *config.sides, config.fit)[None]
        pixels = preprocess_in_numpy(images, config.preprocess, "NCHW", channels, 1)
        (row,) = session.run([output], {session.get_inputs()[0].name: pixels})
        vector = np.asarray(row, np.float64).ravel()
        vectors[name] = (vector / np.linalg.norm(vector)).tolist()
    return vectors


@pytest.mark.parametrize(
    ("name", "output"),
    [("clip", "image_embeds"), ("resnet", "pooler_output"), ("siglip2", "pooler_output")],
)
@pytest.mark.parametrize("kind", ["mixing", "dynamic int8"])
def test_what_mixes_the_pictures_of_a_batch_gets_one_at_a_time(
    name: str, output: str, kind: str, tmp_path: Path
) -> None:
    source = Case(name).copy_to(tmp_path)
    if kind == "mixing":
        onnx.save(kinds.mixing(onnx.load(source)), source)
    else:
        kinds.quantised(source, source)
    report = adopt_right(source, tmp_path, own_vectors(source, output))
    assert any(line.startswith("batch: one picture at a time") for line in report)


def test_a_grey_network_gets_grey_pictures(tmp_path: Path) -> None:
    source = Case("resnet").copy_to(tmp_path)
    onnx.save(kinds.grey(onnx.load(source)), source)
    report = adopt_right(source, tmp_path, own_vectors(source, "pooler_output", channels=1))
    assert "grey" in report[0]
