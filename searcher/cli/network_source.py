"""What `adopt` is given: an ONNX file, a folder of the Hub's layout, or hf:OWNER/NAME."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from searcher.cli.output import announce
from searcher.hub_access.hub_address import is_hub_address
from searcher.models.hub_layout import HubFiles, find_in_folder
from searcher.models.hub_reference import named, parse

if TYPE_CHECKING:
    from searcher.export.adopt import AdoptOptions
    from searcher.export.hub import HubModel
    from searcher.messages.message import Message

STEPS = 10  # lines that tell the progress of a download


@dataclass(frozen=True)
class NetworkSource:
    """A network: `path` of a file or folder, whose `files` are known, or `model` on the Hub."""

    path: Path
    name: str = ""  # for its model file; "" if it needs one
    files: HubFiles | None = None
    model: "HubModel | None" = None

    def fetch(self, show: Callable[["Message"], None] = lambda stage: None) -> Path:
        """Return the path of its ONNX file, which is downloaded from the Hub first.

        Args:
            show: Called with how far the download is.

        Raises:
            HubFailed: It can't be downloaded.
        """
        if self.model is None:
            return self.path / self.files.onnx if self.files else self.path
        from searcher.export.export_process import downloading
        from searcher.export.hub_download import download

        step = -1

        def progress(done: int, total: int) -> None:
            nonlocal step
            show(downloading(done, total))
            if done * STEPS // max(total, 1) > step:
                step = done * STEPS // max(total, 1)
                announce(downloading(done, total))

        return download(self.model, progress)

    def complete(self, options: "AdoptOptions", onnx: Path) -> "AdoptOptions":
        """Return options with what it has of them, where they are missing.

        Args:
            options: Those of the command line.
            onnx: The result of `fetch`.
        """
        from searcher.export.text_source import TextSource

        if self.files is not None and options.text is None:
            options = replace(options, text=TextSource.beside(onnx, self.files))
        if self.model is not None:
            from searcher.export.hub_adopt import with_origin

            return with_origin(options, self.model)
        if self.files is not None:
            return replace(options, architecture=f"{self.path.name}, {self.files.variant}")
        return options


def find_source(text: str, variant: str | None, words: bool) -> NetworkSource:
    """Find a network, without a download.

    Args:
        text: The command's argument.
        variant: The option --variant.
        words: Whether its text side is wanted, where it has one.

    Raises:
        HubFailed: The Hub or the folder has no such network.
    """
    if is_hub_address(text):
        from searcher.export.hub import describe

        model = describe(parse(text), variant, words=words)
        announce(model.summary)
        return NetworkSource(Path(), model.name, model.files, model)
    path = Path(text)
    if path.is_dir():
        files = find_in_folder(path, variant, words)
        return NetworkSource(path, named(path.resolve().name, files.variant), files)
    if variant:
        raise typer.BadParameter("only for folders and hf:OWNER/NAME", param_hint="--variant")
    return NetworkSource(path)
