"""HTML of what smaller vectors cost."""

from collections.abc import Mapping, Sequence

from searcher.evaluation.index_recall import IndexRecall
from searcher.evaluation.shrink import Shrinkage
from searcher.metrics.shrinkage import INT8
from searcher.presentation.cost_chart import cost_chart
from searcher.ui.i18n import number, percent, tr
from searcher.ui.templating import render


def cost_html(
    shrinkages: Sequence[Shrinkage], link: Mapping[str, str], may_change: bool = True
) -> str:
    """Render the measures of some models, and their curves in one chart.

    Args:
        shrinkages: The measures, of one model or more.
        link: The section's part of the page's address.
        may_change: Whether a visitor may store other vectors.
    """
    return render(
        "shrink.html",
        link={"tab": "evaluate", **link},
        models=shrinkages,
        chart=cost_chart({s.model.display: s.document() for s in shrinkages}),
        summaries=[_summary(shrinkage) for shrinkage in shrinkages],
        million=_million,
        notes=_notes(shrinkages),
        may_change=may_change,
    )


def index_html(recall: IndexRecall) -> str:
    """Render the measures of an index."""
    return render(
        "index_recall.html",
        recall=recall,
        slowest=max(point.milliseconds for point in recall.points),
        explanation=tr(
            "{model}: {indexed} of {pictures} vectors are in HNSW, the rest is searched exactly. "
            "ef is the number of candidates of a search.",
            model=recall.model.display,
            indexed=number(recall.indexed),
            pictures=number(recall.pictures),
        ),
    )


def _summary(shrinkage: Shrinkage) -> str:
    points = {point.variant.name: point for point in shrinkage.points}
    full, best = shrinkage.points[0], points[shrinkage.recommended]
    if best is full:
        return tr(
            "{model}: no smaller vectors that can be stored here keep its quality.",
            model=shrinkage.model.display,
        )
    return tr(
        "{model}: {variant} needs {bytes} instead of {full} bytes a picture and keeps {share} of "
        "the first ten.",
        model=shrinkage.model.display,
        variant=best.variant.name,
        bytes=number(best.variant.bytes),
        full=number(full.variant.bytes),
        share=percent(best.overlap),
    )


def _million(shrinkage: Shrinkage) -> str:
    cost = shrinkage.points[0].cost
    if cost.hours is None:
        return tr(
            "A million pictures need {gb} GB of memory with full vectors. The time to embed them "
            "is known once the model's speed was measured.",
            gb=number(cost.gb, 1),
        )
    return tr(
        "A million pictures take {hours} hours to embed on this machine, and {gb} GB of memory "
        "with full vectors.",
        hours=number(cost.hours, 1),
        gb=number(cost.gb, 1),
    )


def _notes(shrinkages: Sequence[Shrinkage]) -> list[str]:
    notes = [
        tr(
            "Brute force on one core, pictures: {pictures}, queries: {queries}. first-N keeps N "
            "dimensions, pca-N the N principal axes; binary vectors find 40, which the full ones "
            "put in order.",
            pictures=number(max(shrinkage.measured for shrinkage in shrinkages)),
            queries=number(max(shrinkage.queries for shrinkage in shrinkages)),
        )
    ]
    points = [point for shrinkage in shrinkages for point in shrinkage.points]
    if any(not point.can_be_stored and point.variant.type == INT8 for point in points):
        notes.append(
            tr("The embedded store keeps every number in 4 bytes; a Milvus server also takes int8.")
        )
    notes.append(
        tr(
            "float16 is not stored because Milvus 2.3 finds wrong neighbours with it, and binary "
            "because the full vectors would have to be in memory, too."
        )
    )
    return notes
