"""The Arena tab: blind votes and the leaderboard."""

import uuid
from typing import Any

import gradio as gr

from searcher.evaluation.arena import Arena, Duel, Verdict
from searcher.library.core import Library
from searcher.search.query import TextQuery
from searcher.ui.assets import static
from searcher.ui.components.downloads import save
from searcher.ui.components.query_input import words_line
from searcher.ui.i18n import browser_text, gettext_noop, tr
from searcher.ui.requests.arguments import read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.page_query import MAX_ADDRESS
from searcher.ui.templating import render

INVITATION = (
    gettext_noop("Two models, no names."),
    gettext_noop(
        "See what both find for one picture or for words, and vote. Then you learn which they were."
    ),
)
EXPLANATION = gettext_noop(
    "ties are half a win; intervals: 95 %, Wilson; score: Bradley-Terry, 400 points are odds of "
    "ten to one"
)
MAX_VISITOR_ID = 64  # characters of the id that a browser stores
ON_LOAD = static("arena.js").read_text()


def build(library: Library, tab: gr.Tab) -> gr.HTML:
    """Build the tab; return the component that shows the invitation."""
    arena = Arena(library)
    visitor = gr.BrowserState(None, storage_key="twinlens-visitor")
    current: gr.State = gr.State(None)  # stays on the server, since it contains the models' names
    duel_view = gr.HTML(elem_id="arena", js_on_load=ON_LOAD)
    with gr.Row(elem_classes="tl-votes"):
        votes = [
            gr.Button(browser_text("← Left is better"), elem_id="arena-left", visible=False),
            gr.Button(browser_text("↓ Tie"), elem_id="arena-tie", visible=False),
            gr.Button(browser_text("Right is better →"), elem_id="arena-right", visible=False),
        ]
        next_button = gr.Button(browser_text("Start"), elem_id="arena-next", variant="primary")
    words = words_line("arena-words", browser_text("Words for the next duel; empty: any picture"))
    board = gr.HTML(elem_id="arena-board")
    with gr.Row(elem_classes="tl-buttons"):
        export = gr.Button(browser_text("Save votes as CSV"), size="sm", elem_id="arena-export")
        reset = gr.Button(
            browser_text("Forget all votes"),
            size="sm",
            elem_id="arena-reset",
            visible=not library.settings.read_only,
        )

    def titles() -> dict[str, str]:
        return {model.name: model.display for model in library.registry.ready()}

    def board_html() -> str:
        explanation = tr(EXPLANATION)
        return render(
            "leaderboard.html",
            standings=arena.leaderboard(),
            titles=titles(),
            explanation=explanation,
        )

    @show_errors
    def next_duel(visitor_id: Any, text: Any) -> list[Any]:
        visitor_id = read_text(visitor_id, MAX_VISITOR_ID) or uuid.uuid4().hex
        text = read_text(text, MAX_ADDRESS)
        duel = arena.duel_on_words(visitor_id, text) if text.strip() else arena.duel(visitor_id)
        return [visitor_id, duel, _duel_html(duel), *_buttons(voting=True)]

    @show_errors
    def count(duel: Duel | None, visitor_id: Any, choice: str) -> list[Any]:
        if duel is None or visitor_id is None:
            return [gr.skip()] * 6
        verdict = arena.vote(duel.key, read_text(visitor_id, MAX_VISITOR_ID), choice)
        html = _duel_html(duel, verdict, titles())
        return [html, *_buttons(voting=False), board_html()]

    @show_errors
    def forget() -> str:
        if not library.settings.read_only:
            arena.reset()
        return board_html()

    private: dict[str, Any] = {"api_visibility": "private"}
    buttons = [*votes, next_button]
    start_outputs = [visitor, current, duel_view, *buttons]
    for start in (next_button.click, words.submit):
        start(next_duel, [visitor, words], start_outputs, preprocess=False, **private)
    for button, choice in zip(votes, ("left", "tie", "right"), strict=True):
        button.click(
            lambda duel, visitor_id, choice=choice: count(duel, visitor_id, choice),
            [current, visitor],
            [duel_view, *buttons, board],
            **private,
        )
    tab.select(show_errors(board_html), None, board, **private)
    save(export, show_errors(arena.votes_csv), "twinlens-votes.csv", "text/csv")
    reset.click(forget, None, board, js=CONFIRM, **private)
    return duel_view


CONFIRM = """() => {
  const { question } = document.querySelector("#arena-board [data-question]").dataset;
  if (!confirm(question)) throw new Error("kept");
}"""


def _buttons(voting: bool) -> list[gr.Button]:
    votes = [gr.Button(visible=voting) for _ in range(3)]
    return [*votes, gr.Button(tr("Next"), visible=not voting)]


def _duel_html(
    duel: Duel, verdict: Verdict | None = None, titles: dict[str, str] | None = None
) -> str:
    names, outcome = {}, ""
    if verdict:
        titles = titles or {}
        names = {s: titles.get(n, n) for s, n in (("left", verdict.left), ("right", verdict.right))}
        winner = names.get(verdict.choice)
        outcome = tr("{model} wins.", model=winner) if winner else tr("Neither wins.")
    words = duel.query.text if isinstance(duel.query, TextQuery) else ""
    return render(
        "arena.html", words=words, duel=duel, verdict=verdict, names=names, outcome=outcome
    )
