"""The text side of an external network, and what the files beside it say about its texts."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from searcher.models.hub_layout import HubFiles
from searcher.text_encoding import read_text

TOKENIZER = "tokenizer.json"
NAMES = ("tokenizer_config.json", "special_tokens_map.json", "config.json", "open_clip_config.json")
MAX_BYTES = 16 * 2**20  # of a file of settings; Gemma lists its tokens there
SIGLIP = "siglip"  # SigLIP 2 has the same model_type, and another tokenizer


@dataclass(frozen=True)
class TextSource:
    """The text side of a network.

    Args:
        onnx: Its file, which may be the one of the image side as well.
        configs: Its tokenizer.json and other files of settings.
        variant: One of hub_layout.VARIANTS, "" for a file of its own.
        length: The most tokens of a text; None to read it from the files.
        pad_id: The token that shorter texts are padded with; None to read it from the files.
        lowercase: Whether texts are made lower-case, whatever the files say.
        tokenizer: A file of another name than tokenizer.json.
    """

    onnx: Path
    configs: tuple[Path, ...]
    variant: str = ""
    length: int | None = None
    pad_id: int | None = None
    lowercase: bool = False
    tokenizer: Path | None = None

    @classmethod
    def beside(cls, onnx: Path, files: HubFiles) -> "TextSource | None":
        """Return the text side of a model, None if it has none.

        Args:
            onnx: The path of the model's ONNX file.
            files: The names of its files, relative to the repository.
        """
        if files.text is None:
            return None
        folder = onnx.parents[files.onnx.count("/")]
        configs = tuple(folder / name for name in files.text.configs)
        return cls(folder / files.text.onnx, configs, files.text.variant)


@dataclass(frozen=True)
class TextSettings:
    """The documents beside a text side, {} for those that are missing."""

    tokenizer: Path | None
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def tokens(self) -> dict[str, Any]:
        """tokenizer_config.json, of transformers."""
        return self.documents["tokenizer_config.json"]

    @property
    def special(self) -> dict[str, Any]:
        """special_tokens_map.json, of transformers."""
        return self.documents["special_tokens_map.json"]

    @property
    def model(self) -> dict[str, Any]:
        """config.json, of transformers or, as immich has it, of open_clip."""
        return self.documents["config.json"]

    @property
    def text(self) -> dict[str, Any]:
        """The settings of the text side in config.json of transformers."""
        return _part(self.model, "text_config")

    @property
    def open_clip(self) -> dict[str, Any]:
        """The settings of the text side in a configuration of open_clip, {} if it is of another."""
        own = _part(_part(self.documents["open_clip_config.json"], "model_cfg"), "text_cfg")
        return _part(self.model, "text_cfg") or own

    @property
    def is_siglip(self) -> bool:
        """Whether it is a SigLIP or SigLIP 2 of transformers."""
        return str(self.model.get("model_type", "")).startswith(SIGLIP)


def settings_beside(path: Path) -> tuple[Path, ...]:
    """Return the files of settings in a file's folder, or in the one above `onnx/`."""
    folders = [path.parent, path.parent.parent] if path.parent.name == "onnx" else [path.parent]
    paths = (folder / name for folder in folders for name in (TOKENIZER, *NAMES))
    return tuple(file for file in paths if file.is_file())


def read_settings(source: TextSource) -> TextSettings:
    """Read the files beside a text side; those that can't be read count as missing.

    Of two files with one name, the one deeper in the folders counts.
    """
    deepest_last = sorted(source.configs, key=lambda path: len(path.parts))
    named = {path.name: path for path in deepest_last}
    documents = {name: _read(named.get(name)) for name in NAMES}
    return TextSettings(source.tokenizer or named.get(TOKENIZER), documents)


def _read(path: Path | None) -> dict[str, Any]:
    try:
        if path is None or path.stat().st_size > MAX_BYTES:
            return {}
        document = json.loads(read_text(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _part(document: dict[str, Any], key: str) -> dict[str, Any]:
    part = document.get(key)
    return part if isinstance(part, dict) else {}
