"""The parameters of the ground truth, which several endpoints share."""

import functools
import inspect
import re
import typing
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from gradio import FileData

from searcher.evaluation.plan import Plan
from searcher.library.core import Library
from searcher.ui.requests.task_plan import read_plan

R = TypeVar("R")
# Of the parameters, in docstrings of endpoints, which programs read.
DESCRIPTIONS = """
qrels: What is relevant to which query, instead of labels: TREC's format, or CSV of
    query, picture, relevance and perhaps junk.
protocol: "easy", "medium" or "hard" of Revisited Oxford and Paris, where `qrels` has
    these classes.
queries: Pictures and .zip archives to search with, which are not added.
query_label: Pictures with this label are queries, and all others the gallery.
query_names: The same for pictures with these names or ids.
query_share: The same for a share of all pictures, above 0 and below 1.
seed: By which that share is drawn.
labels: Labels instead of the library's, several a picture: CSV of path and label, with
    several lines of a picture or a|b, or COCO's JSON.
"""
LINE = re.compile(r"\n( *)truth: .*")


class Truth(NamedTuple):
    """What is relevant, and which pictures are queries: untrusted values of a call."""

    qrels: FileData | None = None
    protocol: str = ""
    queries: list[FileData] | None = None
    query_label: str = ""
    query_names: list[str] | None = None
    query_share: float = 0.0
    seed: int = 0
    labels: FileData | None = None

    def plan(self, library: Library) -> Plan:
        """Read the values; see `read_plan`."""
        return read_plan(library, *self)


def with_truth(endpoint: Callable[..., R]) -> Callable[..., R]:
    """Give an endpoint the fields of `Truth` as parameters, in place of its last one, `truth`."""
    signature = inspect.signature(endpoint)
    own = [parameter for name, parameter in signature.parameters.items() if name != "truth"]
    hints = typing.get_type_hints(Truth)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    shared = [
        inspect.Parameter(name, kind, default=default, annotation=hints[name])
        for name, default in Truth._field_defaults.items()
    ]
    joined = signature.replace(parameters=[*own, *shared])

    @functools.wraps(endpoint)
    def wrapped(*values: Any, **named: Any) -> R:
        call = joined.bind(*values, **named)
        call.apply_defaults()
        truth = Truth(*(call.arguments.pop(name) for name in Truth._fields))
        return endpoint(**call.arguments, truth=truth)

    def describe(line: re.Match[str]) -> str:
        return DESCRIPTIONS.rstrip().replace("\n", f"\n{line[1]}")

    wrapped.__doc__ = LINE.sub(describe, endpoint.__doc__ or "")
    wrapped.__signature__ = joined  # type: ignore[attr-defined]
    annotations = {parameter.name: parameter.annotation for parameter in (*own, *shared)}
    wrapped.__annotations__ = {**annotations, "return": signature.return_annotation}
    return wrapped
