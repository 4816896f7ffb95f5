"""The Arena tab: blind votes and the leaderboard."""

import time
import uuid
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.evaluation.arena import CHOICES, Arena, Duel
from searcher.evaluation.arena_verdict import arena_verdict
from searcher.evaluation.vote_export import votes_csv, votes_json
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.presentation.arena_section import arena_section
from searcher.presentation.reports import Section
from searcher.ui import toasts
from searcher.ui.components import arena_votes, report_form, scripts
from searcher.ui.components.address import TabAddress
from searcher.ui.components.arena_inputs import KINDS, OWN, WORDS, Asked, arena_inputs
from searcher.ui.components.arena_views import board_html, counts_html, duel_html
from searcher.ui.components.baselines import ModelList
from searcher.ui.components.downloads import save
from searcher.ui.components.page_search import notice_html
from searcher.ui.components.report_form import ReportSource
from searcher.ui.i18n import browser_text, gettext_noop, tr
from searcher.ui.requests.arguments import read_choice, read_event, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly

INVITATION = (
    gettext_noop("Two models, no names."),
    gettext_noop(
        "See what both find for one picture or for words, and vote. Then you learn which they were."
    ),
)
LABELS = (  # with the keys of arena.js, in the order of CHOICES
    gettext_noop("← Left is better"),
    gettext_noop("↓ Tie"),
    gettext_noop("↑ Both bad"),
    gettext_noop("Right is better →"),
)
MAX_VISITOR_ID = 64  # characters of the id that a browser stores


@dataclass(frozen=True)
class ArenaTab:
    """What the rest of the page uses of the tab.

    Attributes:
        models: Its models.
        duel: Where the invitation is shown.
        address: Its part of the page's address.
        report: Its section of a report.
    """

    models: ModelList
    duel: gr.HTML
    address: TabAddress
    report: ReportSource


@dataclass(frozen=True)
class Round:
    """The duel that is shown, and the one before. It stays on the server: it names the models."""

    duel: Duel
    before: Duel | None = None

    def find(self, key: str) -> Duel | None:
        """Return the duel with a key."""
        return next((d for d in (self.duel, self.before) if d and d.key == key), None)


