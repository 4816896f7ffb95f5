"""The section of a report on the votes of the arena, and the sentences about them."""

from collections.abc import Mapping

from markupsafe import Markup

from searcher.evaluation.arena_verdict import ArenaVerdict
from searcher.evaluation.evaluation_results import MAIN_MEASURE
from searcher.presentation.report_parts import NUMBER, SHARE, Column, Row, Table
from searcher.presentation.reports import Section
from searcher.presentation.wording import gettext_noop, ntr, number, rich, tr

KEY = "arena"
EXPLANATION = gettext_noop(
    "a tie, or both bad, is half a win; score: Bradley-Terry, 400 points are odds of ten to one; "
    "interval: 95 %, bootstrap"
)


def arena_section(verdict: ArenaVerdict, titles: Mapping[str, str]) -> Section:
    """Return the section of the leaderboard, given the titles of the models by name."""
    columns = [
        Column("title", tr("Model")),
        Column("rank", tr("Rank"), NUMBER),
        Column("score", tr("Score, 95 % interval"), NUMBER, has_ends=True),
        Column("games", tr("Votes"), NUMBER),
        Column("wins", tr("Won"), NUMBER),
        Column("ties", tr("Ties"), NUMBER),
        Column("both_bad", tr("Both bad"), NUMBER),
        Column("rate", tr("Win rate"), SHARE),
    ]
    if verdict.precisions:
        columns.append(Column(MAIN_MEASURE, "precision@10", NUMBER, 3))
    rows: list[Row] = []
    for standing in verdict.standings:
        document = standing.document()
        low, high = document.pop("ci95") or (None, None)
        row = {"title": titles.get(standing.model, standing.model), **document}
        row |= {"score low": low, "score high": high}
        if verdict.precisions:
            row[MAIN_MEASURE] = verdict.precisions.get(standing.model)
        rows.append(row)
    total = ntr("{n} blind vote", "{n} blind votes", verdict.total)
    said: list[str | Markup] = [*arena_sentences(verdict, titles), total]
    table = Table("standings", tr("Leaderboard"), columns, rows)
    return Section(KEY, tr("What people prefer"), said, [table], notes=[tr(EXPLANATION)])


def arena_sentences(verdict: ArenaVerdict, titles: Mapping[str, str]) -> list[Markup]:
    """Return what the votes say, and whether the labels agree."""
    if not verdict.total:
        return []
    leader, best = verdict.leader, verdict.best
    sentences = []
    if verdict.agree:
        both = titles.get(leader or "", leader)
        return [
            rich("The votes and the labels agree: <b>{model}</b> is first in both.", model=both)
        ]
    if verdict.agree is not None:
        return [
            rich(
                "The votes prefer <b>{voted}</b>, the labels <b>{measured}</b>: precision@10 is "
                "{low} and {high}.",
                voted=titles.get(leader or "", leader),
                measured=titles.get(best or "", best),
                low=number(verdict.precisions[leader or ""], 2),
                high=number(verdict.precisions[best or ""], 2),
            )
        ]
    if leader:
        sentences.append(rich("The votes prefer <b>{model}</b>.", model=titles.get(leader, leader)))
    else:
        sentences.append(rich("Too few votes yet to say which model is first."))
    if best:
        sentences.append(
            rich(
                "By the labels it is <b>{model}</b>, with a precision@10 of {value}.",
                model=titles.get(best, best),
                value=number(verdict.precisions[best], 2),
            )
        )
    return sentences
