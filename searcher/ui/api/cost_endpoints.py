"""The named endpoints on smaller vectors; each runs one call at a time."""

from typing import Any

from gradio.events import api as add_endpoint

from searcher.evaluation.index_recall import measure_index
from searcher.evaluation.shrink import measure
from searcher.evaluation.shrink_changes import find_changes
from searcher.evaluation.variant_sample import MAX_QUERIES
from searcher.library import serializers
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.metrics.cost import DEFAULT_PRICE
from searcher.ui.components.measuring import COSTS, measuring
from searcher.ui.requests.arguments import MAX_LABEL, read_count, read_model, read_price, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

DEFAULT_COUNT = 20


def add(library: Library, worker: Worker) -> None:
    """Add the endpoints to the page that is being built."""

    @show_errors
    def shrink(model: str = "", price: float = DEFAULT_PRICE) -> dict[str, Any]:
        """Measure smaller vectors of a model: quality, bytes, milliseconds and money.

        Returns {"model", "dim", "pictures", "measured", "queries", "measure", "million":
        {"pictures", "price_per_gb", "embedding_hours"}, "stored", "recommended", "variants":
        [{"variant", "quality", "overlap", "bytes", "ms", "gb", "price", "can_be_stored"}]}.

        Args:
            model: The name of a model that is ready; `models` lists them.
            price: Of a GB of memory for a month, 0 or more.
        """
        name, value = read_model(model), read_price(price)
        charge(library)
        with measuring(library, COSTS) as course:
            return measure(library, name, value, *course).document()

    @show_errors
    def changed_queries(
        model: str = "", variant: str = "", count: int = DEFAULT_COUNT
    ) -> dict[str, Any]:
        """List the queries of `shrink` whose first ten are others with smaller vectors or in HNSW.

        Returns {"model", "variant", "queries", "changed", "worse", "better": by precision@10, null
        without labels, "cases": [{"id", "name", "label", "gain", "lost", "found": [{"id", "name",
        "label", "right"}]}]}, those that lose most precision first.

        Args:
            model: The name of a model that is ready; `models` lists them.
            variant: Such as pca-256 or int8, from `shrink`, or ef-64 of `index_recall`.
            count: The number of queries, 1 to 500.
        """
        name, kind = read_model(model), read_text(variant, MAX_LABEL)
        most = read_count(count, MAX_QUERIES, DEFAULT_COUNT)
        charge(library)
        with measuring(library, COSTS) as course:
            return find_changes(library, name, kind, most, course.is_stopped).document()

    @show_errors
    def index_recall(model: str = "") -> dict[str, Any]:
        """Measure recall and latency of a Milvus server's HNSW for five values of ef.

        Returns {"model", "pictures", "indexed", "ef", "points": [{"ef", "recall", "ms"}]}.

        Args:
            model: The name of a model that is ready; `models` lists them.
        """
        name = read_model(model)
        charge(library)
        with measuring(library, COSTS) as course:
            return measure_index(library, name, *course).document()

    @show_errors
    def store_vectors(model: str = "", variant: str = "") -> list[dict[str, Any]]:
        """Store smaller vectors of a model, or the full ones again, as soon as that is possible.

        Returns the list of `models`, with the vectors that are stored now.

        Args:
            model: The name of a model that is ready.
            variant: Such as pca-256 or int8, from `shrink`; float32 for the full vectors.
        """
        worker.shrink(read_model(model), read_text(variant, MAX_LABEL))
        return serializers.models(library)

    for question in (shrink, changed_queries, index_recall):
        add_endpoint(question, api_name=question.__name__, **costly("shrink"))
    # Documented endpoints become MCP tools; language models must not change the library.
    visibility: Any = "undocumented" if library.settings.mcp else "public"
    add_endpoint(
        store_vectors, api_name="store_vectors", concurrency_limit=1, api_visibility=visibility
    )
