"""Lists of queries as parts of a report: pictures, and the table of their figures."""

from collections.abc import Iterable, Sequence

from searcher.library.core import Library
from searcher.presentation.cases import QueryCard, QueryList
from searcher.presentation.report_parts import (
    Case,
    Cases,
    Column,
    Part,
    PictureColumn,
    Row,
    Shown,
    Source,
    Table,
)
from searcher.presentation.stored_pictures import picture_ref, stored_picture

COLUMNS = tuple(
    Column(key, key)
    for key in "query query_id query_label model score rank id name label right".split()
)


def query_parts(key: str, title: str, found: QueryList) -> list[Part]:
    """Return queries with their neighbours, and a table of the same.

    Args:
        key: The name of the table in CSV and JSON.
        title: What the queries are.
        found: The queries.
    """
    cases = [
        Case(
            Shown(
                picture_ref(card.id) if card.is_stored else "",
                card.name,
                card.label,
            ),
            [
                PictureColumn(
                    row.key,
                    row.title,
                    [row.note] if row.note else [],
                    [
                        Shown(picture_ref(near.id), near.name, near.label, "", near.is_right)
                        for near in row.near
                    ],
                )
                for row in card.rows
            ],
        )
        for card in found.cards
    ]
    rows = [row for card in found.cards for row in _rows(card)]
    table = Table(key, title, COLUMNS, rows, is_shown=False)
    return [Cases(title, found.sentence, cases), table]


def pictures_of(library: Library, lists: Iterable[QueryList]) -> dict[str, Source]:
    """Return how the pictures of lists are decoded, queries before their neighbours."""
    cards = [card for found in lists for card in found.cards]
    ids = [card.id for card in cards if card.is_stored]
    ids += [near.id for card in cards for row in card.rows for near in row.near]
    return {picture_ref(i): stored_picture(library, i) for i in dict.fromkeys(ids)}


def _rows(card: QueryCard) -> Sequence[Row]:
    return [
        {
            "query": card.name,
            "query_id": str(card.id) if card.is_stored else None,
            "query_label": card.label,
            "model": row.name,
            "score": None if row.score is None else round(row.score, 4),
            "rank": rank,
            "id": str(near.id),
            "name": near.name,
            "label": near.label,
            "right": near.is_right,
        }
        for row in card.rows
        for rank, near in enumerate(row.near, start=1)
    ]
