"""Searching with a tab's query: which parts a model sees, and sentences in place of hits."""

from collections.abc import Sequence

from searcher.library.core import Library
from searcher.library.status import Status
from searcher.models.registry import Model
from searcher.search.results import Ranking
from searcher.ui.components.query_bar import Queries
from searcher.ui.i18n import tr
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.templating import render


def open_queries(library: Library, query: PageQuery) -> Queries:
    """Return the library's queries of the active parts. Raises InvalidRequest, BadImage."""
    return {part.key: part.query(library) for part in query.active}


def is_seen(query: PageQuery, model: Model) -> bool:
    """Whether a model sees a part that counts for a picture."""
    return any(part.weight > 0 and (model.words or not part.text) for part in query.active)


def unseen_parts(query: PageQuery, models: Sequence[Model]) -> dict[str, list[str]]:
    """Return the titles of the models that can't see a part, by the part's key."""
    titles = list(dict.fromkeys(model.display for model in models if not model.words))
    return {part.key: titles for part in query.active if part.text and titles}


def rank(
    library: Library, query: PageQuery, queries: Queries, models: Sequence[str], k: int
) -> list[Ranking]:
    """Search with models that see a part of the query; see `Library.rank`."""
    return library.rank(query.library_query(queries), models, k)


def unseen_html(status: Status, query: PageQuery, model: Model) -> str:
    """Render why a model has nothing to search for."""
    if not query.active:
        return notice_html(tr("Every part of the query is switched off: switch one on."))
    if all(part.weight < 0 for part in query.active):
        return notice_html(tr("One part must count for pictures, not against them."))
    others = [other for other in status.ready if other.words]
    return render("no_words.html", model=model.display, others=others)


def no_hits_html(query: PageQuery) -> str:
    """Render that no picture was found."""
    if query.filters.address():
        return notice_html(tr("No picture fits these filters."))
    return notice_html(tr("This model has nothing indexed yet."))


def notice_html(words: str) -> str:
    """Render one sentence in place of hits."""
    return render("notice.html", words=words)
