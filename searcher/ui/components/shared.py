"""Components that tabs share, so that none of them imports another."""

from dataclasses import dataclass

import gradio as gr

from searcher.ui.components.query_inputs import QueryInputs


@dataclass(frozen=True)
class SharedComponents:
    """For searching with a picture of any tab: the tabs, and the inputs of the Search tab."""

    tabs: gr.Tabs
    inputs: QueryInputs
