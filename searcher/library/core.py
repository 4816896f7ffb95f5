"""The library: pictures, models and stores together."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from searcher.config.settings import Settings
from searcher.errors import CannotWrite, NotAllowed, UnknownModel
from searcher.file_locks import acquire
from searcher.files import disk_errors
from searcher.images.pictures import Box, Picture, thumbnail_name
from searcher.images.sources import Source, find_sources
from searcher.indexing.pipeline import IndexingPipeline
from searcher.indexing.priority import PriorityGate
from searcher.indexing.report import Progress, Report, Shard, Stop
from searcher.library.browsing import browse, sample_pictures
from searcher.library.coverage import count_vectors, incomplete_sources
from searcher.library.identity import Identity
from searcher.library.installs import Installs
from searcher.library.jobs import Jobs
from searcher.library.library_stores import LibraryStores
from searcher.library.proposals import Proposals
from searcher.library.speeds import Speeds
from searcher.memory import limit_decoding
from searcher.messages.system import os_reason
from searcher.metrics.occlusion import Explanation, explain
from searcher.metrics.robustness import survival
from searcher.models.catalog import BASELINES
from searcher.models.registry import Model, ModelRegistry
from searcher.search.engine import Search
from searcher.search.percentiles import PercentileCache, Percentiles
from searcher.search.query import Query, StoredQuery
from searcher.search.results import CompactRanking, Comparison, Ranking
from searcher.stores.private.recovery import Recovery
from searcher.stores.records import Record

Share = Callable[[float], None]  # called with the share of the work that is done, 0 to 1


class Library:
    """Index pictures, search and list them. Safe to use from several threads.

    Stores are opened when they are first used, so the constructor is fast and can't fail. Any
    method that uses a store raises StoreUnavailable where the store does not answer. Methods that
    change something also raise StrangeStores, DiskFull and CannotWrite.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        limit_decoding(settings.memory_mb)
        self.registry = ModelRegistry(settings.models_dir, settings.model_cache, settings.verdicts)
        self._stores = LibraryStores(settings)
        self.sidecars = self._stores.sidecars
        self.records = self._stores.records
        self.vectors = self._stores.vectors
        self.identity = Identity(settings, self.registry, self.records, self.vectors)
        self.has_leftovers = True  # perhaps of a process that was killed; see upkeep.py
        self.next_expiry = 0.0
        self.latest_recovery = 0.0  # seconds since 1970
        self.priority = PriorityGate()
        self.jobs = Jobs()
        self._percentiles = PercentileCache(self.records, self.vectors)
        self._search = Search(self.registry, self.vectors, self.records)
        self._indexing_lock = settings.data / "indexing.lock"
        self.speeds = Speeds(
            self.records, self.registry, self.identity, self.priority, self._indexing_lock
        )
        self.installs = Installs(self.records, self.registry, settings.install)
        self.proposals = Proposals(settings.proposals, settings.models_dir)

    def close(self) -> None:
        """Close the stores for good; methods that need one raise LibraryClosed from then on."""
        self._stores.close()

    def recoveries(self) -> list[Recovery]:
        """Return the repairs of the private stores that nobody acknowledged, the oldest first."""
        return self._stores.recoveries()

    def acknowledge_recoveries(self) -> None:
        """Report the repairs no longer. Raises DiskFull, CannotWrite."""
        self._stores.acknowledge_recoveries()

    def thumbnail_path(self, picture_id: int) -> Path:
        """Return the absolute path of a picture's thumbnail, which may be missing."""
        return self.settings.thumbnails / thumbnail_name(picture_id)

    def add(self, paths: Iterable[Path], progress: Progress = lambda count: None) -> Report:
        """Index files, folders and archives with every ready model; see `index`.

        Raises:
            BadSource: A path does not exist, or an archive can't be opened.
        """
        return self.index(find_sources(paths), progress)

    def incomplete(self) -> list[Source]:
        """Return the pictures that lack a vector of a ready model; see `incomplete_sources`."""
        models = self.registry.ready()
        return incomplete_sources(self.records, self.vectors, models, self.thumbnail_path)

    def index(
        self,
        sources: Iterable[Source],
        progress: Progress = lambda count: None,
        stop: Stop = lambda: False,
        shard: Shard = (1, 1),
    ) -> Report:
        """Index files with every ready model; existing vectors are not computed again.

        Args:
            sources: The files.
            progress: Called with the number of files processed so far.
            stop: Asked after each chunk of files whether to end early.
            shard: (i, n) takes every n-th picture by its id, so that several machines can share the
                work without communication.

        Raises:
            ModelNotReady: A model was removed or changed a moment ago.
        """
        self.identity.require()
        models = [self.registry.load(model.name) for model in self.registry.ready()]
        stores = self.records, self.vectors, self.sidecars, self.thumbnail_path
        run = IndexingPipeline(
            *stores,
            models,
            progress,
            lambda: stop() or self._stores.is_closed,
            shard,
            self.priority,
        )
        with disk_errors():
            # No other process measures speeds while this lock is held.
            lock = acquire(self._indexing_lock, shared=True)
        with lock, self.priority.indexing():
            try:
                report = run.run(sources)
                # Pictures that were stored in the data folder, and not indexed before the stop.
                self.has_leftovers |= report.stopped
                return report
            except BaseException:
                self.has_leftovers = True
                raise
            finally:
                self._percentiles.invalidate()

    @property
    def is_indexing(self) -> bool:
        """Whether this process is adding pictures just now."""
        return self.priority.is_indexing

    def coverage(self) -> dict[str, int]:
        """Return the number of vectors of each ready model."""
        return count_vectors(self.vectors, self.registry.ready())

    def models(self) -> list[Model]:
        """Return every model: files, working or not, and networks that can be installed."""
        return self.installs.all_models()

    def remove_model(self, name: str) -> None:
        """Delete a model's file and its vectors.

        Raises:
            NotAllowed: It is a baseline.
            UnknownModel: There is no such file.
            CannotWrite: The file can't be deleted.
        """
        if name in BASELINES:
            raise NotAllowed("model.baseline")
        model = next((m for m in self.registry.models() if m.name == name), None)
        if model is None:
            raise UnknownModel("model.unknown", name=name[:80])
        self.identity.require()
        # First, so that the network is not installed again even if deleting its file fails.
        self.installs.decline(name)
        try:
            self.registry.remove(name)
        except OSError as error:
            raise CannotWrite("model.not_removed", name=name, reason=os_reason(error)) from error
        if model.ready:
            self.vectors.drop(model.collection.name)

    def search(self, query: Query, model: str, k: int) -> Ranking:
        """Return a model's k pictures nearest to a query. Raises BadImage, ModelNotReady."""
        return self.rank(query, [model], k)[0]

    def compare(self, query: Query, a: str, b: str, k: int) -> Comparison:
        """Search with two models, decoding the query once. Raises BadImage, ModelNotReady."""
        return Comparison.of(*self.rank(query, [a, b], k))

    def rank(self, query: Query, models: Sequence[str], k: int) -> list[Ranking]:
        """Search with several models; see `Search.rank`. Raises BadImage, ModelNotReady."""
        with self.priority.query():
            return self._search.rank(query, models, k)

    def stored_query(
        self, picture_id: int, name: str = "This picture", box: Box | None = None
    ) -> StoredQuery:
        """Return a query for a picture of the library; whether it exists is not checked."""
        return StoredQuery(name, picture_id, self.thumbnail_path(picture_id), box)

    def expand(self, rankings: Sequence[CompactRanking]) -> list[Ranking]:
        """Return rankings with the records of their hits; hits without a record are left out."""
        ids = list(dict.fromkeys(i for ranking in rankings for i in ranking.ids))
        records = {record.id: record for record in self.records.get(ids) if record is not None}
        return [ranking.expand(records) for ranking in rankings]

    def some_pictures(self, count: int) -> list[Picture]:
        """Return up to `count` pictures of the library, else of the samples, the same each time."""
        samples = self.settings.samples_dir
        return sample_pictures(self.records, self.thumbnail_path, samples, count)

    def browse(self, words: str, page: int) -> tuple[list[Record], bool]:
        """Return a page of matching records, and whether there are more; see `browsing.browse`."""
        return browse(self.records, words, page)

    def explain(
        self, query: Query, hit: StoredQuery, model: str, progress: Share = lambda share: None
    ) -> Explanation:
        """Return which parts of a query and a hit make them similar; see `occlusion.explain`.

        Raises:
            BadImage: One of the pictures can't be decoded.
            NotFound: A thumbnail is missing.
            ModelNotReady: The model can't be used.
        """
        with self.priority.query():
            return explain(self.registry.load(model)[1], query.picture, hit.picture, progress)

    def robustness(
        self, query: Query, models: Sequence[str], k: int, progress: Share = lambda share: None
    ) -> dict[str, list[float]]:
        """Return the share of each model's top k, 0 to 1, that survives changes of the query.

        Returns:
            The shares in the order of `models`, by change; see `robustness.CHANGES`.

        Raises:
            BadImage: The query can't be decoded.
            NotFound: The query's thumbnail is missing.
            ModelNotReady: A model can't be used.
        """

        def rank(picture: Picture) -> list[list[int]]:
            return [r.ids for r in self._search.rank_picture(picture, models, k)]

        with self.priority.query():
            return survival(query.picture, rank, progress)

    def percentiles(self, name: str) -> Percentiles:
        """Return the percentiles of a model's distances. Raises ModelNotReady."""
        with self.priority.query():
            return self._percentiles.get(self.registry.get(name).collection)
