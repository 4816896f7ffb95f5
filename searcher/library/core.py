"""The library: the only place where pictures, models and stores meet."""

import contextlib
import random
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from searcher.config.settings import Settings
from searcher.errors import (
    BadImage,
    CannotWrite,
    DamagedCollection,
    LibraryClosed,
    NotAllowed,
    UnknownModel,
)
from searcher.file_locks import acquire
from searcher.files import disk_errors
from searcher.images.pictures import Box, Picture, open_picture, thumbnail_name
from searcher.images.sources import Source, find_sources
from searcher.indexing.pipeline import IndexingPipeline
from searcher.indexing.priority import PriorityGate
from searcher.indexing.report import Progress, Report, Shard, Stop
from searcher.library.browsing import browse
from searcher.library.identity import Identity
from searcher.library.installs import Installs
from searcher.library.jobs import Jobs
from searcher.library.speeds import Speeds
from searcher.memory import limit_decoding
from searcher.messages.system import os_reason
from searcher.metrics.occlusion import Explanation, explain
from searcher.metrics.robustness import survival
from searcher.models.catalog import BASELINES
from searcher.models.registry import Model, ModelRegistry, sort_key
from searcher.search.engine import Search
from searcher.search.percentiles import PercentileCache, Percentiles
from searcher.search.query import Query, StoredQuery
from searcher.search.results import CompactRanking, Comparison, Ranking
from searcher.stores.collection import HNSW, ONE_LIST
from searcher.stores.paths import DataPaths
from searcher.stores.private.client import EmbeddedStores
from searcher.stores.private.recovery import Recovery
from searcher.stores.records import Record, RecordStore
from searcher.stores.sidecars import Sidecars
from searcher.stores.vectors import VectorStore

# Milvus Lite searches each vector that is not flushed yet in 0.13 ms (2,048 dimensions): 2,000 of
# them would make a search take 270 ms. Flushing 256 takes 80 ms.
FLUSH_EMBEDDED = 256

Share = Callable[[float], None]  # called with the share that is done, 0 to 1


