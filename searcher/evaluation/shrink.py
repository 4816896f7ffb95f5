"""What a model costs, and what smaller vectors of it would: quality, bytes, milliseconds, money."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from searcher.evaluation.evaluation_results import MAIN_MEASURE
from searcher.evaluation.stopping import Progress, Stop, asking
from searcher.evaluation.variant_sample import K, VariantSample
from searcher.library.core import Library
from searcher.library.vector_variants import reason_against
from searcher.metrics.cost import DEFAULT_PRICE, PICTURES, Cost, cost
from searcher.metrics.shrinkage import Variant
from searcher.metrics.variant_search import overlap
from searcher.models.registry import Model

MAX_MODELS = 6  # measured together; the chart has as many colours
# The smallest variant that loses no more than this is recommended.
QUALITY_LOSS, MIN_OVERLAP = 0.01, 0.9
SAMPLE_SHARE = 0.3  # of the time


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


def measure(
    library: Library,
    name: str,
    price: float = DEFAULT_PRICE,
    progress: Progress = lambda share: None,
    is_stopped: Stop = lambda: False,
) -> Shrinkage:
    """Measure the variants of a model's vectors, on its full vectors of the library.

    Args:
        library: Pictures with the same label are relevant to each other.
        name: The model's name.
        price: Of a GiB of memory for a month.
        progress: Called with the completed share, 0 to 1.
        is_stopped: Whether to end early.

    Raises:
        ModelNotReady: The model is not ready, or has vectors of too few pictures.
        EvaluationStopped: `is_stopped` has become true.
        StoreUnavailable: Redis or Milvus does not answer.
    """
    with library.priority.query():
        model = library.registry.get(name)
        return _measure(library, model, price, asking(is_stopped, progress))


def measure_each(
    library: Library,
    names: Sequence[str],
    price: float = DEFAULT_PRICE,
    progress: Progress = lambda share: None,
    is_stopped: Stop = lambda: False,
) -> list[Shrinkage]:
    """Measure several models, one after the other; see `measure`."""
    found: list[Shrinkage] = []
    for name in names:
        found.append(
            measure(
                library,
                name,
                price,
                lambda share: progress((len(found) + share) / len(names)),
                is_stopped,
            )
        )
    return found


def _measure(library: Library, model: Model, price: float, advance: Progress) -> Shrinkage:
    sample = VariantSample(library, model, lambda share: advance(SAMPLE_SHARE * share))
    pictures = library.vectors.count(model.collection)
    speed = library.speeds.get(model)

    def point(number: int, variant: Variant) -> Point:
        def done(share: float) -> None:
            completed = (number + share) / len(sample.variants)
            advance(SAMPLE_SHARE + (1 - SAMPLE_SHARE) * completed)

        done(0)
        search, is_centred = sample.search(variant)
        done(1 / 3)
        nearest = search.nearest(sample.rows, K)
        done(2 / 3)
        return Point(
            variant,
            float(sample.precisions(nearest).mean()) if sample.has_labels else None,
            overlap(nearest, sample.truth),
            # Brute force takes time in proportion to the pictures.
            search.milliseconds(sample.rows, K) * pictures / len(sample),
            cost(speed.ms if speed else None, variant.bytes, price),
            reason_against(library, variant) is None,
            is_centred,
        )

    points = [point(number, variant) for number, variant in enumerate(sample.variants)]
    return Shrinkage(
        model=model,
        pictures=pictures,
        measured=len(sample),
        queries=len(sample.rows),
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
