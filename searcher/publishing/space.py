"""What is published: a Space's files and its settings, and the models beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import SpaceHardware, Volume

from searcher.config.folders import ROOT
from searcher.errors import HubFailed, PublishFailed
from searcher.hub_access.hub_address import HUB_PREFIX
from searcher.models.hub_reference import parse
from searcher.models.registry import ModelRegistry
from searcher.publishing.space_files import (
    README,
    Content,
    FrontMatter,
    hub_sources,
    model_files,
    tracked_files,
)

ZERO_GPU: str = SpaceHardware.ZERO_A10G.value  # all that a free account may have
KEPT = "/kept"  # where a bucket is mounted


@dataclass(frozen=True)
class Plan:
    """What is to be published.

    Args:
        space: `OWNER/NAME` of the Space.
        hardware: Its hardware, by the Hub's name.
        private: Whether only its owner sees what is created.
        names: Names of models; empty for all.
        model_repository: `OWNER/NAME` of a repository of models that the model files go to; "" to
            put them into the Space.
        bucket: `OWNER/NAME` of a bucket for votes and models; "" for none.
        replace: Whether a Space with another app may be replaced.
    """

    space: str
    hardware: str = ZERO_GPU
    private: bool = False
    names: tuple[str, ...] = ()
    model_repository: str = ""
    bucket: str = ""
    replace: bool = False

    def check(self) -> None:
        """Raise PublishFailed if a name is not valid."""
        for name in filter(None, (self.space, self.model_repository, self.bucket)):
            try:
                repository = parse(f"{HUB_PREFIX}{name}").repository
            except HubFailed as error:
                raise PublishFailed("publish.name", name=name[:80]) from error
            if repository != name:  # with a revision, to which nothing can be published
                raise PublishFailed("publish.name", name=name[:80])
        if self.hardware not in [hardware.value for hardware in SpaceHardware]:
            choices = f"{ZERO_GPU}, {SpaceHardware.CPU_BASIC.value}"
            raise PublishFailed("publish.hardware", name=self.hardware[:80], choices=choices)

    @property
    def variables(self) -> dict[str, str]:
        """The Space's variables."""
        variables = {"HUB_MODELS": self.model_repository, "KEPT_DIR": KEPT if self.bucket else ""}
        return {name: value for name, value in variables.items() if value}

    @property
    def volumes(self) -> list[Volume]:
        """What is mounted in the Space."""
        if not self.bucket:
            return []
        return [Volume(type="bucket", source=self.bucket, mount_path=KEPT, read_only=False)]


@dataclass(frozen=True)
class Publication:
    """A plan with its files: those of the Space, and those of the repository of models."""

    plan: Plan
    content: Content
    models: dict[str, Path]

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(map(size, [*self.content.values(), *self.models.values()]))

    def document(self) -> dict[str, Any]:
        """Return what is published as a JSON document; sizes in bytes."""
        return {
            "space": self.plan.space,
            "hardware": self.plan.hardware,
            "files": {name: size(content) for name, content in self.content.items()},
            "model_repository": self.plan.model_repository or None,
            "models": {name: size(path) for name, path in self.models.items()},
            "bucket": self.plan.bucket or None,
            "variables": self.plan.variables,
            "bytes": self.bytes,
        }


def prepare(plan: Plan, registry: ModelRegistry) -> Publication:
    """Collect the files of a plan; the Hub is not asked.

    Raises:
        PublishFailed: A name is not valid, a model is missing, or this is no checkout.
    """
    plan.check()
    content = tracked_files()
    models = model_files(registry.folder, plan.names)
    used, preloaded = hub_sources(registry, models), {}
    if plan.model_repository and models:
        used, preloaded = (*used, plan.model_repository), {plan.model_repository: list(models)}
    else:
        content |= {f"models/{name}": path for name, path in models.items()}
        models = {}
    matter = FrontMatter(plan.space, plan.hardware, used, preloaded)
    content[README] = matter.write((ROOT / README).read_text(encoding="utf-8"))
    return Publication(plan, dict(sorted(content.items())), models)


def size(content: Path | bytes) -> int:
    """Return the bytes of a file of a publication."""
    return content.stat().st_size if isinstance(content, Path) else len(content)
