"""Validation of untrusted values of any type: ids, numbers, regions, words.

Each function returns a valid value or raises InvalidRequest.
"""

import math
from collections.abc import Sequence
from typing import Any

from searcher.errors import InvalidRequest
from searcher.images.pictures import Box
from searcher.search.query import TextQuery

MAX_ID = 2**63 - 1


def read_id(value: Any) -> int:
    """Return a picture's id, given a positive 63-bit integer or its decimal digits."""
    if isinstance(value, str) and len(value) <= 19 and value.isascii() and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MAX_ID:
        raise InvalidRequest("request.picture_id")
    return value


def read_number(value: Any) -> float:
    """Return a finite number as a float."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # An integer may be too large for a float.
    if not number or abs(value) > 1e300 or not math.isfinite(value):
        raise InvalidRequest("request.number")
    return float(value)


def read_words(value: Any) -> TextQuery:
    """Return the query of a text; see `TextQuery.of`."""
    if not isinstance(value, str):
        raise InvalidRequest("request.text")
    return TextQuery.of(value)


def read_shares(value: Any) -> Box:
    """Return a region: a list of left, top, right and bottom as shares of the size, 0 to 1."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or len(value) != 4:
        raise InvalidRequest("query.region")
    left, top, right, bottom = (read_number(share) for share in value)
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise InvalidRequest("query.region")
    return left, top, right, bottom
