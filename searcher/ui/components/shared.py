"""Components that tabs share, so that none of them imports another."""

from dataclasses import dataclass

import gradio as gr


@dataclass(frozen=True)
class SharedComponents:
    """Components for searching with a picture of any tab: the tabs, and the Search tab's query."""

    tabs: gr.Tabs
    query: gr.Image
