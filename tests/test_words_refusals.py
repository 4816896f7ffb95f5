"""Text sides that can't be used: the model is adopted without words, and the report says why."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from searcher.export import adopt as adopting
from searcher.export.adopt import Adoption
from searcher.messages.message import Message
from searcher.models.embedder import Embedder
from searcher.models.registry import ModelRegistry
from searcher.models.text_embedder import TextEmbedder
from tests.words_cases import NETWORKS, adopt_folder, expected, lowest, repository, vectors


def reason(adoption: Adoption, models: Path) -> Message:
    """Why there is no text file, beside an image file that works."""
    assert Embedder(models / "net.onnx").dim > 0
    assert not (models / "net.text.onnx").exists()
    (line,) = [line for line in adoption.report if line.code == "adoption.no_words"]
    found = line.params["reason"]
    assert isinstance(found, Message)
    return found


def edit(path: Path, **entries: Any) -> None:
    """Change entries of a JSON file; None removes one."""
    document = json.loads(path.read_text()) | entries
    kept = {key: value for key, value in document.items() if value is not None}
    path.write_text(json.dumps(kept))


def without_tokenizer(root: Path) -> None:
    (root / "tokenizer.json").unlink()


def with_broken_tokenizer(root: Path) -> None:
    (root / "tokenizer.json").write_text('{"model": {"type": "Neural"}}')


def without_length(root: Path) -> None:
    edit(root / "tokenizer_config.json", model_max_length=10**30)
    edit(root / "config.json", model_type="other")


def padded_on_the_left(root: Path) -> None:
    edit(root / "tokenizer_config.json", padding_side="left")


def without_pad_token(root: Path) -> None:
    edit(root / "tokenizer_config.json", pad_token=None)


def without_end(root: Path) -> None:
    edit(root / "tokenizer_config.json", eos_token=None)


def shorter_than_the_network(root: Path) -> None:
    edit(root / "textual" / "tokenizer_config.json", model_max_length=50)


def of_one_tower(root: Path) -> None:
    (root / "onnx" / "text_model.onnx").unlink()
    (root / "onnx" / "vision_model.onnx").rename(root / "onnx" / "model.onnx")


def of_no_onnx(root: Path) -> None:
    (root / "onnx" / "text_model.onnx").write_bytes(b"text")


def of_another_dimension(root: Path) -> None:
    path = root / "onnx" / "text_model.onnx"
    model = onnx.load(path)
    for node in model.graph.node:
        node.output[:] = ["whole" if name == "text_embeds" else name for name in node.output]
    both = onnx.helper.make_node("Concat", ["whole", "whole"], ["text_embeds"], axis=1)
    model.graph.node.append(both)
    model.graph.output[0].type.tensor_type.shape.dim[1].Clear()
    onnx.save(model, path)


def without_projection(root: Path) -> None:
    path = root / "onnx" / "text_model.onnx"
    model = onnx.load(path)
    for value in model.graph.output:
        value.name = value.name.replace("text_embeds", "pooler_output")
    for node in model.graph.node:
        node.output[:] = [name.replace("text_embeds", "pooler_output") for name in node.output]
    onnx.save(model, path)


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("clip", without_tokenizer, "words.no_tokenizer"),
        ("clip", with_broken_tokenizer, "words.tokenizer"),
        ("clip", without_length, "words.no_length"),
        ("siglip2", padded_on_the_left, "words.padding_side"),
        ("mobileclip", without_pad_token, "words.pad"),
        ("siglip2", without_end, "words.no_eos"),
        ("open-clip", shorter_than_the_network, "words.fixed_length"),
        ("clip", of_one_tower, "words.no_input"),
        ("clip", of_no_onnx, "adopt.not_onnx"),
        ("clip", of_another_dimension, "words.dimension"),
        ("clip", without_projection, "words.no_output"),
    ],
)
def test_the_report_says_why(
    name: str, change: Callable[[Path], None], code: str, tmp_path: Path
) -> None:
    root = repository(name, tmp_path)
    change(root)
    adoption = adopt_folder(root, tmp_path / "models")
    assert reason(adoption, tmp_path / "models").code == code


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("clip", {"output": "last_hidden_state", "pool": "cls"}),
        ("siglip", {"output": "last_hidden_state", "pool": "avg"}),
    ],
)
def test_features_of_another_space_get_no_words(
    name: str, options: dict[str, str], tmp_path: Path
) -> None:
    adoption = adopt_folder(repository(name, tmp_path), tmp_path / "models", **options)
    found = reason(adoption, tmp_path / "models")
    assert (found.code, found.params["tensor"]) == ("words.tensor", "last_hidden_state")


def test_a_causal_text_side_needs_no_pad_token(tmp_path: Path) -> None:
    root = repository("clip", tmp_path)
    without_pad_token(root)
    adopt_folder(root, tmp_path / "models")
    assert lowest(vectors(tmp_path / "models"), expected("clip")) >= 0.9999


def test_words_can_be_left_out(tmp_path: Path) -> None:
    root, models = repository("clip", tmp_path), tmp_path / "models"
    adopt_folder(root, models)
    assert (models / "net.text.onnx").exists()
    adoption = adopt_folder(root, models, words=False, force=True)
    assert not (models / "net.text.onnx").exists()
    assert not [line for line in adoption.report if "words" in str(line)]


def test_a_new_model_never_has_the_words_of_the_former(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    adopt_folder(repository("clip", tmp_path), models)
    registry = ModelRegistry(models, cache=1)
    assert registry.get("net").words

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    # Between the image file and the text file.
    with monkeypatch.context() as context, pytest.raises(KeyboardInterrupt):
        context.setattr(adopting, "adopt_words", interrupt)
        adopt_folder(repository("siglip", tmp_path), models, force=True)
    model = registry.get("net")
    assert (model.ready, model.words) == (True, False)
    assert model.words_reason is not None
    assert model.words_reason.code == "model.foreign_text"
    adopt_folder(tmp_path / "siglip", models, force=True)
    assert registry.get("net").words
    assert TextEmbedder(models / "net.text.onnx").format.length == 64
    assert not list(models.glob(".*part"))


def test_a_variant_without_text_side_takes_the_most_precise(tmp_path: Path) -> None:
    root, models = repository("clip", tmp_path), tmp_path / "models"
    onnx_folder = root / "onnx"
    (onnx_folder / "vision_model.onnx").rename(onnx_folder / "vision_model_fp16.onnx")
    adopt_folder(root, models)
    assert lowest(vectors(models), expected("clip")) >= 0.9999


def test_networks_without_a_text_side_say_nothing_of_words(tmp_path: Path) -> None:
    root = repository("clip", tmp_path)
    (root / NETWORKS["clip"]["file"]).unlink()
    adoption = adopt_folder(root, tmp_path / "models")
    assert not [line for line in adoption.report if "words" in str(line)]


def test_the_text_file_tells_where_it_is_from(tmp_path: Path) -> None:
    models = tmp_path / "models"
    adopt_folder(repository("clip", tmp_path), models, title="A title", licence="MIT")
    metadata = TextEmbedder(models / "net.text.onnx").metadata
    assert [metadata[key] for key in ("title", "licence")] == ["A title", "MIT"]
