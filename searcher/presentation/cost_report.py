"""The section of a report on what smaller vectors of models cost and lose."""

from collections.abc import Mapping
from typing import Any

from searcher.presentation.cost_chart import cost_chart
from searcher.presentation.rendering import draw
from searcher.presentation.report_parts import NUMBER, SHARE, TIME, Chart, Column, Part, Row, Table
from searcher.presentation.reports import Section
from searcher.presentation.wording import tr

KEY = "cost"


def cost_report(measured: Mapping[str, Mapping[str, Any]]) -> Section:
    """Return the section: the chart of all models that were measured, and the figures of each.

    Args:
        measured: By the models' titles, documents of `shrink`.
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
    return Section(KEY, tr("What it costs"), said, parts)


def _state(document: Mapping[str, Any], variant: Mapping[str, Any]) -> str:
    if variant["variant"] == document["stored"]:
        return tr("stored now")
    if variant["variant"] == document["recommended"]:
        return tr("recommended")
    return "" if variant["can_be_stored"] else tr("not in this store")
