"""The bar above the results: the query's parts as chips, and the filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import gradio as gr

from searcher.errors import InvalidRequest
from searcher.library.core import Library
from searcher.search.query import MAX_PARTS, PictureQuery, TextQuery
from searcher.ui.components import scripts
from searcher.ui.i18n import gettext_noop, tr
from searcher.ui.requests.arguments import MAX_NAME, read_event, read_text
from searcher.ui.requests.page_filters import CHOICES, NO_FILTERS, Filters
from searcher.ui.requests.page_part import PagePart
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.templating import data_address, render, thumbnail_address

MAX_LABELS = 200  # of the drop-down, the most frequent
MAX_CHIP = 40  # characters of a name on a chip
Queries = Mapping[str, PictureQuery | TextQuery]

NAMES = {
    "landscape": gettext_noop("Landscape"),
    "portrait": gettext_noop("Portrait"),
    "square": gettext_noop("Square"),
    "upload": gettext_noop("Uploaded here"),
    "sample": gettext_noop("Sample pictures"),
    "archive": gettext_noop("From an archive"),
    "folder": gettext_noop("From a folder"),
    "unknown": gettext_noop("Unknown source"),
    "day": gettext_noop("Added today"),
    "week": gettext_noop("In the last 7 days"),
    "month": gettext_noop("In the last 30 days"),
    "year": gettext_noop("In the last year"),
    "small": gettext_noop("Below 500 pixels"),
    "medium": gettext_noop("500 pixels or more"),
    "large": gettext_noop("1000 pixels or more"),
    "huge": gettext_noop("2000 pixels or more"),
}


@dataclass(frozen=True)
class Chip:
    """A part as it is shown; `unseen` names models that can't see it."""

    part: PagePart
    name: str
    picture: str
    unseen: str


@dataclass(frozen=True)
class Choice:
    """A filter: its field, its name, its value, and its options as (value, text)."""

    field: str
    name: str
    value: str
    options: list[tuple[str, str]]


def query_bar(elem_id: str) -> gr.HTML:
    """Return the bar, not rendered yet.

    Its click events have {"action", "key"} or {"action", "field", "value"}.
    """
    return gr.HTML(elem_id=elem_id, js_on_load=scripts.QUERY, render=False)


def bar_html(
    library: Library,
    query: PageQuery,
    unseen: Mapping[str, Sequence[str]],
    link: Mapping[str, str],
) -> str:
    """Render the bar.

    Args:
        library: The library.
        query: The tab's query.
        unseen: The titles of the models that can't see a part, by its key.
        link: The parameters of the page's address.
    """
    names = part_names(library, query.parts)
    chips = [
        Chip(part, names[part.key], _address(part), ", ".join(unseen.get(part.key, ())))
        for part in query.parts
    ]
    return render(
        "query_bar.html",
        chips=chips,
        boxed=query.image,
        full=len(chips) >= MAX_PARTS,
        filters=choices(library, query.filters),
        filtered=bool(query.filters.address()),
        address=link,
    )


def empty_bar_html(link: Mapping[str, str]) -> str:
    """Render the bar of an empty query, which only tells the page's address."""
    return render("empty_query_bar.html", address=link)


def choices(library: Library, filters: Filters) -> list[Choice]:
    """Return the filters with their options; those with fewer than two options are left out."""
    labels = _counted(library.records.index.labels(), filters.label)
    fields = {
        "orientation": tr("Orientation"),
        "size": tr("Size"),
        "source": tr("Source"),
        "added": tr("Date added"),
    }
    every = [Choice("label", tr("Label"), filters.label, labels)]
    for field, name in fields.items():
        options = [(value, tr(NAMES[value])) for value in CHOICES[field]]
        every.append(Choice(field, name, getattr(filters, field), options))
    return [choice for choice in every if len(choice.options) > 1 or choice.value]


def handle(query: PageQuery, event: gr.EventData) -> PageQuery:
    """Return the query after a click on the bar. Raises InvalidRequest."""
    action = read_event(event, "action")
    key = read_text(read_event(event, "key"), MAX_NAME)
    if action == "filter":
        field, value = read_event(event, "field"), read_event(event, "value")
        return replace(query, filters=query.filters.with_choice(field, value))
    if action == "reset":
        return replace(query, filters=NO_FILTERS)
    if action == "toggle":
        return query.toggled(key)
    if action == "flip":
        return query.flipped(key)
    if action == "drop":
        return query.without(key)
    if action == "detach":
        return query.detached()
    raise InvalidRequest("request.choice")


def with_previews(query: PageQuery, queries: Queries) -> PageQuery:
    """Return the query with small pictures of its uploads and regions, which have no thumbnail."""
    parts = tuple(
        replace(part, preview=_preview(queries[part.key]))
        if part.key in queries and lacks_preview(part)
        else part
        for part in query.parts
    )
    return replace(query, parts=parts)


def lacks_preview(part: PagePart) -> bool:
    """Whether a part needs a small picture that it does not have."""
    return not part.preview and bool(part.upload or part.box)


def part_names(library: Library, parts: Sequence[PagePart]) -> dict[str, str]:
    """Return the names of parts by their keys: words, or the name of a picture."""
    ids = [part.picture_id for part in parts if part.picture_id is not None]
    records = dict(zip(ids, library.records.get(ids), strict=True))

    def name(part: PagePart) -> str:
        if part.picture_id is not None:
            record = records[part.picture_id]
            return record.name if record else tr("this picture")
        uploaded = part.upload.get("orig_name") if part.upload else ""
        return part.text or str(uploaded or tr("this picture"))[:120]

    return {part.key: name(part) for part in parts}


def _preview(query: PictureQuery | TextQuery) -> str:
    assert not isinstance(query, TextQuery)
    return data_address(query.picture.preview_jpeg)


def _address(part: PagePart) -> str:
    if part.preview or part.picture_id is None:
        return part.preview
    return thumbnail_address(part.picture_id)


def _counted(counts: Mapping[str, int], value: str) -> list[tuple[str, str]]:
    """Return options of names with counts, by name; the most frequent of too many."""
    frequent = sorted(counts, key=lambda name: -counts[name])[:MAX_LABELS]
    names = sorted({*frequent, value} - {""}, key=str.casefold)
    return [(name, f"{name} ({counts.get(name, 0)})") for name in names]
