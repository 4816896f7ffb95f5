"""The inputs of a tab's query and their events: picture box, words, chips and filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import gradio as gr

from searcher.library.core import Library
from searcher.ui.components.query_bar import handle, query_bar
from searcher.ui.components.query_input import word_examples, words_line
from searcher.ui.requests.arguments import read_choice, read_event, read_id, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.page_part import LESS, MORE
from searcher.ui.requests.page_query import MAX_ADDRESS, PageQuery
from searcher.ui.requests.parsing import library_picture

HIT_WEIGHTS = {"more": MORE, "less": LESS}
HIT_ACTIONS = ("query", *HIT_WEIGHTS)


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
    """The components of a tab's query; `bar` is shown above its results."""

    library: Library
    image: gr.Image
    words: gr.Textbox
    word_examples: gr.HTML
    query: gr.State  # a PageQuery
    bar: gr.HTML

    def render_bar(self) -> None:
        """Place the bar where the page is being built."""
        self.bar.render()  # type: ignore[no-untyped-call]

    @property
    def components(self) -> list[Any]:
        """The components that `values` are for."""
        return [self.query, self.image, self.words]

    def values(self, query: PageQuery) -> list[Any]:
        """Return the values of `components` for a query. Raises NotFound for a lost picture."""
        image, words = query.part(query.image), query.part(query.words)
        path = library_picture(self.library, image.picture_id) if image else None
        return [query, path, words.text if words else ""]

    def start(self, event: gr.EventData) -> list[Any]:
        """Return the values of `components` for a query of the picture in a click's data."""
        return self.values(PageQuery.of_address({"picture": str(read_event(event, "id"))}))

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
            outputs: The tab's outputs after the query and the bar.
            hits: The components with buttons that search with a hit.
            **options: Options of all events.

        Returns:
            The events.
        """

        def answer(old: PageQuery, new: PageQuery, is_new: bool, *settings: Any) -> list[Any]:
            image = None if old.image and not new.image else gr.skip()
            part = new.part(new.words)
            words = gr.skip() if old.words == new.words else part.text if part else ""
            return [*respond(new, is_new, *settings), image, words]

        @show_errors
        def on_image(query: PageQuery, payload: Any, *settings: Any) -> list[Any]:
            new = query.with_image(payload if isinstance(payload, dict) else None)
            if new == query:  # the server itself changed the box
                return [gr.skip()] * (len(outputs) + 4)
            return answer(query, new, True, *settings)

        @show_errors
        def on_words(query: PageQuery, text: Any, *settings: Any) -> list[Any]:
            return answer(query, query.with_words(read_text(text, MAX_ADDRESS)), True, *settings)

        @show_errors
        def on_example(query: PageQuery, event: gr.EventData, *settings: Any) -> list[Any]:
            text = read_text(read_event(event, "words"), MAX_ADDRESS)
            return answer(query, query.with_words(text), True, *settings)

        @show_errors
        def on_bar(query: PageQuery, event: gr.EventData, *settings: Any) -> list[Any]:
            return answer(query, handle(query, event), False, *settings)

        @show_errors
        def on_hit(query: PageQuery, event: gr.EventData, *settings: Any) -> list[Any]:
            action = read_choice(read_event(event, "action"), HIT_ACTIONS)
            picture_id = read_id(read_event(event, "id"))
            if action in HIT_WEIGHTS:
                new = query.with_hit(picture_id, HIT_WEIGHTS[action])
                return answer(query, new, False, *settings)
            new = PageQuery.of_address({"picture": str(picture_id)})
            _, image, words = self.values(new)
            return [*respond(new, True, *settings), image, words]

        targets = [self.query, self.bar, *outputs, self.image, self.words]
        options |= {"outputs": targets}
        events = [
            self.image.change(on_image, [self.query, self.image, *settings], **options),
            self.words.submit(on_words, [self.query, self.words, *settings], **options),
            self.word_examples.click(on_example, [self.query, *settings], **options),
            self.bar.click(on_bar, [self.query, *settings], **options),
        ]
        events += [part.select(on_hit, [self.query, *settings], **options) for part in hits]
        return events


def query_inputs(library: Library, tab: str, image: gr.Image) -> QueryInputs:
    """Build the inputs of a tab under its picture box; `render_bar` places the bar."""
    words = words_line(f"{tab}-words")
    examples = word_examples(f"{tab}-word-examples")
    query = gr.State(PageQuery())
    return QueryInputs(library, image, words, examples, query, query_bar(f"{tab}-query"))
