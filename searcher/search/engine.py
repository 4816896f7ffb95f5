"""Search with one or several models: decode, embed, ask Milvus, read records from Redis."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from searcher.config.constants import MAX_RESULTS as MAX_RESULTS
from searcher.errors import ModelNotReady
from searcher.images.pictures import Picture
from searcher.models.registry import Model, ModelRegistry
from searcher.search.filters import parse_filter
from searcher.search.own_copies import OwnCopies
from searcher.search.query import Query
from searcher.search.query_view import QueryView
from searcher.search.results import STAGES, Ranking
from searcher.stores.records import RecordStore
from searcher.stores.vectors import VectorStore
from searcher.types import FloatArray

Work = Callable[[], object] | None


class Search:
    """Ranks the library's pictures by their distance to a query."""

    def __init__(self, registry: ModelRegistry, vectors: VectorStore, records: RecordStore) -> None:
        self._registry = registry
        self._vectors = vectors
        self._records = records

    def rank(
        self, query: Query, models: Sequence[str], k: int, where: str = "", meanwhile: Work = None
    ) -> list[Ranking]:
        """Rank the pictures nearest to a query; each of its pictures is decoded once.

        Args:
            query: What is searched for. Its own pictures are no hits; see `OwnCopies`.
            models: Names of models.
            k: The number of hits of each model, limited to 1 to MAX_RESULTS.
            where: A condition that hits must meet; see `filters.parse_filter`.
            meanwhile: Called in another thread while Milvus searches for the first model.

        Returns:
            A ranking for each model, in the order of `models`.

        Raises:
            BadImage: A picture of the query can't be decoded.
            NotFound: The thumbnail of one is missing.
            InvalidRequest: The parts of the query cancel each other out, or the condition is wrong.
            ModelNotReady: A model can't be used or filtered, has no vector of a stored picture, or
                sees no part of the query that counts for a picture.
            StoreUnavailable: A store does not answer.
            Exception: Whatever `meanwhile` raises.
        """
        condition = parse_filter(where)
        views = [QueryView.of(query, name, self._registry) for name in models]
        decoding = _Stopwatch()
        with decoding.stage("decode"):
            for view in views:
                view.decode()
        copies = OwnCopies(query, self._records.source)
        rankings = []
        work: Future[object] | None = None
        with ThreadPoolExecutor(1, "meanwhile") as pool:
            for view in views:
                self._vectors.prepare(view.model.collection)  # its time is not the search's
                watch = _Stopwatch(decoding.stages)
                # The vectors of stored pictures come from Milvus.
                with watch.stage("embed" if view.needs_embedding else "milvus"):
                    vector = view.vector(self._vectors)
                if meanwhile and not work:
                    work = pool.submit(meanwhile)
                ranking = self._nearest(view.model, vector, k, watch, copies, condition)
                rankings.append(replace(ranking, unseen=view.unseen, signature=view.signature))
        if work:
            work.result()
        return rankings

    def rank_changed(
        self, picture: Picture, query: Query, models: Sequence[str], k: int, where: str = ""
    ) -> list[Ranking]:
        """Rank the pictures nearest to a changed picture of a query; see `rank`.

        Args:
            picture: The decoded picture.
            query: The query that it was made from, whose copies are no hits.
            models: Names of models.
            k: The number of hits of each model, limited to 1 to MAX_RESULTS.
            where: A condition that hits must meet.
        """
        condition = parse_filter(where)
        copies = OwnCopies(query, self._records.source)
        rankings = []
        for model, embedder in [self._registry.load(name) for name in models]:
            self._vectors.prepare(model.collection)
            watch = _Stopwatch({"decode": 0.0})
            with watch.stage("embed"):
                vector = embedder.embed_picture(picture)
            rankings.append(self._nearest(model, vector, k, watch, copies, condition))
        return rankings

    def _nearest(
        self,
        model: Model,
        vector: FloatArray,
        k: int,
        watch: "_Stopwatch",
        copies: OwnCopies,
        condition: str,
    ) -> Ranking:
        if condition and not self._vectors.has_fields(model.collection):
            raise ModelNotReady("filter.model_without_fields", model=model.display)
        with watch.stage("milvus"):
            count = clamp(k) + copies.most
            nearest = self._vectors.search(model.collection, vector, count, condition)
        with watch.stage("redis"):
            records = self._records.get([picture_id for picture_id, _ in nearest])
        rows = [(i, d, record) for record, (i, d) in zip(records, nearest, strict=True)]
        # An upload may be encoded as the library stores it.
        with watch.stage("decode" if copies.of_uploads else "redis"):
            found = copies.split(rows, clamp(k))
        return Ranking(
            model.name,
            found.hits,
            watch.milliseconds(),
            found.unresolved,
            own_copies=found.own_copies,
        )


class _Stopwatch:
    """Milliseconds by stage; `total` is their sum, so that the line on the page adds up."""

    def __init__(self, stages: dict[str, float] | None = None) -> None:
        self.stages = dict(stages or {})

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.stages[name] = self.stages.get(name, 0.0) + (time.perf_counter() - start) * 1000

    def milliseconds(self) -> dict[str, float]:
        timed = self.stages | {"total": sum(self.stages.values())}
        return {stage: round(timed.get(stage, 0.0), 2) for stage in STAGES}


def clamp(k: int) -> int:
    """Limit a number of results to what is allowed, 1 to MAX_RESULTS."""
    return max(1, min(int(k), MAX_RESULTS))
