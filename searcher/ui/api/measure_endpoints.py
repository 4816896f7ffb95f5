"""The named endpoints that take seconds; each runs one call at a time."""

from typing import Any

from gradio import FileData
from gradio.events import api as add_endpoint

from searcher.evaluation.evaluate import evaluate as measure
from searcher.evaluation.index_recall import measure_index
from searcher.evaluation.shrink import measure as measure_vectors
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.metrics.cost import DEFAULT_PRICE, MAX_PRICE
from searcher.ui.api.schemas import NO_IMAGE, PartDocument
from searcher.ui.requests.arguments import (
    read_count,
    read_id,
    read_model,
    read_models,
    read_number,
)
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.parsing import read_image_and_parts
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

DEFAULT_DEPTH = 10
MAX_DEPTH = 1000


def add(library: Library) -> None:
    """Add the endpoints to the page that is being built."""

    @show_errors
    def evaluate(models: list[str] | None = None, k: int = DEFAULT_DEPTH) -> dict[str, Any]:
        """Measure each model on the library's labels, leave-one-out.

        Returns {"k", "models": {name: {"p@1", "p@5", "p@10", "map", "ci95", "per_label",
        "queries", "ms", "dim", "mb"}}, "pictures", "labels"}.

        Args:
            models: The names of models; all that are ready where none is named.
            k: The depth of the average precision, 1 to 1,000.
        """
        names = read_models(models, len(library.registry.ready()))
        depth = read_count(k, MAX_DEPTH, DEFAULT_DEPTH)
        charge(library)
        return measure(library, names, depth).document()

    @show_errors
    def explain(
        image: FileData = NO_IMAGE,
        picture_id: int = 0,
        model: str = "",
        parts: list[PartDocument] | None = None,
    ) -> dict[str, Any]:
        """Explain a hit: which parts of the query and of the hit make the two similar.

        Returns {"model", "similarity", "query", "hit"}: cosine similarity, and for each part of
        both pictures, by rows from the top left, how much of it is lost when the part is occluded.
        "query" is null where the query is not a single picture.

        Args:
            image: The picture that was searched with.
            picture_id: The id of a picture, from the hits of a search.
            model: The name of a model that is ready; `models` lists them.
            parts: Parts of the query, besides the image or instead, as for `search`.
        """
        query = read_image_and_parts(library, image, parts)
        hit = library.stored_query(read_id(picture_id), "The chosen picture")
        explanation = library.explain(query, hit, read_model(model))
        return {
            "model": model,
            "similarity": round(explanation.similarity, 6),
            "query": None if explanation.query is None else explanation.query.round(6).tolist(),
            "hit": explanation.hit.round(6).tolist(),
        }

    @show_errors
    def doctor(deep: bool = False) -> dict[str, Any]:
        """Check that files, records and vectors agree; nothing is changed.

        Returns {"pictures", "models": {name: {"vectors", "missing", "orphans"}}, "problems":
        [sentence], "repaired": [], "trash": pictures in it}.

        Args:
            deep: Whether to look at every vector, and to embed a sample of pictures again.
        """
        charge(library)
        return examine(library, deep=bool(deep)).document()

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
        name = read_model(model)
        value = min(max(read_number(price), 0.0), MAX_PRICE)
        charge(library)
        return measure_vectors(library, name, value).document()

    @show_errors
    def index_recall(model: str = "") -> dict[str, Any]:
        """Measure recall and latency of a Milvus server's HNSW for five values of ef.

        Returns {"model", "pictures", "indexed", "ef", "points": [{"ef", "recall", "ms"}]}.

        Args:
            model: The name of a model that is ready; `models` lists them.
        """
        name = read_model(model)
        charge(library)
        return measure_index(library, name).document()

    for question in (evaluate, explain, doctor, shrink, index_recall):
        name = question.__name__
        add_endpoint(question, api_name=name, **costly(name))
