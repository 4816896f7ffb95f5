"""Blind votes on which of two unnamed rankings is better."""

import csv
import dataclasses
import io
import random
import secrets
from dataclasses import dataclass

from searcher.errors import ArenaError, ModelNotReady
from searcher.library.core import Library
from searcher.metrics.leaderboard import Standing, leaderboard
from searcher.search.results import Ranking
from searcher.stores.ballots import BallotStore, Shown, Vote
from searcher.stores.records import Record

RESULTS = 6  # of each side
TRIES = 30  # at finding a query that tells the two apart and that the visitor has not seen
CHOICES = ("left", "tie", "right")


@dataclass(frozen=True)
class Duel:
    """What a visitor is shown: a query and two rankings, without the models' names."""

    key: str
    query: Record
    left: Ranking
    right: Ranking


@dataclass(frozen=True)
class Verdict:
    """A vote that was counted, and whose rankings those were."""

    left: str
    right: str
    choice: str


class Arena:
    """Duels between a library's models. Every method raises StoreUnavailable or StrangeStores."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ballots = BallotStore(library.records.connection)

    def duel(self, visitor: str) -> Duel:
        """Find something that this visitor has not voted on.

        Raises ArenaError where there are too few models or pictures, or nothing is left.
        """
        self._library.identity.require(vectors=False)
        models = [m.name for m in self._library.registry.ready() if not m.untrained]
        ids = list(self._library.records.ids())
        if len(models) < 2 or len(ids) <= RESULTS:
            raise ArenaError("arena.too_little", count=RESULTS)
        for _ in range(TRIES):
            left, right = random.sample(models, 2)
            shown = Shown(random.choice(ids), left, right)
            if not self._ballots.has_voted(visitor, shown) and (duel := self._show(shown)):
                return duel
        raise ArenaError("arena.exhausted")

    def vote(self, key: str, visitor: str, choice: str) -> Verdict:
        """Count a vote: "left", "tie" or "right". Raises ArenaError where it can't be counted."""
        self._library.identity.require(vectors=False)
        shown = self._ballots.shown(key)
        if shown is None or choice not in CHOICES:
            raise ArenaError("arena.closed")
        winner = {"left": shown.left, "right": shown.right}.get(choice, "")
        if not self._ballots.count(key, visitor, shown, winner):
            raise ArenaError("arena.voted")
        return Verdict(shown.left, shown.right, choice)

    def leaderboard(self) -> list[Standing]:
        """All models, the strongest first."""
        ready = (model.name for model in self._library.registry.ready())
        return leaderboard(ready, self._ballots.tallies())

    def votes_csv(self) -> str:
        """Every vote as CSV, the oldest first; the winner is empty for a tie."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([field.name for field in dataclasses.fields(Vote)])
        writer.writerows(dataclasses.astuple(vote) for vote in self._ballots.votes())
        return out.getvalue()

    def reset(self) -> None:
        """Forget all votes."""
        self._library.identity.require(vectors=False)
        self._ballots.reset()

    def _show(self, shown: Shown) -> Duel | None:
        (record,) = self._library.records.get([shown.query])
        if record is None:
            return None
        query = self._library.stored_query(record.id, record.name)
        try:
            rankings = self._library.rank(query, [shown.left, shown.right], RESULTS + 1)
        except ModelNotReady:
            return None  # not indexed by both yet
        left, right = (_without(ranking, record.id) for ranking in rankings)
        if left.ids == right.ids:
            return None  # nothing to choose between
        duel = Duel(secrets.token_urlsafe(12), record, left, right)
        self._ballots.show(duel.key, shown)
        return duel


def _without(ranking: Ranking, picture_id: int) -> Ranking:
    """The ranking without the query itself, which every model finds first."""
    hits = [hit for hit in ranking.hits if hit.record.id != picture_id][:RESULTS]
    return dataclasses.replace(ranking, hits=hits)
