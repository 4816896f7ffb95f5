"""What the page shows as it arrives: the comparison of an example, or grey cards."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request

from searcher.library.core import Library
from searcher.library.query_label import example_labels
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.ui.components import address
from searcher.ui.components.query_input import invitation
from searcher.ui.i18n import request_language, use_language
from searcher.ui.templating import render

Values = list[tuple[Any, Any]]
log = logging.getLogger(__name__)


class Opening:
    """The values that components have as the page arrives: those of the first answer, sooner."""

    def __init__(self, worker: Worker, answer: Callable[[bool], Iterable[tuple[Any, Any]]]) -> None:
        """Make it.

        Args:
            worker: What the values depend on, besides the visitor's language.
            answer: Returns components and their values; called with whether the page's address
                names a state.
        """
        self._worker = worker
        self._answer = answer
        self._cache: dict[tuple[str, bool], tuple[object, Values]] = {}

    def __call__(self, request: Request) -> Values:
        """Return the values for a visitor; none if that fails, since the page has to come up."""
        code, is_given = request_language(request.headers), address.is_given(request)
        key = self._worker.status, self._worker.example
        made_for, values = self._cache.get((code, is_given), (None, []))
        if made_for == key:
            return values
        try:
            with use_language(code):
                values = list(self._answer(is_given))
        except Exception:
            log.exception("the page opens without its first values")
            return []
        self._cache[code, is_given] = key, values
        return values


def has_examples(library: Library) -> bool:
    """Whether there are examples, one of which the page opens on."""
    return bool(example_labels(library.settings.samples_dir))


def opening_html(library: Library) -> str:
    """Render what the page shows before the server's first answer: grey cards, or nothing."""
    return render("skeleton.html", opening=True) if has_examples(library) else ""


def waiting_html(library: Library, status: Status, text: tuple[str, str]) -> str:
    """Render grey cards; the invitation `text` where no example will follow."""
    if not has_examples(library) or (status.opened and status.working is None):
        return invitation(text)
    return render("skeleton.html", opening=False)
