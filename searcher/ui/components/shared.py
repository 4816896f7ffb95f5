"""Components that tabs share, so that none of them imports another."""

from dataclasses import dataclass

import gradio as gr


@dataclass(frozen=True)
class SharedComponents:
    """Where a picture of any tab is searched with: the tabs, and the query of the Search tab."""

    tabs: gr.Tabs
    query: gr.Image
