"""The repository of a data set on the Hub: its files, and their download into the Hub's cache.

Everything goes through huggingface_hub: its cache, its token, HF_ENDPOINT and HF_HUB_OFFLINE.
Only Parquet files and the repository's card are downloaded, and nothing of them is executed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from httpx2 import HTTPError
from huggingface_hub import HfApi, constants, get_cached_repo_tree, hf_hub_download
from huggingface_hub.errors import (
    CachedRepoTreeNotFoundError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    RevisionResolutionError,
)
from tqdm import tqdm

from searcher.datasets.reference import DatasetReference
from searcher.datasets.splits import ParquetFile, parquet_files
from searcher.errors import BadDataset, DownloadStopped, TwinlensError
from searcher.files import cannot_write

CONVERTED = "refs/convert/parquet"  # the branch with the Hub's own conversion of a data set
CARD = "README.md"
KIND = "dataset"

Stop = Callable[[], bool]
Bytes = Callable[[int, int], None]  # called with the numbers of bytes: downloaded, and of the file


class Repository:
    """A data set's repository at one commit.

    Attributes:
        name: OWNER/NAME.
        commit: The commit's hash.
        files: Its Parquet files.
        sizes: Their bytes by path.
    """

    def __init__(self, reference: DatasetReference, anonymous: bool = False) -> None:
        """Look up a data set; offline, or without a network, in the cache.

        Args:
            reference: The data set.
            anonymous: Whether not to use the token of this machine's user.

        Raises:
            BadDataset: It does not exist, can't be reached, or has no Parquet files.
            DiskFull, CannotWrite: The cache can't be written.
        """
        self.name = reference.repository
        self._token = False if anonymous else None
        # Read now: constants of huggingface_hub have what it was when Gradio imported it.
        self._endpoint = os.environ.get("HF_ENDPOINT") or None
        self._api = HfApi(self._endpoint, token=self._token)
        self._look_up(reference.revision or None)
        if not self.files and not reference.revision:
            try:
                self._look_up(CONVERTED)
            except BadDataset as error:
                raise BadDataset("dataset.no_parquet", name=self.name) from error
        if not self.files:
            raise BadDataset("dataset.no_parquet", name=self.name)

    def download(self, file: str, progress: Bytes, stop: Stop) -> Path:
        """Return the path of a file in the cache, after downloading it if it is not there.

        Args:
            file: Its path in the repository.
            progress: Called after each part.
            stop: Asked after each part whether to stop; the next download continues there.

        Raises:
            DownloadStopped: `stop` returned true.
            BadDataset: The file can't be downloaded.
            DiskFull, CannotWrite: The cache can't be written.
        """
        with self._errors():
            path = hf_hub_download(
                self.name,
                file,
                repo_type=KIND,
                revision=self.commit,
                endpoint=self._endpoint,
                token=self._token,
                tqdm_class=_progress_class(progress, stop),
            )
        return Path(path)

    def _look_up(self, revision: str | None) -> None:
        with self._errors():
            resolved = self._api.resolve_revision(self.name, repo_type=KIND, revision=revision)
            self.commit = resolved.resolved
            tree = self._tree()
        self.files: list[ParquetFile] = parquet_files(file.path for file in tree)
        self.sizes: dict[str, int] = {file.path: file.size for file in tree}

    def _tree(self) -> list[Any]:
        """Return the files of the commit, from the cache if they are there."""
        try:
            return get_cached_repo_tree(self.name, repo_type=KIND, revision=self.commit)
        except CachedRepoTreeNotFoundError:
            # Caches the list of all files, for a later run without a network.
            self._api.snapshot_download(
                self.name,
                repo_type=KIND,
                revision=self.commit,
                allow_patterns=[CARD, ".gitattributes"],
                tqdm_class=_progress_class(lambda done, total: None, lambda: False),
            )
        return get_cached_repo_tree(self.name, repo_type=KIND, revision=self.commit)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Wrap calls of huggingface_hub: raises BadDataset, DiskFull or CannotWrite instead."""
        try:
            yield
        except TwinlensError:
            raise
        except GatedRepoError as error:
            raise BadDataset("dataset.gated", name=self.name) from error
        except (RepositoryNotFoundError, HFValidationError) as error:
            raise BadDataset("dataset.unknown", name=self.name) from error
        except RevisionNotFoundError as error:
            raise BadDataset("dataset.no_revision", name=self.name) from error
        except HfHubHTTPError as error:
            status = error.response.status_code
            raise BadDataset("dataset.failed", name=self.name, status=status) from error
        except (
            *(HTTPError, RevisionResolutionError, OfflineModeIsEnabled),
            *(EntryNotFoundError, CachedRepoTreeNotFoundError),
        ) as error:
            offline = BadDataset("dataset.offline", name=self.name)
            unreachable = BadDataset("dataset.unreachable", name=self.name)
            raise (offline if constants.is_offline_mode() else unreachable) from error
        except OSError as error:
            if error.errno is None:  # a file that was cut off on the way
                raise BadDataset("dataset.unreachable", name=self.name) from error
            raise cannot_write(error) from error


def _progress_class(progress: Bytes, stop: Stop) -> type[tqdm[Any]]:
    """Return a class for huggingface_hub that draws nothing, and reports to `progress`."""

    class Bar(tqdm[Any]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "disable": True})
            self._total = int(options.get("total") or 0)
            self._done = int(options.get("initial") or 0)

        def update(self, n: float | None = 1) -> bool | None:
            if stop():
                raise DownloadStopped("dataset.stopped")
            self._done += int(n or 0)
            progress(self._done, self._total)
            return None

    return Bar
