"""Components that tabs share, so that none of them imports another."""

from dataclasses import dataclass

import gradio as gr

from searcher.ui.components.query_inputs import QueryInputs


@dataclass(frozen=True)
class SharedComponents:
    """What several tabs use.

    Attributes:
        tabs: The tabs.
        inputs: The inputs of the Search tab, for searching with a picture of any tab.
        changes: What can be undone; see undo.py.
    """

    tabs: gr.Tabs
    inputs: QueryInputs
    changes: gr.BrowserState
