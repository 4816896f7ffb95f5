"""Per-client rate limiting."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext

import gradio as gr

from searcher.config.settings import Settings
from searcher.datasets.dataset_address import DatasetReference, Selection
from searcher.datasets.hub_dataset import HubDataset
from searcher.datasets.repository import Bytes
from searcher.errors import NotAllowed
from searcher.images.sources import Source
from searcher.indexing.report import Progress, Report, Shard, Stop
from searcher.library.core import Library
from searcher.library.dataset_import import add_dataset
from searcher.library.jobs import MEGABYTES
from searcher.library.query_service import Share
from searcher.library.uploads import Upload, add_uploads, count
from searcher.messages.message import message
from searcher.metrics.occlusion import Explanation
from searcher.search.engine import Work
from searcher.search.query import Query, StoredQuery, needs_embedding, parts_of
from searcher.search.results import Ranking
from searcher.stores.private.client import EmbeddedStores
from searcher.ui.gradio_internals import request_of_call
from searcher.ui.security.limits import RateLimit
from searcher.ui.security.proxies import client_address
from searcher.ui.security.upload_limits import UploadLimits

MB = 1_000_000
Searched = Callable[[Sequence[Ranking]], None]


class Metered(Library):
    """A library whose costly methods raise TooManyCalls beyond `RATE_LIMIT`.

    Only calls during a visitor's request are counted, not those of the worker. A search counts once
    for each part of its query that has to be embedded; stored pictures have vectors.
    """

    def __init__(
        self,
        settings: Settings,
        searched: Searched | None = None,
        embedded: EmbeddedStores | None = None,
    ) -> None:
        """Open nothing yet; `searched` is called with the rankings of each search."""
        super().__init__(settings, embedded)
        self._searched = searched
        self._limit = RateLimit(settings.rate_limit)
        self.upload_limits = UploadLimits(settings)

    def charge(self, calls: int = 1) -> None:
        """Count calls of the current visitor. Raises TooManyCalls."""
        request = request_of_call()
        if request is not None:
            self._limit.charge(visitor(request), calls)

    def rank(
        self, query: Query, models: Sequence[str], k: int, where: str = "", meanwhile: Work = None
    ) -> list[Ranking]:
        """See Library."""
        # All first, so that a query that is refused for its last part has cost nothing.
        self.charge(sum(needs_embedding(part.query) for part in parts_of(query)))
        rankings = super().rank(query, models, k, where, meanwhile)
        if self._searched:
            self._searched(rankings)
        return rankings

    def index(
        self,
        sources: Iterable[Source],
        progress: Progress = lambda completed: None,
        stop: Stop = lambda: False,
        shard: Shard = (1, 1),
        live: Callable[[Report], object] = lambda report: None,
    ) -> Report:
        """See Library."""
        self.charge()
        return super().index(sources, progress, stop, shard, live)

    def explain(
        self, query: Query, hit: StoredQuery, model: str, progress: Share = lambda share: None
    ) -> Explanation:
        """See Library."""
        self.charge()
        return super().explain(query, hit, model, progress)

    def robustness(
        self,
        query: Query,
        models: Sequence[str],
        k: int,
        where: str = "",
        progress: Share = lambda share: None,
    ) -> dict[str, list[float]]:
        """See Library."""
        self.charge()
        return super().robustness(query, models, k, where, progress)


def charge(library: Library) -> None:
    """Count a costly call that is not a method of the library. Raises TooManyCalls."""
    if isinstance(library, Metered):
        library.charge()


def charge_download(library: Library, size: int) -> None:
    """Count bytes that are downloaded for the current visitor. Raises NoRoom beyond the quota."""
    if isinstance(library, Metered):
        library.upload_limits.spend_on_download(current_visitor(), size)


def add_for_visitor(
    library: Library,
    uploads: Sequence[Upload],
    label: str,
) -> Report:
    """Add a visitor's uploads, as a job that the visitor can stop; see `add_uploads`.

    Args:
        library: The library to add to.
        uploads: Pictures and .zip archives.
        label: The label of pictures without a folder.

    Returns:
        What was added and skipped.

    Raises:
        NoRoom: If the limit of added pictures is reached.
        StoreUnavailable: If Redis or Milvus can't be reached.
    """
    limits = library.upload_limits if isinstance(library, Metered) else None
    with (
        limits.adding(uploads) if limits else nullcontext(),
        library.jobs.begin(current_visitor(), message("job.adding"), count(uploads)) as job,
    ):

        def advance(completed: int) -> None:
            job.advance(completed, job.state.total)

        return add_uploads(library, uploads, label, advance, lambda: job.is_stopped)


def add_dataset_for_visitor(
    library: Library,
    reference: DatasetReference,
    selection: Selection,
    progress: Progress = lambda completed: None,
    downloading: Bytes = lambda done, total: None,
) -> tuple[HubDataset, Report]:
    """Add pictures of a data set, as a job that the visitor can stop; see `add_dataset`.

    Visitors get public data sets only, unless the server may use its access token for them.

    Args:
        library: The library to add to.
        reference: The data set.
        selection: What to take of it.
        progress: Called with the number of finished rows.
        downloading: Called with the bytes of a file that are downloaded, and its size.

    Returns:
        The data set, and what was added and skipped.

    Raises:
        NotAllowed: If the server may fetch nothing for visitors.
        NoRoom: If the limit of added pictures or of the visitor's uploads is reached.
        TooManyCalls: If the visitor has made too many calls.
        BadDataset: If the data set can't be read.
        StoreUnavailable: If Redis or Milvus can't be reached.
    """
    if not library.settings.allow_urls:
        raise NotAllowed("dataset.not_allowed")
    charge(library)
    name = current_visitor()

    def admit(size: int) -> None:
        if isinstance(library, Metered):
            library.upload_limits.admit(name, size)

    with library.jobs.begin(name, message("job.adding_dataset"), selection.limit) as job:

        def download(done: int, total: int) -> None:
            job.advance(done / MB, total / MB, MEGABYTES, message("job.downloading"))
            downloading(done, total)

        def advance(completed: int) -> None:
            job.advance(completed, selection.limit)
            progress(completed)

        dataset = HubDataset(
            *(reference, selection, download, lambda: job.is_stopped, admit),
            anonymous=not library.settings.visitors_use_hf_token,
        )
        report = add_dataset(library, dataset, advance, lambda: job.is_stopped)
        return dataset, report


def current_visitor() -> str:
    """Return the key of the current request's visitor; "" outside of requests."""
    request = request_of_call()
    return visitor(request) if request is not None else ""


def visitor(request: gr.Request) -> str:
    """Return the key by which a visitor is counted: the login name, else the address.

    Sessions are no alternative: a program can open new ones at will.
    """
    if request.username:
        return f"name {request.username}"
    return f"address {client_address(request)}"
