"""What a library does with queries: searches, comparisons, percentiles, explanations."""

from collections.abc import Callable, Sequence
from pathlib import Path

from searcher.config.settings import Settings
from searcher.errors import InvalidRequest, ModelNotReady, NotFound
from searcher.images.pictures import Box, Picture, thumbnail_name
from searcher.indexing.priority import PriorityGate
from searcher.metrics.occlusion import Explanation, explain, explain_hit
from searcher.metrics.robustness import survival
from searcher.models.registry import ModelRegistry
from searcher.search.engine import Search, Work
from searcher.search.percentiles import PercentileCache, Percentiles
from searcher.search.query import PictureQuery, Query, StoredQuery, parts_of
from searcher.search.query_view import QueryView, split
from searcher.search.results import CompactRanking, Comparison, Ranking
from searcher.search.signature import PICTURE, Signature, signature_of
from searcher.stores.records import Record, RecordStore
from searcher.stores.vectors import VectorStore

MAX_MODELS = 6  # in one comparison: as many colours stay apart for colour-blind eyes
Share = Callable[[float], None]  # called with the share of the work that is done, 0 to 1


class QueryService:
    """Answers queries from the stores. Safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        registry: ModelRegistry,
        records: RecordStore,
        vectors: VectorStore,
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.records = records
        self.vectors = vectors
        self.priority = PriorityGate()
        self._percentiles = PercentileCache(registry, records, vectors)
        self._search = Search(registry, vectors, records)

    def thumbnail_path(self, picture_id: int) -> Path:
        """Return the absolute path of a picture's thumbnail, which may be missing."""
        return self.settings.thumbnails / thumbnail_name(picture_id)

    def search(self, query: Query, model: str, k: int, where: str = "") -> Ranking:
        """Return a model's k pictures nearest to a query. Raises as `rank` does."""
        return self.rank(query, [model], k, where)[0]

    def compare(self, query: Query, models: Sequence[str], k: int, where: str = "") -> Comparison:
        """Search with 2 to MAX_MODELS models, decoding the query once. Raises as `rank` does."""
        if not 2 <= len(models) <= MAX_MODELS:
            raise InvalidRequest("request.models_to_compare", most=MAX_MODELS)
        return Comparison.of(*self.rank(query, models, k, where))

    def rank(
        self, query: Query, models: Sequence[str], k: int, where: str = "", meanwhile: Work = None
    ) -> list[Ranking]:
        """Search with several models; see `Search.rank`.

        Raises:
            BadImage: A picture of the query can't be decoded.
            NotFound: A picture of the query is not in the library any more.
            InvalidRequest: The parts of the query cancel each other out, or `where` is wrong.
            ModelNotReady: A model can't be used or filtered, or sees nothing of the query.
        """
        with self.priority.query():
            try:
                return self._search.rank(query, models, k, where, meanwhile)
            except ModelNotReady:  # also where a picture has no vector, since it was removed
                for part in parts_of(query):
                    if isinstance(part.query, StoredQuery):
                        self.record(part.query.picture_id)
                raise

    def stored_query(
        self, picture_id: int, name: str = "This picture", box: Box | None = None
    ) -> StoredQuery:
        """Return a query for a picture of the library; whether it exists is not checked."""
        return StoredQuery(name, picture_id, self.thumbnail_path(picture_id), box)

    def named_query(self, picture_id: int, box: Box | None = None) -> StoredQuery:
        """Return a query for a picture of the library, or its region, by the picture's name.

        Raises:
            NotFound: It is not in the library.
        """
        return self.stored_query(picture_id, self.record(picture_id).name, box)

    def record(self, picture_id: int) -> Record:
        """Return the record of a picture. Raises NotFound if it is not in the library."""
        (record,) = self.records.get([picture_id])
        if record is None:
            raise NotFound("picture.gone")
        return record

    def expand(self, rankings: Sequence[CompactRanking]) -> list[Ranking]:
        """Return rankings with the records of their hits; hits without a record are left out."""
        ids = list(dict.fromkeys(i for ranking in rankings for i in ranking.ids))
        records = {record.id: record for record in self.records.get(ids) if record is not None}
        return [ranking.expand(records) for ranking in rankings]

    def explain(
        self, query: Query, hit: StoredQuery, model: str, progress: Share = lambda share: None
    ) -> Explanation:
        """Return which parts of a query and a hit make them similar; see occlusion.py.

        Only a single picture is examined itself; of words and sums the hit alone.

        Raises:
            BadImage: One of the pictures can't be decoded.
            NotFound: A thumbnail is missing.
            ModelNotReady: The model can't be used, has no network, or sees nothing of the query.
        """
        with self.priority.query():
            view = QueryView.of(query, model, self.registry)
            if isinstance(query, PictureQuery):
                return explain(view.embedder, query.picture, hit.picture, progress)
            return explain_hit(view.embedder, view.vector(self.vectors), hit.picture, progress)

    def robustness(
        self,
        query: Query,
        models: Sequence[str],
        k: int,
        where: str = "",
        progress: Share = lambda share: None,
    ) -> dict[str, list[float]]:
        """Return the share of each model's top k, 0 to 1, that survives changes of the query.

        Args:
            query: A picture.
            models: Names of models.
            k: The number of hits.
            where: A condition that hits must meet.
            progress: Called with the share of the work that is done.

        Returns:
            The shares in the order of `models`, by change; see `robustness.CHANGES`.

        Raises:
            BadImage: The query can't be decoded.
            InvalidRequest: The query is not a single picture, or `where` is wrong.
            NotFound: The query's thumbnail is missing.
            ModelNotReady: A model can't be used or filtered.
        """
        if not isinstance(query, PictureQuery):
            raise InvalidRequest("query.not_a_picture")

        def rank(picture: Picture) -> list[list[int]]:
            return [r.ids for r in self._search.rank_changed(picture, query, models, k, where)]

        with self.priority.query():
            return survival(query.picture, rank, progress)

    def forget_percentiles(self) -> None:
        """Take percentiles anew: the distances or the number of vectors have changed."""
        self._percentiles.invalidate()

    def percentiles(self, name: str, query: Query | Signature = PICTURE) -> Percentiles:
        """Return the percentiles of a model's distances to queries of one kind.

        Args:
            name: The model.
            query: A query of that kind, or its signature, such as a ranking has; one picture by
                default.

        Raises:
            ModelNotReady: The model can't be used, or sees nothing of the query.
        """
        with self.priority.query():
            model = self.registry.get(name)
            if not isinstance(query, tuple):
                query = signature_of(split(query, model)[0])
            return self._percentiles.get(model, query)
