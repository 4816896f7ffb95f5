"""Results of searches and comparisons, and their documents for the command line and the API."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from searcher.metrics import ranking
from searcher.search.signature import PICTURE, Signature
from searcher.stores.records import Record

STAGES = ("decode", "embed", "milvus", "redis", "total")


@dataclass(frozen=True)
class Hit:
    """A record with its rank and its Euclidean distance to the query.

    Ranks start at 1; a picture of the query itself has rank 0.
    """

    record: Record
    rank: int
    distance: float

    @property
    def similarity(self) -> float:
        """Cosine similarity: for unit vectors 1 - d²/2."""
        return 1 - self.distance**2 / 2

    def document(self, public: bool) -> dict[str, Any]:
        """Return one entry of the `hits` of a document.

        Args:
            public: Whether to leave the path out. Visitors must not learn the server's folders, and
                gradio_client downloads any object with a `path` as a file.
        """
        return {
            "id": self.record.id,
            "rank": self.rank,
            "distance": round(self.distance, 6),
            "similarity": round(self.similarity, 6),
            "path": None if public else self.record.path,
            "name": self.record.name,
            "label": self.record.label,
            "query": self.rank == 0,
        }


@dataclass(frozen=True)
class Ranking:
    """One model's hits for a query, best first.

    Attributes:
        model: The model's name.
        hits: The hits.
        timings_ms: Milliseconds by stage.
        unresolved: The number of vectors without a record.
        unseen: The positions of the query's parts that the model can't see.
        signature: Of the parts that it sees, for the percentiles of the distances.
        own_copies: The query's own pictures among those found, with rank 0.
    """

    model: str
    hits: list[Hit]
    timings_ms: dict[str, float]
    unresolved: int
    unseen: tuple[int, ...] = ()
    signature: Signature = PICTURE
    own_copies: list[Hit] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        """The pictures' ids in ranked order."""
        return [hit.record.id for hit in self.hits]

    def document(self, query: str, public: bool = False) -> dict[str, Any]:
        """Return the `--json` document of `search`; `public` leaves out the pictures' paths."""
        return {
            "model": self.model,
            "query": query,
            "hits": self.hit_documents(public),
            "timings_ms": self.timings_ms,
            "unresolved": self.unresolved,
        } | ({"unseen": list(self.unseen)} if self.unseen else {})

    def hit_documents(self, public: bool) -> list[dict[str, Any]]:
        """Return the entries of documents: the query's own pictures, then the hits."""
        return [hit.document(public) for hit in [*self.own_copies, *self.hits]]

    def compact(self) -> "CompactRanking":
        """Return the ranking without records, which is small enough for a session to store."""
        hits = [*self.own_copies, *self.hits]
        distances = array("d", [hit.distance for hit in hits])
        ids = array("q", [hit.record.id for hit in hits])
        counts = self.timings_ms, self.unresolved, self.unseen, self.signature
        return CompactRanking(self.model, ids, distances, *counts, len(self.own_copies))


@dataclass(frozen=True)
class CompactRanking:
    """One model's hits as ids and distances, best first, after `own` copies of the query.

    Other attributes are as in Ranking.

    Every open page stores the hits that it shows: 12 hits take 0.8 kB, and 9 kB with records.
    """

    model: str
    ids: "array[int]"
    distances: "array[float]"
    timings_ms: dict[str, float]
    unresolved: int
    unseen: tuple[int, ...]
    signature: Signature
    own: int

    def expand(self, records: Mapping[int, Record]) -> Ranking:
        """Return the ranking with records; hits without one are left out, ranks stay as they are.

        Args:
            records: Records by id.
        """
        ranked = enumerate(zip(self.ids, self.distances, strict=True), start=1 - self.own)
        hits = [Hit(records[i], max(0, rank), d) for rank, (i, d) in ranked if i in records]
        counts = self.timings_ms, self.unresolved, self.unseen, self.signature
        copies = [hit for hit in hits if hit.rank == 0]
        return Ranking(self.model, hits[len(copies) :], *counts, copies)


@dataclass(frozen=True)
class Comparison:
    """Two models' rankings for one query, and how far they agree, its own copies apart.

    Attributes:
        a: The first model's ranking.
        b: The second model's ranking.
        overlap: The share of hits that both have.
        rbo: Rank-biased overlap.
        tau: Kendall's tau of the hits that both have; None for fewer than two.
        fused: The hits of both by reciprocal rank fusion. Each has the distance of the model that
            ranked it higher, since distances of two models can't be combined.
    """

    a: Ranking
    b: Ranking
    overlap: float
    rbo: float
    tau: float | None
    fused: list[Hit]

    @classmethod
    def of(cls, a: Ranking, b: Ranking) -> "Comparison":
        """Compare two rankings of the same query."""
        best: dict[int, Hit] = {}
        for hit in sorted([*a.hits, *b.hits], key=lambda hit: hit.rank):
            best.setdefault(hit.record.id, hit)
        depth = max(len(a.hits), len(b.hits))
        merged = ranking.reciprocal_rank_fusion([a.ids, b.ids])[:depth]
        return cls(
            a=a,
            b=b,
            overlap=ranking.overlap(a.ids, b.ids),
            rbo=ranking.rank_biased_overlap(a.ids, b.ids),
            tau=ranking.kendall_tau(a.ids, b.ids),
            fused=[replace(best[i], rank=rank) for rank, (i, _) in enumerate(merged, start=1)],
        )

    @property
    def has_copies(self) -> bool:
        """Whether a model has found the query itself in the library."""
        return bool(self.a.own_copies or self.b.own_copies)

    def document(self, query: str, public: bool = False) -> dict[str, Any]:
        """Return the `--json` document of `compare`; `public` leaves out the pictures' paths."""
        sides = (self.a, self.b)
        unseen = {side.model: list(side.unseen) for side in sides if side.unseen}
        return {
            "models": [side.model for side in sides],
            "query": query,
            "results": {side.model: side.hit_documents(public) for side in sides},
            "overlap": round(self.overlap, 6),
            "rbo": round(self.rbo, 6),
            "tau": None if self.tau is None else round(self.tau, 6),
            "fused": [hit.document(public) for hit in self.fused],
            "timings_ms": {side.model: side.timings_ms for side in sides},
            "unresolved": {side.model: side.unresolved for side in sides},
        } | ({"unseen": unseen} if unseen else {})
