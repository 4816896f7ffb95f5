"""Searching with a tab's query: which parts a model sees, and sentences in place of hits."""

from collections.abc import Sequence

from searcher.library.core import Library
from searcher.library.status import Status
from searcher.models.registry import Model
from searcher.search.results import STAGES, Ranking
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
    library: Library, query: PageQuery, queries: Queries, models: Sequence[Model], k: int
) -> list[Ranking]:
    """Search with models; see `Library.rank`. Those that see nothing of the query have no hits."""
    names = [model.name for model in models if is_seen(query, model)]
    where = query.filters.expression()
    found = library.rank(query.library_query(queries), names, k, where) if names else []
    rankings = {ranking.model: ranking for ranking in found}
    times = dict.fromkeys(STAGES, 0.0)
    return [rankings.get(model.name) or Ranking(model.name, [], times, 0) for model in models]


def refusal_html(query: PageQuery) -> str:
    """Render why a query with parts can't be searched for; "" if it can."""
    if query.parts and not query.active:
        return notice_html(tr("Every part of the query is switched off: switch one on."))
    if query.active and all(part.weight < 0 for part in query.active):
        return notice_html(tr("One part must count for pictures, not against them."))
    return ""


def no_hits_html(status: Status, query: PageQuery, models: Sequence[Model]) -> str:
    """Render why models have no hits."""
    if not any(is_seen(query, model) for model in models):
        others = [other for other in status.ready if other.words]
        title = models[0].display if len(models) == 1 else ""
        return render("no_words.html", model=title, others=others)
    if query.filters.address():
        return notice_html(tr("No picture fits these filters."))
    return notice_html(tr("Nothing is indexed yet."))


def notice_html(words: str) -> str:
    """Render one sentence in place of hits."""
    return render("notice.html", words=words)
