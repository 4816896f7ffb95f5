"""Text files: what they embed, and why one is not used while its model goes on."""

import os
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import BrokenModel, ModelNotReady
from searcher.messages.message import render
from searcher.models.registry import ModelRegistry
from searcher.models.text_embedder import TextEmbedder
from searcher.models.text_format import TextFormat
from tests import onnx_files, text_networks
from tests.text_networks import write_text_file

BROKEN = {
    "not ONNX": "can't be loaded as an ONNX model",
    "other input": "its only input must be `tokens`, int64",
    "fixed batch": r"with N free, and L free or its `length`, not \[1, 'L'\]",
    "fixed length": r"with N free, and L free or its `length`, not \['N', 7\]",
    "not unit": "its vectors are not of unit length",
    "small table": "it fails on tokens of its tokenizer",
    "tokenizer": "its `tokenizer` can't be read",
    "no digest": "its `kind`, `image_sha256`, .* has no value that",
    "entries": "its `kind`, `image_sha256`, .* has no value that",
}
WORDS = {"red": (1.0, 0.0, 0.0), "blue": (0.0, 0.0, 1.0)}


def registry_of(folder: Path, *names: str, cache: int = 3) -> ModelRegistry:
    for name in names:
        onnx_files.write(folder, name)
        write_text_file(folder, name, WORDS)
    return ModelRegistry(folder, cache)


def test_words_become_unit_vectors_in_the_pictures_space(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, "net")
    model, embedder = registry.load("net")
    assert (model.words, model.words_reason) == (True, None)
    text = registry.load_text("net")
    assert (text.dim, text.tokens) == (embedder.dim, 32)
    np.testing.assert_allclose(text.embed_text("Red!red"), text.embed_text("RED!red"), atol=1e-6)
    np.testing.assert_allclose(text.embed_text("red"), WORDS["red"], atol=1e-6)
    hostile = ["", " ", "\u0301", "\u202exe", "<b>&amp;</b>", "雪人 🐶", "dog " * 100_000, "\0"]
    alone = np.stack([text.embed_text(each) for each in hostile])
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(text.embed_texts(hostile), alone, atol=1e-5)


@pytest.mark.parametrize(
    ("text_format", "text", "same"),
    [
        (TextFormat(8), "Red", "red"),  # lower-case letters only: the word is unknown
        (TextFormat(8, lowercase=True), "RED", "red"),
        (TextFormat(8, lowercase=True, strip_punctuation=True), "r-e.d  !", "red"),
        (TextFormat(8, template="blue {}"), "red", "red"),
        (TextFormat(8, padding="fixed"), "red", "red"),
        (TextFormat(1), "red blue blue", "red"),
    ],
)
def test_the_format_says_what_happens_to_a_text(
    tmp_path: Path, text_format: TextFormat, text: str, same: str
) -> None:
    onnx_files.write(tmp_path, "net")
    path = write_text_file(tmp_path, "net", WORDS, text_format)
    embedder = TextEmbedder(path)
    tokens = embedder.tokenize([text])
    assert tokens.shape[1] == (8 if text_format.padding == "fixed" else tokens.shape[1])
    expected = np.array(WORDS[same])
    if "blue" in text_format.template:
        expected = (expected + WORDS["blue"]) / np.sqrt(2)
    is_same = np.allclose(embedder.embed_text(text), expected, atol=1e-3)
    assert is_same == (text != "Red")


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_text_file_is_named_and_its_model_goes_on(tmp_path: Path, kind: str) -> None:
    registry = registry_of(tmp_path, "net")
    text_networks.write_broken(tmp_path, "net", kind)
    (model,) = registry.models()
    assert (model.state, model.words) == ("ready", False)
    (reason,) = registry.text_problems()
    assert reason == model.words_reason
    with pytest.raises(BrokenModel, match=rf"^net\.text\.onnx .*{BROKEN[kind]}.*\.$"):
        raise BrokenModel.of(reason)
    assert render(reason, "es") != render(reason, "en")
    assert registry.load("net")[1].dim == 3
    with pytest.raises(ModelNotReady, match=r"^Mean colour does not understand words\.$"):
        registry.load_text("net")


def _replace(folder: Path) -> None:
    onnx_files.write(folder, "net", side=16)


def _swap(folder: Path) -> None:
    registry_of(folder, "other")
    os.replace(folder / "other.text.onnx", folder / "net.text.onnx")
    onnx_files.write(folder, "net", side=9)


@pytest.mark.parametrize("change", [_replace, _swap])
def test_a_foreign_text_file_is_named_and_not_used(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    registry = registry_of(tmp_path, "net")
    registry.load_text("net")
    change(tmp_path)
    (reason,) = registry.text_problems()
    assert str(reason) == (
        "net.text.onnx was made for another file than this net.onnx, so it is not used: bring the"
        " two together, or remove it."
    )
    assert not registry.get("net").words
    with pytest.raises(ModelNotReady, match="does not understand words"):
        registry.load_text("net")
    write_text_file(tmp_path, "net", WORDS)
    assert registry.get("net").words
    assert registry.text_problems() == []


def test_a_lone_text_file_is_no_model(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, "net")
    shutil.move(tmp_path / "net.onnx", tmp_path / "kept.onnx")
    assert [model.name for model in registry.models()] == ["kept"]
    assert [str(problem) for problem in registry.text_problems()] == [
        "net.text.onnx is not used, as there is no net.onnx: bring it, or remove net.text.onnx."
    ]
    with pytest.raises(ModelNotReady, match="no model"):
        registry.get("net.text")
    # As a model's only file it is a broken model, although its text was found usable.
    shutil.move(tmp_path / "net.text.onnx", tmp_path / "net.onnx")
    with pytest.raises(ModelNotReady, match="its only input must be `image`, uint8"):
        registry.get("net")


def test_both_files_go_together(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, "net", "other")
    text = weakref.ref(registry.load_text("net"))
    registry.remove("net")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.onnx", "other.text.onnx"]
    assert text() is None


def test_text_networks_are_released_with_their_models(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, *"abc", cache=2)
    registry.load("a")
    texts = {name: weakref.ref(registry.load_text(name)) for name in "ab"}
    assert registry.load_text("a") is texts["a"]()
    registry.load_text("c")  # the least recently used of three
    assert (texts["a"]() is None, texts["b"]() is None) == (False, True)
    registry.load("b")
    registry.load("c")  # the image network of a is evicted
    assert texts["a"]() is None
