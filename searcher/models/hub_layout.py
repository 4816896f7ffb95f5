"""Where the files of a model lie in a repository of the Hugging Face Hub, or in such a folder.

The conventions of transformers.js (`onnx/`), immich (`visual/`, `textual/`) and of repositories
with one ONNX file.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from searcher.errors import HubFailed
from searcher.messages.system import os_reason

# By preference: a variant's name, and the suffix of its files (transformers.js, utils/dtypes.js).
VARIANTS = {
    "fp32": "",
    "fp16": "_fp16",
    "q8": "_quantized",
    "int8": "_int8",
    "uint8": "_uint8",
    "q4": "_q4",
    "q4f16": "_q4f16",
    "bnb4": "_bnb4",
}
ONNX = ".onnx"
# Joint files (`onnx/model.onnx` of CLIP) have both towers, so they are looked for last.
TOWERS = {
    "vision": ("onnx/vision_model", "visual/model", "vision_model", "onnx/model", "model"),
    "text": ("onnx/text_model", "textual/model", "text_model"),
}
ONE_TOWER = ("onnx/model", "model")  # the name of either tower, where a repository has only one
PROCESSORS = (
    *("preprocessor_config.json", "processor_config.json"),
    *("preprocess_cfg.json", "open_clip_config.json"),
)
TOKENIZERS = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
CONFIGS = {
    "vision": ("config.json", *PROCESSORS),
    "text": ("config.json", "open_clip_config.json", *TOKENIZERS),
}
# Weights outside of the ONNX file: model.onnx_data, model.onnx_data_1, model.onnx.data, model.data.
_DATA = re.compile(r"(?:\.onnx)?[._]data(?:_\d+)?")
_TEXT = re.compile(r"text|tokenizer|decoder", re.IGNORECASE)
MAX_DEPTH = 2  # folders between the root and a model's files
LISTED = 12  # files that an error names


@dataclass(frozen=True)
class HubFiles:
    """The files of one model, relative to the repository; only these are downloaded.

    `text` are those of its text side, which may be in the same ONNX file; None if it has none.
    """

    onnx: str
    variant: str
    data: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    text: "HubFiles | None" = None

    @property
    def all(self) -> tuple[str, ...]:
        """All files, the small ones first."""
        small, large = [*self.configs], [self.onnx, *self.data]
        if self.text is not None:
            small += self.text.configs
            large += self.text.networks
        return tuple(dict.fromkeys((*small, *large)))

    @property
    def networks(self) -> tuple[str, ...]:
        """The large files of a text side; none if it can't be used without its tokenizer."""
        has_tokenizer = any(PurePosixPath(name).name == TOKENIZERS[0] for name in self.configs)
        return (self.onnx, *self.data) if has_tokenizer else ()


def find_model(
    names: Iterable[str],
    source: str,
    variant: str | None = None,
    tower: str = "vision",
) -> HubFiles:
    """Find the files of a model.

    Args:
        names: The names of all files, relative to the repository.
        source: The name of the repository or folder, for errors.
        variant: A key of VARIANTS, or None for the first of these that exists.
        tower: "vision" or "text".

    Raises:
        HubFailed: There is no such file; the error says which there are.
    """
    safe = sorted(name for name in names if _is_safe(name))
    choices = _variants(safe, tower)
    if not choices:
        raise _nothing_found(safe, source)
    if variant is not None and variant not in choices:
        raise HubFailed(
            "hub.no_variant", name=source, variant=variant[:20], choices=", ".join(choices)
        )
    chosen = variant or next(iter(choices))
    return _with_files_beside(choices[chosen], chosen, safe, tower)


def with_text(files: HubFiles, names: Iterable[str]) -> HubFiles:
    """Return the files of a model with those of its text side, if it has one.

    Args:
        files: Those of the image side.
        names: The names of all files, relative to the repository.
    """
    safe = sorted(name for name in names if _is_safe(name))
    choices = _variants(safe, "text") or _joint(safe)
    if not choices:
        return files
    variant = files.variant if files.variant in choices else next(iter(choices))
    return replace(files, text=_with_files_beside(choices[variant], variant, safe, "text"))


