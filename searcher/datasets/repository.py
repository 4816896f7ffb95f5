"""The repository of a data set on the Hub: its files, and their download into the Hub's cache.

Everything goes through huggingface_hub: its cache, its token, HF_ENDPOINT and HF_HUB_OFFLINE.
Only Parquet files and the repository's card are downloaded, and nothing of them is executed.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from httpx2 import TransportError
from huggingface_hub import (
    HfApi,
    constants,
    get_cached_repo_tree,
    get_token,
    hf_hub_download,
)
from huggingface_hub.errors import CachedRepoTreeNotFoundError, OfflineModeIsEnabled
from tqdm import tqdm

from searcher.datasets.dataset_address import DatasetReference
from searcher.datasets.splits import ParquetFile, parquet_files
from searcher.errors import BadDataset, DownloadStopped
from searcher.hub_access.hub_failures import HubRequest, gated, hub_errors

CONVERTED = "refs/convert/parquet"  # the branch with the Hub's own conversion of a data set
CARD = "README.md"
MAX_CARD_MB = 16
KIND = "dataset"
TIMEOUT_S = 10.0

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
            BadDataset: It does not exist, can't be reached, or has no Parquet files, or the cache
                can't be written.
        """
        self.name = reference.repository
        self._token = False if anonymous else None
        self._api = HfApi(token=self._token)
        self._look_up(reference.revision or constants.DEFAULT_REVISION)
        if not self.files and not reference.revision:
            try:
                self._look_up(CONVERTED)
            except BadDataset as error:
                if error.code != "hub.no_revision":
                    raise
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
            BadDataset: The file can't be downloaded, or is larger than announced.
        """
        with hub_errors(BadDataset, self._request(self.commit, self.sizes[file])):
            path = hf_hub_download(
                self.name,
                file,
                repo_type=KIND,
                revision=self.commit,
                token=self._token,
                local_files_only=self._cached_only,
                tqdm_class=_progress_class(progress, stop, self.sizes[file]),
            )
        return Path(path)

    def _request(self, revision: str, size: int = 0) -> HubRequest:
        return HubRequest(f"{KIND}s/{self.name}", revision, size, self._token is False)

    def _look_up(self, revision: str) -> None:
        with hub_errors(BadDataset, self._request(revision)):
            self._cached_only = not self._answers(revision)
            resolved = self._api.resolve_revision(
                self.name, repo_type=KIND, revision=revision, local_files_only=self._cached_only
            )
            self.commit = resolved.resolved
            tree = self._tree()
        self.files: list[ParquetFile] = parquet_files(file.path for file in tree)
        self.sizes: dict[str, int] = {file.path: file.size for file in tree}

    def _answers(self, revision: str) -> bool:
        """Whether the Hub can be reached; huggingface_hub would try each download for long."""
        try:
            info = self._api.dataset_info(self.name, revision=revision, timeout=TIMEOUT_S)
        except (OfflineModeIsEnabled, TransportError):
            if self._token is False and get_token():
                raise  # what is in the cache of a user with a token may be private
            return False
        # The cache may have what this machine's user was allowed to download.
        if info.gated and self._token is False:
            raise BadDataset.of(gated(self._request(revision)))
        return True

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
                local_files_only=self._cached_only,
                tqdm_class=_progress_class(_limit_card, lambda: False),
            )
        return get_cached_repo_tree(self.name, repo_type=KIND, revision=self.commit)


def _limit_card(done: int, _total: int) -> None:
    if done > MAX_CARD_MB * 2**20:
        raise BadDataset("file.too_large", name=CARD, mb=MAX_CARD_MB)


def _progress_class(progress: Bytes, stop: Stop, limit: float = math.inf) -> type[Any]:
    """Return a class for huggingface_hub that draws nothing, and reports to `progress`."""

    class Bar(tqdm):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "disable": True})
            self._total = int(options.get("total") or 0)
            self._done = int(options.get("initial") or 0)

        def update(self, n: float | None = 1) -> bool | None:
            if stop():
                raise DownloadStopped("dataset.stopped")
            self._done += int(n or 0)
            if self._done > limit:
                raise BadDataset("hub.not_a_hub", url=constants.ENDPOINT)
            progress(self._done, self._total)
            return None

    return Bar
