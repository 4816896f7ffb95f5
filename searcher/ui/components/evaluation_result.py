"""The result of a measurement: verdict, chart and tables, whose numbers can be opened."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation
from searcher.evaluation.measurements import Measurement
from searcher.evaluation.paired import Difference, PairedComparison
from searcher.presentation.depth_chart import depth_chart
from searcher.presentation.evaluation_section import explanation
from searcher.presentation.quality_chart import best_first, quality_chart
from searcher.ui.i18n import sentence
from searcher.ui.templating import render


def result_html(measurement: Measurement, link: Mapping[str, str]) -> str:
    """Render a measurement; `link` is the page's address."""
    if measurement.evaluation:
        return evaluation_html(measurement.evaluation, link)
    return render("no_labels.html", link=link, count=len(measurement.neighbours.queries))


def evaluation_html(evaluation: Evaluation, link: Mapping[str, str]) -> str:
    """Render an evaluation: verdict, chart and tables."""
    # The table has room for some; one below has all.
    k = evaluation.k
    measures = ["p@1", "p@5", MAIN_MEASURE, f"p@{k}", "map"]
    measures = [*dict.fromkeys(measures), f"recall@{k}", f"ndcg@{k}", f"knn@{k}"]
    titles = {quality.model.name: quality.model.display for quality in evaluation.models}
    labels = sorted({label for quality in evaluation.models for label in quality.per_label})
    return render(
        "evaluation.html",
        link=link,
        to=_to,
        evaluation=evaluation,
        sentences=[sentence(message) for message in evaluation.messages()],
        explanation=explanation(evaluation),
        chart=quality_chart(evaluation.models, MAIN_MEASURE),
        models=best_first(evaluation.models, MAIN_MEASURE),
        measures=measures,
        main=MAIN_MEASURE,
        best={
            measure: max(quality.means[measure] for quality in evaluation.models)
            for measure in evaluation.ceilings
        },
        depth_panels=depth_chart(evaluation),
        labels=labels,
        pairs=[_pair(comparison, titles) for comparison in evaluation.comparisons],
    )


def _pair(comparison: PairedComparison, titles: Mapping[str, str]) -> tuple[str, Difference, str]:
    """Return a row of `differences.html`."""
    a, b = comparison.a, comparison.b
    difference = comparison.differences[MAIN_MEASURE]
    side = "a" if difference.mean >= 0 else "b"
    disputed = _to("disagreements", models=f"{a},{b}", side=side)
    return f"{titles[a]} − {titles[b]}", difference, disputed


def _to(view: str, **choices: Any) -> str:
    """Return the state of a view, as its buttons send it."""
    return urlencode({"look": view, **choices})
