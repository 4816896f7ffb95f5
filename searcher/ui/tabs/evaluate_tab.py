"""The Evaluate tab: quality measured on the library's own labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.evaluation.evaluate import evaluate
from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation
from searcher.library.core import Library
from searcher.ui.components import scripts, truth_inputs
from searcher.ui.components.address import TabAddress
from searcher.ui.components.baselines import baselines_switch, listed
from searcher.ui.components.scatter import scatter
from searcher.ui.i18n import browser_text, gettext_noop, sentence
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge
from searcher.ui.templating import render

INVITATION = (
    gettext_noop("Which model is best on your pictures?"),
    gettext_noop(
        "Folder names are labels: this measures how often each model finds the same kind."
    ),
)


@dataclass(frozen=True)
class EvaluateTab:
    """What the rest of the page uses of the tab: switch, result, and part of the address."""

    switch: gr.Checkbox
    result: gr.HTML
    address: TabAddress


def build(library: Library) -> EvaluateTab:
    """Build the tab."""
    start = gr.Button(browser_text("Measure"), variant="primary", elem_id="evaluate-start")
    switch = baselines_switch("evaluate-baselines")
    truth = truth_inputs.build()
    result = gr.HTML(elem_id="evaluate-result", js_on_load=scripts.STATE)

    @show_errors
    def measure(show: Any, *values: Any) -> str:
        charge(library)
        names = [model.name for model in listed(library.registry.ready(), show)]
        evaluation = evaluate(library, names, plan=truth_inputs.plan_of(library, values))
        return evaluation_html(evaluation, _state(show is True, True))

    def restore(
        parameters: Mapping[str, str], reasons: list[str]
    ) -> tuple[list[Any], dict[str, str]]:
        # address.js presses the button where something was measured.
        show = bool(parameters["baselines"])
        return [show], _state(show, bool(parameters["measured"]))

    private: dict[str, Any] = {"api_visibility": "private"}
    options: dict[str, Any] = {"preprocess": False, "show_progress_on": [result], **private}
    start.click(measure, [switch, *truth], result, **options, **costly("evaluate"))
    return EvaluateTab(switch, result, TabAddress("evaluate", restore, outputs=[switch]))


def _state(show: bool, is_measured: bool) -> dict[str, str]:
    state = {"tab": "evaluate"}
    state |= {"baselines": "1"} if show else {}
    return state | ({"measured": "1"} if is_measured else {})


def evaluation_html(evaluation: Evaluation, link: Mapping[str, str]) -> str:
    """Render an evaluation: verdict, chart and tables; `link` is the page's address."""
    # The table has room for some; `evaluate --json` has all.
    k = evaluation.k
    measures = ["p@1", "p@5", "p@10", "map", f"recall@{k}", f"ndcg@{k}", f"knn@{k}"]
    titles = {quality.model.name: quality.model.display for quality in evaluation.models}
    labels = sorted({label for quality in evaluation.models for label in quality.per_label})
    return render(
        "evaluation.html",
        link=link,
        evaluation=evaluation,
        sentences=[sentence(message) for message in evaluation.messages()],
        explanation=truth_inputs.explanation(evaluation),
        chart=scatter(evaluation.models, MAIN_MEASURE),
        measures=measures,
        main=MAIN_MEASURE,
        titles=titles,
        best={m: max(quality.means[m] for quality in evaluation.models) for m in measures},
        labels=labels,
    )
