"""Validation of a call's values, which are untrusted.

Gradio passes on whatever a browser or a program sends, of any type. Each function returns a valid
value or raises InvalidRequest.
"""

import math
from collections.abc import Collection, Sequence
from typing import Any

import gradio as gr

from searcher.errors import InvalidRequest
from searcher.images.pictures import Box
from searcher.metrics.cost import MAX_PRICE
from searcher.search.filter_tokens import MAX_CONDITION
from searcher.search.untrusted import read_id as read_id
from searcher.search.untrusted import read_number as read_number
from searcher.ui.gradio_internals import event_data

MAX_IDS = 1000  # pictures in one call
MAX_NAME = 255  # characters of a model's name, which is a file name
MAX_LABEL = 80
MAX_PAGES = 100_000
MAX_REFERENCE = 300  # characters of hf:OWNER/NAME@REVISION
MAX_FILTER = 6500  # characters of a filter, which may list 400 ids
MAX_FILES = 1000  # Gradio's limit for one upload
MAX_ADDED = 5000  # files that are added by one call, which lists them in 4 MB


def read_ids(value: Any) -> list[int]:
    """Return a list of picture ids without duplicates."""
    ids = _list(value)
    if len(ids) > MAX_IDS:
        raise InvalidRequest("request.too_many_pictures", most=MAX_IDS)
    return list(dict.fromkeys(read_id(item) for item in ids))


def read_count(value: Any, most: int, default: int) -> int:
    """Return a count, rounded and clipped to 1 … `most`; `default` for None."""
    if value is None:
        return default
    return round(min(max(read_number(value), 1), most))


def read_price(value: Any) -> float:
    """Return a price, clipped to 0 … MAX_PRICE."""
    return min(max(read_number(value), 0.0), MAX_PRICE)


def read_text(value: Any, longest: int) -> str:
    """Return a string of at most `longest` characters; "" for None."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRequest("request.text")
    if len(value) > longest:
        raise InvalidRequest("request.text_too_long", most=longest)
    return value.encode("utf-8", "replace").decode()


def read_where(value: Any) -> str:
    """Return a filter, which `filters.parse_filter` has to parse; "" for None."""
    if isinstance(value, str) and len(value) > MAX_CONDITION:
        raise InvalidRequest("filter.too_long", most=MAX_CONDITION)
    return read_text(value, MAX_CONDITION)


def read_model(value: Any, default: str | None = None) -> str:
    """Return a model's name, which need not exist; `default` for an empty one."""
    name = read_text(value, MAX_NAME)
    if not name and default is None:
        raise InvalidRequest("request.no_model")
    return name or default or ""


def read_models(value: Any, most: int) -> list[str]:
    """Return at most `most` names of models without duplicates; [] for None."""
    names = _list([] if value is None else value)
    if len(names) > MAX_IDS:
        raise InvalidRequest("request.list_too_long")
    models = list(dict.fromkeys(read_model(name) for name in names))
    if len(models) > most:
        raise InvalidRequest("request.too_many_models", most=most)
    return models


def read_choice(value: Any, choices: Collection[str]) -> str:
    """Return a value that must be one of `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise InvalidRequest("request.choice")
    return value


def read_choices(value: Any, choices: Collection[str]) -> list[str]:
    """Return a list of some of `choices` without duplicates; [] for None."""
    values = [] if value is None else _list(value)
    if len(values) > MAX_IDS:
        raise InvalidRequest("request.list_too_long")
    return list(dict.fromkeys(read_choice(item, choices) for item in values))


def read_box(value: Any) -> Box:
    """Return a region: left, top, right, bottom as shares of the size, clipped to 0 … 1."""
    try:
        shares = [float(share) for share in value]
    except (TypeError, ValueError, OverflowError):
        shares = []
    if len(shares) != 4 or any(math.isnan(share) for share in shares):
        raise InvalidRequest("request.region")
    left, top, right, bottom = (min(1.0, max(0.0, share)) for share in shares)
    return left, top, right, bottom


def read_event(event: gr.EventData, name: str) -> Any:
    """Return a field of the data sent by the page's scripts with a click; None if absent."""
    data = event_data(event)
    return data.get(name) if isinstance(data, dict) else None


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise InvalidRequest("request.list")
    return value
