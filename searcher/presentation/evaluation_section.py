"""The section of a report on the quality of the models."""

from collections.abc import Sequence

from searcher.evaluation.confusion import ConfusedPair
from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation
from searcher.evaluation.suspicious_labels import SuspiciousLabel
from searcher.library.core import Library
from searcher.presentation.cases import QueryList
from searcher.presentation.depth_chart import depth_chart
from searcher.presentation.quality_chart import quality_chart
from searcher.presentation.query_parts import pictures_of, query_parts
from searcher.presentation.rendering import draw
from searcher.presentation.report_parts import NUMBER, SHARE, TIME, Chart, Column, Part, Row, Table
from searcher.presentation.reports import Section
from searcher.presentation.wording import sentence, tr

KEY = "evaluation"
BY_LABEL = "p@5"


def evaluation_section(
    library: Library,
    evaluation: Evaluation,
    lists: Sequence[tuple[str, str, QueryList]] = (),
    confusion: Sequence[ConfusedPair] = (),
    suspicious: Sequence[SuspiciousLabel] = (),
) -> Section:
    """Return the section of an evaluation.

    Args:
        library: The library.
        evaluation: The evaluation, which is not measured again.
        lists: Queries that were looked at: the key of their table, a title, and the list.
        confusion: Labels that are confused, if that was asked.
        suspicious: Labels that are probably wrong, if that was asked.
    """
    said = [sentence(message) for message in evaluation.messages()]
    parts: list[Part] = [_chart(evaluation), _quality(evaluation), *_curves(evaluation)]
    parts.append(_models(evaluation))
    if evaluation.comparisons:
        parts.append(_differences(evaluation))
    for key, title, found in lists:
        parts += query_parts(key, title, found)
    if confusion:
        parts.append(_confusion(confusion))
    if suspicious:
        parts.append(_suspicious(suspicious))
    if evaluation.near_copies:
        parts.append(_copies(evaluation))
    parts.append(_by_label(evaluation))
    return Section(
        KEY,
        tr("Quality of the models"),
        said,
        parts,
        notes=[explanation(evaluation)],
        pictures=pictures_of(library, [found for _, _, found in lists]),
    )


def explanation(evaluation: Evaluation) -> str:
    """Return the sentences on what was measured."""
    task, counts = evaluation.task, {"pictures": evaluation.pictures, "labels": evaluation.labels}
    if not task.is_judged and (task.places >= 0).all() and not task.vectors:
        return tr(
            "Leave-one-out; pictures: {pictures}, labels: {labels}. Each picture is a query once, "
            "and those with its label are what should be found. In brackets: {share:.0%} bootstrap "
            "intervals.",
            share=0.95,
            **counts,
        )
    counts["queries"] = len(task.queries)
    if task.is_judged:
        return tr(
            "Queries: {queries}, pictures: {pictures}. What was judged as relevant should be "
            "found. In brackets: {share:.0%} bootstrap intervals.",
            share=0.95,
            **counts,
        )
    return tr(
        "Queries: {queries}, pictures: {pictures}. Pictures with a query's label should be found. "
        "In brackets: {share:.0%} bootstrap intervals.",
        share=0.95,
        **counts,
    )


def _chart(evaluation: Evaluation) -> Chart:
    chart = draw("quality_chart.html", chart=quality_chart(evaluation.models, MAIN_MEASURE))
    return Chart(tr("Quality and speed"), chart)


def _quality(evaluation: Evaluation) -> Table:
    columns = [Column("measure", tr("Quality measure"))]
    columns += [
        Column(quality.model.name, quality.model.display, NUMBER, 3, has_ends=True)
        for quality in evaluation.models
    ]
    columns.append(Column("at most", tr("At most"), NUMBER, 3))
    rows: list[Row] = []
    best: set[tuple[int, str]] = set()
    for place, (measure, most) in enumerate(evaluation.ceilings.items()):
        row: dict[str, str | float | bool | None] = {"measure": measure}
        for column, quality in zip(columns[1:-1], evaluation.models, strict=True):
            values = (quality.means[measure], *quality.ci95[measure])
            row |= dict(zip(column.keys, values, strict=True))
        top = max(quality.means[measure] for quality in evaluation.models)
        best |= {
            (place, quality.model.name)
            for quality in evaluation.models
            if quality.means[measure] == top
        }
        rows.append(row | {"at most": round(most, 4)})
    return Table("quality", tr("Quality of each model"), columns, rows, best=frozenset(best))


