"""The named endpoints that take seconds; each runs one call at a time."""

from typing import Any

from gradio import FileData
from gradio.events import api as add_endpoint

from searcher.errors import EvaluationStopped
from searcher.evaluation.disagreement import ModelComparison, require_two
from searcher.evaluation.evaluate import evaluate as measure
from searcher.evaluation.evaluation_results import Evaluation
from searcher.evaluation.map_documents import document
from searcher.evaluation.maps import Maps
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.messages.message import message
from searcher.metrics.projection import METHODS, TSNE
from searcher.ui.api.schemas import NO_IMAGE, PartDocument
from searcher.ui.api.truth_parameters import Truth, with_truth
from searcher.ui.components.measuring import EVALUATING, measuring
from searcher.ui.i18n import sentence
from searcher.ui.requests.arguments import (
    read_choice,
    read_count,
    read_id,
    read_model,
    read_models,
)
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.parsing import read_image_and_parts
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge, current_visitor

DEFAULT_DEPTH = 10
MAX_DEPTH = 1000


def add(library: Library, maps: Maps) -> None:
    """Add the endpoints to the page that is being built."""

    def take(names: list[str], depth: int, truth: Truth) -> Evaluation:
        with measuring(library, EVALUATING) as course:
            return measure(library, names, depth, *course, truth.plan(library))

    @show_errors
    @with_truth
    def evaluate(
        models: list[str] | None = None,
        k: int = DEFAULT_DEPTH,
        *,
        truth: Truth,
    ) -> dict[str, Any]:
        """Measure each model on labels, leave-one-out, or on judgements, and say which to choose.

        Returns {"k", "models": {name: {"p@1", "p@5", "p@10", "map", other measures, "ci95",
        "per_label", "curves": {"precision", "recall"} at every depth, "queries", "ms", "dim",
        "mb"}}, "pictures", "labels", "queries", "truth": "labels" or "judgements", "ceilings":
        {measure: the most that can be reached}, "ceiling_curves", "verdict", "comparisons":
        [{"models": [A, B], "differences": {measure: {"difference", "ci95", "p", "p_holm"}}}],
        "near_copies", "sentences"}.

        Args:
            models: The names of models; all that are ready where none is named.
            k: The depth at which rankings are cut, 1 to 1,000.
            truth: What is relevant, and which pictures are queries.
        """
        names = read_models(models, len(library.registry.ready()))
        depth = read_count(k, MAX_DEPTH, DEFAULT_DEPTH)
        charge(library)
        evaluation = take(names, depth, truth)
        return evaluation.document() | {"sentences": _sentences(evaluation)}

    @show_errors
    @with_truth
    def compare_models(
        model_a: str,
        model_b: str,
        k: int = DEFAULT_DEPTH,
        *,
        truth: Truth,
    ) -> dict[str, Any]:
        """Compare two models query by query, on labels or judgements.

        Returns {"models", "k", "queries", "measures": {measure: {"a", "b", "difference", "ci95",
        "p", "p_holm"}}, "verdict", "a_right_count", "b_right_count", "a_right", "b_right",
        "sentences"}; the queries that only one model gets right are [{"id", "name", "label",
        "scores"}], those with the greatest difference first.

        Args:
            model_a: The name of a model that is ready; `models` lists them.
            model_b: The name of another one.
            k: The depth at which rankings are cut, 1 to 1,000.
            truth: What is relevant, and which pictures are queries.
        """
        names = [read_model(model_a), read_model(model_b)]
        depth = read_count(k, MAX_DEPTH, DEFAULT_DEPTH)
        require_two(*names)
        charge(library)
        comparison = ModelComparison(take(names, depth, truth), *names)
        return comparison.document() | {"sentences": _sentences(comparison.evaluation)}

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
    def map(model: str, method: str = TSNE, again: bool = False) -> dict[str, Any]:
        """Return a model's map: where each picture lies in two dimensions, of up to 50,000.

        t-SNE is made in the background on the first call: until then "method" is "pca" and
        "progress" the share that is done, from 0 to 1; call again.

        Returns {"model", "title", "method", "progress", "stopped", "explained", "vectors", "ids",
        "positions": [[x, y]]}; positions from 0 to 1, "explained" is the share of the variance
        that PCA shows; "stopped" where somebody has stopped the making of t-SNE.

        Args:
            model: The name of a model that is ready; `models` lists them.
            method: "tsne", which keeps neighbours, or "pca".
            again: Whether to make t-SNE though somebody has stopped that.
        """
        name = read_model(model)
        projection = read_choice(method, METHODS)
        charge(library)
        return document(maps.of(name, projection, again is True))

    @show_errors
    def doctor(deep: bool = False) -> dict[str, Any]:
        """Check that files, records and vectors agree; nothing is changed.

        Returns {"pictures", "models": {name: {"vectors", "missing", "orphans"}}, "problems":
        [sentence], "repaired": [], "trash": pictures in it}.

        Args:
            deep: Whether to look at every vector, and to embed a sample of pictures again.
        """
        charge(library)
        with library.jobs.begin(current_visitor(), message("job.checking")) as job:

            def advance(done: int, total: int) -> None:
                job.advance(done, total)
                if job.is_stopped:
                    raise EvaluationStopped("doctor.stopped")

            return examine(library, deep=bool(deep), progress=advance).document()

    for question in (evaluate, compare_models, explain, map, doctor):
        name = question.__name__
        add_endpoint(question, api_name=name, **costly(name))


def _sentences(evaluation: Evaluation) -> list[str]:
    return [sentence(message) for message in evaluation.messages()]
