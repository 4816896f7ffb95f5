"""The part of the page's address that Search and Compare have in common: the query."""

from collections.abc import Mapping
from dataclasses import replace

from searcher.errors import InvalidRequest, NotFound
from searcher.library.core import Library
from searcher.ui.i18n import sentence
from searcher.ui.requests.kept_uploads import KeptUploads
from searcher.ui.requests.page_filters import FIELDS, NO_FILTERS, Filters
from searcher.ui.requests.page_query import ADDRESS_KEYS, PageQuery
from searcher.ui.requests.parsing import library_picture


def query_state(library: Library, query: PageQuery, **settings: str) -> dict[str, str]:
    """Return the parameters of a tab with a query, and with further settings."""
    return settings | query.address(KeptUploads(library.settings.samples_dir))


def read_query(library: Library, parameters: Mapping[str, str], reasons: list[str]) -> PageQuery:
    """Return the query of an address.

    Args:
        library: The library.
        parameters: The parameters of the address, which are untrusted.
        reasons: Gets a sentence for what is invalid or gone, which is left out.
    """
    kept = KeptUploads(library.settings.samples_dir)
    parts = {key: parameters[key] for key in ADDRESS_KEYS if key not in FIELDS}
    missing: list[NotFound] = []
    try:
        query = PageQuery.of_address(parts, kept, missing)
    except InvalidRequest as error:
        reasons.append(sentence(error.message))
        query = PageQuery()
    for part in query.parts:
        try:
            if part.picture_id is not None:
                library_picture(library, part.picture_id)
        except NotFound as error:
            missing.append(error)
            query = query.without(part.key)
    reasons += [sentence(error.message) for error in missing]
    return replace(query, filters=_filters(parameters, reasons))


def _filters(parameters: Mapping[str, str], reasons: list[str]) -> Filters:
    filters = NO_FILTERS
    for name in FIELDS:
        try:
            filters = filters.with_choice(name, parameters[name])
        except InvalidRequest as error:
            reasons.append(sentence(error.message))
    return filters
