"""The files of a Space: what git tracks, the models, and a README with the Space's front matter."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from huggingface_hub import RepoCard, constants

from searcher.config.folders import ROOT, is_checkout
from searcher.errors import PublishFailed
from searcher.hub_access.hub_address import HUB_PREFIX
from searcher.models.registry import ModelRegistry
from searcher.models.text_format import TEXT

README = "README.md"
THUMBNAIL = "docs/compare.webp"  # shown where somebody links to the Space
Content = dict[str, Path | bytes]  # by the path in the repository


@dataclass(frozen=True)
class FrontMatter:
    """What a Space's front matter has beside that of the checkout's README.

    Args:
        space: `OWNER/NAME`.
        hardware: The Hub's name of the hardware, which others who duplicate the Space get offered.
        models: Repositories of models that the Space uses.
        preloaded: Files that the Space's image has in the Hub's cache, by their repository.
    """

    space: str
    hardware: str
    models: tuple[str, ...] = ()
    preloaded: dict[str, list[str]] = field(default_factory=dict)

    def write(self, readme: str) -> bytes:
        """Return a README with this front matter."""
        card = RepoCard(readme)
        added: dict[str, object] = {
            "suggested_hardware": self.hardware,
            "thumbnail": f"{constants.ENDPOINT}/spaces/{self.space}/resolve/main/{THUMBNAIL}",
        }
        if self.models:
            added["models"] = list(self.models)
        if self.preloaded:
            lists = self.preloaded.items()
            added["preload_from_hub"] = [f"{name} {','.join(files)}" for name, files in lists]
        for name, value in added.items():
            card.data[name] = value
        return str(card).encode()


def tracked_files() -> Content:
    """Return the files that git tracks, as they are now.

    Raises:
        PublishFailed: This is no checkout.
    """
    command = ["git", "ls-files", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PublishFailed("publish.no_checkout") from error
    if not is_checkout():
        raise PublishFailed("publish.no_checkout")
    paths = {name: ROOT / name for name in listed.stdout.split("\0") if name}
    return {name: path for name, path in paths.items() if path.is_file()}


def model_files(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """Return the model files by name, with the text files of those that understand words.

    Args:
        folder: The models folder.
        names: Names of models; empty for all.

    Raises:
        PublishFailed: There is no such model.
    """
    present = {p.stem: p for p in sorted(folder.glob("*.onnx")) if not p.name.startswith(".")}
    names = list(names)
    if missing := [name for name in names if name not in present]:
        raise PublishFailed("publish.no_model", name=missing[0][:80])
    chosen = {stem for name in names for stem in (name, f"{name}{TEXT}")} or present.keys()
    return {path.name: path for stem, path in present.items() if stem in chosen}


def hub_sources(registry: ModelRegistry, files: Iterable[str]) -> tuple[str, ...]:
    """Return the repositories of the Hub that model files were made from, `OWNER/NAME` each."""
    chosen = set(files)
    weights = [m.weights for m in registry.ready() if f"{m.name}.onnx" in chosen]
    names = {w.removeprefix(HUB_PREFIX).split("@")[0] for w in weights if w.startswith(HUB_PREFIX)}
    return tuple(sorted(names))
