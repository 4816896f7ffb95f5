"""The figures of agreement between models: tiles, and a matrix of all pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from searcher.presentation.wording import number, tr
from searcher.search.results import Comparison


@dataclass(frozen=True)
class Tile:
    """One figure with its name and what it means."""

    name: str
    value: str
    hint: str


@dataclass(frozen=True)
class Cell:
    """The agreement of two models: shared hits in words, RBO and Kendall's tau, and the overlap."""

    shared: str
    figures: str
    overlap: float


@dataclass(frozen=True)
class Matrix:
    """The agreement of each two models; the diagonal has None. `keys` are those of the models."""

    keys: list[str]
    rows: list[list[Cell | None]]


def tiles(comparison: Comparison) -> list[Tile]:
    """Return the figures of agreement; those of more than two models are means over the pairs."""
    means = len(comparison.pairs) > 1
    tau = "–" if comparison.tau is None else number(comparison.tau, 2)
    count = max(len(ranking.ids) for ranking in comparison.rankings)
    shared = comparison.overlap * count
    return [
        Tile(
            tr("Overlap, on average") if means else tr("Overlap"),
            tr("{shared} of {count}", shared=number(shared, int(means)), count=count),
            tr("shared pictures"),
        ),
        Tile(
            tr("RBO, on average") if means else "RBO",
            number(comparison.rbo, 2),
            tr("rank-biased overlap, p = 0.9; 1 is the same ranking"),
        ),
        Tile(
            tr("Kendall’s τ, on average") if means else tr("Kendall’s τ"),
            tau,
            tr("order of the shared pictures; 1 is the same, -1 the reverse"),
        ),
    ]


def matrix(comparison: Comparison, keys: Sequence[str]) -> Matrix:
    """Return the agreement of each two models.

    Args:
        comparison: The comparison.
        keys: A letter for each of its rankings.
    """
    count = len(comparison.rankings)
    rows: list[list[Cell | None]] = [[None] * count for _ in range(count)]
    for (a, b), pair in zip(combinations(range(count), 2), comparison.pairs, strict=True):
        first, second = comparison.rankings[a], comparison.rankings[b]
        longer = max(len(first.ids), len(second.ids))
        tau = "–" if pair.tau is None else number(pair.tau, 2)
        rows[a][b] = rows[b][a] = Cell(
            tr("{shared} of {count}", shared=round(pair.overlap * longer), count=longer),
            f"RBO {number(pair.rbo, 2)} · τ {tau}",
            pair.overlap,
        )
    return Matrix(list(keys), rows)
