"""Gradio's sessions without their copies of the page's configuration, which only deep links use."""

from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio import state_holder


class _EmptyConfig(dict[int, Any]):
    """A dict that appears to have every key and stores nothing."""

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: int) -> Any:
        return {}

    def __setitem__(self, key: int, value: Any) -> None:
        pass


class LightSession(state_holder.SessionState):
    """A session without a copy of the page's configuration.

    A page has one for as long as it is open; a call of a program has one of its own.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        # Without components: of each, Gradio would look up the parameters, 20 ms in all.
        bare: Any = SimpleNamespace(default_config=blocks.default_config, blocks=())
        super().__init__(bare)
        self.config_values = _EmptyConfig()


def keep_sessions_small() -> None:
    """Use LightSession for all sessions."""
    state_holder.SessionState = LightSession  # type: ignore[misc]
