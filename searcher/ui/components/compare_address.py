"""Addresses of the Compare tab with a query."""

from collections.abc import Iterable
from urllib.parse import urlencode

from searcher.library.core import Library
from searcher.library.query_service import MAX_MODELS


def compare_address(picture_id: int, names: Iterable[str]) -> str:
    """Return the address of Compare with a picture of the library as the query."""
    return _address({"picture": str(picture_id)}, names)


def compare_words_address(text: str, names: Iterable[str]) -> str:
    """Return the address of Compare with words as the query."""
    return _address({"text": text}, names)


def with_others(library: Library, names: Iterable[str]) -> list[str]:
    """Return up to as many models as Compare shows, at least two if the library has them."""
    chosen = list(dict.fromkeys(names))[:MAX_MODELS]
    others = (model.name for model in library.registry.ready() if model.name not in chosen)
    return chosen if len(chosen) > 1 else [*chosen, *others][:2]


def _address(query: dict[str, str], names: Iterable[str]) -> str:
    models = ",".join(dict.fromkeys(names))
    return "?" + urlencode({"tab": "compare", **query, "models": models})
