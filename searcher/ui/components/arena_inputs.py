"""What the duels of the arena ask, and which models compete: inputs, and part of the address."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import gradio as gr

from searcher.errors import InvalidRequest
from searcher.evaluation.arena import ArenaQuery
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.ui.components import scripts
from searcher.ui.components.address import TabAddress, read_names
from searcher.ui.components.baselines import ModelList, baselines_switch, choices
from searcher.ui.components.query_address import query_state, read_query
from searcher.ui.components.query_input import query_image, words_line
from searcher.ui.components.stand_ins import box_picture
from searcher.ui.i18n import browser_html, browser_text
from searcher.ui.requests.arguments import MAX_IDS, read_choice, read_models, read_text
from searcher.ui.requests.page_query import MAX_ADDRESS, PageQuery
from searcher.ui.templating import render

ANY, OWN, WORDS = "any", "own", "words"
KINDS = (ANY, OWN, WORDS)


@dataclass(frozen=True)
class Asked:
    """What the duels ask.

    Attributes:
        kind: One of KINDS: any picture of the library, a picture of the visitor, or words.
        query: The picture and the words in the inputs, whichever of them is used.
    """

    kind: str = ANY
    query: PageQuery = field(default_factory=PageQuery)

    @property
    def used(self) -> PageQuery:
        """The query of the next duel; empty for any picture."""
        keys = {OWN: self.query.image, WORDS: self.query.words}
        return self.query.only(keys.get(self.kind, ""))

    def open(self, library: Library) -> ArenaQuery | None:
        """Return the library's query; None for any picture.

        Raises:
            InvalidRequest: The picture or the words are missing, or no upload.
            BadImage: The file is too large.
        """
        if self.kind == ANY:
            return None
        if not self.used.parts:
            raise InvalidRequest("request.no_picture" if self.kind == OWN else "query.no_text")
        return self.used.parts[0].query(library)


@dataclass(frozen=True)
class ArenaInputs:
    """The inputs; `read` gets the values of `components`.

    Attributes:
        library: The library.
        asked: A state with the Asked that was last used.
        image: The box for a visitor's picture.
        words: The line of words.
        models: The models that compete; none for all.
        choice: The kinds of queries as buttons, whose click events have {"kind"}; and the address.
    """

    library: Library
    asked: gr.State
    image: gr.Image
    words: gr.Textbox
    models: ModelList
    choice: gr.HTML

    @property
    def components(self) -> list[Any]:
        """The components that `read` gets the values of."""
        return [self.asked, self.image, self.words, *self.models.pickers, self.models.switch]

    def read(
        self, asked: Asked, image: Any, words: Any, names: Any, show: Any
    ) -> tuple[Asked, list[str], bool]:
        """Return what is asked now, the names of the models, and whether baselines compete.

        Raises:
            InvalidRequest: A value is invalid.
        """
        payload = image if isinstance(image, dict) else None
        query = asked.query.with_image(payload).with_words(read_text(words, MAX_ADDRESS))
        return replace(asked, query=query), read_models(names, MAX_IDS), show is True

    def html(self, asked: Asked, names: list[str], show: bool) -> str:
        """Render `choice`."""
        return _html(asked.kind, self._state(asked, names, show))

    def address(self, worker: Worker, restored: gr.Textbox) -> TabAddress:
        """Return the tab's part of the address; `restored` has a new value once it is brought back.

        By then the browser knows the visitor, which it may not when the tab opens with the page.
        """

        def restore(
            parameters: Mapping[str, str], reasons: list[str], old: Asked, show: Any
        ) -> tuple[list[Any], dict[str, str]]:
            ready = [model.name for model in self.library.registry.ready()]
            query = read_query(self.library, parameters, reasons)
            kind = OWN if query.image else WORDS if query.words else ANY
            query, image = box_picture(self.library, old.query, query)
            names = read_names(parameters["models"].split(",")[:MAX_IDS], ready, reasons)
            show = bool(parameters["baselines"])
            asked, part = Asked(kind, query), query.part(query.words)
            options = choices(worker.status, show, names)
            values = [image, part.text if part else "", gr.Dropdown(choices=options, value=names)]
            state = self._state(asked, names, show)
            moment = str(time.time_ns())
            return [asked, *values, show, _html(kind, state), moment], state

        inputs = [self.asked, self.models.switch]
        outputs = [*self.components, self.choice, restored]
        return TabAddress("arena", restore, inputs, outputs)

    def _state(self, asked: Asked, names: list[str], show: bool) -> dict[str, str]:
        settings = {"tab": "arena"}
        settings |= {"models": ",".join(names)} if names else {}
        settings |= {"baselines": "1"} if show else {}
        return query_state(self.library, asked.used, **settings)


def arena_inputs(library: Library) -> ArenaInputs:
    """Build the inputs."""
    with gr.Column(elem_id="arena-settings"):
        html = browser_html("arena-choice", lambda: _html(ANY, None))
        choice = gr.HTML(html, elem_id="arena-choice", js_on_load=scripts.ARENA_CHOICE)
        image = query_image("arena-image")
        words = words_line("arena-words", browser_text("Words for the next duel"))
        picker = gr.Dropdown(
            [],
            label=browser_text("Models that compete; none chosen: all"),
            elem_id="arena-models",
            multiselect=True,
            interactive=True,
        )
        models = ModelList((picker,), baselines_switch("arena-baselines"))
    return ArenaInputs(library, gr.State(Asked()), image, words, models, choice)


def _html(kind: str, state: Mapping[str, str] | None) -> str:
    return render("arena_choice.html", kind=read_choice(kind, KINDS), link=state)
