"""Baselines and untrained networks are listed on request only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.models.order import contenders
from searcher.models.registry import Model
from searcher.ui.components import status_text
from searcher.ui.i18n import browser_text


@dataclass(frozen=True)
class ModelList:
    """The drop-downs of a tab's models, and its switch for baselines."""

    pickers: tuple[gr.Dropdown, ...]
    switch: gr.Checkbox

    def connect(self, worker: Worker) -> None:
        """List the models anew when the switch is clicked."""

        def relist(show: Any, *selected: Any) -> Any:
            lists = [gr.Dropdown(choices=choices(worker.status, show, name)) for name in selected]
            return lists if len(lists) > 1 else lists[0]

        self.switch.input(
            relist,
            [self.switch, *self.pickers],
            list(self.pickers),
            show_progress="hidden",
            preprocess=False,
            api_visibility="private",
        )


def baselines_switch(elem_id: str) -> gr.Checkbox:
    """Return the switch that lists them, too; the page shows it where there are any."""
    return gr.Checkbox(
        label=browser_text("Show baselines"),
        elem_id=elem_id,
        elem_classes="tl-baselines",
        container=False,
        visible=False,
    )


def listed(ready: Sequence[Model], show: Any, selected: Collection[str] = ()) -> list[Model]:
    """Return the models of a list.

    Args:
        ready: The models that are ready for searches.
        show: The value of the switch.
        selected: The names of models that are chosen, and stay in the list.
    """
    names = {model.name for model in (ready if show is True else contenders(ready))}
    return [model for model in ready if model.name in names or model.name in selected]


def choices(status: Status, show: Any, selected: Any) -> list[tuple[str, str]]:
    """Return the choices of a drop-down with a value; see `status_text.model_choices`."""
    names = selected if isinstance(selected, list) else [selected]
    return status_text.model_choices(status, listed(status.ready, show, names))


def are_hidden(status: Status) -> bool:
    """Whether a list leaves any out."""
    return len(contenders(status.ready)) < len(status.ready)
