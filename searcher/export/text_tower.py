"""The text side of an external network -> the text file of a model, verified against it."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from searcher.errors import BrokenModel, CannotAdopt
from searcher.export import batching, onnx_reader, text_graph
from searcher.export.contract import MIN_COSINE, Metadata
from searcher.export.network_session import NetworkSession
from searcher.export.onnx_graph import Tensor
from searcher.export.text_contract import TextMetadata, publish_text, text_path
from searcher.export.text_graph import Padding, TextEnds
from searcher.export.text_probes import PROBES, SHORT
from searcher.export.text_reference import BroughtText, typed, unit
from searcher.export.text_source import TextSource, read_settings
from searcher.export.text_tokens import TextTokens, read_tokens
from searcher.files import part_of
from searcher.messages.message import Message, message
from searcher.models.text_embedder import TextEmbedder
from searcher.types import FloatArray

FREE = "L"  # the name of a free length


@dataclass(frozen=True)
class ImageSide:
    """The model that a text file is for: its file, the output of its network, all outputs."""

    path: Path
    output: str
    outputs: tuple[str, ...]
    is_pooled: bool  # whether its features are tokens or a map, which became a vector later
    dim: int


def adopt_words(source: TextSource | None, image: ImageSide, metadata: Metadata) -> list[Message]:
    """Write the text file of a model beside its image file, or delete one that is of another.

    Args:
        source: The text side of the network as it was brought, None for none.
        image: The model, whose file is in place.
        metadata: That of the model.

    Returns:
        What was found, line by line, or why the model has no words.

    Raises:
        OSError: The file can't be written.
    """
    path = text_path(image.path)
    lines: list[Message] = []
    try:
        if source is not None:
            with part_of(path) as part:
                return write_text_file(source, image, metadata, part)
    except CannotAdopt as error:
        lines.append(message("adoption.no_words", reason=error.message))
    except BrokenModel as error:
        reason = error.message.with_params(name=path.name)  # it has the temporary one
        lines.append(message("adoption.no_words", reason=reason))
    path.unlink(missing_ok=True)
    return lines


def write_text_file(
    source: TextSource, image: ImageSide, metadata: Metadata, path: Path
) -> list[Message]:
    """Write the text file of a model.

    Args:
        source: The text side of the network as it was brought.
        image: The model, whose file is in place.
        metadata: That of the model.
        path: Where it is written: a temporary path.

    Returns:
        What was found, line by line.

    Raises:
        CannotAdopt: The text side can't be used.
        BrokenModel: The file does not fulfil the contract.
        OSError: It can't be written.
    """
    settings = read_settings(source)
    if image.is_pooled:
        raise CannotAdopt("words.tensor", tensor=image.output)
    candidates = text_graph.counterparts(image.output, list(image.outputs), settings.is_siglip)
    tokens = read_tokens(source)
    model = onnx_reader.load(source.onnx)
    ends = text_graph.find_ends(model, candidates)
    network = text_graph.cut_text(model, ends)
    del model  # up to a gigabyte
    tokens = _fitted(tokens, ends)
    brought = BroughtText(network, ends)
    text_graph.with_tokens_only(network, ends, _padding(tokens))
    tokens = _padded_safely(tokens, network, ends, brought)
    vectors = brought.vectors(tokens, PROBES)
    expected = unit(vectors)
    dim = expected.shape[1]
    if dim != image.dim:
        raise CannotAdopt("words.dimension", dimensions=dim, dimension=image.dim)
    network, one_by_one = _freed(network, ends, tokens, vectors)
    fixed = tokens.format.length if tokens.format.padding == "fixed" else None
    text_graph.wrap_text(network, ends.tokens.type, fixed, dim)
    own = metadata.title, metadata.weights, metadata.licence
    entries = TextMetadata(*own, tokens.document, tokens.format)
    cosine = _verify(publish_text(network, entries, image.path, path), expected)
    return [
        message("adoption.text_input", tensor=str(ends.tokens)),
        _describe_tokens(tokens),
        _describe_text(tokens),
        message("adoption.text_output", tensor=ends.output, dimension=dim),
        *([message("adoption.text_one_by_one")] if one_by_one else []),
        message("adoption.text_verified", cosine=cosine, count=len(PROBES)),
    ]


def _fitted(tokens: TextTokens, ends: TextEnds) -> TextTokens:
    """Return the tokens in the length that a graph requires, if it does."""
    if ends.length is None:
        return tokens
    if ends.length > tokens.format.length:
        raise CannotAdopt(
            "words.fixed_length", number=ends.length, length=str(tokens.format.length)
        )
    return tokens.with_padding("fixed", ends.length)


def _padding(tokens: TextTokens) -> Padding | None:
    """Return what a mask leaves out, None where it leaves out nothing."""
    if not tokens.masks:
        return None
    pad = tokens.format.pad_id
    return Padding(pad, tokens.rows(["a"])[0][-1:] == [pad])


def _padded_safely(
    tokens: TextTokens, network: onnx.ModelProto, ends: TextEnds, brought: BroughtText
) -> TextTokens:
    """Return the tokens with a fixed length where padding changes the vectors of short texts.

    So in networks whose attention looks at tokens behind a text, as MobileCLIP's: their authors
    pad all texts to one length.
    """
    if tokens.format.padding == "longest":
        rows = tokens.rows(SHORT)
        session = NetworkSession(network, _source(ends, tokens), ends.output)
        padded = typed(tokens.padded(rows, tokens.format.length), ends.tokens)
        with suppress(CannotAdopt):  # some run with one length only, whatever they announce
            alone = brought.vectors(tokens, SHORT)
            if batching.same(session.run_alone(padded), alone):
                return tokens
        tokens = tokens.with_padding("fixed", tokens.format.length)
    if not tokens.has_pad:
        raise CannotAdopt("words.pad")
    return tokens


def _freed(
    network: onnx.ModelProto, ends: TextEnds, tokens: TextTokens, expected: np.ndarray
) -> tuple[onnx.ModelProto, bool]:
    """Return a graph that takes any number of texts, and whether it takes them one by one."""
    rows = tokens.rows(PROBES)
    fixed = tokens.format.padding == "fixed"
    length = tokens.format.length if fixed else max(map(len, rows))
    padded = typed(tokens.padded(rows, length), ends.tokens)
    try:
        freed, method = batching.free(network, _source(ends, tokens), ends.output, padded, expected)
    except CannotAdopt as error:
        raise CannotAdopt("words.batch") from error
    return freed, method.code == "batch.one_by_one"


def _source(ends: TextEnds, tokens: TextTokens) -> Tensor:
    side = tokens.format.length if tokens.format.padding == "fixed" else FREE
    return Tensor(ends.tokens.name, ends.tokens.type, [ends.tokens.shape[0], side])


def _verify(embedder: TextEmbedder, expected: FloatArray) -> float:
    """Return the lowest cosine of a text file's vectors with those that are expected."""
    cosine = float(np.min(np.sum(embedder.embed_texts(PROBES) * expected, axis=1)))
    if not cosine >= MIN_COSINE:
        raise CannotAdopt("words.differ", cosine=cosine, minimum=MIN_COSINE)
    return cosine


def _describe_tokens(tokens: TextTokens) -> Message:
    length, pad = tokens.format.length, str(tokens.format.pad_id)
    if tokens.format.padding == "fixed":
        return message("adoption.tokens_fixed", length=length, pad=pad)
    return message("adoption.tokens", length=length, pad=pad)


def _describe_text(tokens: TextTokens) -> Message:
    if tokens.format.strip_punctuation:
        return message("adoption.text_canonical")
    if tokens.format.lowercase:
        return message("adoption.text_lower")
    return message("adoption.text_as_is")
