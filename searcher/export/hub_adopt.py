"""Model on the Hugging Face Hub, or in a folder of the same layout -> model file."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from searcher.export.adopt import Adoption, AdoptOptions, adopt
from searcher.export.contract import Origin
from searcher.export.hub import HubModel
from searcher.export.hub_download import Progress, download
from searcher.export.text_source import TextSource
from searcher.images.pictures import Picture
from searcher.models.model_names import check_name

INTERVAL_S = 0.5  # between two reports of a download


def adopt_from_hub(
    model: HubModel,
    name: str,
    folder: Path,
    options: AdoptOptions,
    pictures: Sequence[Picture] = (),
    progress: Progress = lambda done, total: None,
) -> Adoption:
    """Download a model and write `folder`/NAME.onnx; see `download` and `adopt`.

    Args:
        model: The result of `hub.describe`.
        name: The name of the new model.
        folder: The models folder.
        options: What is known of the network; its metadata come from the Hub where they are "".
        pictures: Pictures to verify it on.
        progress: Called with the bytes downloaded and those in total, twice a second.

    Returns:
        The file, what was read and what was guessed.

    Raises:
        CannotAdopt: The name or the network cannot be used; nothing is written.
        HubFailed: The download failed.
    """
    check_name(name, folder, options.force)  # before the download, which may take minutes
    source = download(model, _seldom(progress))
    options = replace(options, text=TextSource.beside(source, model.files))
    return adopt(source, name, folder, with_origin(options, model), pictures)


def with_origin(options: AdoptOptions, model: HubModel) -> AdoptOptions:
    """Return options whose missing metadata come from the Hub."""
    repository, variant = model.reference.repository, model.files.variant
    return replace(
        options,
        title=options.title or f"{model.reference.name} ({variant})",
        architecture=options.architecture or f"{repository}, {variant}",
        weights=options.weights or f"{model.pinned} ({variant})",
        licence=options.licence or model.licence,
        origin=Origin(repository, model.commit, variant),
    )


def _seldom(progress: Progress) -> Progress:
    """Call a function at most twice a second, and at the end."""
    latest = 0.0

    def report(done: int, total: int) -> None:
        nonlocal latest
        if done == total or time.monotonic() - latest >= INTERVAL_S:
            latest = time.monotonic()
            progress(done, total)

    return report
