"""The inputs of a tab's query and their events: picture box, words, chips and filters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import gradio as gr

from searcher.library.core import Library
from searcher.search.query import MAX_TEXT
from searcher.ui.components.query_bar import handle
from searcher.ui.requests.arguments import read_event, read_ids, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.page_query import LESS, MORE, PagePart, PageQuery
from searcher.ui.requests.parsing import library_picture

HIT_WEIGHTS = {"more": MORE, "less": LESS}


class Respond(Protocol):
    """Answers a tab's query."""

    def __call__(self, query: PageQuery, is_new: bool, *settings: Any) -> list[Any]:
        """Return the query to store, the bar, and the tab's other outputs.

        Args:
            query: The query.
            is_new: Whether another picture or other words were given.
            *settings: The values of the tab's settings.
        """


@dataclass(frozen=True)
class QueryInputs:
    """The components, on the left of a tab, and `bar` above its results."""

    library: Library
    image: gr.Image
    words: gr.Textbox
    word_examples: gr.HTML
    query: gr.State  # a PageQuery
    bar: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """The components that `values` are for."""
        return [self.query, self.image, self.words]

    def values(self, query: PageQuery) -> list[Any]:
        """Return the values of `outputs` for a query. Raises NotFound for a missing picture."""
        image, words = query.part(query.image), query.part(query.words)
        path = library_picture(self.library, image.picture_id) if image else None
        return [query, path, words.text if words else ""]

    def start(self, event: gr.EventData) -> list[Any]:
        """Return the values of `outputs` for a query of the picture that was clicked."""
        ids = read_ids(read_event(event, "ids"))
        return self.values(PageQuery().with_hit(ids[0], MORE).with_stored_image())

    def connect(
        self,
        respond: Respond,
        settings: Sequence[Any],
        outputs: Sequence[Any],
        hits: Sequence[gr.HTML],
        **options: Any,
    ) -> list[Any]:
        """Connect the events of the inputs.

        Args:
            respond: Answers the query.
            settings: The inputs of further settings.
            outputs: The tab's outputs after query and bar.
            hits: The components with buttons that search with a hit.
            **options: The options of events.

        Returns:
            The events.
        """

        def answer(old: PageQuery, new: PageQuery, is_new: bool, settings: Any) -> list[Any]:
            image = None if old.image and not new.image else gr.skip()
            part = new.part(new.words)
            words = gr.skip() if old.words == new.words else part.text if part else ""
            return [*respond(new, is_new, *settings), image, words]

        unchanged = [gr.skip()] * (len(outputs) + 4)

        @show_errors
        def on_image(payload: Any, query: PageQuery, *settings: Any) -> list[Any]:
            new = query.with_image(payload if isinstance(payload, dict) else None)
            return answer(query, new, True, settings) if new != query else unchanged

        @show_errors
        def on_words(text: Any, query: PageQuery, *settings: Any) -> list[Any]:
            new = query.with_words(read_text(text, MAX_TEXT))
            return answer(query, new, True, settings)

        @show_errors
        def on_example(query: PageQuery, *arguments: Any) -> list[Any]:
            *settings, event = arguments
            return on_words(read_event(event, "words"), query, *settings)
        return []
