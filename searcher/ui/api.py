"""The named endpoints: the same documents as the command line, for gradio_client."""

from typing import Any

from gradio import FileData
from gradio.events import api as add_endpoint

from searcher.library import Library
from searcher.ui.edge import read_query, with_sentences
from searcher.ui.search import DEFAULT_K


def add(library: Library) -> None:
    """Add the endpoints to the page that is being built."""
    limit_mb = library.settings.max_upload_mb

    @with_sentences
    def search(image: FileData, model: str, k: int = DEFAULT_K) -> dict[str, Any]:
        """Find the pictures nearest to an image with one model.

        Returns {"model", "query", "hits": [{"id", "rank", "distance", "similarity", "path",
        "name", "label"}], "timings_ms", "unresolved"}; distances are Euclidean, between unit
        vectors, and `path` is null: the server keeps its folders to itself.
        """
        query = read_query(image, limit_mb)
        return library.search(query, model, k).document(query.name, public=True)

    @with_sentences
    def compare(image: FileData, model_a: str, model_b: str, k: int = DEFAULT_K) -> dict[str, Any]:
        """Search with two models and measure how far their rankings agree.

        Returns {"models", "query", "results": {model: hits}, "overlap", "rbo", "tau", "fused",
        "timings_ms", "unresolved"}.
        """
        query = read_query(image, limit_mb)
        return library.compare(query, model_a, model_b, k).document(query.name, public=True)

    add_endpoint(search, api_name="search", concurrency_limit=4)
    add_endpoint(compare, api_name="compare", concurrency_limit=4)
