"""The Library tab's list: facets, pages, order, and what can be done with ticked pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from searcher.library.browsing import PAGE
from searcher.library.core import Library
from searcher.library.facets import DAYS, Facets, counts_within, find_facets
from searcher.library.picture_filter import read_words, toggled
from searcher.library.worker import Worker
from searcher.presentation.wording import gettext_noop
from searcher.stores.records import Record
from searcher.ui.i18n import tr
from searcher.ui.requests.arguments import MAX_IDS
from searcher.ui.templating import render

MAX_LABELS = 200  # that are listed and proposed
NEIGHBOURS = 2  # of the current page, whose numbers are listed
TITLES = {
    "label": gettext_noop("Label"),
    "source": gettext_noop("Source"),
    "added": gettext_noop("Added"),
    "lacks": gettext_noop("Without a vector of"),
}
NAMES = {
    "upload": gettext_noop("uploads"),
    "sample": gettext_noop("sample pictures"),
    "archive": gettext_noop("archives"),
    "folder": gettext_noop("folders"),
    "unknown": gettext_noop("only thumbnails left"),
    "1d": gettext_noop("within a day"),
    "7d": gettext_noop("within 7 days"),
    "30d": gettext_noop("within 30 days"),
    "": gettext_noop("no label"),
}


class View(NamedTuple):
    """What is shown: the filter, the number of the page, from 0, and the order."""

    words: str = ""
    number: int = 0
    oldest: bool = False

    @property
    def link(self) -> dict[str, str]:
        """The parameters of the page's address."""
        state = {"tab": "library"} | ({"filter": self.words} if self.words else {})
        state |= {"order": "oldest"} if self.oldest else {}
        return state | ({"page_number": str(self.number + 1)} if self.number else {})


@dataclass(frozen=True)
class Choice:
    """A value of a facet: `words` is the filter with it, or without it where `is_set`.

    `count` is the number of pictures with it that meet the rest of the filter, None if unknown.
    """

    text: str
    count: int | None
    words: str
    is_set: bool


def list_html(
    library: Library,
    worker: Worker,
    view: View,
    page: tuple[list[Record], bool],
    chosen: Sequence[int] = (),
) -> str:
    """Render a page of the library.

    Args:
        library: The library.
        worker: Whose status has the numbers of pictures.
        view: What is shown.
        page: The records, and whether there are more.
        chosen: The ids of pictures that are ticked by this answer, on any page.
    """
    records, more = page
    status, settings = worker.status, library.settings
    pictures = library.records.count()
    facets = find_facets(library, pictures, dict(status.coverage), dict(status.sources))
    total = facets.total(view.words, pictures)
    listed = None if more or view.number else records
    if total is None and not more:
        total = view.number * PAGE + len(records)
    return render(
        "browse.html",
        records=records,
        view=view,
        link=view.link,
        total=total,
        more=more,
        numbers=page_numbers(view.number, total, more),
        facets=_choices(library, facets, view.words, listed) if pictures else [],
        labels=[] if settings.read_only else list(facets.label)[:MAX_LABELS],
        chosen=chosen,
        most=MAX_IDS,
        read_only=settings.read_only,
        pictures=pictures,
        has_room=len(records) < PAGE and not view.words,
        is_partial=status.lacks_vectors,
        has_samples=settings.samples_dir.is_dir(),
    )


def page_numbers(current: int, total: int | None, more: bool) -> list[int | None]:
    """Return the numbers of pages to be listed, from 0, with None for those between.

    Args:
        current: The number of the page that is shown.
        total: The number of pictures on all pages; None if it is not known.
        more: Whether there is a next page.
    """
    last = current + more if total is None else max(0, total - 1) // PAGE
    near = range(current - NEIGHBOURS, current + NEIGHBOURS + 1)
    listed = sorted({0, last} | {number for number in near if 0 <= number <= last})
    numbers: list[int | None] = []
    for number in listed:
        before = numbers[-1] if numbers else None
        if before is not None and number > before + 1:
            numbers.append(None)
        numbers.append(number)
    return [*numbers, None] if total is None and more else numbers


def _choices(
    library: Library, facets: Facets, words: str, listed: Sequence[Record] | None
) -> list[tuple[str, list[Choice]]]:
    """Return the facets that can narrow the list, by title; see `counts_within`."""
    wanted = read_words(words)
    groups = []
    for name, counts in counts_within(library, facets, words, listed).items():
        current = getattr(wanted, name)
        choices = [
            Choice(
                _text(library, name, value), count, toggled(words, name, value), value == current
            )
            for value, count in list(counts.items())[:MAX_LABELS]
        ]
        if len(choices) > 1 or (name == "lacks" and choices) or any(c.is_set for c in choices):
            groups.append((tr(TITLES[name]), choices))
    return groups


def _text(library: Library, name: str, value: str) -> str:
    if name == "lacks":
        return library.registry.get(value).display
    is_named = name == "source" or (name == "added" and value in DAYS) or not value
    return tr(NAMES[value]) if is_named else value
