"""The named endpoint that makes reports."""

from typing import Any

from gradio import FileData
from gradio.events import api as add_endpoint

from searcher.errors import InvalidRequest, NotEnoughLabels
from searcher.evaluation.arena_verdict import arena_verdict
from searcher.evaluation.disagreement import require_two
from searcher.evaluation.evaluate import DEFAULT_K as DEPTH
from searcher.evaluation.measurements import Measurement, Measurements
from searcher.evaluation.shrink import MAX_MODELS as MAX_PRICED
from searcher.evaluation.shrink import measure_each
from searcher.library.core import Library
from searcher.library.query_service import MAX_MODELS
from searcher.metrics.cost import DEFAULT_PRICE
from searcher.presentation.arena_section import arena_section
from searcher.presentation.comparison_section import comparison_section
from searcher.presentation.cost_report import cost_report, find_recommended
from searcher.presentation.disagreement_section import disagreement_section
from searcher.presentation.evaluation_section import evaluation_section
from searcher.presentation.report_files import FORMATS, HTML, write_report
from searcher.presentation.report_making import make_report
from searcher.presentation.reports import MAX_REMARKS, MAX_TITLE, Section
from searcher.search.engine import MAX_RESULTS
from searcher.ui.api.schemas import NO_IMAGE, PartDocument
from searcher.ui.api.truth_parameters import Truth, with_truth
from searcher.ui.components.defaults import DEFAULT_K
from searcher.ui.components.measuring import COSTS, EVALUATING, measuring
from searcher.ui.requests.arguments import (
    read_choice,
    read_choices,
    read_count,
    read_models,
    read_text,
)
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.parsing import read_image_and_parts, uploaded_files
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

SECTIONS = ("comparison", "evaluation", "disagreements", "cost", "arena")


def add(library: Library, measurements: Measurements) -> None:
    """Add the endpoint to the page that is being built."""

    def comparison(names: list[str], image: Any, parts: Any, k: Any) -> Section:
        query = read_image_and_parts(library, image, parts)
        count = read_count(k, MAX_RESULTS, DEFAULT_K)
        if not 2 <= len(names) <= MAX_MODELS:
            raise InvalidRequest("request.models_to_compare", most=MAX_MODELS)
        return comparison_section(library, query, library.compare(query, names, count))

    def take(names: list[str], truth: Truth) -> Measurement:
        with measuring(library, EVALUATING) as course:
            return measurements.take(names, DEPTH, *course, truth.plan(library))

    def evaluation(names: list[str], truth: Truth) -> Section:
        measured = take(names, truth).evaluation
        if measured is None:
            raise NotEnoughLabels("evaluation.no_labels")
        return evaluation_section(library, measured)

    def disagreements(names: list[str], truth: Truth) -> Section:
        a, b = names if len(names) == 2 else ("", "")
        require_two(a, b)
        return disagreement_section(library, take([a, b], truth), (a, b))

    def cost(names: list[str]) -> Section:
        if not 1 <= len(names) <= MAX_PRICED:
            raise InvalidRequest("request.models_of_costs", most=MAX_PRICED)
        with measuring(library, COSTS) as course:
            found = measure_each(library, names, DEFAULT_PRICE, *course)
            documents = {s.model.display: s.document() for s in found}
            changed = find_recommended(library, documents.values(), course.is_stopped)
        return cost_report(library, documents, changed)

    def arena() -> Section:
        titles = {model.name: model.display for model in library.registry.ready()}
        return arena_section(arena_verdict(library), titles)

    @show_errors
    @with_truth
    def report(
        sections: list[str],
        models: list[str] | None = None,
        image: FileData = NO_IMAGE,
        parts: list[PartDocument] | None = None,
        k: int = DEFAULT_K,
        format: str = HTML,
        title: str = "",
        remarks: str = "",
        logo: FileData | None = None,
        *,
        truth: Truth,
    ) -> str:
        """Make a report of one file, below 5 MB, in the language of the call.

        Returns the text of the file: HTML with pictures, which needs nothing else; or its figures
        as CSV or JSON.

        Args:
            sections: What is in it: "comparison", "evaluation", "disagreements", "cost", "arena".
            models: The names of models: 2 to 6 for a comparison, 2 for disagreements, 1 to 6 for
                costs; all that are ready where none is named for an evaluation.
            image: The query of the comparison, as for `compare`.
            parts: Parts of that query, besides the image or instead.
            k: The number of hits of each model.
            format: "html", "csv" or "json".
            title: Its title, up to 200 characters.
            remarks: Plain text at its top, up to 10,000 characters.
            logo: A picture at its top.
            truth: What is relevant, and which pictures are queries.
        """
        asked = read_choices(sections, SECTIONS)
        form = read_choice(format, FORMATS)
        heading, text = read_text(title, MAX_TITLE), read_text(remarks, MAX_REMARKS)
        names = read_models(models, len(library.registry.ready()))
        picture = None
        if logo:
            (upload,) = uploaded_files([logo], library.settings.max_upload_mb)
            picture = upload.path.read_bytes(), upload.name
        charge(library)
        makers = {
            "comparison": lambda: comparison(names, image, parts, k),
            "evaluation": lambda: evaluation(names, truth),
            "disagreements": lambda: disagreements(names, truth),
            "cost": lambda: cost(names),
            "arena": arena,
        }
        made = [makers[name]() for name in asked]
        if not made:
            raise InvalidRequest("request.choice")
        return write_report(make_report(library, made, heading, text, picture), form)

    add_endpoint(report, api_name="report", **costly("report"))
