"""Default models and number of results of the tabs."""

from collections.abc import Sequence

import gradio as gr

from searcher.models.order import by_preference
from searcher.models.registry import Model
from searcher.search.engine import MAX_RESULTS
from searcher.ui.i18n import browser_text

DEFAULT_K = 12


def results_slider(elem_id: str) -> gr.Slider:
    """Return a slider for the number of results."""
    return gr.Slider(
        1, MAX_RESULTS, DEFAULT_K, step=1, label=browser_text("Results"), elem_id=elem_id
    )


def default_models(ready: Sequence[Model], count: int) -> list[str]:
    """Return the names of the best `count` models, repeating the last one if there are fewer."""
    names = [model.name for model in by_preference(ready)][:count] or [""]
    return names + names[-1:] * (count - len(names))
