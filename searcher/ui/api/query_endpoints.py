"""The named endpoints that search: with pictures, words, and sums of several."""

from typing import Any

from gradio import FileData
from gradio.events import api as add_endpoint

from searcher.library.core import Library
from searcher.library.query_service import MAX_MODELS
from searcher.search.engine import MAX_RESULTS
from searcher.search.query import Query
from searcher.search.signature import PICTURE, TEXT
from searcher.search.untrusted import read_words
from searcher.ui.api.schemas import NO_IMAGE, PartDocument
from searcher.ui.components.defaults import DEFAULT_K
from searcher.ui.requests.arguments import (
    read_choice,
    read_count,
    read_id,
    read_model,
    read_models,
    read_number,
    read_where,
)
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.parsing import read_image_and_parts

SIGNATURES = {"picture": PICTURE, "text": TEXT}


def add(library: Library) -> None:
    """Add the endpoints to the page that is being built."""

    def find(query: Query, name: str, model: Any, k: Any, where: Any) -> dict[str, Any]:
        count, condition = read_count(k, MAX_RESULTS, DEFAULT_K), read_where(where)
        ranking = library.search(query, read_model(model), count, condition)
        return ranking.document(name, public=True)

    @show_errors
    def search(
        image: FileData = NO_IMAGE,
        model: str = "",
        k: int = DEFAULT_K,
        parts: list[PartDocument] | None = None,
        where: str = "",
    ) -> dict[str, Any]:
        """Find the pictures nearest to an image, or to a weighted sum of parts, with one model.

        Returns {"model", "query", "hits": [{"id", "rank", "distance", "similarity", "path",
        "name", "label", "query"}], "timings_ms", "unresolved"}; distances are Euclidean, between
        unit vectors, and `path` is null, since the server does not reveal its folders. A picture
        of the query that is itself in the library comes before the k hits, with "query" true and
        rank 0. "unseen" has the positions of the parts that the model can't see, if any.

        Args:
            image: The picture to search with.
            model: The name of a model that is ready; `models` lists them.
            k: How many pictures, 1 to 50.
            parts: Up to 8 parts, besides the image or instead: {"text": words}, {"picture": id of
                one of the library} or {"image": an upload, or a data:image/…;base64 URL}; of a
                picture perhaps with "box": [left, top, right, bottom], shares of its size from 0 to
                1, and all perhaps with "weight", 1 by default, negative for what counts against.
            where: A condition that the pictures must meet, such as label == "dog" and width > 1000.
                Fields are label, name, orientation (landscape, portrait, square), source (upload,
                sample, archive, folder, unknown), width, height, and added (a date such as
                "2026-11-01"); operators are ==, !=, <, <=, >, >=, in [...], like (with % and _),
                and, or, not.
        """
        query = read_image_and_parts(library, image, parts)
        return find(query, query.name, model, k, where)

    @show_errors
    def search_text(text: str, model: str, k: int = DEFAULT_K, where: str = "") -> dict[str, Any]:
        """Find the pictures nearest to words, with a model that understands words.

        Returns the same as `search`.

        Args:
            text: What to look for, up to 1,000 characters.
            model: The name of a model whose `words` are true; `models` lists them.
            k: How many pictures, 1 to 50.
            where: A condition that the pictures must meet, as for `search`.
        """
        query = read_words(text)
        return find(query, query.name, model, k, where)

    @show_errors
    def search_by_id(
        picture_id: int, model: str, k: int = DEFAULT_K, where: str = ""
    ) -> dict[str, Any]:
        """Find the pictures nearest to one of the library, by its stored vector.

        Returns the same as `search`: first the picture itself, with "query" true and rank 0, then k
        others.

        Args:
            picture_id: The id of a picture, from the hits of a search.
            model: The name of a model that is ready; `models` lists them.
            k: How many pictures, 1 to 50.
            where: A condition that the pictures must meet, as for `search`.
        """
        query = library.stored_query(read_id(picture_id))
        return find(query, str(query.picture_id), model, k, where)

    @show_errors
    def compare(
        image: FileData = NO_IMAGE,
        model_a: str = "",
        model_b: str = "",
        k: int = DEFAULT_K,
        parts: list[PartDocument] | None = None,
        where: str = "",
        more_models: list[str] | None = None,
    ) -> dict[str, Any]:
        """Search with two to six models and measure how far their rankings agree.

        Returns {"models", "query", "results": {model: hits}, "overlap", "rbo", "tau", "fused",
        "timings_ms", "unresolved"}, and "unseen", {model: positions of parts that it can't see},
        if there are any. The hits are as those of `search`; a picture of the query that is itself
        in the library is not fused, and counts in none of the figures. For more than two models
        the figures are means over all pairs, whose own are "pairs": [{"models": [A, B], "overlap",
        "rbo", "tau"}].

        Args:
            image: The picture to search with.
            model_a: The name of one model.
            model_b: The name of another model.
            k: How many pictures, 1 to 50.
            parts: Parts of the query, besides the image or instead, as for `search`.
            where: A condition that the pictures must meet, as for `search`.
            more_models: The names of up to four further models.
        """
        query = read_image_and_parts(library, image, parts)
        pair = read_model(model_a), read_model(model_b)
        models = [*pair, *read_models(more_models, MAX_MODELS - len(pair))]
        count, condition = read_count(k, MAX_RESULTS, DEFAULT_K), read_where(where)
        comparison = library.compare(query, models, count, condition)
        return comparison.document(query.name, public=True)

    @show_errors
    def percentile(model: str, distance: float, query: str = "picture") -> dict[str, Any]:
        """Return the percentile of a distance: the share of random pairs that are further apart.

        Returns {"model", "distance", "closer_than"}, the share from 0 to 1, null where there are
        too few pictures. Distances of two models can't be compared, nor those of words and of
        pictures; these shares can.

        Args:
            model: The name of a model that is ready.
            distance: A Euclidean distance between unit vectors, 0 to 2.
            query: "picture" for a distance of two pictures, "text" for one of words and a picture.
        """
        signature = SIGNATURES[read_choice(query, SIGNATURES)]
        percentiles = library.percentiles(read_model(model), signature)
        share = percentiles.percentile(read_number(distance))
        return {"model": model, "distance": distance, "closer_than": share}

    for question in (search, search_text, search_by_id, compare):
        add_endpoint(question, api_name=question.__name__, concurrency_limit=4)
    # Takes milliseconds, so one direct request may answer it, without the queue.
    add_endpoint(percentile, api_name="percentile", concurrency_limit=4, queue=False)
