"""Files as exporters write them: unsorted, old, with functions, with external weights."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from searcher.errors import CannotAdopt
from searcher.export.adopt import AdoptOptions, adopt
from searcher.export.preprocess import PRESETS
from searcher.models.embedder import Embedder
from tests.adopt_graphs import Build, adopted, assert_right, features, prepared


def odd(kind: str) -> tuple[onnx.ModelProto, str]:
    g = Build()
    if kind == "branch":  # whose inner graphs take a tensor from outside
        out = g.vector(g.patches())
        branches = [
            helper.make_graph(
                [helper.make_node("Mul" if squared else "Add", [out, out], ["y"])],
                "b",
                [],
                [helper.make_tensor_value_info("y", 1, None)],
            )
            for squared in (True, False)
        ]
        yes = g.constant(True, np.bool_)
        out = g.add("If", yes, then_branch=branches[0], else_branch=branches[1])
        return g.model(out), out
    out = g.vector(g.patches())
    model = g.model(out)
    if kind == "unsorted":
        nodes = list(model.graph.node)[::-1]
        copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
        del model.graph.node[:]
        model.graph.node.extend(copies)
    elif kind == "old":
        model.ir_version = 3
        model.opset_import[0].version = 9
        for tensor in model.graph.initializer:
            value = helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
            model.graph.input.append(value)
    elif kind == "functions":
        body = [helper.make_node("Relu", ["a"], ["r"]), helper.make_node("Sqrt", ["r"], ["b"])]
        opset = [helper.make_opsetid("", 17)]
        model.functions.append(helper.make_function("own", "Root", ["a"], ["b"], body, opset))
        model.opset_import.append(helper.make_opsetid("own", 1))
        model.graph.node.append(helper.make_node("Root", [out], ["root"], domain="own"))
        model.graph.output[0].name = out = "root"
    return model, out


@pytest.mark.parametrize("kind", ["unsorted", "old", "functions", "branch"])
def test_whatever_onnxruntime_runs_is_adopted(tmp_path: Path, kind: str) -> None:
    model, out = odd(kind)
    embedder, _ = adopted(tmp_path, model, preprocess=PRESETS["imagenet"])
    reference = odd("plain") if kind == "unsorted" else (model, out)
    assert_right(embedder, features(reference[0], prepared(), reference[1]))


def test_weights_behind_links_come_in(tmp_path: Path) -> None:
    """As in the Hub's cache: snapshots/… links into blobs/…"""
    model, out = odd("plain")
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshot"
    blobs.mkdir()
    snapshot.mkdir()
    onnx.save(
        model,
        blobs / "a.onnx",
        save_as_external_data=True,
        location="model.onnx_data",
        size_threshold=0,
    )
    (blobs / "model.onnx_data").rename(blobs / "b")
    (snapshot / "model.onnx").symlink_to(blobs / "a.onnx")
    (snapshot / "model.onnx_data").symlink_to(blobs / "b")
    done = adopt(snapshot / "model.onnx", "net", tmp_path / "models", AdoptOptions())
    assert_right(Embedder(done.path), features(odd("plain")[0], prepared(), out))


def write_external(folder: Path, **entries: str) -> Path:
    """Write a network whose first weights are in another file, as `entries` say."""
    model, _ = odd("plain")
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        tensor.external_data.append(onnx.StringStringEntryProto(key=key, value=value))
    folder.mkdir(exist_ok=True)
    (folder / "net.onnx").write_bytes(model.SerializeToString())
    return folder / "net.onnx"


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", ""])
def test_weights_outside_the_folder_are_not_read(tmp_path: Path, location: str) -> None:
    path = write_external(tmp_path / "in", location=location)
    (tmp_path / "secret").write_bytes(bytes(10**6))
    with pytest.raises(CannotAdopt, match="can't be read"):
        adopt(path, "net", tmp_path / "models", AdoptOptions())


@pytest.mark.parametrize(
    "entries",
    [{"length": "many"}, {"length": "-1"}, {"offset": "-1"}, {"offset": "x"}, {"length": "99999"}],
)
def test_weights_in_an_impossible_place_are_refused(
    tmp_path: Path, entries: dict[str, str]
) -> None:
    path = write_external(tmp_path, location="w", **entries)
    (tmp_path / "w").write_bytes(bytes(100))
    with pytest.raises(CannotAdopt, match="can't be read"):
        adopt(path, "net", tmp_path / "models", AdoptOptions())


@pytest.mark.parametrize("entries", [{}, {"length": str(3 * 2**30)}])
def test_more_than_two_gigabytes_are_refused_before_they_are_read(
    tmp_path: Path, entries: dict[str, str]
) -> None:
    path = write_external(tmp_path, location="w", **entries)
    with (tmp_path / "w").open("wb") as file:
        file.truncate(3 * 2**30)
    with pytest.raises(CannotAdopt, match="more than 2 GB"):
        adopt(path, "net", tmp_path / "models", AdoptOptions())


def test_a_model_is_overwritten_only_by_force(tmp_path: Path) -> None:
    model, _ = odd("plain")
    onnx.save(model, tmp_path / "a.onnx")
    models = tmp_path / "models"
    adopt(tmp_path / "a.onnx", "net", models, AdoptOptions())
    before = (models / "net.onnx").read_bytes()
    for name in ("net", "resnet50", "colour"):
        with pytest.raises(CannotAdopt, match="--force"):
            adopt(tmp_path / "a.onnx", name, models, AdoptOptions(title="another"))
    assert (models / "net.onnx").read_bytes() == before
    adopt(tmp_path / "a.onnx", "net", models, AdoptOptions(title="another", force=True))
    assert Embedder(models / "net.onnx").metadata["title"] == "another"
