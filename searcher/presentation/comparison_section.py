"""The section of a report on one query and the hits of several models."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from searcher.library.core import Library
from searcher.library.query_label import query_label
from searcher.messages.message import Message
from searcher.presentation.comparison_tables import (
    agreement_tables,
    hit_row,
    models_table,
    robustness_table,
)
from searcher.presentation.comparison_view import NOTHING, Card, Column, View, comparison_view
from searcher.presentation.reasons import Reasons
from searcher.presentation.rendering import draw
from searcher.presentation.report_parts import (
    Chart,
    HeatMap,
    HeatMaps,
    Part,
    PictureColumn,
    PictureColumns,
    Row,
    Shown,
    Table,
)
from searcher.presentation.report_parts import Column as Field
from searcher.presentation.reports import Section
from searcher.presentation.steadiness import Robustness
from searcher.presentation.stored_pictures import picture_ref, stored_picture
from searcher.presentation.wording import number, percent, sentence, tr
from searcher.search.query import (
    ComposedQuery,
    PictureQuery,
    Query,
    StoredQuery,
    TextQuery,
    parts_of,
)
from searcher.search.results import Comparison

KEY = "comparison"
HITS = tuple(
    Field(key, key)
    for key in "model rank id name label right distance similarity percentile found_by".split()
)


def comparison_section(
    library: Library,
    query: Query,
    comparison: Comparison,
    blind: Mapping[str, Message] = NOTHING,
    robustness: Robustness | None = None,
    reasons: Sequence[Reasons] = (),
) -> Section:
    """Return the section of a comparison.

    Args:
        library: The library.
        query: The query.
        comparison: The comparison, which is not searched again.
        blind: Why models see nothing of the query, by their names.
        robustness: How robust the hits are, if that was measured.
        reasons: Why hits were found, as far as that was asked.
    """
    view = comparison_view(library, comparison, query_label(library, query), blind)
    sentences: list[str | Markup] = [view.verdict.agreement]
    if view.verdict.kinds:
        sentences.insert(0, view.verdict.kinds)
    if view.has_copies:
        sentences.append(tr("The query is in the library; it does not count."))
    pictures = {
        picture_ref(i): stored_picture(library, i)
        for ranking in comparison.rankings
        for i in ranking.ids
    }
    pictures |= {picture_ref(r.picture_id): stored_picture(library, r.picture_id) for r in reasons}
    shown: list[Shown] = []
    for place, part in enumerate(parts_of(query)):
        ref = ""
        if not isinstance(part.query, TextQuery):
            ref = f"q{place}"
            asked = part.query
            pictures[ref] = lambda asked=asked: asked.picture  # type: ignore[misc]
        sign = "−" if part.weight < 0 else "+"
        is_sum = isinstance(query, ComposedQuery)
        weight = [f"{sign} {number(abs(part.weight), 2)}"] if is_sum else []
        shown.append(Shown(ref, _name(library, part.query), lines=weight))
    titles = [column.title for column in view.columns]
    parts: list[Part] = [*agreement_tables(view, comparison), *_hits(view), *_chart(view)]
    if view.fused:
        parts += _combined(view)
    if robustness:
        parts.append(robustness_table(robustness))
    parts += _why(reasons)
    parts.append(models_table(view))
    notes = [
        tr(
            "Distances of two models can't be compared; “closer than” is the share of random "
            "queries of this kind and pictures that are further apart in the same model."
        )
    ]
    return Section(
        KEY,
        tr("{a} and {b}", a=titles[0], b=titles[1]) if len(titles) == 2 else " · ".join(titles),
        sentences,
        parts,
        shown,
        notes,
        pictures,
    )


def _name(library: Library, query: PictureQuery | TextQuery) -> str:
    """Return the words of a part, or the name of its picture."""
    if isinstance(query, StoredQuery):
        (record,) = library.records.get([query.picture_id])
        return record.name if record else query.name
    return query.name


def _hits(view: View) -> list[Part]:
    columns, rows = [], []
    seeing = sum(column.blindness is None for column in view.columns)
    for column in view.columns:
        lines = _lines(column, view)
        cards = [_card(column, card, seeing) for card in column.cards]
        columns.append(PictureColumn(column.key, column.title, lines, cards))
        rows += [hit_row(column, card) for card in column.cards]
    hits = Table("hits", tr("Hits"), HITS, rows, is_shown=False)
    return [PictureColumns(columns, tr("What each model finds")), hits]


def _lines(column: Column, view: View) -> list[str]:
    if column.blindness:
        return [sentence(column.blindness)]
    if not (view.label and column.cards):
        return []
    return [
        tr("{right} of {count} of the same kind", right=column.right, count=len(column.cards)),
    ]


def _card(column: Column, card: Card, seeing: int) -> Shown:
    hit = card.hit
    lines = [f"d {number(hit.distance, 3)} · {percent(hit.similarity)}"]
    share = column.percentiles.percentile(hit.distance)
    if share is not None:
        lines.append(tr("closer than {share}", share=percent(share, 1)))
    if seeing > 2:
        lines.append(tr("found by {n} of {count}", n=card.found_by, count=seeing))
    lines.append(" · ".join(rank.words for rank in card.ranks))
    return _shown(card, [line for line in lines if line])


def _shown(card: Card, lines: Sequence[str]) -> Shown:
    record = card.hit.record
    ref, rank = picture_ref(record.id), number(card.hit.rank)
    return Shown(ref, record.name, record.label, rank, card.is_right, lines)


def _chart(view: View) -> list[Part]:
    if not view.slope:
        return []
    # Its pictures are those of the report.
    svg = draw("slope.svg", slope=view.slope, columns=view.columns, has_symbols=True)
    return [Chart(tr("Rank against rank"), svg, "slope")]


def _combined(view: View) -> list[Part]:
    cards = [
        _shown(card, [" · ".join(rank.words for rank in card.ranks)] if card.ranks else [])
        for card in view.fused
    ]
    letters = [column.key.upper() for column in view.columns]
    keys = ("rank", "id", "name", "label", "right", "found_by", *letters)
    rows: list[Row] = [
        {
            "rank": card.hit.rank,
            "id": str(card.hit.record.id),
            "name": card.hit.record.name,
            "label": card.hit.record.label,
            "right": card.is_right,
            "found_by": card.found_by,
            **{rank.key.upper(): rank.rank for rank in card.ranks},
        }
        for card in view.fused
    ]
    table = Table("combined", tr("Combined"), [Field(k, k) for k in keys], rows, is_shown=False)
    lines = [tr("reciprocal rank fusion of all rankings")]
    return [PictureColumns([PictureColumn("", tr("Combined"), lines, cards)]), table]


def _why(reasons: Sequence[Reasons]) -> list[Part]:
    parts: list[Part] = []
    rows: list[Row] = []
    for reason in reasons:
        sides = []
        for side in reason.sides:
            lines = [tr("similarity {share}", share=percent(side.similarity))]
            if side.reason:
                lines = [sentence(side.reason)]
            maps = [
                HeatMap(
                    "q0" if cells.is_query else picture_ref(reason.picture_id),
                    cells.label,
                    cells.strengths,
                    cells.strongest,
                )
                for cells in side.cells
            ]
            sides.append((PictureColumn(side.key, side.title, lines, []), maps))
            rows.append(
                {
                    "name": reason.name,
                    "id": str(reason.picture_id),
                    "model": side.key.upper(),
                    "similarity": round(side.similarity, 6) if side.cells else None,
                    **{
                        f"strongest part of the {'query' if cells.is_query else 'hit'}": (
                            cells.strongest
                        )
                        for cells in side.cells
                    },
                }
            )
        parts.append(HeatMaps(tr("Why {name}?", name=reason.name), sides))
    keys = "name", "id", "model", "similarity", *STRONGEST
    if rows:
        columns = [Field(key, key) for key in keys]
        parts.append(Table("why", tr("Why?"), columns, rows, is_shown=False))
    return parts


STRONGEST = "strongest part of the query", "strongest part of the hit"
