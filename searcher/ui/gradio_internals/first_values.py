"""Values that a page has as it arrives, before its first call is answered."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.context import LocalContext


@contextmanager
def as_in_call() -> Iterator[None]:
    """Make components in a with block as in a call: as updates of others, without checks."""
    token = LocalContext.in_event_listener.set(True)
    try:
        yield
    finally:
        LocalContext.in_event_listener.reset(token)


def put_values(config: Mapping[str, Any], values: Iterable[tuple[Block, Any]]) -> None:
    """Put values into a page's configuration, as if a call had returned them.

    Args:
        config: The configuration, a copy for one request.
        values: Components with their values, or with a component that has other properties. Those
            of the session and files are left out: a call has to return them.
    """
    by_id = {component["id"]: component["props"] for component in config["components"]}
    for block, value in values:
        properties = by_id.get(block._id)
        if properties is None or isinstance(block, gr.State | gr.Image):
            continue
        if isinstance(value, Block):
            properties.update(value.constructor_args)
        elif value != gr.skip():
            properties["value"] = value
