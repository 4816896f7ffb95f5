"""What is shown of a comparison: verdict, agreement, and the models' columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from searcher.library.core import Library
from searcher.messages.message import Message
from searcher.presentation.agreement import Matrix, Tile, matrix, tiles
from searcher.presentation.slope import Slope, slope
from searcher.presentation.verdict import Verdict, verdict
from searcher.presentation.wording import tr
from searcher.search.percentiles import Percentiles
from searcher.search.results import Comparison, Hit, Ranking

NOTHING: Mapping[str, Message] = MappingProxyType({})
KEYS = "abcdef"  # of the models of a comparison, which are also their colours


@dataclass(frozen=True)
class Rank:
    """The rank of a hit with another model."""

    key: str
    rank: int

    @property
    def words(self) -> str:
        """The rank in words, such as B: rank 8."""
        return tr("{model}: rank {rank}", model=self.key.upper(), rank=self.rank)


@dataclass(frozen=True)
class Card:
    """A hit as it is shown.

    Attributes:
        hit: The hit.
        ranks: Its ranks with the other models; of a fused hit, with all.
        found_by: The number of models that found it.
        is_right: Whether it has the query's label; None if that is not known.
    """

    hit: Hit
    ranks: list[Rank]
    found_by: int
    is_right: bool | None


@dataclass(frozen=True)
class Column:
    """One model's part of the comparison; `blindness` is why it sees nothing of the query."""

    key: str
    title: str
    ranking: Ranking
    cards: list[Card]
    percentiles: Percentiles
    blindness: Message | None = None

    @property
    def right(self) -> int:
        """The number of hits with the query's label."""
        return sum(card.is_right is True for card in self.cards)


@dataclass(frozen=True)
class View:
    """What the page and the report show of a comparison."""

    columns: list[Column]
    label: str
    verdict: Verdict
    tiles: list[Tile]
    matrix: Matrix | None
    slope: Slope | None
    thumb: Slope | None
    fused: list[Card]
    has_copies: bool


def comparison_view(
    library: Library, comparison: Comparison, label: str, blind: Mapping[str, Message] = NOTHING
) -> View:
    """Return what is shown of a comparison.

    Args:
        library: The library.
        comparison: The comparison.
        label: The query's label, "" if it is not known.
        blind: Why models see nothing of the query, and have no hits, by their names.
    """
    cards = [column_cards(comparison, number, label) for number in range(len(comparison.rankings))]
    columns = [
        Column(
            key,
            library.registry.get(ranking.model).display,
            ranking,
            hits,
            library.percentiles(ranking.model, ranking.signature),
            blind.get(ranking.model),
        )
        for key, ranking, hits in zip(KEYS, comparison.rankings, cards, strict=False)
    ]
    # A model that sees nothing of the query agrees with none.
    shown = [column for column in columns if column.blindness is None]
    seeing = Comparison.of(*(column.ranking for column in shown))
    has_hits = len(seeing.rankings) > 1 and any(ranking.hits for ranking in seeing.rankings)
    keys = [column.key for column in shown]
    return View(
        columns=columns,
        label=label,
        verdict=verdict(
            seeing,
            [column.title for column in shown],
            [column.right for column in shown] if label else None,
            label,
        ),
        tiles=tiles(seeing) if has_hits else [],
        matrix=matrix(seeing, keys) if has_hits and len(keys) > 2 else None,
        slope=slope(seeing, keys) if has_hits else None,
        thumb=slope(seeing, keys, small=True) if has_hits else None,
        fused=fused_cards(comparison, label) if has_hits else [],
        has_copies=comparison.has_copies,
    )


def column_cards(comparison: Comparison, number: int, label: str) -> list[Card]:
    """Return the cards of one model, by its position."""
    return _cards(comparison, comparison.rankings[number].hits, label, number)


def fused_cards(comparison: Comparison, label: str) -> list[Card]:
    """Return the cards of the fused hits."""
    return _cards(comparison, comparison.fused, label)


def _cards(
    comparison: Comparison, hits: Sequence[Hit], label: str, number: int | None = None
) -> list[Card]:
    cards = []
    for hit in hits:
        found = [
            (position, table[hit.record.id])
            for position, table in enumerate(comparison.ranks)
            if hit.record.id in table
        ]
        ranks = [Rank(KEYS[position], rank) for position, rank in found if position != number]
        is_right = hit.record.label == label if label else None
        cards.append(Card(hit, ranks, len(found), is_right))
    return cards
