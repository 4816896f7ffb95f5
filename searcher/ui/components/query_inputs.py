"""The inputs of a tab's query and their events: picture box, region, words, chips and filters."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import gradio as gr

from searcher.errors import TwinlensError
from searcher.library.core import Library
from searcher.ui.components.dropzone import refusal, refusal_html
from searcher.ui.components.query_bar import handle, query_bar
from searcher.ui.components.query_input import region, word_examples, words_line
from searcher.ui.components.stand_ins import box_picture
from searcher.ui.requests.arguments import read_box, read_choice, read_event, read_id, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_part import LESS, MORE
from searcher.ui.requests.page_query import MAX_ADDRESS, PageQuery
from searcher.ui.requests.parsing import library_picture

HIT_WEIGHTS = {"more": MORE, "less": LESS}
HIT_ACTIONS = ("query", *HIT_WEIGHTS)
Bring = Callable[..., list[Any]]


class Respond(Protocol):
    """Answers a tab's query."""

    def __call__(self, query: PageQuery, is_new: bool, *settings: Any) -> list[Any]:
        """Return the query with what the answer adds, the bar, and the tab's other outputs.

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
    region: gr.HTML  # of the picture in the box
    words: gr.Textbox
    word_examples: gr.HTML
    live: gr.State  # a LiveQuery
    replaced: gr.Textbox  # hidden; a new value searches again
    refusal: gr.HTML  # why the latest picture or words were refused; shown in the picture box
    bar: gr.HTML
    boxed: gr.Textbox  # hidden; `LiveQuery.boxed` when the picture box was last filled

    def render_bar(self) -> None:
        """Place the bar where the page is being built."""
        self.bar.render()  # type: ignore[no-untyped-call]

    @property
    def components(self) -> list[Any]:
        """The components that `put` returns values of."""
        return [self.image, self.words, self.replaced]

    def put(self, live: LiveQuery, query: PageQuery) -> list[Any]:
        """Replace the query; return the values of `components`.

        Raises:
            NotFound: A picture is missing. Nothing is replaced then.
        """
        pictures = (part for part in query.parts if part.picture_id is not None)
        paths = {part.key: library_picture(self.library, part.picture_id) for part in pictures}
        words = query.part(query.words)
        live.query = query
        return [paths.get(query.image), words.text if words else "", search_again()]

    def start(self, live: LiveQuery, event: gr.EventData) -> list[Any]:
        """Search with the picture in a click's data; see `put`."""
        return self.put(live, PageQuery.of_address({"picture": str(read_event(event, "id"))}))

    def connect(
        self,
        respond: Respond,
        settings: Sequence[Any],
        outputs: Sequence[Any],
        *,
        hits: Sequence[gr.HTML],
        panel: gr.HTML,
        repeat: Sequence[Any],
        **options: Any,
    ) -> Bring:
        """Connect the events of the inputs.

        Args:
            respond: Answers the query.
            settings: The inputs of further settings.
            outputs: The tab's outputs after the query and the bar.
            hits: The components with buttons that search with a hit.
            panel: The panel of an opened hit, one of the outputs; it has such buttons, too.
            repeat: Events after which the same query is searched for again.
            **options: Options of all events.

        Returns:
            A function that replaces the query of an address, called with the LiveQuery, the query,
            and the settings. It returns the values of `brought_back` and of `boxed`.
        """
        unchanged = [gr.skip()] * (len(outputs) + 4)

        def answer(
            live: LiveQuery,
            change: Callable[[PageQuery], PageQuery],
            is_new: bool,
            settings: Sequence[Any],
        ) -> list[Any]:
            with live.changing(change) as done:
                query, *values = respond(done.new, is_new, *settings)
                if not done.is_latest(query):
                    return unchanged  # the later event shows what is found now
            image = None if done.old.image and not query.image else gr.skip()
            part = query.part(query.words)
            words = gr.skip() if done.old.words == query.words else part.text if part else ""
            return [*values, image, words, ""]

        def refuse_image(
            live: LiveQuery, error: TwinlensError, settings: Sequence[Any]
        ) -> list[Any]:
            """Empty the box, so that no earlier picture seems to be the refused one."""
            try:
                values = answer(live, lambda query: query.with_image(None), False, settings)
            except TwinlensError:  # of a store; its results stay
                values = unchanged
            return [*values[:-3], None, values[-2], refusal_html(error.message)]

        @show_errors
        def on_image(live: LiveQuery, payload: Any, boxed: Any, *settings: Any) -> list[Any]:
            if (boxed or "") != live.boxed:  # a picture from before the latest step back
                return unchanged
            image = payload if isinstance(payload, dict) else None
            if live.query.with_image(image) == live.query:  # the server itself changed the box
                return unchanged
            try:
                return answer(live, lambda query: query.with_image(image), True, settings)
            except TwinlensError as error:
                return refuse_image(live, error, settings)

        @show_errors
        def on_words(live: LiveQuery, text: Any, *settings: Any) -> list[Any]:
            try:
                words = read_text(text, MAX_ADDRESS)
                return answer(live, lambda query: query.with_words(words), True, settings)
            except TwinlensError as error:
                return [*unchanged[:-1], refusal_html(error.message)]

        @show_errors
        def on_example(live: LiveQuery, event: gr.EventData, *settings: Any) -> list[Any]:
            return on_words(live, read_event(event, "words"), *settings)

        @show_errors
        def on_bar(live: LiveQuery, event: gr.EventData, *settings: Any) -> list[Any]:
            return answer(live, lambda query: handle(query, event), False, settings)

        @show_errors
        def on_hit(live: LiveQuery, event: gr.EventData, *settings: Any) -> list[Any]:
            action = read_choice(read_event(event, "action"), HIT_ACTIONS)
            picture_id = read_id(read_event(event, "id"))
            if action in HIT_WEIGHTS:
                weight = HIT_WEIGHTS[action]
                return answer(
                    live, lambda query: query.with_hit(picture_id, weight), False, settings
                )
            new = PageQuery.of_address({"picture": str(picture_id)})
            path = library_picture(self.library, picture_id)
            values = answer(live, lambda _: new, True, settings)
            return values if values is unchanged else [*values[:-3], path, "", ""]

        @show_errors
        def on_region(live: LiveQuery, event: gr.EventData, *settings: Any) -> list[Any]:
            is_box = read_event(event, "action") == "box"
            box = read_box(read_event(event, "box")) if is_box else None
            return answer(live, lambda query: query.with_region(box), False, settings)

        @show_errors
        def on_repeat(live: LiveQuery, *settings: Any) -> list[Any]:
            if live.query.is_empty:
                return unchanged
            return answer(live, lambda query: query, False, settings)

        @show_errors
        def on_setting(live: LiveQuery, *settings: Any) -> list[Any]:
            """Leave an opened hit open: its query is the same."""
            values = [*on_repeat(live, *settings)]
            values[1 + list(outputs).index(panel)] = gr.skip()
            return values

        def bring_back(live: LiveQuery, query: PageQuery, *settings: Any) -> list[Any]:
            new, image = box_picture(self.library, live.query, query)
            values = answer(live, lambda _: new, False, settings)
            if values is unchanged:
                return [*values, gr.skip()]
            live.boxed = search_again()
            part = new.part(new.words)
            return [*values[:-3], image, part.text if part else "", "", live.boxed]

        options |= {"outputs": self.brought_back(outputs)}
        # The mode "always_last" repeats an event without its data.
        each = options | {"trigger_mode": "multiple"}
        inputs = [self.live, *settings]
        self.image.change(on_image, [self.live, self.image, self.boxed, *settings], **options)
        self.region.click(on_region, inputs, **each)
        self.words.submit(on_words, [self.live, self.words, *settings], **options)
        self.word_examples.click(on_example, inputs, **each)
        self.bar.click(on_bar, inputs, **each)
        for part in [*hits, panel]:
            part.select(on_hit, inputs, **each)
        self.replaced.change(on_repeat, inputs, **options)
        gr.on(repeat, on_setting, inputs, **options)
        return bring_back

    def brought_back(self, outputs: Sequence[Any]) -> list[Any]:
        """Return the components of the query and its answer; see `connect`."""
        return [self.bar, *outputs, self.image, self.words, self.refusal]


def search_again() -> str:
    """Return a value of `QueryInputs.replaced`, which makes the tab search with its query."""
    return str(time.time_ns())


def query_inputs(library: Library, tab: str, image: gr.Image) -> QueryInputs:
    """Build the inputs of a tab under its picture box; `render_bar` places the bar."""
    box = region(f"{tab}-region")
    words = words_line(f"{tab}-words")
    examples = word_examples(f"{tab}-word-examples")
    live = gr.State(LiveQuery())
    replaced = gr.Textbox(visible="hidden")
    bar = query_bar(f"{tab}-query")
    why = refusal(f"{tab}-refusal")
    boxed = gr.Textbox(visible="hidden")
    return QueryInputs(library, image, box, words, examples, live, replaced, why, bar, boxed)
