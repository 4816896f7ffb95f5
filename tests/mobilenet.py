"""A third party's MobileNetV2, wrapped by hand into a model of the contract."""

from pathlib import Path

import onnx
from onnx import compose, parser

from searcher.export.contract import Metadata, save
from searcher.files import part_of

METADATA = Metadata("MobileNetV2", "MobileNetV2", "ImageNet", "Apache-2.0")

BEFORE = """
<ir_version: 8, opset_import: ["" : 17]>
before (uint8[N, 224, 224, 3] image) => (float[N, 3, 224, 224] pixels) {
    half = Constant <value_float = 127.5> ()
    one = Constant <value_float = 1.0> ()
    float = Cast <to = 1> (image)
    scaled = Div (float, half)
    centred = Sub (scaled, one)
    pixels = Transpose <perm = [0, 3, 1, 2]> (centred)
}
"""
AFTER = """
<ir_version: 8, opset_import: ["" : 17]>
after (float[N, 1280, 1, 1] features) => (float[N, 1280] embedding) {
    flat = Flatten (features)
    embedding = LpNormalization <axis = 1, p = 2> (flat)
}
"""


def wrap(foreign: Path, folder: Path) -> Path:
    """Write `folder`/mobilenet_v2.onnx: float NCHW in [-1, 1] becomes uint8 NHWC, unit vectors."""
    network = onnx.load(foreign)
    del network.opset_import[1:]  # compose wants the same operator sets in all parts
    before, after = parser.parse_model(BEFORE), parser.parse_model(AFTER)
    joined = compose.merge_models(before, network, io_map=[("pixels", "pixel_values")])
    joined = compose.merge_models(joined, after, io_map=[("pooled", "features")])
    del joined.opset_import[1:]
    path = folder / "mobilenet_v2.onnx"
    with part_of(path) as part:
        save(joined, METADATA, part)
    return path
