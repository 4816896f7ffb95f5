"""The sentences that sum up a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from searcher.presentation.wording import nrich, ntr, ordinal, rich, tr
from searcher.search.results import Comparison


@dataclass(frozen=True)
class Verdict:
    """Sentences: which model finds the query's kind, if it is known, and how far they agree."""

    kinds: Markup | None
    agreement: Markup


def verdict(
    comparison: Comparison, titles: Sequence[str], right: Sequence[int] | None, label: str
) -> Verdict:
    """Return the sentences.

    Args:
        comparison: Of the models that see the query.
        titles: Their titles.
        right: How many of each one's hits have the query's label; None if it is not known.
        label: The query's label.
    """
    if len(titles) < 2:
        return Verdict(None, _of_one(titles))
    has_hits = all(ranking.hits for ranking in comparison.rankings)
    kinds = _kinds(comparison, titles, right, label) if right is not None and has_hits else None
    return Verdict(kinds, _agreement(comparison, titles))


def _of_one(titles: Sequence[str]) -> Markup:
    for title in titles:
        return rich("Only {model} understands words: there is nothing to compare.", model=title)
    return rich("None of these models understands words.")


def _kinds(
    comparison: Comparison, titles: Sequence[str], right: Sequence[int], label: str
) -> Markup:
    counts = [
        rich("{model} <b>{right} of {count}</b>", model=title, right=n, count=len(ranking.hits))
        for title, n, ranking in zip(titles, right, comparison.rankings, strict=True)
    ]
    return rich(
        "Of the same kind, {label}: {counts}.", label=label, counts=Markup(", ").join(counts)
    )


def _agreement(comparison: Comparison, titles: Sequence[str]) -> Markup:
    rankings = comparison.rankings
    if not any(ranking.hits for ranking in rankings) and comparison.has_copies:
        return rich("No other picture is found.")
    if not all(ranking.hits for ranking in rankings):
        return rich("One of the models has nothing indexed yet.")
    if len({ranking.model for ranking in rankings}) < len(rankings):
        return rich("This is one model twice: choose different ones to compare.")
    count = max(len(ranking.hits) for ranking in rankings)
    shared = len(set.intersection(*(set(ranking.ids) for ranking in rankings)))
    if len(rankings) == 2:
        return rich(
            "They agree on <b>{shared} of {count}</b>; {place}.",
            shared=shared,
            count=count,
            place=_first_hit(comparison, *titles),
        )
    together = set().union(*(ranking.ids for ranking in rankings))
    alone = sum(sum(i in ranking.ids for ranking in rankings) == 1 for i in together)
    return nrich(
        "All {models} find the same <b>{shared} of {count}</b>; one alone finds {n} picture.",
        "All {models} find the same <b>{shared} of {count}</b>; one alone finds {n} pictures.",
        n=alone,
        models=len(rankings),
        shared=shared,
        count=count,
    )


def _first_hit(comparison: Comparison, a: str, b: str) -> str:
    """Return where the second of two models has the first one's first hit."""
    first, others = comparison.rankings[0].ids[0], comparison.rankings[1].ids
    if first not in others:
        return ntr(
            "{a}’s first is not {b}’s",
            "{a}’s first is not among {b}’s {n}",
            n=len(others),
            a=a,
            b=b,
        )
    if (rank := others.index(first) + 1) == 1:
        return tr("both put the same picture first")
    return tr("{a}’s first is {b}’s {rank}", a=a, b=b, rank=ordinal(rank))
