"""HTML of the arena: a duel, the number of votes, and the leaderboard with its sentences."""

from collections.abc import Mapping
from dataclasses import dataclass

from searcher.evaluation.arena import Duel, OwnPicture, Verdict
from searcher.evaluation.arena_verdict import ArenaVerdict
from searcher.metrics.leaderboard import Standing
from searcher.presentation.arena_section import EXPLANATION, arena_sentences
from searcher.search.query import TextQuery
from searcher.stores.ballots import VoteCounts
from searcher.ui.i18n import ntr, tr
from searcher.ui.templating import data_address, render, thumbnail_address

MARGIN = 0.04  # of the scale's width, beyond the outermost interval


@dataclass(frozen=True)
class Row:
    """A standing, and the places of its score and interval on the common scale, 0 to 1."""

    standing: Standing
    title: str
    low: float
    score: float
    high: float


def duel_html(duel: Duel, titles: Mapping[str, str], verdict: Verdict | None = None) -> str:
    """Render a duel, after the vote with the models' names."""
    names: dict[str, str] = {}
    outcome = ""
    if verdict:
        names = {s: titles.get(n, n) for s, n in (("left", verdict.left), ("right", verdict.right))}
        winner = names.get(verdict.choice)
        draw = tr("Both are bad.") if verdict.choice == "bad" else tr("Neither wins.")
        outcome = tr("{model} wins.", model=winner) if winner else draw
    words = name = picture = ""
    if isinstance(duel.query, TextQuery):
        words = duel.query.text
    elif isinstance(duel.query, OwnPicture):
        name, picture = duel.query.name, data_address(duel.query.jpeg)
    else:
        name, picture = duel.query.name, thumbnail_address(duel.query.id)
    return render(
        "arena.html",
        words=words,
        name=name,
        picture=picture,
        duel=duel,
        verdict=verdict,
        names=names,
        outcome=outcome,
    )


def counts_html(counts: VoteCounts) -> str:
    """Render the numbers of votes, such as "12 votes by you, 340 in all"."""
    own = ntr("{n} vote by you", "{n} votes by you", counts.own)
    return render("arena_counts.html", own=own, total=ntr("{n} in all", "{n} in all", counts.total))


def board_html(verdict: ArenaVerdict, titles: Mapping[str, str]) -> str:
    """Render the leaderboard, given the titles of the models by name."""
    played = [standing for standing in verdict.standings if standing.games]
    low = min((standing.low for standing in played), default=0.0)
    width = max((standing.high - low for standing in played), default=0.0) or 1.0

    def place(score: float) -> float:
        return round(MARGIN + (1 - 2 * MARGIN) * (score - low) / width, 4)

    rows = [
        Row(s, titles.get(s.model, s.model), place(s.low), place(s.score), place(s.high))
        for s in verdict.standings
    ]
    return render(
        "leaderboard.html",
        rows=rows,
        sentences=arena_sentences(verdict, titles),
        explanation=tr(EXPLANATION),
    )
