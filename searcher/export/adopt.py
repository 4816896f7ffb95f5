"""A foreign network -> one file of the contract, verified against the file as it was brought."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from searcher.errors import BrokenModel, CannotAdopt
from searcher.export import batching, foreign, interpret
from searcher.export.catalogue import BASELINES, CATALOGUE
from searcher.export.contract import (
    Metadata,
    publish_verified,
    temporary_path,
    verification_pictures,
)
from searcher.export.interpret import Stem
from searcher.export.preprocess import Preprocess, guess
from searcher.export.processor_config import Prepared, read_beside
from searcher.export.wrap import LUMA, Ends, wrap
from searcher.images import Picture, UInt8Array
from searcher.resizing import STRETCH, Fit, resized

DEFAULT_SIZE = 224
PROBES = 6
# Beside the pictures a dark copy of each: a network that mixes a batch shows it there.
DARKER = 8
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Wishes:
    """What the user said of the file; None is taken from what lies beside it, or from the graph."""

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


@dataclass
class Adopted:
    """The file that was written, what was found, and what of that was guessed."""

    path: Path
    report: list[str] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)

    def say(self, what: str, guessed: bool = False) -> None:
        """Note one line."""
        (self.guesses if guessed else self.report).append(what)


def adopt(
    source: Path, name: str, folder: Path, wishes: Wishes, pictures: Sequence[Picture] = ()
) -> Adopted:
    """Write `folder`/NAME.onnx, verified against the foreign network on `pictures`.

    Raises CannotAdopt with the reason; nothing is written then.
    """
    adopted = Adopted(folder / f"{name}.onnx")
    check_name(name, folder, wishes.force)
    brought = foreign.load(source)
    all_said = None not in (wishes.preprocess, wishes.fit, wishes.size)
    beside = None if all_said else read_beside(source)
    tensor, layout, channels = interpret.find_input(brought, wishes.layout, wishes.input)
    adopted.say(f"input: {tensor}, {layout}{', grey' if channels == 1 else ''}")
    stem = interpret.find_stem(brought, tensor.name)
    height, width = _size(tensor, layout, wishes.size, beside, adopted)
    target = interpret.find_output(brought, tensor.name, wishes.output)
    network = foreign.cut_out(brought, tensor.name, target)
    preprocess = _preprocess(network, tensor, layout, stem, wishes, beside, adopted)
    fit = wishes.fit or (beside.fit if beside else STRETCH)
    adopted.say(f"fit: {fit}")

    images = _probes(pictures, height, width, fit)
    pixels = by_hand(images, preprocess, layout, channels, tensor.type)
    fixed = interpret.with_sides(tensor, layout, channels, height, width)
    alone = batching.Network(_exposing(brought, target), fixed, target).run_alone(pixels)
    if not np.isfinite(alone).all():
        raise CannotAdopt("Its output has values that are not finite numbers.")
    freed, how = batching.free(network, fixed, target, pixels, alone)
    ends, expected = _ends(alone, fixed, layout, channels, (height, width), stem, wishes, adopted)
    _describe_output(brought, target, alone, ends, adopted)
    adopted.say(f"batch: {how}")

    title, licence = wishes.title or name, wishes.licence or "as its source"
    weights = wishes.weights or f"as brought in {source.name}"
    metadata = Metadata(title, source.stem, weights, licence, fit)
    try:
        cosine = publish_verified(
            wrap(freed, preprocess, ends),
            metadata,
            adopted.path,
            images,
            expected,
            "the network's own",
        )
    except BrokenModel as error:
        said = str(error).replace(temporary_path(adopted.path).name, adopted.path.name)
        raise CannotAdopt(said) from error
    adopted.say(f"verified: cosine {cosine:.6f} with the file as it was brought")
    return adopted


def check_name(name: str, folder: Path, force: bool) -> None:
    """Raises CannotAdopt for what is no name, or that of a model that would be overwritten."""
    if not NAME.fullmatch(name):
        raise CannotAdopt(
            f"{name} can't be a model's name: it takes up to 64 letters, digits, dots, - and _."
        )
    if force:
        return
    if (folder / f"{name}.onnx").exists():
        raise CannotAdopt(
            f"There is a model {name} already: choose another --name, or replace it with --force."
        )
    if name in CATALOGUE or name in BASELINES:
        raise CannotAdopt(
            f"{name} is the name of a model that Twinlens makes itself: choose another --name, or "
            "take it with --force."
        )


def list_tensors(source: Path) -> list[str]:
    """The tensors of a file with their shapes, as far as they are known, a line each."""
    model = foreign.load(source)
    try:
        model = onnx.shape_inference.infer_shapes(model)
    except Exception:  # odd graphs have no shapes then
        model = foreign.load(source)
    shapes = {v.name: foreign.describe(v) for v in [*model.graph.value_info, *model.graph.output]}
    ends = {value.name for value in model.graph.output}
    lines = [f"input   {tensor}" for tensor in foreign.inputs(model)]
    for node in model.graph.node:
        for name in filter(None, node.output):
            kind = "output" if name in ends else "inner"
            lines.append(f"{kind:<7} {shapes.get(name, name)}  {node.op_type}")
    return lines


def _size(
    tensor: foreign.Tensor,
    layout: str,
    wish: tuple[int, int] | None,
    beside: Prepared | None,
    adopted: Adopted,
) -> tuple[int, int]:
    fixed = interpret.fixed_sides(tensor, layout)
    wanted = wish or (beside.sides if beside else None)
    if wanted and any(side not in (None, own) for side, own in zip(fixed, wanted, strict=True)):
        shown = " x ".join(str(side or "any") for side in fixed)
        source = "" if wish or beside is None else f" as {beside.source} says: give --size"
        raise CannotAdopt(f"Its pictures must be {shown}, not {wanted[0]} x {wanted[1]}{source}.")
    chosen = wanted or (DEFAULT_SIZE, DEFAULT_SIZE)
    height, width = (own if side is None else side for side, own in zip(fixed, chosen, strict=True))
    if None in fixed and wanted is None:
        adopted.say(f"size {height}" if height == width else f"size {height}x{width}", guessed=True)
    adopted.say(f"size: {height} x {width}")
    return height, width


def _preprocess(
    network: onnx.ModelProto,
    tensor: foreign.Tensor,
    layout: str,
    stem: Stem | None,
    wishes: Wishes,
    beside: Prepared | None,
    adopted: Adopted,
) -> Preprocess:
    if wishes.preprocess is not None:
        adopted.say(f"preprocessing: {wishes.preprocess}")
        return wishes.preprocess
    if beside is not None:
        adopted.say(f"preprocessing: {beside.preprocess}, by {beside.source}")
        return beside.preprocess
    name, preprocess = guess(network, tensor, layout, stem)
    adopted.say(f"preprocessing {name}: {preprocess}", guessed=True)
    return preprocess


def _probes(pictures: Sequence[Picture], height: int, width: int, fit: Fit) -> UInt8Array:
    """The pictures to try, and dark ones; drawn ones where there are none."""
    shown = [resized(picture.pixels, height, width, fit) for picture in pictures[:PROBES]]
    images = np.stack(shown) if shown else verification_pictures(height, width)[:PROBES]
    return np.concatenate([images, images[:1] // DARKER])


def by_hand(
    images: np.ndarray, preprocess: Preprocess, layout: str, channels: int, kind: int
) -> np.ndarray:
    """The preprocessing in numpy, so that a mistake in the graph shows: uint8 [N, H, W, 3] in."""
    ordered = images.astype(np.float64)
    if channels == 1:
        ordered = np.floor(ordered @ np.array(LUMA)[:, None] + 0.5)
    elif preprocess.channels == "BGR":
        ordered = ordered[..., ::-1]
    mean, std = (np.array(values[:channels]) for values in (preprocess.mean, preprocess.std))
    pixels = (ordered * preprocess.scale - mean) / std
    if layout == "NCHW":
        pixels = pixels.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(pixels.astype(helper.tensor_dtype_to_np_dtype(kind)))


def _exposing(brought: onnx.ModelProto, target: str) -> onnx.ModelProto:
    """The file as it was brought, with one of its tensors among the outputs."""
    if target in {value.name for value in brought.graph.output}:
        return brought
    exposed = onnx.ModelProto()
    exposed.CopyFrom(brought)
    exposed.graph.output.append(onnx.ValueInfoProto(name=target))
    return exposed


def _ends(
    alone: np.ndarray,
    tensor: foreign.Tensor,
    layout: str,
    channels: int,
    sides: tuple[int, int],
    stem: Stem | None,
    wishes: Wishes,
    adopted: Adopted,
) -> tuple[Ends, np.ndarray]:
    """What is put around the network, and the unit vectors that should come out."""
    shape, pool, map_layout = alone.shape, wishes.pool or "", layout
    values = alone.astype(np.float64)
    if len(shape) == 4:
        map_layout = interpret.layout_of_map(shape, sides, wishes.output_layout)
        axes = (2, 3) if map_layout == "NCHW" else (1, 2)
        pool = "avg" if pool == "mean" else pool
        if pool == "cls":
            raise CannotAdopt("Its features are a map, without a class token: say --pool avg.")
        if not pool and max(shape[axis] for axis in axes) > 1:
            adopted.say("pooling avg", guessed=True)
        values = values.max(axes) if pool == "max" else values.mean(axes)
    elif len(shape) == 3:
        guessed = not pool
        pool = pool or interpret.pooling_of_tokens(shape, sides, stem)
        if guessed:
            adopted.say(f"pooling {pool}", guessed=True)
        pooled = {"cls": values[:, 0], "max": values.max(1)}
        values = pooled.get(pool, values.mean(1))
    elif len(shape) != 2:
        raise CannotAdopt(
            f"Its features have {len(shape)} dimensions; a vector [N, D], tokens [N, T, D] or a "
            "map is needed: choose another tensor with --output."
        )
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    if not lengths.min() > 0:
        raise CannotAdopt("Its features are all zero for some pictures.")
    ends = Ends(
        layout, *sides, channels, tensor.type, len(shape), map_layout, pool, values.shape[1]
    )
    return ends, (values / lengths).astype(np.float32)


def _describe_output(
    brought: onnx.ModelProto, target: str, alone: np.ndarray, ends: Ends, adopted: Adopted
) -> None:
    shape = ", ".join(["N", *(str(side) for side in alone.shape[1:])])
    layout = f", {ends.map_layout}" if ends.rank == 4 else ""
    adopted.say(f"output: {target} [{shape}]{layout}")
    if ends.rank > 2:
        adopted.say(f"pooling: {ends.pool or 'avg'}")
    adopted.say(f"dimension: {ends.dim}")
    if others := interpret.alternatives(brought, target):
        adopted.say(f"other tensors that could serve (--output): {', '.join(others)}")
