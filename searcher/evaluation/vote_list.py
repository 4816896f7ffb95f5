"""The votes behind the arena's numbers, with the pictures that both models find for the query."""

from collections.abc import Sequence
from dataclasses import dataclass

from searcher.errors import BadImage, InvalidRequest, ModelNotReady, NotFound
from searcher.evaluation.arena import RESULTS, Arena
from searcher.evaluation.neighbours import Neighbour
from searcher.library.core import Library
from searcher.search.query import StoredQuery, TextQuery
from searcher.stores.pairing import Vote
from searcher.stores.records import Record


@dataclass(frozen=True)
class ShownVote:
    """A vote, and what its models find now.

    Attributes:
        vote: The vote.
        record: That of the query's picture; None for words, and where it is not in the library.
        nearest: The first hits of each of both models; none where it can't search for the query
            any more.
    """

    vote: Vote
    record: Record | None
    nearest: tuple[list[Neighbour], list[Neighbour]]


def votes_of(library: Library, models: Sequence[str]) -> list[Vote]:
    """Return the votes in which all of one or two models competed, the newest first.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    return Arena(library).votes(models=models)[::-1]


def rivals(votes: Sequence[Vote], model: str) -> dict[str, list[int]]:
    """Return how often a model won, lost and did neither, by the other model, most votes first."""
    counts: dict[str, list[int]] = {}
    for vote in votes:
        rival = vote.second if vote.first == model else vote.first
        place = 2 if not vote.winner else 0 if vote.winner == model else 1
        counts.setdefault(rival, [0, 0, 0])[place] += 1
    return dict(sorted(counts.items(), key=lambda item: -sum(item[1])))


def with_pictures(
    library: Library, votes: Sequence[Vote], searched: Sequence[ShownVote] = ()
) -> list[ShownVote]:
    """Return some votes with what their models find.

    Args:
        library: The library.
        votes: The votes.
        searched: Votes that are not searched for again.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    shown = {other.vote: other for other in searched}
    new = [vote for vote in votes if vote not in shown]
    for vote, record in zip(new, library.records.get([v.query for v in new]), strict=True):
        shown[vote] = ShownVote(
            vote, None if vote.text else record, _nearest(library, vote, record)
        )
    return [shown[vote] for vote in votes]


def _nearest(
    library: Library, vote: Vote, record: Record | None
) -> tuple[list[Neighbour], list[Neighbour]]:
    query: TextQuery | StoredQuery
    if vote.text:
        query = TextQuery(vote.text)
    elif record:
        query = library.stored_query(record.id, record.name)
    else:
        return [], []
    first, second = (_hits(library, query, name) for name in (vote.first, vote.second))
    return first, second


def _hits(library: Library, query: TextQuery | StoredQuery, name: str) -> list[Neighbour]:
    try:
        (ranking,) = library.rank(query, [name], RESULTS)
    except (BadImage, InvalidRequest, ModelNotReady, NotFound):  # as of a model that is gone
        return []
    records = (hit.record for hit in ranking.hits)
    return [Neighbour(record.id, record.name, record.label, None) for record in records]
