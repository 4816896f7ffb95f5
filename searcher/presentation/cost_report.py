"""The section of a report on what smaller vectors of models cost and lose."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from searcher.evaluation.shrink_changes import Changes, find_changes
from searcher.evaluation.stopping import Stop
from searcher.library.core import Library
from searcher.metrics.shrinkage import FLOAT32
from searcher.presentation.changed_queries import changed_list, changed_title
from searcher.presentation.cost_chart import cost_chart
from searcher.presentation.query_parts import pictures_of, query_parts
from searcher.presentation.rendering import draw
from searcher.presentation.report_parts import NUMBER, SHARE, TIME, Chart, Column, Part, Row, Table
from searcher.presentation.reports import Section
from searcher.presentation.wording import tr

KEY = "cost"
CHANGED = 6  # queries with pictures, of each model


def find_recommended(
    library: Library, measured: Iterable[Mapping[str, Any]], is_stopped: Stop = lambda: False
) -> list[Changes]:
    """Return the queries that the recommended vectors of models change most.

    Args:
        library: The library.
        measured: Documents of `shrink`; a model whose full vectors are recommended has none.
        is_stopped: Whether to end early.

    Raises:
        EvaluationStopped: `is_stopped` has become true.
        ModelNotReady: A model is not ready any more.
        StoreUnavailable: Redis or Milvus does not answer.
    """
    chosen = [(document["model"], document["recommended"]) for document in measured]
    return [
        find_changes(library, name, variant, CHANGED, is_stopped)
        for name, variant in chosen
        if variant != FLOAT32
    ]


def cost_report(
    library: Library,
    measured: Mapping[str, Mapping[str, Any]],
    changed: Sequence[Changes] = (),
) -> Section:
    """Return the section: the chart of all models that were measured, and the figures of each.

    Args:
        library: The library.
        measured: By the models' titles, documents of `shrink`.
        changed: Queries whose first ten are others with some vectors, shown with their pictures.
    """
    columns = [
        Column("model", tr("Model")),
        Column("variant", tr("Vectors")),
        Column("quality", "precision@10", NUMBER, 3),
        Column("overlap", tr("the same first ten"), SHARE, 1),
        Column("bytes", tr("bytes"), NUMBER),
        Column("ms", tr("ms a search"), TIME),
        Column("gb", tr("GB a million"), NUMBER, 2),
        Column("price", tr("price a month"), NUMBER, 2),
        Column("state", ""),
    ]
    rows: list[Row] = [
        {"model": title, **variant, "state": _state(document, variant)}
        for title, document in measured.items()
        for variant in document["variants"]
    ]
    best = frozenset(
        (place, "variant") for place, row in enumerate(rows) if row["state"] == tr("recommended")
    )
    chart = draw("cost_chart.svg", chart=cost_chart(measured))
    parts: list[Part] = [
        Chart(tr("Quality against bytes a picture"), chart, "scatter"),
        Table("cost", tr("Cost of smaller vectors"), columns, rows, best=best),
    ]
    said = [
        tr(
            "{model}: {variant} is recommended, {stored} is stored.",
            model=title,
            variant=document["recommended"],
            stored=document["stored"],
        )
        for title, document in measured.items()
    ]
    lists = [changed_list(changes) for changes in changed]
    for changes, found in zip(changed, lists, strict=True):
        parts += query_parts(
            f"changed_{changes.model.name}_{changes.variant}", changed_title(changes), found
        )
    pictures = pictures_of(library, lists)
    return Section(KEY, tr("What it costs"), said, parts, pictures=pictures)


def _state(document: Mapping[str, Any], variant: Mapping[str, Any]) -> str:
    if variant["variant"] == document["stored"]:
        return tr("stored now")
    if variant["variant"] == document["recommended"]:
        return tr("recommended")
    return "" if variant["can_be_stored"] else tr("not in this store")
