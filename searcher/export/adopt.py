"""External ONNX network -> one model file, verified against the network."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from searcher.errors import BrokenModel, CannotAdopt
from searcher.export import onnx_reader
from searcher.export.contract import Metadata, publish_verified
from searcher.export.preprocess import PRESETS, Preprocess
from searcher.export.scratch import scratch_folder
from searcher.export.wrap import GraphEnds, wrap
from searcher.messages.message import Message, message

DEFAULT_SIZE = 224
PROBES = 4
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)


@dataclass(frozen=True)
class AdoptOptions:
    """The user's options; those that are None are guessed from the graph."""

    layout: str | None = None
    size: int | None = None
    output: str | None = None
    pool: str | None = None
    preprocess: Preprocess | None = None
    title: str = ""
    licence: str = ""


@dataclass
class Adopted:
    """The new model file, and messages about what was guessed."""

    path: Path
    guesses: list[Message] = field(default_factory=list)


def adopt(source: Path, name: str, folder: Path, options: AdoptOptions) -> Adopted:
    """Write `folder`/NAME.onnx, verified against the external network.

    Args:
        source: The external ONNX file.
        name: The name of the new model.
        folder: The models folder.
        options: What is known of the network.

    Returns:
        The file and what was guessed.

    Raises:
        CannotAdopt: The network cannot be used; nothing is written.
        ExportFailed: The vectors of the new file differ; nothing is written.
    """
    if not NAME.fullmatch(name):
        raise CannotAdopt("adopt.name", name=name)
    adopted = Adopted(folder / f"{name}.onnx")
    network = onnx_reader.load(source)
    tensor, layout = onnx_reader.find_input(network, options.layout)
    height, width = _size(tensor, layout, options.size, adopted.guesses)
    network = onnx_reader.cut_out(
        network, tensor.name, onnx_reader.find_output(network, options.output)
    )
    onnx_reader.free_batch(network)
    preprocess = options.preprocess or _guess(network, tensor, layout, adopted.guesses)

    images = np.random.default_rng(0).integers(0, 256, (PROBES, height, width, 3), dtype=np.uint8)
    pixels = _preprocess(images, preprocess, layout, tensor.type)
    features = _run_in_batches(network, pixels)
    if features.ndim not in (2, 4):
        raise CannotAdopt("adopt.features", dimensions=features.ndim)
    pool = options.pool or "avg"
    if features.ndim == 4 and features.size > features.shape[0] * max(features.shape[1:]):
        adopted.guesses += [] if options.pool else [message("guess.pooling", pool=pool)]
    expected = _normalise(_pool(features, layout, pool))

    ends = GraphEnds(layout, height, width, tensor.type, features.ndim, pool, expected.shape[1])
    wrapped = wrap(network, preprocess, ends)
    weights = f"as brought in {source.name}"
    title, licence = options.title or name, options.licence or "as its source"
    original = message("vectors.network")
    metadata = Metadata(title, source.stem, weights, licence)
    try:
        with scratch_folder(adopted.path):
            publish_verified(wrapped, metadata, adopted.path, images, expected, original)
    except BrokenModel as error:
        # The message has the file's temporary name.
        raise CannotAdopt.of(error.message.with_params(name=adopted.path.name)) from error
    return adopted


def _size(
    tensor: onnx_reader.Tensor, layout: str, size: int | None, guesses: list[Message]
) -> tuple[int, int]:
    """Return height and width in pixels: `size`, or a guess, where the graph leaves them free."""
    sides = [tensor.shape[layout.index(axis)] for axis in "HW"]
    fixed = [side for side in sides if isinstance(side, int)]
    if size and any(side != size for side in fixed):
        raise CannotAdopt("adopt.size", height=str(sides[0]), width=str(sides[1]), size=size)
    if not size and len(fixed) < 2:
        guesses.append(message("guess.size", size=DEFAULT_SIZE))
    height, width = (side if isinstance(side, int) else size or DEFAULT_SIZE for side in sides)
    return height, width


def _guess(
    network: onnx.ModelProto, tensor: onnx_reader.Tensor, layout: str, guesses: list[Message]
) -> Preprocess:
    """Guess the preprocessing in training: PyTorch's networks are NCHW, TensorFlow's NHWC."""
    if tensor.type == TensorProto.UINT8 or onnx_reader.has_scaling(network, tensor.name):
        name = "none"
    else:
        name = "imagenet" if layout == "NCHW" else "tf"
    guesses.append(message("guess.preprocessing", name=name, preprocess=str(PRESETS[name])))
    return PRESETS[name]


def _preprocess(images: np.ndarray, preprocess: Preprocess, layout: str, kind: int) -> np.ndarray:
    """Preprocess uint8 [N, H, W, 3] in numpy, independently of the graph that is verified."""
    ordered = images[..., ::-1] if preprocess.channels == "BGR" else images
    scaled = ordered.astype(np.float32) * preprocess.scale
    pixels = (scaled - np.array(preprocess.mean)) / np.array(preprocess.std)
    if layout == "NCHW":
        pixels = pixels.transpose(0, 3, 1, 2)
    typed: np.ndarray = pixels.astype(helper.tensor_dtype_to_np_dtype(kind))
    return typed


def _run_in_batches(network: onnx.ModelProto, pixels: np.ndarray) -> np.ndarray:
    """Run the network on a batch, and check the shape against that of a single picture."""
    single = onnx_reader.run(network, pixels[:1])
    try:
        batch = onnx_reader.run(network, pixels)
    except CannotAdopt as error:
        raise CannotAdopt("adopt.one_at_a_time") from error
    if batch.shape[1:] != single.shape[1:] or len(batch) != len(pixels):
        raise CannotAdopt("adopt.mixes")
    if not np.isfinite(batch).all():
        raise CannotAdopt("adopt.not_finite")
    return batch


def _pool(features: np.ndarray, layout: str, pool: str) -> np.ndarray:
    """Pool a feature map over height and width: [N, D] as it is, 4-d arrays become [N, D]."""
    if features.ndim == 2:
        return features
    axes = (2, 3) if layout == "NCHW" else (1, 2)
    pooled: np.ndarray = features.max(axes) if pool == "max" else features.mean(axes)
    return pooled


def _normalise(vectors: np.ndarray) -> np.ndarray:
    """Scale vectors [N, D] to unit length."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not lengths.min() > 0:
        raise CannotAdopt("adopt.zero")
    unit: np.ndarray = vectors / lengths
    return unit
