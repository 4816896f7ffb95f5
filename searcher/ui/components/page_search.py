"""Searching with a tab's query: which parts a model sees, and sentences in place of hits."""

from collections.abc import Sequence

from searcher.errors import StoreUnavailable
from searcher.library.core import Library
from searcher.library.status import Status
from searcher.messages.message import Message, message
from searcher.models.registry import Model
from searcher.search.query import PictureQuery, UploadedQuery
from searcher.search.results import STAGES, Ranking
from searcher.ui.components.query_bar import Queries, lacks_preview
from searcher.ui.i18n import sentence, tr
from searcher.ui.requests.page_part import PagePart
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.requests.parsing import read_query
from searcher.ui.templating import render


def open_queries(library: Library, query: PageQuery) -> Queries:
    """Return the library's queries of the active parts. Raises InvalidRequest, BadImage."""
    return {part.key: part.query(library) for part in query.active}


def check_uploads(library: Library, query: PageQuery) -> None:
    """Decode the uploads of a query that finds nothing. Raises InvalidRequest, BadImage."""
    for upload in filter(None, (part.upload for part in query.active)):
        _ = read_query(library, upload).picture


def is_seen(query: PageQuery, model: Model) -> bool:
    """Whether a model sees a part that counts for a picture."""
    return any(part.weight > 0 and _sees(model, part) for part in query.active)


def blind_to(library: Library, query: PageQuery, models: Sequence[Model]) -> dict[str, Message]:
    """Return why models see nothing of a query, by their names. Raises StoreUnavailable."""
    reasons = {model.name: _blindness(library, query, model) for model in models}
    return {name: reason for name, reason in reasons.items() if reason}


def unseen_parts(query: PageQuery, models: Sequence[Model]) -> dict[str, list[str]]:
    """Return the titles of the models that can't see a part, by the part's key."""
    unseen = {
        part.key: list(dict.fromkeys(m.display for m in models if not _sees(m, part)))
        for part in query.active
    }
    return {key: titles for key, titles in unseen.items() if titles}


def _sees(model: Model, part: PagePart) -> bool:
    """Whether a model can see a part; one without a network sees stored pictures only."""
    if part.text:
        return model.words
    return model.embeds or (part.picture_id is not None and part.box is None)


def _blindness(library: Library, query: PageQuery, model: Model) -> Message | None:
    if not model.embeds:
        if not is_seen(query, model):
            return message("model.no_network", model=model.display)
        ids = {part.picture_id for part in query.active if _sees(model, part)} - {None}
        if len(library.vectors.present(model.collection, [i for i in ids if i])) < len(ids):
            return message("model.no_vector", model=model.display)
    elif not is_seen(query, model):
        return message("model.no_words", model=model.display)
    return None


def rank(
    library: Library,
    query: PageQuery,
    queries: Queries,
    models: Sequence[Model],
    k: int,
    remembers: bool = False,
) -> list[Ranking]:
    """Search with models; see `Library.rank`. Those that see nothing of the query have no hits.

    Args:
        library: The library.
        query: The tab's query.
        queries: The query of each active part by its key.
        models: The models.
        k: The number of hits of each.
        remembers: Whether the query will be one of the recent ones.
    """
    undrawn = [queries[part.key] for part in query.active if lacks_preview(part)]

    def draw() -> None:
        """Make the small pictures that will be asked for, while a processor is idle."""
        for opened in undrawn:
            if isinstance(opened, PictureQuery):
                _ = opened.picture.preview_jpeg
            if isinstance(opened, UploadedQuery) and remembers:
                _ = opened.picture.icon_jpeg, opened.fingerprint

    blind = blind_to(library, query, models)
    names = [model.name for model in models if model.name not in blind]
    where = query.filters.expression()
    meanwhile = draw if undrawn else None
    searched = query.library_query(queries)
    found = library.rank(searched, names, k, where, meanwhile) if names else []
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


def no_hits_html(
    library: Library, status: Status, query: PageQuery, models: Sequence[Model]
) -> str:
    """Render why models have no hits."""
    blind = blind_to(library, query, models)
    if len(blind) == len(models) and not all(part.text for part in query.active):
        return notice_html(" ".join(sentence(reason) for reason in blind.values()))
    if len(blind) == len(models):
        others = [other for other in status.ready if other.words]
        title = models[0].display if len(models) == 1 else ""
        return render("no_words.html", model=title, others=others)
    if query.filters.address():
        waits = "done" if status.is_partial(model.name for model in models) else ""
        return notice_html(tr("No picture fits these filters."), waits=waits)
    return notice_html(tr("Nothing is indexed yet."), status.version)


def outage_html(error: StoreUnavailable, status: Status) -> str:
    """Render which store does not answer, in place of what the page asks for again.

    Args:
        error: What it raised.
        status: The status before.
    """
    return notice_html(sentence(error.message), status.version)


def notice_html(words: str, unanswered: str = "", waits: str = "") -> str:
    """Render one sentence in place of hits.

    Args:
        words: The sentence.
        unanswered: The version of the status after which the page asks again; "" for never.
        waits: What the status must have before that, such as "done"; see status.html.
    """
    return render("notice.html", words=words, unanswered=unanswered, waits=waits)
