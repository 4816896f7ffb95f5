"""How the text file of a model makes tokens of a text, as its metadata say."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TEXT = ".text"  # after a model's name: its text file is NAME.text.onnx
KIND = "text"  # the entry `kind` of a text file
MAX_LENGTH = 4096  # tokens
PADDINGS = ("longest", "fixed")
PLACE = "{}"  # of the text in a template


@dataclass(frozen=True)
class TextFormat:
    """What happens to a text before and after the tokenizer.

    Args:
        length: The most tokens of a text, special tokens included; longer texts are cut.
        padding: "longest" pads a batch to its longest text, "fixed" every text to `length`.
        pad_id: The token that shorter texts are padded with, on the right.
        lowercase: Whether the text is made lower-case first.
        strip_punctuation: Whether ASCII punctuation is removed first, as SigLIP's authors do.
        template: What the text is put into, with `{}` in its place.
    """

    length: int
    padding: str = "longest"
    pad_id: int = 0
    lowercase: bool = False
    strip_punctuation: bool = False
    template: str = PLACE

    def __post_init__(self) -> None:
        """Raise ValueError if the model contract does not allow a value."""
        if not 1 <= self.length <= MAX_LENGTH:
            raise ValueError(f"length must be from 1 to {MAX_LENGTH}, not {self.length}")
        if self.padding not in PADDINGS:
            raise ValueError(f"padding must be {' or '.join(PADDINGS)}, not {self.padding}")
        if self.pad_id < 0:
            raise ValueError(f"pad_id must not be negative, as {self.pad_id}")
        if self.template.count(PLACE) != 1:
            raise ValueError(f"template must have one {PLACE}, unlike {self.template}")

    @classmethod
    def from_metadata(cls, entries: Mapping[str, str]) -> "TextFormat":
        """Read a text file's entries. Raise ValueError for missing or bad ones."""
        return cls(
            int(entries.get("length", "")),
            entries.get("padding", "longest"),
            int(entries.get("pad_id", "0")),
            entries.get("lowercase") == "true",
            entries.get("strip_punctuation") == "true",
            entries.get("template", PLACE),
        )

    def metadata(self) -> dict[str, str]:
        """Return the entries of a text file, all text."""
        return {
            "length": str(self.length),
            "padding": self.padding,
            "pad_id": str(self.pad_id),
            "lowercase": str(self.lowercase).lower(),
            "strip_punctuation": str(self.strip_punctuation).lower(),
            "template": self.template,
        }


def text_file(folder: Path, name: str) -> Path:
    """Return the path of a model's text file."""
    return folder / f"{name}{TEXT}.onnx"


def is_text_file(path: Path) -> bool:
    """Whether a path is that of a text file, and not that of a model's image file."""
    return path.name.endswith(f"{TEXT}.onnx")
