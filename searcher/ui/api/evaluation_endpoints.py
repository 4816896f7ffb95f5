"""The named endpoints about the pictures behind an evaluation's numbers."""

from typing import Any

from gradio.events import api as add_endpoint

from searcher.errors import NotEnoughLabels
from searcher.evaluation.confusion import Confusion
from searcher.evaluation.disagreement import require_two
from searcher.evaluation.evaluate import DEFAULT_K
from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation
from searcher.evaluation.hardest import HardestQueries
from searcher.evaluation.measurements import Measurement, Measurements
from searcher.evaluation.rank_disagreement import RankDisagreements
from searcher.library.core import Library
from searcher.ui.api.truth_parameters import Truth, with_truth
from searcher.ui.components.measuring import EVALUATING, measuring
from searcher.ui.requests.arguments import MAX_NAME, read_count, read_model, read_models, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

DEFAULT_COUNT = 20
MAX_COUNT = 1000
NO_TRUTH = Truth()


def add(library: Library, measurements: Measurements) -> None:
    """Add the endpoints to the page that is being built."""

    def take(names: list[str], truth: Truth = NO_TRUTH) -> Measurement:
        charge(library)
        with measuring(library, EVALUATING) as course:
            return measurements.take(names, DEFAULT_K, *course, truth.plan(library))

    def evaluation_of(names: list[str], truth: Truth = NO_TRUTH) -> tuple[Measurement, Evaluation]:
        measurement = take(names, truth)
        if measurement.evaluation is None:
            raise NotEnoughLabels("evaluation.no_labels")
        return measurement, measurement.evaluation

    @show_errors
    @with_truth
    def hardest_queries(
        model: str = "",
        measure: str = MAIN_MEASURE,
        count: int = DEFAULT_COUNT,
        *,
        truth: Truth,
    ) -> dict[str, Any]:
        """List the queries for which a model finds the fewest relevant pictures.

        Returns {"model", "measure", "queries": [{"id", "name", "label", "score", "relevant": their
        number, "nearest": [{"id", "name", "label", "right"}]}]}, those with the lowest score first.

        Args:
            model: The name of a model that is ready; `models` lists them. None for the best ranking
                possible, with the most that can be reached as the score.
            measure: A measure of `evaluate`, such as p@10 or map.
            count: The number of queries, 1 to 1,000.
            truth: What is relevant, and which pictures are queries.
        """
        names, by = (
            [read_model(model)] if model else [],
            read_text(measure, MAX_NAME) or MAIN_MEASURE,
        )
        most = read_count(count, MAX_COUNT, DEFAULT_COUNT)
        _, evaluation = evaluation_of(names, truth)
        return HardestQueries(evaluation, "".join(names), by).document(most)

    @show_errors
    @with_truth
    def disagreements(
        model_a: str,
        model_b: str,
        count: int = DEFAULT_COUNT,
        *,
        truth: Truth,
    ) -> dict[str, Any]:
        """List the queries for which two models find the most different pictures.

        No labels are needed. Returns {"models", "queries": their number, "mean_rbo",
        "disagreements": [{"id", "name", "label", "rbo", "nearest": [those of A, those of B]}]},
        those with the lowest rank-biased overlap first.

        Args:
            model_a: The name of a model that is ready; `models` lists them.
            model_b: The name of another one.
            count: The number of queries, 1 to 1,000.
            truth: What is relevant, and which pictures are queries.
        """
        names = [read_model(model_a), read_model(model_b)]
        most = read_count(count, MAX_COUNT, DEFAULT_COUNT)
        require_two(*names)
        measurement = take(names, truth)
        return RankDisagreements(measurement.neighbours, *names).document(most)

    @show_errors
    def confusion(model: str, k: int = 1, count: int = DEFAULT_COUNT) -> dict[str, Any]:
        """Count which labels a model takes for each other.

        Returns {"model", "k", "pairs": [{"label", "other", "count"}], "matrix": {"labels",
        "counts": [[number]], "others", "totals"}}: how many of the k nearest pictures of a label's
        pictures have the other label. The matrix has the labels that are confused most.

        Args:
            model: The name of a model that is ready; `models` lists them.
            k: How many neighbours of each picture count, 1 to 20.
            count: The number of pairs, 1 to 1,000.
        """
        name, depth = read_model(model), read_count(k, DEFAULT_COUNT, 1)
        most = read_count(count, MAX_COUNT, DEFAULT_COUNT)
        measurement, _ = evaluation_of([name])
        found = Confusion(measurement.neighbours, name, depth)
        pairs = [pair.document() for pair in found.pairs(most)]
        return {"model": name, "k": depth, "pairs": pairs, "matrix": found.matrix().document()}

    @show_errors
    def suspicious_labels(
        models: list[str] | None = None, count: int = DEFAULT_COUNT
    ) -> dict[str, Any]:
        """List pictures whose neighbours in every model agree on another label than theirs.

        Returns {"count", "pictures": [{"id", "name", "label", "proposed", "share": of the
        neighbours with the proposed label}], "near_copies": [{"ids", "names", "labels"}]}; near-
        copies are pairs that look the same under different labels.

        Args:
            models: The names of models; all that are ready where none is named.
            count: The number of pictures, 1 to 1,000.
        """
        names = read_models(models, len(library.registry.ready()))
        most = read_count(count, MAX_COUNT, DEFAULT_COUNT)
        measurement, evaluation = evaluation_of(names)
        return {
            "count": len(measurement.suspicious),
            "pictures": [picture.document() for picture in measurement.suspicious[:most]],
            "near_copies": [pair.document() for pair in evaluation.near_copies[:most]],
        }

    for question in (hardest_queries, disagreements, confusion, suspicious_labels):
        add_endpoint(question, api_name=question.__name__, **costly("evaluate"))
