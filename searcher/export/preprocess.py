"""What a network does with pixels before its first layer."""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from searcher.errors import CannotAdopt
from searcher.export.foreign import Tensor, constants
from searcher.export.interpret import Stem

Triple = tuple[float, float, float]

TRANSPARENT = {"Cast", "Identity", "Transpose"}
# What (x - mean) / std gives: the width of a normal distribution's middle.
WIDEST, NARROWEST, FARTHEST = 8.0, 0.7, 4.5
CAFFE = np.array([103.939, 116.779, 123.68])  # means of ImageNet in the order BGR
PATCH = 8  # pixels: networks whose first convolution has this step or a larger one are transformers


@dataclass(frozen=True)
class Preprocess:
    """(pixel x scale - mean) / std for each of `channels` in their order, pixels from 0 to 255."""

    channels: str = "RGB"
    scale: float = 1.0
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)

    def __str__(self) -> str:
        """Such as `RGB, (pixel x 0.003922 - [0.485 …]) / [0.229 …]`."""
        mean, std = (" ".join(f"{v:g}" for v in values) for values in (self.mean, self.std))
        return f"{self.channels}, (pixel x {self.scale:.6g} - [{mean}]) / [{std}]"


PRESETS = {
    "none": Preprocess(),
    "unit": Preprocess(scale=1 / 255),
    # torchvision's, after Krizhevsky's statistics of the training set.
    "imagenet": Preprocess(scale=1 / 255, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    # keras.applications.imagenet_utils, modes "caffe" and "tf".
    "caffe": Preprocess(channels="BGR", mean=(103.939, 116.779, 123.68)),
    "tf": Preprocess(scale=1 / 127.5, mean=(1.0, 1.0, 1.0)),
    # Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021.
    "clip": Preprocess(
        scale=1 / 255,
        mean=(0.48145466, 0.4578275, 0.40821073),
        std=(0.26862954, 0.26130258, 0.27577711),
    ),
    "siglip": Preprocess(scale=1 / 255, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
}


def assumed_scale(mean: Triple | None, std: Triple | None) -> float:
    """The scale that goes with a mean and a std, where nobody named it. Raises CannotAdopt.

    As torchvision and preprocessor_config.json write them, they are of pixels from 0 to 1.
    """
    numbers = [abs(number) for number in (*(mean or ()), *(std or ()))]
    if max(numbers, default=0) <= 1:
        return 1 / 255
    if mean and min(abs(number) for number in mean) > 1 and min(std or (2.0,)) >= 1:
        return 1.0
    raise CannotAdopt(
        "Are --mean and --std for pixels from 0 to 1 or to 255? Say --scale 1/255 or --scale 1."
    )


def guess(
    network: onnx.ModelProto, tensor: Tensor, layout: str, stem: Stem | None
) -> tuple[str, Preprocess]:
    """Return what the graph itself tells, and its name.

    Raises CannotAdopt where that is nothing.
    """
    if tensor.type == TensorProto.UINT8:
        return "none", PRESETS["none"]
    arithmetic = leading_arithmetic(network, tensor.name)
    if arithmetic is not None:
        return _of_arithmetic(*arithmetic)
    is_transformer = stem is None or stem.stride >= PATCH
    if layout == "NCHW" and tensor.name != "pixel_values" and not is_transformer:
        return "imagenet", PRESETS["imagenet"]
    raise CannotAdopt(
        "Its graph does not tell how pixels are prepared: say --preprocess imagenet, clip, siglip, "
        "tf, caffe, unit or none, or --scale, --mean and --std, or put its "
        "preprocessor_config.json beside the file."
    )


def _of_arithmetic(factor: np.ndarray, offset: np.ndarray) -> tuple[str, Preprocess]:
    """What a graph wants that begins with `pixel * factor + offset`."""
    for name, top in (("none", 255), ("unit", 1)):
        ends = np.stack([offset, top * factor + offset])
        width = np.abs(top * factor)
        if np.abs(ends).max() <= FARTHEST and NARROWEST <= width.min() <= width.max() <= WIDEST:
            return name, PRESETS[name]
    if np.allclose(factor, 1):
        if np.abs(offset + CAFFE).max() < 2:
            return "none, BGR", Preprocess(channels="BGR")
        if np.abs(offset + CAFFE[::-1]).max() < 2:
            return "none", PRESETS["none"]
    raise CannotAdopt(
        "Its graph begins with arithmetic on the pixels that does not tell whether they are from 0 "
        "to 1 or to 255: say --preprocess unit or --preprocess none, or another."
    )


def leading_arithmetic(model: onnx.ModelProto, source: str) -> tuple[np.ndarray, np.ndarray] | None:
    """The factors and offsets [3] of what the graph first does to the pixels with constants."""
    known = constants(model.graph)
    factor, offset, steps = np.ones(3), np.zeros(3), 0
    for node in model.graph.node:  # sorted: every producer stands before its consumers
        if source not in node.input:
            continue
        if node.op_type not in TRANSPARENT:
            others = [name for name in node.input if name != source]
            if node.op_type not in ("Sub", "Mul", "Div", "Add") or len(others) != 1:
                break
            if others[0] not in known:
                break
            value = numpy_helper.to_array(known[others[0]]).astype(np.float64).ravel()
            if value.size not in (1, 3):
                break
            first = node.input[0] == source
            if node.op_type == "Mul":
                factor, offset = factor * value, offset * value
            elif node.op_type == "Div" and first:
                factor, offset = factor / value, offset / value
            elif node.op_type == "Add":
                offset = offset + value
            elif node.op_type == "Sub":
                sign = 1 if first else -1
                factor, offset = sign * factor, sign * (offset - value)
            else:
                break
            steps += 1
        source = node.output[0]
    return (factor, offset) if steps else None
