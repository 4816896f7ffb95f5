"""Types of the endpoints' values, from which Gradio makes their schemas."""

from typing import Any, TypedDict

# `image` may be left out, but isn't annotated so: Gradio's MCP server would take no picture then.
NO_IMAGE: Any = None


class PartDocument(TypedDict, total=False):
    """A part of a query, as programs send it; see search/part_documents.py."""

    text: str
    picture: int
    image: Any
    box: list[float]
    weight: float