def find_in_folder(folder: Path, variant: str | None = None, words: bool = True) -> HubFiles:
    """Find the files of a model in a folder with the layout of a repository.

    Args:
        folder: The folder.
        variant: A key of VARIANTS, or None for the first of these that exists.
        words: Whether to look for its text side as well.

    Raises:
        HubFailed: The folder can't be read, or has no such file.
    """
    try:
        names = files_of(folder)
    except OSError as error:
        raise HubFailed("file.unreadable", name=folder.name, reason=os_reason(error)) from error
    files = find_model(names, folder.name, variant)
    return with_text(files, names) if words else files


def variants(names: Iterable[str], tower: str = "vision") -> list[str]:
    """Return the variants that a repository has, as in VARIANTS."""
    return list(_variants([name for name in names if _is_safe(name)], tower))


def files_of(folder: Path) -> dict[str, int | None]:
    """Return the files of a folder by their relative names, with sizes in bytes.

    Links, as in the cache of huggingface_hub, are followed; folders that deep are left out.

    Args:
        folder: A folder with the layout of a repository.

    Raises:
        OSError: It can't be read.
    """
    return dict(_walk(folder, "", MAX_DEPTH))


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[tuple[str, int | None]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                yield prefix + entry.name, entry.stat().st_size
            elif depth > 0 and entry.is_dir(follow_symlinks=False):
                yield from _walk(folder / entry.name, f"{prefix}{entry.name}/", depth - 1)


def _with_files_beside(onnx: str, variant: str, names: list[str], tower: str) -> HubFiles:
    folders = {PurePosixPath("."), *PurePosixPath(onnx).parents}
    return HubFiles(
        onnx,
        variant,
        data=tuple(name for name in names if _is_data_of(name, onnx)),
        configs=tuple(
            name
            for name in names
            if PurePosixPath(name).name in CONFIGS[tower] and PurePosixPath(name).parent in folders
        ),
    )


def _joint(names: list[str]) -> dict[str, str]:
    """Return the files of both towers; what has no tokenizer has no tower for words."""
    return _existing(names, ONE_TOWER) if TOKENIZERS[0] in names else {}


def _existing(names: list[str], bases: Iterable[str]) -> dict[str, str]:
    """Return the ONNX file of each variant under the first name that there is."""
    available = set(names)
    for base in bases:
        files = {variant: f"{base}{suffix}{ONNX}" for variant, suffix in VARIANTS.items()}
        if existing := {variant: file for variant, file in files.items() if file in available}:
            return existing
    return {}


def _variants(names: list[str], tower: str) -> dict[str, str]:
    """Return the ONNX file of each variant, in the order of VARIANTS."""
    unclear = ONE_TOWER if tower == "vision" and _is_text(set(names)) else ()
    if existing := _existing(names, [base for base in TOWERS[tower] if base not in unclear]):
        return existing
    networks = [name for name in names if name.endswith(ONNX)]
    if tower == "vision" and not unclear and len(networks) == 1 and not _TEXT.search(networks[0]):
        stem = networks[0].removesuffix(ONNX)
        by_length = sorted(VARIANTS, key=lambda variant: -len(VARIANTS[variant]))
        return {next(v for v in by_length if stem.endswith(VARIANTS[v])): networks[0]}
    return {}


def _is_text(names: set[str]) -> bool:
    """Whether a network that may be either tower is one for words: a tokenizer, no processor."""
    processors = {f"{folder}{name}" for name in PROCESSORS for folder in ("", "onnx/")}
    return "tokenizer.json" in names and not processors & names


def _is_data_of(name: str, onnx: str) -> bool:
    stem = onnx.removesuffix(ONNX)
    return name.startswith(stem) and _DATA.fullmatch(name.removeprefix(stem)) is not None


def _is_safe(name: str) -> bool:
    """Whether a name stays inside its folder, and is one that people can read."""
    parts = name.split("/")
    return name.isprintable() and "\\" not in name and not {"", ".", ".."} & set(parts)


def _nothing_found(names: list[str], source: str) -> HubFailed:
    networks = [name for name in names if name.endswith(ONNX)]
    shown = networks or names
    listed = ", ".join(shown[:LISTED]) + (", …" if len(shown) > LISTED else "") or "–"
    if networks and (_is_text(set(names)) or _variants(names, "text")):
        return HubFailed("hub.text_only", name=source, files=listed)
    return HubFailed("hub.no_onnx", name=source, files=listed)
