"""The models folder: which models it has, in what order, and why a file is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from searcher.errors import ModelNotReady
from searcher.models.order import by_preference
from searcher.models.registry import ModelRegistry
from searcher.ui.components.defaults import default_models
from tests import onnx_files
from tests.servers import ROOT

LITE = "efficientnet_lite0 efficientnet_lite2"
BROKEN = ["truncated", "text", "float input", "fixed batch", "other output", "not unit", "nan"]


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_files_are_listed_with_the_reason(tmp_path: Path, kind: str) -> None:
    onnx_files.write_broken(tmp_path / "bad.onnx", kind)
    onnx_files.write(tmp_path, "good")
    registry = ModelRegistry(tmp_path, cache=3)
    assert [model.name for model in registry.ready()] == ["good"]
    (broken,) = (model for model in registry.models() if not model.ready)
    assert str(broken.reason).startswith("bad.onnx ")
    assert str(tmp_path) not in str(broken.reason)
    with pytest.raises(ModelNotReady, match=r"bad\.onnx"):
        registry.load("bad")


def test_unknown_names_never_become_paths(tmp_path: Path) -> None:
    inner = tmp_path / "models"
    inner.mkdir()
    onnx_files.write(tmp_path, "outside")
    onnx_files.write(inner, "inside")
    registry = ModelRegistry(inner, cache=3)
    for name in ("../outside", "/etc/passwd", "", "nul\0", "outside", "x" * 5000):
        with pytest.raises(ModelNotReady, match="inside"):
            registry.get(name)


def test_a_replaced_file_is_another_collection(tmp_path: Path) -> None:
    onnx_files.write(tmp_path, "m", side=8)
    registry = ModelRegistry(tmp_path, cache=3)
    before = registry.get("m")
    onnx_files.write(tmp_path, "m", side=16)
    after, embedder = registry.load("m")
    assert (before.height, after.height, embedder.height) == (8, 16, 16)
    assert before.collection.name != after.collection.name
    assert after.collection.name == f"m_{after.digest[:8]}"


def test_names_that_milvus_refuses_still_have_a_collection(tmp_path: Path) -> None:
    onnx_files.write(tmp_path, "7-net.v2")
    (model,) = ModelRegistry(tmp_path, cache=3).models()
    assert model.collection.name == f"_7_net_v2_{model.digest[:8]}"


def test_untrained_is_said_wherever_the_name_is_shown(tmp_path: Path) -> None:
    untrained = onnx_files.Metadata("Net", "a net", "untrained (random, seed 0)", "")
    onnx_files.write(tmp_path, "n", metadata=untrained)
    assert ModelRegistry(tmp_path, cache=3).get("n").display == "Net (untrained)"


def test_the_order_is_the_articles_models_then_others_then_baselines(
    tmp_path: Path, baselines: Path
) -> None:
    for name in ("zebra", "vgg16", "apple", "resnet50", "shape", "colour"):
        onnx_files.write(tmp_path, name)
    names = [model.name for model in ModelRegistry(tmp_path, cache=9).models()]
    assert names == ["resnet50", "vgg16", "apple", "zebra", "colour", "shape"]


@pytest.mark.parametrize(
    ("present", "untrained", "pair"),
    [
        ("colour shape", "", "colour shape"),
        ("apple colour shape", "", "apple colour"),
        (f"apple colour {LITE}", "", "efficientnet_lite2 efficientnet_lite0"),
        (f"apple colour resnet50 {LITE} vgg16 words", "", "words efficientnet_lite2"),
        ("apple colour resnet50 vgg16", "", "resnet50 vgg16"),
        (f"clip_vit_b32 dinov2_small {LITE} siglip2_base words", "", "siglip2_base clip_vit_b32"),
        (f"dinov2_small {LITE} words", "", "dinov2_small words"),
        (
            f"colour resnet50 {LITE} vgg16",
            "resnet50 vgg16",
            "efficientnet_lite2 efficientnet_lite0",
        ),
        ("colour resnet50 shape vgg16", "vgg16", "resnet50 colour"),
    ],
)
def test_a_page_starts_with_the_best_pair(
    tmp_path: Path, present: str, untrained: str, pair: str
) -> None:
    for name in present.split():
        weights = "untrained (random, seed 0)" if name in untrained.split() else "trained"
        onnx_files.write(tmp_path, name, metadata=onnx_files.Metadata(name, "", weights, ""))
    best = by_preference(ModelRegistry(tmp_path, cache=9).ready())
    assert [model.name for model in best][:2] == pair.split()


def test_a_folder_that_is_not_there_is_an_empty_zoo(tmp_path: Path) -> None:
    assert ModelRegistry(tmp_path / "nowhere", cache=3).models() == []


def test_the_app_never_imports_tensorflow() -> None:
    """What the app and the command line import must stay small; export runs in a child."""
    program = (
        "import sys, searcher.ui.app, searcher.ui.server, searcher.cli.main\n"
        "heavy = {'tensorflow', 'keras', 'tf2onnx', 'onnx'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], check=True, env=env, cwd=ROOT)


def test_what_was_installed_a_moment_ago_is_no_first_choice(tmp_path: Path) -> None:
    for name in ("colour", "efficientnet_lite2", "words"):
        onnx_files.write(tmp_path, name)
    ready = ModelRegistry(tmp_path, cache=9).ready()
    for seen, pair in ((0, "efficientnet_lite2 colour"), (5, "words efficientnet_lite2")):
        coverage = {"colour": 9, "efficientnet_lite2": 9, "words": seen}
        assert default_models(ready, 2, coverage.__getitem__) == pair.split()
    assert default_models(ready, 2)[0] == "words"
