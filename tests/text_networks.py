"""Small text files made by the tests: good ones, and each kind of broken one."""

import hashlib
import json
import string
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from searcher.export.bag_of_pieces import bag_of_pieces, quantise
from searcher.export.text_contract import TextMetadata, publish_text, text_path
from searcher.models.text_format import TextFormat
from searcher.types import FloatArray

SPECIAL = ["[PAD]", "[UNK]"]
LETTERS = string.ascii_lowercase + string.digits + string.punctuation
FORMAT = TextFormat(length=32, lowercase=True)


def tokenizer(words: Sequence[str] = ()) -> Tokenizer:
    """A tokenizer that knows some words and, of all others, their letters."""
    pieces = [*SPECIAL, *sorted(words), *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    made = Tokenizer(
        models.WordPiece(
            {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}, unk_token="[UNK]"
        )
    )
    made.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents()])
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def write_text_file(
    folder: Path,
    name: str,
    words: Mapping[str, Sequence[float]] | None = None,
    text_format: TextFormat = FORMAT,
) -> Path:
    """Write NAME.text.onnx beside the model file NAME.onnx, in milliseconds.

    Args:
        folder: The models folder.
        name: The model's name.
        words: The vectors of some words, in lower case. Other words have vectors that are made of
            their letters and are the same in every run.
        text_format: What happens to a text before and after the tokenizer.
    """
    image = folder / f"{name}.onnx"
    publish_text(network(dimension(image), words), metadata(words, text_format), image)
    return text_path(image)


def network(dim: int, words: Mapping[str, Sequence[float]] | None = None) -> onnx.ModelProto:
    """A table of one vector for each piece of `tokenizer(words)`."""
    vocabulary = tokenizer(list(words or ())).get_vocab()
    table = np.stack([_vector(p, dim) for p in sorted(vocabulary, key=vocabulary.__getitem__)])
    for word, vector in (words or {}).items():
        table[vocabulary[word]] = vector
    return bag_of_pieces(*quantise(table))


def metadata(
    words: Mapping[str, Sequence[float]] | None = None, text_format: TextFormat = FORMAT
) -> TextMetadata:
    """The metadata of a test's text file."""
    document = tokenizer(list(words or ())).to_str()
    return TextMetadata("Words", "none: a test", "Apache-2.0", document, text_format)


def dimension(image: Path) -> int:
    """The dimension of a model file's vectors."""
    (output,) = onnx.load(image).graph.output
    return int(output.type.tensor_type.shape.dim[1].dim_value)


def write_broken(folder: Path, name: str, kind: str) -> Path:
    """Write a text file that breaks the contract in one way."""
    image, path = folder / f"{name}.onnx", text_path(folder / f"{name}.onnx")
    model = network(dimension(image))
    entries = metadata().entries(hashlib.sha256(image.read_bytes()).hexdigest())
    graph = model.graph
    if kind == "not ONNX":
        path.write_text("not a model")
        return path
    if kind == "other input":
        graph.input[0].name = "ids"
        for node in graph.node:
            node.input[:] = ["ids" if name == "tokens" else name for name in node.input]
    elif kind == "fixed batch":
        graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    elif kind == "fixed length":
        graph.input[0].type.tensor_type.shape.dim[1].dim_value = 7
    elif kind == "not unit":
        graph.node[-1].output[0] = "unit"
        graph.node.append(helper.make_node("Add", ["unit", "unit"], ["embedding"]))
    elif kind == "small table":
        entries["tokenizer"] = tokenizer(["more", "words", "than", "rows"]).to_str()
    elif kind == "tokenizer":
        entries["tokenizer"] = json.dumps({"model": {"type": "WordPiece"}})
    elif kind == "no digest":
        del entries["image_sha256"]
    else:
        entries |= {"length": "many", "kind": "picture"}
    helper.set_model_props(model, entries)
    path.write_bytes(model.SerializeToString())
    return path


def _vector(piece: str, dim: int) -> FloatArray:
    generator = np.random.default_rng(zlib.crc32(piece.removeprefix("##").encode()))
    return generator.normal(size=dim).astype(np.float32)
