"""Text files: what they embed, and why one is not used while its model goes on."""

import hashlib
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import BrokenModel, ModelNotReady
from searcher.export.text_contract import copy_text
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


Make = Callable[..., ModelRegistry]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verdicts of all tests here, so that each content is checked once."""
    return tmp_path_factory.mktemp("verdicts")


@pytest.fixture
def make(tmp_path: Path, verdicts: Path) -> Make:
    """A function that makes the registry of models with text files, in tmp_path."""

    def make(*names: str, cache: int = 3) -> ModelRegistry:
        for name in names:
            onnx_files.write(tmp_path, name)
            write_text_file(tmp_path, name, WORDS)
        return ModelRegistry(tmp_path, cache, verdicts)

    return make


def test_words_become_unit_vectors_in_the_pictures_space(make: Make) -> None:
    registry = make("net")
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
def test_a_broken_text_file_is_refused_with_the_reason(tmp_path: Path, kind: str) -> None:
    onnx_files.write(tmp_path, "net")
    path = text_networks.write_broken(tmp_path, "net", kind)
    with pytest.raises(BrokenModel, match=rf"^net\.text\.onnx .*{BROKEN[kind]}.*\.$") as raised:
        TextEmbedder(path)
    assert render(raised.value.message, "es") != str(raised.value)


def test_a_broken_text_file_is_named_and_its_model_goes_on(make: Make, tmp_path: Path) -> None:
    registry = make("net")
    text_networks.write_broken(tmp_path, "net", "tokenizer")
    (model,) = registry.models()
    assert (model.state, model.words) == ("ready", False)
    assert str(model.words_reason) == (
        "net.text.onnx does not fulfil the model contract: its `tokenizer` can't be read."
    )
    assert registry.load("net")[1].dim == 3
    with pytest.raises(ModelNotReady, match=r"^Mean colour does not understand words\.$"):
        registry.load_text("net")


def test_a_foreign_text_file_is_named_and_not_used(make: Make, tmp_path: Path) -> None:
    registry = make("net")
    registry.load_text("net")
    onnx_files.write(tmp_path, "net", side=16)
    assert str(registry.get("net").words_reason) == (
        "net.text.onnx was made for another file than this net.onnx, so it is not used: bring the"
        " two together, or remove it."
    )
    assert not registry.get("net").words
    with pytest.raises(ModelNotReady, match="does not understand words"):
        registry.load_text("net")
    write_text_file(tmp_path, "net", WORDS)
    assert registry.get("net").words


def test_a_lone_text_file_is_no_model(make: Make, tmp_path: Path) -> None:
    registry = make("net")
    shutil.move(tmp_path / "net.onnx", tmp_path / "kept.onnx")
    assert [model.name for model in registry.models()] == ["kept"]
    assert [str(problem) for problem in registry.checks.unused()] == [
        "net.text.onnx is not used, as there is no net.onnx: bring it, or remove net.text.onnx."
    ]
    with pytest.raises(ModelNotReady, match="no model"):
        registry.get("net.text")
    # As a model's only file it is a broken model, although its text was found usable.
    shutil.move(tmp_path / "net.text.onnx", tmp_path / "net.onnx")
    with pytest.raises(ModelNotReady, match="its only input must be `image`, uint8"):
        registry.get("net")


def test_a_variant_has_the_words_of_its_original(tmp_path: Path) -> None:
    for name in ("net", "net-int8"):
        onnx_files.write(tmp_path, name, side=8 + len(name))
    image, variant = tmp_path / "net.onnx", tmp_path / "net-int8.onnx"
    text = TextEmbedder(write_text_file(tmp_path, "net", WORDS))
    assert copy_text(image, variant)
    copied = TextEmbedder(tmp_path / "net-int8.text.onnx")
    assert copied.image_digest == hashlib.sha256(variant.read_bytes()).hexdigest()
    assert copied.metadata == text.metadata | {"image_sha256": copied.image_digest}
    np.testing.assert_array_equal(copied.embed_text("red"), text.embed_text("red"))
    # Without one to copy, that of an earlier variant goes.
    text.path.write_bytes(b"damaged")
    assert not copy_text(image, variant)
    assert not copied.path.exists()


def test_both_files_go_together(make: Make, tmp_path: Path) -> None:
    registry = make("net", "other")
    text = weakref.ref(registry.load_text("net"))
    registry.remove("net")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.onnx", "other.text.onnx"]
    assert text() is None


def test_text_networks_are_released_with_their_models(make: Make) -> None:
    registry = make(*"abc", cache=2)
    registry.load("a")
    texts = {name: weakref.ref(registry.load_text(name)) for name in "ab"}
    assert registry.load_text("a") is texts["a"]()
    registry.load_text("c")  # the least recently used of three
    assert (texts["a"]() is None, texts["b"]() is None) == (False, True)
    registry.load("b")
    registry.load("c")  # the image network of a is evicted
    assert texts["a"]() is None
