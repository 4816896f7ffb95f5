"""What can be installed: the Keras networks (a further one is one line), and the baselines."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KerasNetwork:
    """Where a network is in keras.applications, and what is said of it."""

    name: str
    title: str
    module: str
    function: str
    size: int  # pixels of each side of the input
    licence: str  # of the ImageNet weights


CATALOGUE = {
    network.name: network
    for network in (
        KerasNetwork("resnet50", "ResNet50", "resnet", "ResNet50", 224, "MIT (Kaiming He)"),
        KerasNetwork("vgg16", "VGG16", "vgg16", "VGG16", 224, "CC BY 4.0 (VGG, Oxford)"),
    )
}

BASELINES = {
    "colour": ("Colour (baseline)", "HSV histogram on a 4 x 4 grid"),
    "shape": ("Shape (baseline)", "Gabor energies on a 4 x 4 grid"),
}
