"""Finished model files from repositories of models on the Hugging Face Hub."""

from collections.abc import Iterable
from pathlib import Path

from huggingface_hub import snapshot_download

from searcher.config.constants import MODEL_FILES
from searcher.errors import HubFailed
from searcher.files import link_new
from searcher.hub_access.hub_address import HUB_PREFIX
from searcher.hub_access.hub_failures import HubRequest, hub_errors
from searcher.models.hub_reference import HubReference, parse


def reference(text: str) -> HubReference:
    """Parse `OWNER/NAME[@REVISION]`, with or without `hf:`. Raises HubFailed."""
    return parse(HUB_PREFIX + text.strip().removeprefix(HUB_PREFIX))


def link_hub_models(repository: HubReference, folder: Path) -> list[str]:
    """Link the model files of a repository into a folder; what is in the cache isn't downloaded.

    The registry checks them like all files of the folder.

    Args:
        repository: The repository, such as one that `publish --model-repository` made.
        folder: The models folder; files that it has stay as they are.

    Returns:
        The names of the new files.

    Raises:
        HubFailed: The repository can't be found or downloaded.
        DiskFull, CannotWrite: A link can't be made.
    """
    with hub_errors(HubFailed, HubRequest(repository.repository, repository.revision)):
        snapshot = snapshot_download(
            repository.repository,
            revision=repository.revision,
            allow_patterns=list(MODEL_FILES),
        )
    return link_new(_model_files(Path(snapshot)), folder)


def _model_files(folder: Path) -> Iterable[Path]:
    return (path for pattern in MODEL_FILES for path in sorted(folder.glob(pattern)))
