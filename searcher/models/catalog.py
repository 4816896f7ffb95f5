"""The Keras networks that can be installed, and the baselines."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KerasNetwork:
    """A network of keras.applications: where its code is, and its metadata."""

    name: str
    title: str
    module: str
    function: str
    pooling: str  # over the last feature map: "max" as in the article, or "avg"
    size: int  # pixels of each side of the input
    licence: str  # of the ImageNet weights

    @property
    def architecture(self) -> str:
        """The `architecture` entry in the metadata of its model file."""
        return f"{self.function}, {self.pooling} pooling"


APACHE = "Apache-2.0 (Google)"

CATALOGUE = {
    network.name: network
    for network in (
        KerasNetwork("resnet50", "ResNet50", "resnet", "ResNet50", "max", 224, "MIT (Kaiming He)"),
        KerasNetwork("vgg16", "VGG16", "vgg16", "VGG16", "max", 224, "CC BY 4.0 (VGG, Oxford)"),
        KerasNetwork(
            "mobilenet_v2", "MobileNetV2", "mobilenet_v2", "MobileNetV2", "avg", 224, APACHE
        ),
        KerasNetwork(
            "efficientnet_v2_b0",
            "EfficientNetV2-B0",
            "efficientnet_v2",
            "EfficientNetV2B0",
            "avg",
            224,
            APACHE,
        ),
        KerasNetwork(
            "convnext_tiny", "ConvNeXt-Tiny", "convnext", "ConvNeXtTiny", "avg", 224, "MIT (Meta)"
        ),
    )
}

BASELINES = {
    "colour": ("Colour (baseline)", "HSV histogram on a 4 x 4 grid"),
    "shape": ("Shape (baseline)", "Gabor energies on a 4 x 4 grid"),
}
