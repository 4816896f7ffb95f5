"""Default models and number of results of the tabs."""

from collections.abc import Callable, Sequence

import gradio as gr

from searcher.config.constants import DEFAULT_RESULTS
from searcher.models.order import best_models
from searcher.models.registry import Model
from searcher.search.engine import MAX_RESULTS
from searcher.ui.i18n import browser_text

DEFAULT_K = DEFAULT_RESULTS


def results_slider(elem_id: str) -> gr.Slider:
    """Return a slider for the number of results."""
    return gr.Slider(
        1, MAX_RESULTS, DEFAULT_K, step=1, label=browser_text("Results"), elem_id=elem_id
    )


def default_models(
    ready: Sequence[Model], count: int, covered: Callable[[str], int] = lambda name: 0
) -> list[str]:
    """Return the names of the best `count` models, repeating the last one if there are fewer.

    Args:
        ready: The models that are ready for searches.
        count: The number of names.
        covered: Returns how many pictures a model has vectors of. Models that were installed a
            moment ago, and have seen less than half of the pictures, come last.
    """
    names = [model.name for model in best_models(ready, count, covered)] or [""]
    return names + names[-1:] * (count - len(names))
