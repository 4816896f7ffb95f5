"""The library: pictures, models and stores together."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from searcher.config.settings import Settings
from searcher.errors import CannotWrite, NotAllowed, UnknownModel
from searcher.file_locks import acquire
from searcher.files import disk_errors
from searcher.images.left_out import LeftOut
from searcher.images.pictures import Picture
from searcher.images.sources import Source, find_sources
from searcher.indexing.pipeline import IndexingPipeline
from searcher.indexing.report import Progress, Report, Shard, Stop
from searcher.library.browsing import Missing, browse, matching, sample_pictures
from searcher.library.coverage import count_vectors, incomplete_sources
from searcher.library.identity import Identity
from searcher.library.installs import Installs
from searcher.library.jobs import Jobs
from searcher.library.library_stores import LibraryStores
from searcher.library.proposals import Proposals
from searcher.library.query_service import QueryService
from searcher.library.speeds import Speeds
from searcher.library.trash import remove
from searcher.library.vector_models import Progress as CopyProgress
from searcher.library.vector_models import VectorModels
from searcher.memory import limit_decoding
from searcher.messages.system import os_reason
from searcher.models.catalog import BASELINES
from searcher.models.registry import Model, ModelRegistry
from searcher.stores.job_store import JobStore
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.private.recovery import Recovery
from searcher.stores.records import Record
from searcher.stores.shard_store import ShardStore


class Library(QueryService):
    """Index pictures, search and list them. Safe to use from several threads.

    Stores are opened when they are first used, so the constructor is fast and can't fail. Any
    method that uses a store raises StoreUnavailable where the store does not answer. Methods that
    change something also raise StrangeStores, DiskFull and CannotWrite.
    """

    def __init__(self, settings: Settings, embedded: EmbeddedStores | None = None) -> None:
        """Open nothing yet; `embedded` are the private servers if they are starting already."""
        limit_decoding(settings.memory_mb)
        registry = ModelRegistry(settings.models_dir, settings.model_cache, settings.verdicts)
        self._stores = LibraryStores(settings, embedded)
        super().__init__(settings, registry, self._stores.records, self._stores.vectors)
        self.sidecars = self._stores.sidecars
        self.identity = Identity(settings, self.registry, self.records, self.vectors)
        self.has_leftovers = True  # perhaps of a process that was killed; see upkeep.py
        self.next_expiry = 0.0
        self.latest_recovery = 0.0  # seconds since 1970
        self.jobs = Jobs()
        self.job_store = JobStore(self.records.connection)
        self.shards = ShardStore(self.records.connection)
        self._indexing_lock = settings.data / "indexing.lock"
        self.speeds = Speeds(
            self.records, self.registry, self.identity, self.priority, self._indexing_lock
        )
        self.installs = Installs(self.records, self.registry, settings.install)
        self.vector_models = VectorModels(self.registry, self.records, self.vectors)
        self.proposals = Proposals(settings.proposals, settings.models_dir)

    def close(self) -> None:
        """Close the stores for good; methods that need one raise LibraryClosed from then on."""
        self._stores.close()

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._stores.is_closed

    def recoveries(self) -> list[Recovery]:
        """Return the repairs of the private stores that nobody acknowledged, the oldest first."""
        return self._stores.recoveries()

    def acknowledge_recoveries(self) -> None:
        """Report the repairs no longer. Raises DiskFull, CannotWrite."""
        self._stores.acknowledge_recoveries()

    def add(self, paths: Iterable[Path], progress: Progress = lambda count: None) -> Report:
        """Index files, folders and archives with every ready model; see `index`.

        Raises:
            BadSource: A path does not exist, or an archive can't be opened.
        """
        omitted = LeftOut()
        report = self.index(find_sources(paths, omitted), progress)
        report.left_out = omitted
        return report

    def incomplete(self) -> list[Source]:
        """Return the pictures that lack a vector of a ready network; see `incomplete_sources`."""
        models = [model for model in self.registry.ready() if model.embeds]
        return incomplete_sources(self.records, self.vectors, models, self.thumbnail_path)

    def index(
        self,
        sources: Iterable[Source],
        progress: Progress = lambda count: None,
        stop: Stop = lambda: False,
        shard: Shard = (1, 1),
        live: Callable[[Report], object] = lambda report: None,
    ) -> Report:
        """Index files with every ready model; existing vectors are not computed again.

        Models without a network get the vectors that their files have. Pictures whose files all
        have another content now are moved to the trash.

        Args:
            sources: The files.
            progress: Called with the number of files processed so far.
            stop: Asked before each model is loaded, each file and each batch whether to end early.
            shard: (i, n) takes one of n parts of the files; see `ShardFiles`. So several machines
                can share the work without communication.
            live: Called at the start with the report, which the run then fills.

        Raises:
            ModelNotReady: A model was removed or changed a moment ago.
        """
        self.identity.require()
        self.records.complete_paths()
        ready = self.registry.ready()
        models = []
        for model in (model for model in ready if model.embeds):
            if stop():  # each takes a while to load
                self.has_leftovers = True
                return Report(stopped=True)
            models.append(self.registry.load(model.name))
        stores = self.records, self.vectors, self.sidecars, self.thumbnail_path
        run = IndexingPipeline(
            *stores,
            models,
            progress,
            lambda: stop() or self._stores.is_closed,
            shard,
            self.priority,
            (model for model in ready if not model.embeds),
        )
        live(run.report)
        with disk_errors():
            # No other process measures speeds while this lock is held.
            lock = acquire(self._indexing_lock, shared=True)
        with lock, self.priority.indexing():
            try:
                report = run.run(sources)
                self.vector_models.fill(run.ids, stop=lambda: self._stores.is_closed)
                # Pictures that were stored in the data folder, and not indexed before the stop.
                self.has_leftovers |= report.stopped
            except BaseException:
                self.has_leftovers = True
                raise
            finally:
                self.forget_percentiles()
        if run.displaced:  # the lock of the trash is taken before that of indexing, never in it
            removal = remove(self, run.displaced)
            report.replaced, report.trash = removal.count, removal.batch
        return report

    def copy_vectors(
        self,
        progress: CopyProgress = lambda model, done, total: None,
        stop: Stop = lambda: False,
    ) -> int:
        """Copy the vectors that models without a network lack; see `VectorModels.fill`."""
        try:
            return self.vector_models.fill(self.records.ids(), progress, stop)
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

    def some_pictures(self, count: int) -> list[Picture]:
        """Return up to `count` pictures of the library, else of the samples, the same each time."""
        samples = self.settings.samples_dir
        return sample_pictures(self.records, self.thumbnail_path, samples, count)

    def browse(self, words: str, page: int, oldest: bool = False) -> tuple[list[Record], bool]:
        """Return a page of matching records, and whether there are more; see `browsing.browse`."""
        return browse(self.records, words, page, oldest, self.lacking)

    def matching(self, words: str, count: int, oldest: bool = False) -> list[int]:
        """Return the ids of the first `count` matching pictures; see `browsing.matching`."""
        return matching(self.records, words, 0, count, oldest, self.lacking)

    def lacking(self, model: str) -> Missing:
        """Return what finds those of some ids of which a model has no vector.

        It finds none if there is no such model.
        """
        found = next((m for m in self.registry.ready() if m.name == model), None)

        def missing(ids: Sequence[int]) -> list[int]:
            present = self.vectors.present(found.collection, ids) if found else set(ids)
            return [picture_id for picture_id in ids if picture_id not in present]

        return missing
