"""What a model costs, and what smaller vectors of it would: quality, bytes, milliseconds, money."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from searcher.errors import ModelNotReady
from searcher.evaluation.evaluation_results import MAIN_MEASURE
from searcher.library.core import Library
from searcher.library.vector_variants import AXES_SAMPLE, fetch_sample, reason_against
from searcher.metrics.cost import DEFAULT_PRICE, PICTURES, Cost, cost
from searcher.metrics.retrieval import has_relevant
from searcher.metrics.shrinkage import BINARY, PCA, Variant, principal_axes, variants
from searcher.metrics.variant_search import IntArray, VariantSearch, best_binary, overlap
from searcher.models.registry import Model
from searcher.types import FloatArray

MAX_MODELS = 6  # measured together; the chart has as many colours
K = 10  # hits that are compared, those of MAIN_MEASURE
MIN_PICTURES = K + 2
MAX_QUERIES = 500
MAX_BYTES = 2**28  # of full vectors that are measured with; a larger library is sampled
SEED = 0
# The smallest variant that loses no more than this is recommended.
QUALITY_LOSS, MIN_OVERLAP = 0.01, 0.9


@dataclass(frozen=True)
class Point:
    """One variant's measures.

    Attributes:
        variant: The variant.
        quality: Precision at 10 of the labelled queries, 0 to 1; None without labels.
        overlap: The share of the full vectors' first ten that it finds, 0 to 1.
        milliseconds: Of a brute-force search at the library's size.
        cost: Of a million pictures.
        can_be_stored: Whether the library's store can hold it.
        is_centred: Whether binary vectors are the signs after centring.
    """

    variant: Variant
    quality: float | None
    overlap: float
    milliseconds: float
    cost: Cost
    can_be_stored: bool
    is_centred: bool = False

    def document(self) -> dict[str, Any]:
        """The variant's entry in the `--json` document of `shrink`."""
        return {
            "variant": self.variant.name,
            "quality": None if self.quality is None else round(self.quality, 4),
            "overlap": round(self.overlap, 4),
            "bytes": self.variant.bytes,
            "ms": round(self.milliseconds, 3),
            "gb": round(self.cost.gb, 3),
            "price": round(self.cost.price, 2),
            "can_be_stored": self.can_be_stored,
        }


@dataclass(frozen=True)
class Shrinkage:
    """The measures of a model's variants, the full vectors first.

    Attributes:
        model: The model.
        pictures: The number of pictures with a vector.
        measured: The number of these that were measured with.
        queries: The number of queries.
        price: Of a GiB of memory for a month.
        stored: The variant that is stored now.
        recommended: The name of the smallest variant that loses next to nothing.
        points: The measures.
    """

    model: Model
    pictures: int
    measured: int
    queries: int
    price: float
    stored: Variant
    recommended: str
    points: list[Point]

    @property
    def has_quality(self) -> bool:
        """Whether there were labels to measure quality by."""
        return self.points[0].quality is not None

    def document(self) -> dict[str, Any]:
        """The `--json` document of `shrink`."""
        hours = self.points[0].cost.hours
        return {
            "model": self.model.name,
            "dim": self.model.dim,
            "pictures": self.pictures,
            "measured": self.measured,
            "queries": self.queries,
            "measure": MAIN_MEASURE if self.has_quality else None,
            "million": {
                "pictures": PICTURES,
                "price_per_gb": self.price,
                "embedding_hours": None if hours is None else round(hours, 2),
            },
            "stored": self.stored.name,
            "recommended": self.recommended,
            "variants": [point.document() for point in self.points],
        }


def measure(library: Library, name: str, price: float = DEFAULT_PRICE) -> Shrinkage:
    """Measure the variants of a model's vectors, on its full vectors of the library.

    Args:
        library: Pictures with the same label are relevant to each other.
        name: The model's name.
        price: Of a GiB of memory for a month.

    Raises:
        ModelNotReady: The model is not ready, or has vectors of too few pictures.
        StoreUnavailable: Redis or Milvus does not answer.
    """
    with library.priority.query():
        return _measure(library, library.registry.get(name), price)


def _measure(library: Library, model: Model, price: float) -> Shrinkage:
    ids, vectors = fetch_sample(library, model, MAX_BYTES // (4 * model.dim))
    if len(ids) < MIN_PICTURES:
        raise ModelNotReady("shrink.too_few_to_measure", model=model.display, count=MIN_PICTURES)
    pictures = library.vectors.count(model.collection)
    labels = np.array([record.label if record else "" for record in library.records.get(ids)])
    rows, has_labels = _queries(labels)
    speed = library.speeds.get(model)
    truth = VariantSearch(Variant("", model.dim), vectors).nearest(rows, K)
    candidates = variants(model.dim, len(ids))
    most = max((v.dim for v in candidates if v.method == PCA), default=0)
    axes = principal_axes(vectors[:AXES_SAMPLE], most) if most else None

    def point(variant: Variant) -> Point:
        search, is_centred = _search(variant, vectors, axes, rows, truth)
        nearest = search.nearest(rows, K)
        return Point(
            variant,
            float((labels[nearest] == labels[rows][:, None]).mean()) if has_labels else None,
            overlap(nearest, truth),
            # Brute force takes time in proportion to the pictures.
            search.milliseconds(rows, K) * pictures / len(ids),
            cost(speed.ms if speed else None, variant.bytes, price),
            reason_against(library, variant) is None,
            is_centred,
        )

    points = [point(variant) for variant in candidates]
    return Shrinkage(
        model=model,
        pictures=pictures,
        measured=len(ids),
        queries=len(rows),
        price=price,
        stored=library.vectors.form(model.collection).variant,
        recommended=recommend(points).variant.name,
        points=points,
    )


def recommend(points: Sequence[Point]) -> Point:
    """Return the smallest variant of those that lose next to nothing and can be stored.

    Args:
        points: The variants, the full vectors first.
    """
    full = points[0]

    def is_good(point: Point) -> bool:
        loss = (full.quality or 0) - (point.quality or 0)
        return point.can_be_stored and loss <= QUALITY_LOSS and point.overlap >= MIN_OVERLAP

    return min([full, *filter(is_good, points)], key=lambda point: point.variant.bytes)


def _queries(labels: npt.NDArray[np.str_]) -> tuple[IntArray, bool]:
    """Return the rows of the queries, and whether these have labels that others share."""
    labelled = np.flatnonzero(has_relevant(labels) & (labels != ""))
    pool = labelled if len(labelled) else np.arange(len(labels))
    count = min(len(pool), MAX_QUERIES)
    chosen = np.random.default_rng(SEED).choice(pool, count, replace=False)
    return np.sort(chosen).astype(np.int64), len(labelled) > 0


def _search(
    variant: Variant, vectors: FloatArray, axes: FloatArray | None, rows: IntArray, truth: IntArray
) -> tuple[VariantSearch, bool]:
    if variant.type == BINARY:
        return best_binary(variant, vectors, rows, truth)
    return VariantSearch(variant, vectors, axes), False