def build(library: Library, worker: Worker, tab: gr.Tab) -> ArenaTab:
    """Build the tab."""
    arena = Arena(library)
    visitor = gr.BrowserState(None, storage_key="twinlens-visitor")
    current: gr.State = gr.State(None)  # a Round
    duel_view = gr.HTML(elem_id="arena", js_on_load=scripts.ARENA)
    with gr.Row(elem_classes="tl-votes"):
        votes = [
            gr.Button(browser_text(label), elem_id=f"arena-{choice}", visible=False)
            for choice, label in zip(CHOICES, LABELS, strict=True)
        ]
        next_button = gr.Button(browser_text("Start"), elem_id="arena-next", variant="primary")
    with gr.Row(elem_classes="tl-arena-line"):
        counts = gr.HTML(elem_id="arena-counts")
        undo = gr.Button(
            browser_text("Undo my last vote"), size="sm", elem_id="arena-undo", visible=False
        )
    inputs = arena_inputs(library)
    board = gr.HTML(elem_id="arena-board", js_on_load=scripts.EVALUATE)
    look = arena_votes.build(library, board)
    with gr.Row(elem_classes="tl-buttons"):
        report_form.button("arena")
        as_csv = gr.Button(browser_text("Save votes as CSV"), size="sm", elem_id="arena-export")
        as_json = gr.Button(browser_text("Save votes as JSON"), size="sm", elem_id="arena-json")
        reset = gr.Button(
            browser_text("Forget all votes"),
            size="sm",
            elem_id="arena-reset",
            visible=not library.settings.read_only,
        )
    restored = gr.Textbox(visible="hidden")  # a new value shows the results
    unmeasured = gr.Textbox(visible="hidden")  # a new value measures the models

    def titles() -> dict[str, str]:
        return {model.name: model.display for model in library.registry.ready()}

    def results(visitor_id: str) -> list[Any]:
        """Return the values of `results_shown`, as far as they are known at once."""
        verdict = arena_verdict(library, may_measure=False)
        numbers = arena.counts(visitor_id)
        return [
            counts_html(numbers),
            gr.Button(visible=numbers.can_undo),
            board_html(verdict, titles()),
            str(time.time_ns()) if verdict.is_measurable else gr.skip(),
        ]

    @show_errors
    def show_results(visitor_id: Any) -> list[Any]:
        return results(read_text(visitor_id, MAX_VISITOR_ID))

    @show_errors
    def measured_board() -> str:
        return board_html(arena_verdict(library), titles())

    def start(visitor_id: Any, shown: Round | None, asked: Asked, *values: Any) -> list[Any]:
        voter = read_text(visitor_id, MAX_VISITOR_ID) or uuid.uuid4().hex
        asked, names, show = inputs.read(asked, *values)
        query = asked.open(library)
        if query is None:
            duel = arena.duel(voter, names, show)
        else:
            duel = arena.duel_on(voter, query, names, show)
        link = inputs.html(asked, names, show)
        shown = Round(duel, shown.duel if shown else None)
        return [voter, shown, asked, link, duel_html(duel, {}), *_buttons(True)]

    @show_errors
    def next_duel(*values: Any) -> list[Any]:
        return start(*values)

    @show_errors
    def on_words(visitor_id: Any, shown: Round | None, asked: Asked, *values: Any) -> list[Any]:
        return start(visitor_id, shown, Asked(WORDS, asked.query), *values)

    @show_errors
    def on_image(visitor_id: Any, shown: Round | None, asked: Asked, *values: Any) -> list[Any]:
        new, names, show = inputs.read(asked, *values)
        if new.query.image == asked.query.image:  # the server itself changed the box
            return [gr.skip()] * len(started)
        if not new.query.image:  # emptied
            link = inputs.html(new, names, show)
            return [*[gr.skip()] * 2, new, link, *[gr.skip()] * (len(started) - 4)]
        return start(visitor_id, shown, Asked(OWN, asked.query), *values)

    @show_errors
    def on_setting(asked: Asked, *values: Any) -> list[Any]:
        asked, names, show = inputs.read(asked, *values)
        return [asked, inputs.html(asked, names, show)]

    @show_errors
    def on_kind(event: gr.EventData, asked: Asked, *values: Any) -> list[Any]:
        kind = read_choice(read_event(event, "kind"), KINDS)
        return on_setting(Asked(kind, asked.query), *values)

    @show_errors
    def count(shown: Round | None, visitor_id: Any, choice: str) -> list[Any]:
        if shown is None or visitor_id is None:
            return [gr.skip()] * len(voted)
        voter = read_text(visitor_id, MAX_VISITOR_ID)
        verdict = arena.vote(shown.duel.key, voter, choice)
        return [duel_html(shown.duel, titles(), verdict), *_buttons(False), *results(voter)]

    @show_errors
    def take_back(shown: Round | None, visitor_id: Any) -> list[Any]:
        voter = read_text(visitor_id, MAX_VISITOR_ID)
        key = arena.undo(voter)
        sentence = tr("Your last vote is taken back.")
        toasts.info(sentence, title=tr("Done"))
        duel = shown.find(key) if shown else None
        if duel is None:  # the page was loaded anew since
            return [shown, notice_html(sentence), *_buttons(False), *results(voter)]
        return [Round(duel), duel_html(duel, {}), *_buttons(True), *results(voter)]

    @show_errors
    def forget(visitor_id: Any, answer: Any) -> list[Any]:
        if not answer:
            return [gr.skip()] * (len(results_shown) + 1)
        if not library.settings.read_only:
            arena.reset()
        return [*results(read_text(visitor_id, MAX_VISITOR_ID)), ""]

    @show_errors
    def as_table() -> str:
        return votes_csv(library)

    @show_errors
    def as_document() -> str:
        return votes_json(library)

    private: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
    buttons = [*votes, next_button]
    results_shown = [counts, undo, board, unmeasured]
    voted = [duel_view, *buttons, *results_shown]
    started = [visitor, current, inputs.asked, inputs.choice, duel_view, *buttons]
    settings = [inputs.asked, inputs.choice]
    asking = [visitor, current, *inputs.components]
    next_button.click(next_duel, asking, started, **private)
    inputs.words.submit(on_words, asking, started, **private)
    inputs.image.change(on_image, asking, started, **private)
    inputs.choice.click(on_kind, inputs.components, settings, **private)
    (picker,) = inputs.models.pickers
    changes = [picker.input, inputs.models.switch.input]
    gr.on(changes, on_setting, inputs.components, settings, **private)
    for button, choice in zip(votes, CHOICES, strict=True):
        button.click(
            lambda shown, visitor_id, choice=choice: count(shown, visitor_id, choice),
            [current, visitor],
            voted,
            **private,
        )
    undo.click(take_back, [current, visitor], [current, *voted], **private)
    gr.on([tab.select, restored.change], show_results, visitor, results_shown, **private)
    unmeasured.change(measured_board, None, board, **private, **costly("precision"))
    save(as_csv, as_table, "twinlens-votes.csv", "text/csv")
    save(as_json, as_document, "twinlens-votes.json", "application/json")
    confirmed = gr.Checkbox(visible="hidden")
    reset.click(forget, [visitor, confirmed], [*results_shown, look.html], js=CONFIRM, **private)

    def report() -> Section:
        return arena_section(arena_verdict(library, may_measure=False), titles())

    source = ReportSource("arena", "#arena-board tbody tr", report)
    address = look.followed(inputs.address(worker, restored))
    return ArenaTab(inputs.models, duel_view, address, source)


CONFIRM = """(visitor) => {
  const { question } = document.querySelector("#arena-choice [data-question]").dataset;
  return [visitor, confirm(question)];
}"""


def _buttons(voting: bool) -> list[gr.Button]:
    votes = [gr.Button(visible=voting) for _ in CHOICES]
    return [*votes, gr.Button(tr("Next"), visible=not voting)]
