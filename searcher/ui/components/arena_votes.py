"""The votes behind the numbers of the arena's leaderboard, below it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from searcher.evaluation.vote_list import ShownVote, rivals, votes_of, with_pictures
from searcher.library.core import Library
from searcher.presentation.cases import NearRow, QueryCard
from searcher.stores.pairing import Vote
from searcher.ui.components import scripts
from searcher.ui.components.address import TabAddress
from searcher.ui.components.compare_address import compare_address, compare_words_address
from searcher.ui.i18n import ntr, number, tr
from searcher.ui.requests.arguments import MAX_NAME, read_event, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge
from searcher.ui.templating import render

PAGE = 8  # votes, each with two searches
MAX_PAGES = 20
KEY = "votes"  # of the page's address
GONE = -1  # the id of a query that can't be searched for again; 0 is that of words


@dataclass(frozen=True)
class VotesState:
    """What is open: the votes on a model, or on it and a rival."""

    model: str
    rival: str = ""
    pages: int = 1

    @classmethod
    def of(cls, text: str) -> "VotesState | None":
        """Parse untrusted text of the address or of a button; None for nothing."""
        model, rival, pages = (*text.split("/"), "", "")[:3]
        count = int(pages) if pages.isascii() and pages.isdigit() and len(pages) < 3 else 1
        return cls(model, rival, min(max(count, 1), MAX_PAGES)) if model else None

    def __str__(self) -> str:
        """Return it as the page's address and buttons have it."""
        pages = str(self.pages) if self.pages > 1 else ""
        return "/".join((self.model, self.rival, pages)).rstrip("/")


@dataclass(frozen=True)
class VotesLook:
    """The votes that are open.

    Attributes:
        library: The library.
        html: Where they are shown.
        shown: The votes that are shown, which More does not search for again.
    """

    library: Library
    html: gr.HTML
    shown: gr.State

    def listen(self, board: gr.HTML) -> None:
        """Open the votes behind the numbers of a leaderboard."""

        @show_errors
        def open_votes(shown: list[ShownVote], event: gr.EventData) -> tuple[str, list[ShownVote]]:
            charge(self.library)
            state = VotesState.of(read_text(read_event(event, "state"), 3 * MAX_NAME))
            searched = shown if state and state.pages > 1 else []
            return self._render(state, read_event(event, "new") is True, searched)

        options: dict[str, Any] = {"api_visibility": "private", **costly("votes")}
        for part in (board, self.html):
            part.click(open_votes, self.shown, [self.html, self.shown], **options)

    def followed(self, address: TabAddress) -> TabAddress:
        """Return a tab's part of the address with these votes."""

        def restore(
            parameters: Mapping[str, str], reasons: list[str], *values: Any
        ) -> tuple[list[Any], dict[str, str]]:
            outputs, state = address.restore(parameters, reasons, *values)
            asked = VotesState.of(parameters[KEY][: 3 * MAX_NAME])
            part = {KEY: str(asked)} if asked else {}
            return [*outputs, *self._render(asked, False)], state | part

        outputs = [*address.outputs, self.html, self.shown]
        return replace(address, restore=restore, outputs=outputs)

    def _render(
        self, state: VotesState | None, is_new: bool, searched: Sequence[ShownVote] = ()
    ) -> tuple[str, list[ShownVote]]:
        if state is None:
            return "", []
        titles = {model.name: model.display for model in self.library.registry.ready()}
        votes = votes_of(self.library, [state.model])
        chosen = [v for v in votes if not state.rival or state.rival in (v.first, v.second)]
        shown = with_pictures(self.library, chosen[: state.pages * PAGE], searched)
        has_more = len(chosen) > len(shown) and state.pages < MAX_PAGES
        html = render(
            "arena_votes.html",
            link={"tab": "arena", KEY: str(state)},
            part=KEY,
            is_new=is_new,
            title=tr("Votes on {model}", model=titles.get(state.model, state.model)),
            state=state,
            all=VotesState(state.model),
            total=ntr("{n} vote", "{n} votes", len(votes)),
            rivals=[
                (VotesState(state.model, rival), _score(titles.get(rival, rival), counts))
                for rival, counts in rivals(votes, state.model).items()
            ],
            cards=[_card(vote, titles) for vote in shown],
            address=_link,
            more=replace(state, pages=state.pages + 1) if has_more else None,
        )
        return html, shown


def build(library: Library, board: gr.HTML) -> VotesLook:
    """Build the place of the votes behind a leaderboard, in the tab that is being built."""
    html = gr.HTML(elem_id="arena-votes", js_on_load=scripts.EVALUATE)
    look = VotesLook(library, html, gr.State([]))
    look.listen(board)
    return look


def _score(rival: str, counts: list[int]) -> str:
    won, lost, neither = (number(count) for count in counts)
    return tr(
        "against {rival}: {won} won, {lost} lost, {neither} neither",
        rival=rival,
        won=won,
        lost=lost,
        neither=neither,
    )


def _card(shown: ShownVote, titles: Mapping[str, str]) -> QueryCard:
    vote, record = shown.vote, shown.record
    names = (vote.first, vote.second)
    rows = [
        NearRow(key, titles.get(name, name), _outcome(vote, name), near, name)
        for key, name, near in zip("ab", names, shown.nearest, strict=True)
    ]
    if vote.text:
        return QueryCard(0, vote.text, "", False, rows)
    if record is None:
        gone = tr("A visitor’s picture") if vote.is_own else tr("A picture that was removed")
        return QueryCard(GONE, gone, "", False, rows)
    return QueryCard(record.id, record.name, record.label, True, rows)


def _outcome(vote: Vote, name: str) -> str:
    if vote.both_bad:
        return tr("both bad")
    if not vote.winner:
        return tr("tie")
    return tr("won") if vote.winner == name else ""


def _link(card: QueryCard) -> str:
    names = [row.name for row in card.rows]
    if card.is_stored:
        return compare_address(card.id, names)
    return "" if card.id == GONE else compare_words_address(card.name, names)