def _curves(evaluation: Evaluation) -> list[Part]:
    """Return precision and recall by depth: the chart, and all figures, which HTML leaves out."""
    title = tr("Precision and recall by depth")
    chart = draw("depth_chart.html", depth_panels=depth_chart(evaluation))
    columns = [
        Column("model", tr("Model")),
        Column("k", "k", NUMBER),
        Column("precision", "precision@k", NUMBER, 3),
        Column("recall", "recall@k", NUMBER, 3),
    ]
    curves = [(quality.model.name, quality.curves) for quality in evaluation.models]
    rows: list[Row] = [
        {"model": name, "k": k, "precision": precision, "recall": recall}
        for name, curve in [*curves, ("at most", evaluation.ceiling_curves)]
        for k, (precision, recall) in enumerate(
            zip(*curve.document().values(), strict=True), start=1
        )
    ]
    return [Chart(title, chart), Table("curves", title, columns, rows, is_shown=False)]


def _models(evaluation: Evaluation) -> Table:
    columns = [
        Column("title", tr("Model")),
        Column("ms", tr("Milliseconds a picture"), TIME),
        Column("dim", tr("Dimensions"), NUMBER),
        Column("mb", "MB", NUMBER, 1),
        Column("queries", tr("Queries"), NUMBER),
    ]
    rows: list[Row] = [
        {
            "title": quality.model.display,
            "ms": quality.milliseconds,
            "dim": quality.model.dim,
            "mb": round(quality.model.megabytes, 1),
            "queries": quality.queries,
        }
        for quality in evaluation.models
    ]
    return Table("models", tr("The models"), columns, rows)


def _differences(evaluation: Evaluation) -> Table:
    titles = {quality.model.name: quality.model.display for quality in evaluation.models}
    columns = [
        Column("models", tr("Models")),
        Column("difference", MAIN_MEASURE, NUMBER, 3, has_ends=True),
        Column("p_holm", tr("p-value"), NUMBER, 4),
    ]
    rows: list[Row] = []
    best = set()
    for place, comparison in enumerate(evaluation.comparisons):
        difference = comparison.differences[MAIN_MEASURE]
        if difference.is_significant:
            best.add((place, "difference"))
        values = (difference.mean, *difference.ci95)
        numbers = dict(zip(columns[1].keys, (round(v, 4) for v in values), strict=True))
        pair = f"{titles[comparison.a]} − {titles[comparison.b]}"
        rows.append({"models": pair, **numbers, "p_holm": round(difference.p_holm, 4)})
    title = tr("Differences, query by query")
    return Table("differences", title, columns, rows, best=frozenset(best))


def _by_label(evaluation: Evaluation) -> Table:
    labels = sorted({label for quality in evaluation.models for label in quality.per_label})
    columns = [Column("label", tr("Label"))]
    columns += [
        Column(quality.model.name, quality.model.display, NUMBER, 2)
        for quality in evaluation.models
    ]
    rows: list[Row] = [
        {"label": label}
        | {quality.model.name: quality.per_label[label][BY_LABEL] for quality in evaluation.models}
        for label in labels
    ]
    return Table("labels", tr("precision@5 by label"), columns, rows, is_shaded=True)


def _confusion(pairs: Sequence[ConfusedPair]) -> Table:
    columns = [
        Column("label", tr("Label of the query")),
        Column("other", tr("Label of the neighbour")),
        Column("count", tr("Neighbours"), NUMBER),
    ]
    return Table("confusion", tr("Confused labels"), columns, [p.document() for p in pairs])


def _suspicious(labels: Sequence[SuspiciousLabel]) -> Table:
    columns = [
        Column("name", tr("Picture")),
        Column("label", tr("Label")),
        Column("proposed", tr("Label of its neighbours")),
        Column("share", tr("Share"), SHARE),
    ]
    rows = [label.document() | {"id": str(label.id)} for label in labels]
    return Table("suspicious", tr("Suspicious labels"), columns, rows)


def _copies(evaluation: Evaluation) -> Table:
    columns = [Column("first", tr("Picture")), Column("second", tr("Near-copy"))]
    rows: list[Row] = [
        dict(zip(("first", "second"), pair.places, strict=True)) for pair in evaluation.near_copies
    ]
    return Table("near_copies", tr("Near-copies"), columns, rows)
