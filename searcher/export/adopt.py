"""External ONNX network -> one model file, verified against the file as it was brought."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx

from searcher.errors import BrokenModel, CannotAdopt
from searcher.export import batching, interpret, onnx_graph, onnx_reader
from searcher.export.contract import Metadata, Origin, publish_verified
from searcher.export.features import Features, pool_features
from searcher.export.interpret import Stem
from searcher.export.network_session import NetworkSession
from searcher.export.preprocess import Preprocess
from searcher.export.preprocess_guess import guess
from searcher.export.processor_config import ProcessorConfig, read_beside
from searcher.export.reference import preprocess_in_numpy, probes, with_output
from searcher.export.scratch import scratch_folder
from searcher.export.text_source import TextSource
from searcher.export.text_tower import ImageSide, adopt_words
from searcher.export.wrap import GraphEnds, wrap
from searcher.images.pictures import Picture
from searcher.images.resizing import Fit
from searcher.messages.message import Message, message
from searcher.models.embedder import MAX_SIDE
from searcher.models.model_names import check_name

DEFAULT_SIZE = 224
VERIFIED = "adoption.verified"  # the line of a report that comes with success


@dataclass(frozen=True)
class AdoptOptions:
    """The user's options; those that are None come from files beside the network or its graph.

    `size` is height and width in pixels; with `force` an existing model file is replaced. By
    default, `architecture` is the file's name. `text` is the text side, which becomes the model's
    text file unless `words` is false.
    """

    input: str | None = None
    layout: str | None = None
    size: tuple[int, int] | None = None
    output: str | None = None
    output_layout: str | None = None
    pool: str | None = None
    preprocess: Preprocess | None = None
    fit: Fit | None = None
    title: str = ""
    weights: str = ""
    licence: str = ""
    force: bool = False
    architecture: str = ""
    origin: Origin | None = None
    text: TextSource | None = None
    words: bool = True


@dataclass
class Adoption:
    """The new model file, what was read, and what of that was guessed."""

    path: Path
    report: list[Message] = field(default_factory=list)
    guesses: list[Message] = field(default_factory=list)


def adopt(
    source: Path,
    name: str,
    folder: Path,
    options: AdoptOptions,
    pictures: Sequence[Picture] = (),
) -> Adoption:
    """Write `folder`/NAME.onnx, verified against the external network, then NAME.text.onnx.

    A text side that can't be used is named in the report, and the model is without words.

    Args:
        source: The external ONNX file.
        name: The name of the new model.
        folder: The models folder.
        options: What is known of the network.
        pictures: Pictures to verify it on.

    Returns:
        The file, what was read and what was guessed.

    Raises:
        CannotAdopt: The network cannot be used; nothing is written.
        ExportFailed: The vectors of the new file differ; nothing is written.
    """
    adoption = Adoption(folder / f"{name}.onnx")
    check_name(name, folder, options.force)
    model = onnx_reader.load(source)
    complete = None not in (options.preprocess, options.fit, options.size)
    config = None if complete else read_beside(source)
    tensor, layout, channels = interpret.find_input(model, options.layout, options.input)
    if channels == 3:
        source_line = message("adoption.input", tensor=str(tensor), layout=layout)
    else:
        source_line = message("adoption.grey_input", tensor=str(tensor), layout=layout)
    adoption.report.append(source_line)
    stem = interpret.find_stem(model, tensor.name)
    height, width = _size(tensor, layout, options.size, config, adoption)
    target = interpret.find_output(model, tensor.name, options.output)
    network = onnx_graph.cut_out(model, tensor.name, target)
    preprocess = _preprocess(network, tensor, layout, stem, options, config, adoption)
    fit = options.fit or (config.fit if config else Fit())
    is_assumed = options.fit is None and config is None
    lines = adoption.guesses if is_assumed else adoption.report
    lines.append(message("adoption.fit", fit=str(fit)))

    images = probes(pictures, height, width, fit)
    pixels = preprocess_in_numpy(images, preprocess, layout, channels, tensor.type)
    fixed = interpret.with_sides(tensor, layout, channels, height, width)
    alone = NetworkSession(with_output(model, target), fixed, target).run_alone(pixels)
    if not np.isfinite(alone).all():
        raise CannotAdopt("adopt.not_finite")
    freed, method = batching.free(network, fixed, target, pixels, alone)
    features = pool_features(alone, (height, width), stem, options.pool, options.output_layout)
    _describe_output(model, target, alone, features, adoption)
    adoption.report.append(message("adoption.batch", method=method))

    dim = features.vectors.shape[1]
    ends = GraphEnds(
        *(layout, height, width, channels, tensor.type),
        *(alone.ndim, features.map_layout, features.pool, dim),
    )
    weights = options.weights or f"as brought in {source.name}"
    title, licence = options.title or name, options.licence or "as its source"
    architecture = options.architecture or source.stem
    metadata = Metadata(title, architecture, weights, licence, fit, origin=options.origin)
    graph, original = wrap(freed, preprocess, ends), message("vectors.network")
    try:
        with scratch_folder(adoption.path):
            # Another process may have made a model of the name meanwhile.
            check_name(name, folder, options.force)
            cosine = publish_verified(
                graph, metadata, adoption.path, images, features.vectors, original
            )
            adoption.report.append(message("adoption.verified", cosine=cosine))
            outputs = tuple(value.name for value in model.graph.output)
            image = ImageSide(adoption.path, target, outputs, alone.ndim > 2, dim)
            del model, network, freed, graph
            text = options.text if options.words else None
            adoption.report += adopt_words(text, image, metadata)
    except BrokenModel as error:
        # The message has the file's temporary name.
        raise CannotAdopt.of(error.message.with_params(name=adoption.path.name)) from error
    return adoption


def _size(
    tensor: onnx_graph.Tensor,
    layout: str,
    size: tuple[int, int] | None,
    config: ProcessorConfig | None,
    adoption: Adoption,
) -> tuple[int, int]:
    """Return height and width in pixels: from the options, the files beside, or the graph."""
    fixed = interpret.fixed_sides(tensor, layout)
    given = size or (config.sides if config else None)
    if given and any(side not in (None, g) for side, g in zip(fixed, given, strict=True)):
        required = [str(side or "N") for side in fixed]
        shown = f"{given[0]} x {given[1]}"
        if size or config is None:
            raise CannotAdopt("adopt.size", height=required[0], width=required[1], given=shown)
        raise CannotAdopt(
            "adopt.size_of_file",
            height=required[0],
            width=required[1],
            given=shown,
            file=config.source,
        )
    default = given or (DEFAULT_SIZE, DEFAULT_SIZE)
    height, width = (d if side is None else side for side, d in zip(fixed, default, strict=True))
    if max(height, width) > MAX_SIDE:  # pictures of this size are made next
        reason = message("contract.input_size", side=MAX_SIDE)
        raise CannotAdopt("model.contract", name=adoption.path.name, reason=reason)
    lines = adoption.guesses if None in fixed and given is None else adoption.report
    lines.append(message("adoption.size", height=height, width=width))
    return height, width


def _preprocess(
    network: onnx.ModelProto,
    tensor: onnx_graph.Tensor,
    layout: str,
    stem: Stem | None,
    options: AdoptOptions,
    config: ProcessorConfig | None,
    adoption: Adoption,
) -> Preprocess:
    if options.preprocess is not None:
        adoption.report.append(
            message("adoption.preprocessing", preprocess=str(options.preprocess))
        )
        return options.preprocess
    if config is not None:
        adoption.report.append(
            message(
                "adoption.preprocessing_file", preprocess=str(config.preprocess), file=config.source
            )
        )
        return config.preprocess
    name, preprocess = guess(network, tensor, layout, stem)
    adoption.guesses.append(message("guess.preprocessing", name=name, preprocess=str(preprocess)))
    return preprocess


def _describe_output(
    model: onnx.ModelProto, target: str, alone: np.ndarray, features: Features, adoption: Adoption
) -> None:
    shape = ", ".join(["N", *(str(side) for side in alone.shape[1:])])
    if alone.ndim == 4:
        adoption.report.append(
            message("adoption.map", tensor=target, shape=shape, layout=features.map_layout)
        )
    else:
        adoption.report.append(message("adoption.output", tensor=target, shape=shape))
    if alone.ndim > 2:
        lines = adoption.guesses if features.is_pool_guessed else adoption.report
        lines.append(message("adoption.pooling", pool=features.pool))
    adoption.report.append(message("adoption.dimension", dimension=features.vectors.shape[1]))
    if others := interpret.alternatives(model, target):
        adoption.report.append(message("adoption.others", names=", ".join(others)))
