"""Results of searches and comparisons, and their documents for the command line and the API."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from statistics import mean
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
class Agreement:
    """How far the rankings of two models agree.

    Attributes:
        models: The models' names.
        overlap: The share of hits that both have.
        rbo: Rank-biased overlap.
        tau: Kendall's tau of the hits that both have; None for fewer than two.
    """

    models: tuple[str, str]
    overlap: float
    rbo: float
    tau: float | None

    @classmethod
    def of(cls, a: Ranking, b: Ranking) -> "Agreement":
        """Compare two rankings of the same query."""
        return cls(
            models=(a.model, b.model),
            overlap=ranking.overlap(a.ids, b.ids),
            rbo=ranking.rank_biased_overlap(a.ids, b.ids),
            tau=ranking.kendall_tau(a.ids, b.ids),
        )

    def document(self) -> dict[str, Any]:
        """Return an entry of the `pairs` of a document."""
        return {"models": list(self.models)} | _figures(self.overlap, self.rbo, self.tau)


@dataclass(frozen=True)
class Comparison:
    """The rankings of two or more models for one query, and how far they agree.

    The query's own copies count in none of the figures.

    Attributes:
        rankings: The models' rankings.
        pairs: The agreement of each two of them, in the order of `itertools.combinations`.
        fused: The hits of all by reciprocal rank fusion. Each has the distance of the model that
            ranked it highest, since distances of two models can't be combined.
    """

    rankings: tuple[Ranking, ...]
    pairs: tuple[Agreement, ...]
    fused: list[Hit]

    @classmethod
    def of(cls, *rankings: Ranking) -> "Comparison":
        """Compare two or more rankings of the same query."""
        best: dict[int, Hit] = {}
        for hit in sorted((h for r in rankings for h in r.hits), key=lambda hit: hit.rank):
            best.setdefault(hit.record.id, hit)
        depth = max((len(r.hits) for r in rankings), default=0)
        merged = ranking.reciprocal_rank_fusion([r.ids for r in rankings])[:depth]
        return cls(
            rankings=rankings,
            pairs=tuple(Agreement.of(a, b) for a, b in combinations(rankings, 2)),
            fused=[replace(best[i], rank=rank) for rank, (i, _) in enumerate(merged, start=1)],
        )

    @cached_property
    def ranks(self) -> list[dict[int, int]]:
        """The ranks of each model's hits by their ids."""
        return [{hit.record.id: hit.rank for hit in r.hits} for r in self.rankings]

    @property
    def overlap(self) -> float:
        """The mean overlap of all pairs."""
        return mean(pair.overlap for pair in self.pairs)

    @property
    def rbo(self) -> float:
        """The mean rank-biased overlap of all pairs."""
        return mean(pair.rbo for pair in self.pairs)

    @property
    def tau(self) -> float | None:
        """The mean of Kendall's tau over the pairs that have one; None if there are none."""
        values = [pair.tau for pair in self.pairs if pair.tau is not None]
        return mean(values) if values else None

    @property
    def has_copies(self) -> bool:
        """Whether a model has found the query itself in the library."""
        return any(ranking.own_copies for ranking in self.rankings)

    def document(self, query: str, public: bool = False) -> dict[str, Any]:
        """Return the `--json` document of `compare`; `public` leaves out the pictures' paths."""
        unseen = {r.model: list(r.unseen) for r in self.rankings if r.unseen}
        pairs = [pair.document() for pair in self.pairs]
        return {
            "models": [r.model for r in self.rankings],
            "query": query,
            "results": {r.model: r.hit_documents(public) for r in self.rankings},
            **_figures(self.overlap, self.rbo, self.tau),
            "fused": [hit.document(public) for hit in self.fused],
            "timings_ms": {r.model: r.timings_ms for r in self.rankings},
            "unresolved": {r.model: r.unresolved for r in self.rankings},
            **({"pairs": pairs} if len(pairs) > 1 else {}),
            **({"unseen": unseen} if unseen else {}),
        }


def _figures(overlap: float, rbo: float, tau: float | None) -> dict[str, float | None]:
    figures = {"overlap": overlap, "rbo": rbo, "tau": tau}
    return {name: None if value is None else round(value, 6) for name, value in figures.items()}
