"""Components that tabs share, so that none of them imports another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.ui.components.query_inputs import QueryInputs


@dataclass(frozen=True)
class SharedComponents:
    """Components for searching with a picture of any tab.

    Attributes:
        tabs: The tabs.
        inputs: The inputs of the Search tab.
        refresh: Searches there after an event that has changed the inputs.
    """

    tabs: gr.Tabs
    inputs: QueryInputs
    refresh: Callable[[Any], None]
