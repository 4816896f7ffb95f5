"""The model `words`: pictures and words in one space, without a network trained on both.

Convex combination of semantic embeddings (Norouzi et al., ICLR 2014, arXiv 1312.5650): a picture's
vector is the sum of the vectors of its likeliest ImageNet classes, weighed by their probabilities;
a text's vector is the mean of the vectors of its pieces of words. tools/words made both tables.

Run as `python -m searcher.export.words_model NAME --output FILE`; see export_process.py.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto

from searcher.errors import ExportFailed
from searcher.export.bag_of_pieces import Int8Array, bag_of_pieces
from searcher.export.contract import Metadata, save
from searcher.export.efficientnet_lite import build
from searcher.export.export_process import Order, report, run
from searcher.export.graph import Graph
from searcher.export.pip_networks import read_weights
from searcher.export.text_contract import TextMetadata, publish_text, text_path
from searcher.files import part_of
from searcher.messages.message import Message, message
from searcher.models.catalog import CATALOGUE
from searcher.models.networks import WordsNetwork
from searcher.models.text_format import TextFormat
from searcher.text_encoding import read_text
from searcher.types import FloatArray

DATA = Path(__file__).with_name("words")
TEMPERATURE = 2.0  # of the softmax
CLASSES = 50  # the likeliest; the others count for nothing
FORMAT = TextFormat(length=64)


@dataclass(frozen=True)
class Tables:
    """What tools/words makes, in three files.

    Args:
        pieces: The vectors of the pieces of words, int8 [pieces, D].
        scales: What each is multiplied by, float32 [pieces, 1].
        classes: The vectors of ImageNet's classes, float32 [1000, D], of unit length.
        tokenizer: The content of the tokenizer.json that cuts words into these pieces.
    """

    pieces: Int8Array
    scales: FloatArray
    classes: FloatArray
    tokenizer: str

    @classmethod
    def load(cls, folder: Path = DATA) -> "Tables":
        """Read the files in a folder."""
        with np.load(folder / "pieces.npz") as arrays:
            pieces, scales = arrays["table"], arrays["scales"]
        classes = np.load(folder / "classes.npy").astype(np.float32)
        return cls(pieces, scales, classes, read_text(folder / "tokenizer.json"))

    def save(self, folder: Path) -> None:
        """Write the files into a folder, the classes in half precision."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "pieces.npz", table=self.pieces, scales=self.scales)
        np.save(folder / "classes.npy", self.classes.astype(np.float16))
        (folder / "tokenizer.json").write_text(self.tokenizer, "utf-8")


def export(network: WordsNetwork, output: Path) -> None:
    """Write a model file and its text file; killed at any moment, it leaves no lone model file.

    Args:
        network: The network.
        output: The path of the model file.

    Raises:
        ExportFailed: The package of its weights is missing or damaged.
    """
    report("loading", message("install.reading"))
    tables, weights = Tables.load(), read_weights(network)
    report("converting", message("install.converting"))

    def head(graph: Graph, logits: str) -> tuple[str, int]:
        return weigh_classes(graph, logits, tables.classes), tables.classes.shape[1]

    with part_of(output) as part:
        save(build(network, weights, "logits", head), _metadata(network), part)
        publish_text(*_text(network, tables), part, text_path(output))


def complete(image: Path, network: WordsNetwork) -> None:
    """Write the text file of a model file that `export` made. Raises OSError."""
    publish_text(*_text(network, Tables.load()), image)


def weigh_classes(graph: Graph, logits: str, classes: FloatArray) -> str:
    """Add the sum of the classes' vectors by their probabilities; return its name, [N, D].

    Args:
        graph: The graph.
        logits: The name of a tensor [N, C].
        classes: float32 [C, D].
    """
    scaled = graph.add("Div", logits, graph.constant(TEMPERATURE))
    shares = graph.add("Softmax", scaled, axis=1)
    count = graph.constant([min(CLASSES, len(classes))], np.int64)
    likeliest, _ = graph.split("TopK", shares, count, outputs=2, axis=1)
    least = graph.add("ReduceMin", likeliest, axes=[1], keepdims=1)
    is_likely = graph.add("GreaterOrEqual", shares, least)
    kept = graph.add("Where", is_likely, shares, graph.constant(0))
    vectors = graph.add("Cast", graph.constant(classes, np.float16), to=TensorProto.FLOAT)
    return graph.add("MatMul", kept, vectors)


def make(order: Order) -> Message:
    """Export one network, as its parent process orders; see `export` for the errors."""
    network = CATALOGUE[order.name]
    if not isinstance(network, WordsNetwork):
        raise ExportFailed("install.not_pip", title=network.title)
    export(network, order.output)
    return message("install.written", tensor="embedding")


def _metadata(network: WordsNetwork) -> Metadata:
    return Metadata(network.title, network.architecture, network.origin, network.licence)


def _text(network: WordsNetwork, tables: Tables) -> tuple[onnx.ModelProto, TextMetadata]:
    graph = bag_of_pieces(tables.pieces, tables.scales)
    return graph, TextMetadata(
        network.title, network.origin, network.licence, tables.tokenizer, FORMAT
    )


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], make))
