"""The Evaluate tab: quality measured on the library's own labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from searcher.evaluation.evaluate import evaluate
from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation
from searcher.library.core import Library
from searcher.ui.components import scripts
from searcher.ui.components.address import TabAddress
from searcher.ui.components.baselines import baselines_switch, listed
from searcher.ui.components.scatter import scatter
from searcher.ui.i18n import browser_text, gettext_noop, rich, tr
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
EXPLANATION = gettext_noop(
    "Leave-one-out; pictures: {pictures}, labels: {labels}. Each picture is a query once, and "
    "those with its label are what should be found. In brackets: {share:.0%} bootstrap intervals."
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
    result = gr.HTML(elem_id="evaluate-result", js_on_load=scripts.STATE)

    @show_errors
    def measure(show: Any) -> str:
        charge(library)
        names = [model.name for model in listed(library.registry.ready(), show)]
        return evaluation_html(evaluate(library, names), _state(show is True, True))

    def restore(
        parameters: Mapping[str, str], reasons: list[str]
    ) -> tuple[list[Any], dict[str, str]]:
        # address.js presses the button where something was measured.
        show = bool(parameters["baselines"])
        return [show], _state(show, bool(parameters["measured"]))

    private: dict[str, Any] = {"api_visibility": "private"}
    start.click(measure, switch, result, **private, **costly("evaluate"))
    return EvaluateTab(switch, result, TabAddress("evaluate", restore, outputs=[switch]))


def _state(show: bool, is_measured: bool) -> dict[str, str]:
    state = {"tab": "evaluate"}
    state |= {"baselines": "1"} if show else {}
    return state | ({"measured": "1"} if is_measured else {})


def evaluation_html(evaluation: Evaluation, link: Mapping[str, str]) -> str:
    """Render an evaluation: summary, chart and tables; `link` is the page's address."""
    measures = list(evaluation.models[0].means)
    labels = sorted({label for quality in evaluation.models for label in quality.per_label})
    return render(
        "evaluation.html",
        link=link,
        evaluation=evaluation,
        summary=summary(evaluation),
        explanation=tr(
            EXPLANATION, pictures=evaluation.pictures, labels=evaluation.labels, share=0.95
        ),
        chart=scatter(evaluation.models, MAIN_MEASURE),
        measures=measures,
        best={m: max(quality.means[m] for quality in evaluation.models) for m in measures},
        labels=labels,
    )


def summary(evaluation: Evaluation) -> Markup:
    """Return a sentence: the best model, and whether its interval overlaps the second's."""
    ranked = sorted(
        evaluation.models, key=lambda quality: quality.means[MAIN_MEASURE], reverse=True
    )
    best = ranked[0]
    line = rich(
        "<b>{model}</b> is best: {share:.0%} of its first ten are of the query’s kind",
        model=best.model.display,
        share=best.means[MAIN_MEASURE],
    )
    if len(ranked) == 1:
        return line + "."
    second = ranked[1]
    if best.ci95[MAIN_MEASURE][0] <= second.ci95[MAIN_MEASURE][1]:
        return line + rich("; {model} is too near to be told apart.", model=second.model.display)
    share = second.means[MAIN_MEASURE]
    return line + rich(", {share:.0%} of {model}’s.", share=share, model=second.model.display)
