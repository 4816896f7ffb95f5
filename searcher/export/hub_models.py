"""Finished model files from repositories of models on the Hugging Face Hub."""

import fnmatch
import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from huggingface_hub import (
    HfApi,
    ModelInfo,
    constants,
    hf_hub_download,
    snapshot_download,
    try_to_load_from_cache,
)

from searcher.config.constants import MODEL_FILES
from searcher.errors import HubFailed
from searcher.export.hub_download import BLOCK, ByteBar, Progress
from searcher.files import link_new
from searcher.hub_access.hub_address import HUB_PREFIX
from searcher.hub_access.hub_failures import RAISED, HubRequest, hub_errors
from searcher.models.hub_reference import HubReference, parse


def reference(text: str) -> HubReference:
    """Parse `OWNER/NAME[@REVISION]`, with or without `hf:`. Raises HubFailed."""
    return parse(HUB_PREFIX + text.strip().removeprefix(HUB_PREFIX))


def link_hub_models(
    repository: HubReference, folder: Path, progress: Progress = lambda done, total: None
) -> list[str]:
    """Link the model files of a repository into a folder; what is in the cache isn't downloaded.

    The registry checks them like all files of the folder.

    Args:
        repository: The repository, such as one that `publish --model-repository` made.
        folder: The models folder; files that it has stay as they are.
        progress: Called with the bytes downloaded and those in total. What it raises ends the
            download.

    Returns:
        The names of the new files.

    Raises:
        HubFailed: The repository can't be found or downloaded.
        DiskFull, CannotWrite: A link can't be made.
    """
    with hub_errors(HubFailed, HubRequest(repository.repository, repository.revision)):
        try:
            info = HfApi().model_info(
                repository.repository, revision=repository.revision, files_metadata=True
            )
        except RAISED:  # perhaps the cache has it; else this raises the same again
            snapshot = snapshot_download(
                repository.repository,
                revision=repository.revision,
                allow_patterns=list(MODEL_FILES),
            )
            paths = list(_model_files(Path(snapshot)))
        else:
            paths = _download(repository, info, progress)
    return link_new(paths, folder)


def _download(repository: HubReference, info: ModelInfo, progress: Progress) -> list[Path]:
    """Return the model files in the cache, after downloading what it lacks, one by one.

    snapshot_download would not say how far it is, and could not be ended.
    """
    constants.DOWNLOAD_CHUNK_SIZE = BLOCK
    name = repository.repository
    patterns = [re.compile(fnmatch.translate(pattern)) for pattern in MODEL_FILES]
    sizes = {
        file.rfilename: file.size or 0
        for file in sorted(info.siblings or (), key=lambda file: file.rfilename)
        if "/" not in file.rfilename and any(p.match(file.rfilename) for p in patterns)
    }
    cached = {
        file: Path(path)
        for file in sizes
        if isinstance(path := try_to_load_from_cache(name, file, revision=info.sha), str)
    }
    total = sum(size for file, size in sizes.items() if file not in cached)
    done = 0
    for file in [file for file in sizes if file not in cached]:
        bar: Any = functools.partial(ByteBar, functools.partial(_report, progress, done, total))
        path = hf_hub_download(name, file, revision=repository.revision, tqdm_class=bar)
        cached[file] = Path(path)
        done += sizes[file]
    return [cached[file] for file in sizes]


def _report(progress: Progress, before: int, total: int, done: int) -> None:
    progress(before + done, total)


def _model_files(folder: Path) -> Iterable[Path]:
    return (path for pattern in MODEL_FILES for path in sorted(folder.glob(pattern)))
