"""Which models and how many results the tabs start with."""

from collections.abc import Sequence

import gradio as gr

from searcher.models.registry import Model, by_preference
from searcher.search.engine import MAX_RESULTS
from searcher.ui.i18n import browser_text

DEFAULT_K = 12


def results_slider(elem_id: str) -> gr.Slider:
    """How many pictures a search shall find."""
    return gr.Slider(
        1, MAX_RESULTS, DEFAULT_K, step=1, label=browser_text("Results"), elem_id=elem_id
    )


def default_models(ready: Sequence[Model], count: int) -> list[str]:
    """The names of the best `count` models; the last one stands in where there are fewer."""
    names = [model.name for model in by_preference(ready)][:count] or [""]
    return names + names[-1:] * (count - len(names))
