"""Tables of figures of a comparison."""

from collections.abc import Mapping

from searcher.presentation.comparison_view import Card, Column, View
from searcher.presentation.report_parts import NUMBER, SHARE, TIME, Part, Row, Table
from searcher.presentation.report_parts import Column as Field
from searcher.presentation.steadiness import Robustness
from searcher.presentation.wording import tr
from searcher.search.results import STAGES, Comparison

AGREEMENT = (
    Field("a", ""),
    Field("b", ""),
    Field("overlap", "", SHARE),
    Field("rbo", "RBO", NUMBER, 2),
    Field("tau", "τ", NUMBER, 2),
)


def agreement_tables(view: View, comparison: Comparison) -> list[Part]:
    """Return a table of the agreement of each two models, if there are two."""
    titles = {column.ranking.model: column.title for column in view.columns}
    blind = {column.ranking.model for column in view.columns if column.blindness}
    rows: list[Row] = [
        {
            "a": titles[pair.models[0]],
            "b": titles[pair.models[1]],
            "overlap": round(pair.overlap, 6),
            "rbo": round(pair.rbo, 6),
            "tau": None if pair.tau is None else round(pair.tau, 6),
        }
        for pair in comparison.pairs
        if not blind.intersection(pair.models)
    ]
    names = (tr("Model A"), tr("Model B"), tr("Overlap"), "RBO", tr("Kendall’s τ"))
    columns = [
        Field(field.key, title, field.kind, field.digits)
        for field, title in zip(AGREEMENT, names, strict=True)
    ]
    title = tr("Agreement of each two models") if len(rows) > 1 else tr("Agreement")
    return [Table("agreement", title, columns, rows)] if rows else []


def robustness_table(robustness: Robustness) -> Table:
    """Return the table of how robust the hits are."""
    columns = [Field("query", tr("Query"))]
    columns += [Field(key.upper(), title, SHARE) for key, title in robustness.titles.items()]

    def row(name: str, shares: Mapping[str, float]) -> Row:
        return {"query": name, **{key.upper(): round(share, 4) for key, share in shares.items()}}

    rows = [row(change, shares) for change, shares in robustness.labelled.items()]
    rows.append(row(tr("on average"), robustness.means))
    title = tr("Robustness: how much of the top {k} a changed query still finds", k=robustness.k)
    return Table("robustness", title, columns, rows, is_shaded=True)


def hit_row(column: Column, card: Card) -> Row:
    """Return a hit's row in the table of all hits."""
    hit = card.hit
    share = column.percentiles.percentile(hit.distance)
    return {
        "model": column.key.upper(),
        "rank": hit.rank,
        "id": str(hit.record.id),  # spreadsheets would round it
        "name": hit.record.name,
        "label": hit.record.label,
        "right": card.is_right,
        "distance": round(hit.distance, 6),
        "similarity": round(hit.similarity, 6),
        "percentile": None if share is None else round(share, 4),
        "found_by": card.found_by,
    }


def models_table(view: View) -> Table:
    """Return the table of the models, with the times of their searches."""
    names = {"decode": tr("decode"), "embed": tr("embed"), "total": tr("total")}
    names |= {"milvus": "Milvus", "redis": "Redis"}
    columns = [Field("model", ""), Field("title", tr("Model"))]
    columns += [Field(stage, names[stage], TIME) for stage in STAGES]
    rows: list[Row] = [
        {"model": column.key.upper(), "title": column.title}
        | {stage: round(column.ranking.timings_ms[stage], 3) for stage in STAGES}
        for column in view.columns
        if not column.blindness
    ]
    return Table("models", tr("Time of the search"), columns, rows)
