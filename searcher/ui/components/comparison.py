"""Rendering of a comparison: summary, figures, and both galleries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from searcher.library.core import Library
from searcher.metrics.ranking import rank_shifts
from searcher.search.percentiles import Percentiles
from searcher.search.results import Comparison, Ranking
from searcher.ui.components.slope import slope
from searcher.ui.i18n import ntr, number, ordinal, rich, tr
from searcher.ui.templating import render


@dataclass(frozen=True)
class Badge:
    """A badge on a hit; `kind` is its CSS class without the prefix."""

    kind: str
    words: str


@dataclass(frozen=True)
class Side:
    """One model's part of the comparison; `is_blind` if it sees nothing of the query."""

    key: str
    title: str
    ranking: Ranking
    badges: list[Badge] | None
    percentiles: Percentiles
    is_blind: bool = False


@dataclass(frozen=True)
class Tile:
    """One figure with its name and tooltip."""

    name: str
    value: str
    hint: str


def comparison_html(
    library: Library,
    comparison: Comparison,
    others: Sequence[Ranking],
    blind: Collection[str] = (),
) -> str:
    """Render the comparison of two models, and a row of hits for each of `others`.

    Args:
        library: The library.
        comparison: Of the first two models.
        others: The rankings of further models.
        blind: The names of models that see nothing of the query, and have no hits.
    """
    pair = [
        replace(side, is_blind=side.ranking.model in blind) for side in sides(library, comparison)
    ]
    rows = [_side(library, "row", ranking, None) for ranking in others]
    is_blind = any(side.is_blind for side in pair)
    return render(
        "comparison.html",
        summary=blind_summary(pair)
        if is_blind
        else summary(comparison, pair[0].title, pair[1].title),
        tiles=[] if is_blind else tiles(comparison),
        sides=pair,
        slope=slope(comparison)
        if not is_blind and (comparison.a.hits or comparison.b.hits)
        else None,
        pictures_by_id=None,
        fused=[] if is_blind else comparison.fused,
        origins=origins(comparison),
        ranks=ranks(comparison),
        rows=[replace(row, is_blind=row.ranking.model in blind) for row in rows],
    )


def blind_summary(pair: Sequence[Side]) -> Markup:
    """Return a sentence for a pair of which only one model, or none, understands words."""
    for side in pair:
        if not side.is_blind:
            return rich(
                "Only {model} understands words: there is nothing to compare.", model=side.title
            )
    return rich("Neither model understands words.")


def sides(library: Library, comparison: Comparison) -> list[Side]:
    """Return both models' parts, A first."""
    a, b = comparison.a, comparison.b
    return [
        _side(library, "a", a, badges(a.ids, b.ids)),
        _side(library, "b", b, badges(b.ids, a.ids)),
    ]


def summary(comparison: Comparison, a: str, b: str) -> Markup:
    """Return a sentence that sums up the comparison; `a` and `b` are the models' titles."""
    if not comparison.a.hits or not comparison.b.hits:
        return rich("One of the models has nothing indexed yet.")
    if comparison.a.model == comparison.b.model:
        return rich("This is one model twice: choose two to compare.")
    count = max(len(comparison.a.hits), len(comparison.b.hits))
    shared = len(set(comparison.a.ids) & set(comparison.b.ids))
    first = comparison.a.ids[0]
    if first not in comparison.b.ids:
        first_hit = ntr(
            "{a}’s first is not {b}’s",
            "{a}’s first is not among {b}’s {n}",
            n=len(comparison.b.hits),
            a=a,
            b=b,
        )
    elif (rank := comparison.b.ids.index(first) + 1) == 1:
        first_hit = tr("both put the same picture first")
    else:
        first_hit = tr("{a}’s first is {b}’s {rank}", a=a, b=b, rank=ordinal(rank))
    return rich(
        "They agree on <b>{shared} of {count}</b>; {place}.",
        shared=shared,
        count=count,
        place=first_hit,
    )


def tiles(comparison: Comparison) -> list[Tile]:
    """Return the figures of agreement: overlap, RBO and Kendall's tau."""
    shared = len(set(comparison.a.ids) & set(comparison.b.ids))
    count = max(len(comparison.a.hits), len(comparison.b.hits))
    tau = "–" if comparison.tau is None else number(comparison.tau, 2)
    return [
        Tile(
            tr("Overlap"),
            tr("{shared} of {count}", shared=shared, count=count),
            tr("shared pictures"),
        ),
        Tile(
            "RBO",
            number(comparison.rbo, 2),
            tr("rank-biased overlap, p = 0.9; 1 is the same ranking"),
        ),
        Tile(
            tr("Kendall’s τ"),
            tau,
            tr("order of the shared pictures; 1 is the same, -1 the reverse"),
        ),
    ]


def badges(ids: Sequence[int], other: Sequence[int]) -> list[Badge]:
    """Return a badge per hit: only here, or shared and how many ranks higher or lower."""
    return [
        Badge("only", tr("only here"))
        if shift is None
        else Badge("shared", tr("shared {arrow}", arrow=_arrow(shift)))
        for shift in rank_shifts(ids, other)
    ]


def origins(comparison: Comparison) -> list[Badge]:
    """Return a badge per fused hit: which model has it among its hits."""
    in_a, in_b = set(comparison.a.ids), set(comparison.b.ids)
    both, only_a, only_b = Badge("both", tr("both")), Badge("a", "A"), Badge("b", "B")
    return [
        both if i in in_a and i in in_b else only_a if i in in_a else only_b
        for i in (hit.record.id for hit in comparison.fused)
    ]


def ranks(comparison: Comparison) -> list[str]:
    """Return a text per fused hit: its rank with each model."""
    in_a, in_b = (
        {hit.record.id: hit.rank for hit in side.hits} for side in (comparison.a, comparison.b)
    )
    return [
        " · ".join(
            f"{key} {rank_of[i]}" for key, rank_of in (("A", in_a), ("B", in_b)) if i in rank_of
        )
        for i in (hit.record.id for hit in comparison.fused)
    ]


def _side(library: Library, key: str, ranking: Ranking, badges: list[Badge] | None) -> Side:
    title = library.registry.get(ranking.model).display
    return Side(key, title, ranking, badges, library.percentiles(ranking.model, ranking.signature))


def _arrow(shift: int) -> str:
    return f"▲{shift}" if shift > 0 else f"▼{-shift}" if shift < 0 else "–"