class Library:
    """Add pictures, search them, say what is there. Safe to use from several threads.

    Nothing is opened before it is needed, so making one takes no time and can't fail. Methods
    raise StoreUnavailable where a store does not answer, ModelNotReady and BadImage as they say.
    Those that change something raise StrangeStores, DiskFull and CannotWrite besides.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        limit_decoding(settings.memory_mb)
        self.registry = ModelRegistry(settings.models_dir, settings.model_cache, settings.verdicts)
        embedded = self._embedded = EmbeddedStores(settings.stores)
        paths = DataPaths(settings.data)
        self.sidecars = Sidecars(settings.sidecars, paths)
        self.records = RecordStore(self._redis_url, paths, self.sidecars.write)
        if settings.milvus_uri:
            self.vectors = VectorStore(self._milvus_uri, settings.milvus_token, index=HNSW)
        else:
            self.vectors = VectorStore(
                self._milvus_uri, None, embedded.writing, FLUSH_EMBEDDED, ONE_LIST, embedded.check
            )
        self.identity = Identity(settings, self.registry, self.records, self.vectors)
        self.has_leftovers = True  # perhaps of a process that was killed; see upkeep.py
        self.next_expiry = 0.0
        self.latest_recovery = 0.0  # seconds since 1970
        self.priority = PriorityGate()
        self.jobs = Jobs()
        self._closed = threading.Event()
        self._percentiles = PercentileCache(self.records, self.vectors)
        self._search = Search(self.registry, self.vectors, self.records)
        self._indexing_lock = settings.data / "indexing.lock"
        self.speeds = Speeds(
            self.records, self.registry, self.identity, self.priority, self._indexing_lock
        )
        self.installs = Installs(self.records, self.registry, settings.install)

    def close(self) -> None:
        """Let connections and private servers go, for good: what still goes on opens none anew.

        Methods that need a store raise LibraryClosed from then on.
        """
        self._closed.set()
        self.vectors.close()
        self.records.close()
        self._embedded.release()

    def _redis_url(self) -> str:
        self._require_open()
        return self.settings.redis_url or self._embedded.addresses().redis

    def _milvus_uri(self) -> str:
        self._require_open()
        return self.settings.milvus_uri or self._embedded.addresses().milvus

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise LibraryClosed("library.closed")

    def recoveries(self) -> list[Recovery]:
        """What was repaired in the private stores and nobody has acknowledged, the oldest first."""
        settings, found = self.settings, self._embedded.recoveries()
        # Servers elsewhere have nothing to do with what the private ones once repaired.
        return [
            recovery
            for recovery in found
            if not (settings.redis_url if recovery.of_records else settings.milvus_uri)
        ]

    def acknowledge_recoveries(self) -> None:
        """Say of what was repaired no more. Raises DiskFull and CannotWrite."""
        if self.recoveries():
            with disk_errors():
                self._embedded.acknowledge()

    def thumbnail_path(self, picture_id: int) -> Path:
        """Where a picture's thumbnail is."""
        return self.settings.thumbnails / thumbnail_name(picture_id)

    def add(self, paths: Iterable[Path], progress: Progress = lambda done: None) -> Report:
        """Index files, folders and archives with every ready model.

        What the library has already is not embedded again. Raises BadSource for a path that is
        not there.
        """
        return self.index(find_sources(paths), progress)

    def incomplete(self) -> list[Source]:
        """The pictures for which some ready model has no vector yet.

        Where the original is gone the thumbnail stands in: it is as large as what a model is given.
        """
        ids = list(self.records.ids())
        complete = set(ids)
        for model in self.registry.ready():
            complete &= self.vectors.present(model.collection, ids)
        records = self.records.get([i for i in ids if i not in complete])
        return [self._source(record) for record in records if record is not None]

    def _source(self, record: Record) -> Source:
        original, small = Source(record.path), self.thumbnail_path(record.id)
        if original.exists() or not small.exists():
            return original
        return Source(str(small), title=record.name, stands_for=record.id)

    def index(
        self,
        sources: Iterable[Source],
        progress: Progress = lambda done: None,
        stop: Stop = lambda: False,
        shard: Shard = (1, 1),
    ) -> Report:
        """Index some files with every ready model; see `add`.

        `stop` is asked now and then whether to end early. Of `shard` (i, n) only every n-th picture
        by its id is taken, so that several machines can share the work without talking.
        """
        self.identity.require()
        models = [self.registry.load(model.name) for model in self.registry.ready()]
        stores = self.records, self.vectors, self.sidecars, self.thumbnail_path
        run = IndexingPipeline(
            *stores, models, progress, lambda: stop() or self._closed.is_set(), shard, self.priority
        )
        with disk_errors():
            # Tells other processes that this is no time to measure anything.
            lock = acquire(self._indexing_lock, shared=True)
        with lock, self.priority.indexing():
            try:
                return run.run(sources)
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
        """How many vectors each ready model has; none where its collection can't be used."""
        counts = {}
        for model in self.registry.ready():
            counts[model.name] = 0
            with contextlib.suppress(DamagedCollection):
                counts[model.name] = self.vectors.count(model.collection)
        return counts

    def models(self) -> list[Model]:
        """Every model: files, working or not, and what could be installed."""
        return sorted([*self.registry.models(), *self.installs.models()], key=sort_key)

    def remove_model(self, name: str) -> None:
        """Delete a model's file and its vectors. Raises NotAllowed, UnknownModel, CannotWrite."""
        if name in BASELINES:
            raise NotAllowed("model.baseline")
        model = next((m for m in self.registry.models() if m.name == name), None)
        if model is None:
            raise UnknownModel("model.unknown", name=name[:80])
        self.identity.require()
        # Should the file stay, the network must not come back by itself; so this comes first.
        self.installs.decline(name)
        try:
            self.registry.remove(name)
        except OSError as error:
            raise CannotWrite("model.not_removed", name=name, reason=os_reason(error)) from error
        if model.ready:
            self.vectors.drop(model.collection.name)

    def search(self, query: Query, model: str, k: int) -> Ranking:
        """Find the k pictures nearest to a query. Raises BadImage, ModelNotReady."""
        return self.rank(query, [model], k)[0]

    def compare(self, query: Query, a: str, b: str, k: int) -> Comparison:
        """Search with two models, decoding the query once. Raises BadImage, ModelNotReady."""
        return Comparison.of(*self.rank(query, [a, b], k))

    def rank(self, query: Query, models: Sequence[str], k: int) -> list[Ranking]:
        """Search with several models, decoding the query once. Raises BadImage, ModelNotReady."""
        with self.priority.query():
            return self._search.rank(query, models, k)

    def stored_query(
        self, picture_id: int, name: str = "This picture", box: Box | None = None
    ) -> StoredQuery:
        """A picture of the library as a query, whether it is there or not."""
        return StoredQuery(name, picture_id, self.thumbnail_path(picture_id), box)

    def expand(self, rankings: Sequence[CompactRanking]) -> list[Ranking]:
        """Rankings with the records of their hits; those of pictures that are gone are left out."""
        ids = list(dict.fromkeys(i for ranking in rankings for i in ranking.ids))
        records = {record.id: record for record in self.records.get(ids) if record is not None}
        return [ranking.expand(records) for ranking in rankings]

    def some_pictures(self, count: int) -> list[Picture]:
        """Up to `count` pictures, the same every time: of the library, else of the samples."""
        ids = sorted(self.records.ids())
        chosen = random.Random(0).sample(ids, min(count, len(ids)))
        sources = [Source(str(self.thumbnail_path(picture_id))) for picture_id in chosen]
        if not ids and self.settings.samples_dir.is_dir():
            sources = list(find_sources([self.settings.samples_dir]))
            sources = random.Random(0).sample(sources, min(count, len(sources)))
        pictures = []
        for source in sources:
            with contextlib.suppress(BadImage):
                pictures.append(open_picture(source.read(), source.name))
        return pictures

    def browse(self, words: str, page: int) -> tuple[list[Record], bool]:
        """Return a page of records, the latest first, and whether there are more.

        Only those whose name or label has all of `words`, upper and lower case alike.
        """
        return browse(self.records, words, page)

    def explain(
        self, query: Query, hit: StoredQuery, model: str, progress: Share = lambda share: None
    ) -> Explanation:
        """Where a match of the query with a picture comes from. Raises BadImage, ModelNotReady."""
        with self.priority.query():
            _, embedder = self.registry.load(model)
            return explain(embedder, query.picture, hit.picture, progress)

    def robustness(
        self, query: Query, models: Sequence[str], k: int, progress: Share = lambda share: None
    ) -> dict[str, list[float]]:
        """How much of each model's top k survives changes of the query, by change."""

        def rank(picture: Picture) -> list[list[int]]:
            return [r.ids for r in self._search.rank_picture(picture, models, k)]

        with self.priority.query():
            return survival(query.picture, rank, progress)

    def percentiles(self, name: str) -> Percentiles:
        """What a model's distances mean among random pairs. Raises ModelNotReady."""
        with self.priority.query():
            return self._percentiles.get(self.registry.get(name).collection)
