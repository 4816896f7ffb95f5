"""Documents of a query's parts: one grammar for the command line, the API, MCP and the page.

A part is {"text": words}, {"picture": id of a picture of the library} or {"image": a picture of the
caller's}, and may have a "weight", 1 by default and negative for what counts against, and, of
pictures, a "box": left, top, right and bottom as shares of the size.
"""

from collections.abc import Callable, Mapping
from typing import Any

from searcher.errors import InvalidRequest
from searcher.images.pictures import Box
from searcher.search.query import (
    MAX_PARTS,
    MAX_WEIGHT,
    ComposedQuery,
    Part,
    PictureQuery,
    Query,
    StoredQuery,
    TextQuery,
)
from searcher.search.untrusted import read_id, read_number, read_shares, read_words

KINDS = {"text", "picture", "image"}
OPTIONS = {"box", "weight"}

Stored = Callable[[int, Box | None], StoredQuery]
Image = Callable[[Any, Box | None], PictureQuery]


def read_parts(documents: Any, stored: Stored, image: Image) -> Query:
    """Return the query of a list of parts, which is untrusted.

    Args:
        documents: The list.
        stored: Returns the query of an id, or raises NotFound.
        image: Returns the query of the value of "image", which only the caller understands.

    Raises:
        InvalidRequest: It is not a list of up to MAX_PARTS parts, one of which counts for a
            picture.
    """
    if not isinstance(documents, list):
        raise InvalidRequest("request.list")
    if len(documents) > MAX_PARTS:
        raise InvalidRequest("query.too_many_parts", most=MAX_PARTS)
    return ComposedQuery.of([_read_part(document, stored, image) for document in documents])


def _read_part(document: Any, stored: Stored, image: Image) -> Part:
    given = {} if not isinstance(document, Mapping) else _without_nulls(document)
    kinds = KINDS & given.keys()
    if len(kinds) != 1 or given.keys() - KINDS - OPTIONS:
        raise InvalidRequest("query.not_a_part")
    weight = _read_weight(given.get("weight", 1))
    (kind,) = kinds
    return Part(_read_query(kind, given[kind], given.get("box"), stored, image), weight)


def _read_query(
    kind: str, value: Any, shares: Any, stored: Stored, image: Image
) -> PictureQuery | TextQuery:
    if kind == "text":
        if shares is not None:
            raise InvalidRequest("query.not_a_part")
        return read_words(value)
    box = None if shares is None else read_shares(shares)
    return stored(read_id(value), box) if kind == "picture" else image(value, box)


def _read_weight(value: Any) -> float:
    try:
        return read_number(value)
    except InvalidRequest:
        raise InvalidRequest("query.weight", most=MAX_WEIGHT) from None


def _without_nulls(document: Mapping[Any, Any]) -> dict[Any, Any]:
    """Leave out what is null: programs send all fields, some of them empty."""
    return {key: value for key, value in document.items() if value is not None}
