"""External files that can't become models of the contract are refused with the reason."""

from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from searcher.errors import CannotAdopt
from searcher.export.adopt import AdoptOptions, adopt
from searcher.images.pictures import Picture
from tests import external_networks


def odd(kind: str) -> onnx.ModelProto:
    model = external_networks.network()
    if kind == "custom operator":
        model.graph.node.append(helper.make_node("Blur", ["features"], ["b"], domain="acme"))
        model.opset_import.append(helper.make_opsetid("acme", 1))
    elif kind == "two channels":
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2
    elif kind == "two pictures":
        other = helper.make_tensor_value_info("more", TensorProto.FLOAT, ["N", 3, 8, 8])
        model.graph.input.append(other)
    elif kind == "large pictures":
        for dim in model.graph.input[0].type.tensor_type.shape.dim[2:]:
            dim.dim_value = 10**6
    elif kind == "tokens":
        model = external_networks.network(features="tokens")
        del model.graph.output[0].type.tensor_type.shape.dim[:]
        model.graph.output[0].type.tensor_type.ClearField("shape")
    else:
        raise ValueError(kind)
    return model


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("custom operator", "operators that onnxruntime does not have: Blur"),
        ("two channels", "no input that looks like pictures"),
        ("two pictures", "not clear which input"),
        ("large pictures", "more than 4096 x 4096 pixels"),
        ("tokens", "8 tokens of 49 dimensions"),
    ],
)
def test_what_can_not_be_adopted_is_refused(tmp_path: Path, kind: str, words: str) -> None:
    with pytest.raises(CannotAdopt, match=words):
        adopt(
            external_networks.write(tmp_path, odd(kind)), "net", tmp_path / "models", AdoptOptions()
        )
    assert not (tmp_path / "models").exists() or not list((tmp_path / "models").iterdir())


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x08", None])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "external.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CannotAdopt, match=r"not an ONNX file|can't be read"):
        adopt(path, "net", tmp_path / "models", AdoptOptions())


@pytest.mark.parametrize("name", ["../evil", "", ".hidden", "a b", "x" * 65])
def test_names_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    source = external_networks.write(tmp_path, external_networks.network())
    with pytest.raises(CannotAdopt, match="can't be a model's name"):
        adopt(source, name, tmp_path / "models", AdoptOptions())


def test_a_model_that_is_made_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    source = external_networks.write(tmp_path, external_networks.network())
    model = tmp_path / "models" / "net.onnx"

    class Pictures(list[Picture]):
        def __getitem__(self, index: Any) -> Any:
            model.parent.mkdir()
            model.write_bytes(b"another")
            return super().__getitem__(index)

    with pytest.raises(CannotAdopt, match="There is a model net already"):
        adopt(source, "net", model.parent, AdoptOptions(), Pictures())
    assert model.read_bytes() == b"another"
