"""Blind votes on which of two rankings is better, without the models' names."""

import csv
import dataclasses
import io
import itertools
import random
import secrets
from dataclasses import dataclass

from searcher.errors import ArenaError, ModelNotReady
from searcher.library.core import Library
from searcher.metrics.leaderboard import Standing, leaderboard
from searcher.models.registry import Model
from searcher.search.query import Query, TextQuery
from searcher.search.results import Ranking
from searcher.stores.ballots import BallotStore, Pairing, Vote
from searcher.stores.records import Record

RESULTS = 6  # of each side
TRIES = 30  # random draws of a query that the two models rank differently and nobody voted on
FORMULA = tuple("=+-@\t\r")  # begin formulas in spreadsheets
CHOICES = ("left", "tie", "right")


@dataclass(frozen=True)
class Duel:
    """A query, which is a picture or words, and two rankings for a visitor to choose from."""

    key: str
    query: Record | TextQuery
    left: Ranking
    right: Ranking


@dataclass(frozen=True)
class Verdict:
    """A vote after it was counted, with the models' names."""

    left: str
    right: str
    choice: str


class Arena:
    """Duels between a library's models. Every method raises StoreUnavailable or StrangeStores."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ballots = BallotStore(library.records.connection)

    def duel(self, visitor: str) -> Duel:
        """Return a random comparison that this visitor has not voted on.

        Args:
            visitor: An identifier of the visitor.

        Raises:
            ArenaError: There are too few models or pictures, or no comparison remains.
        """
        self._library.identity.require(vectors=False)
        models = [m.name for m in self._models()]
        ids = list(self._library.records.ids())
        if len(models) < 2 or len(ids) <= RESULTS:
            raise ArenaError("arena.too_little", count=RESULTS)
        for _ in range(TRIES):
            left, right = random.sample(models, 2)
            pairing = Pairing(random.choice(ids), left, right)
            if not self._ballots.has_voted(visitor, pairing) and (duel := self._open(pairing)):
                return duel
        raise ArenaError("arena.exhausted")

    def duel_on_words(self, visitor: str, text: str) -> Duel:
        """Return a comparison for words that this visitor has not voted on.

        Args:
            visitor: An identifier of the visitor.
            text: What the visitor typed.

        Raises:
            InvalidRequest: There are no words, or too many.
            ArenaError: Too few models understand words, or no comparison remains.
        """
        self._library.identity.require(vectors=False)
        query = TextQuery.of(text)
        models = [model.name for model in self._models() if model.words]
        if len(models) < 2:
            raise ArenaError("arena.too_few_words")
        pairs = list(itertools.permutations(models, 2))
        for left, right in random.sample(pairs, len(pairs)):
            pairing = Pairing.of_words(query.text, left, right)
            if not self._ballots.has_voted(visitor, pairing) and (duel := self._open(pairing)):
                return duel
        raise ArenaError("arena.words_exhausted")

    def vote(self, key: str, visitor: str, choice: str) -> Verdict:
        """Count a vote.

        Args:
            key: The key of the duel.
            visitor: An identifier of the visitor.
            choice: "left", "tie" or "right".

        Raises:
            ArenaError: The duel has expired, the choice is none of these, or the visitor has voted.
        """
        self._library.identity.require(vectors=False)
        pairing = self._ballots.pairing(key)
        if pairing is None or choice not in CHOICES:
            raise ArenaError("arena.closed")
        winner = {"left": pairing.left, "right": pairing.right}.get(choice, "")
        if not self._ballots.count(key, visitor, pairing, winner):
            raise ArenaError("arena.voted")
        return Verdict(pairing.left, pairing.right, choice)

    def leaderboard(self) -> list[Standing]:
        """Return all models, strongest first."""
        ready = (model.name for model in self._library.registry.ready())
        return leaderboard(ready, self._ballots.tallies())

    def votes_csv(self) -> str:
        """Return every vote as CSV, oldest first; the winner is empty for a tie."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([field.name for field in dataclasses.fields(Vote)])
        for vote in self._ballots.votes():
            text = f"'{vote.text}" if vote.text.startswith(FORMULA) else vote.text
            writer.writerow(dataclasses.astuple(dataclasses.replace(vote, text=text)))
        return out.getvalue()

    def reset(self) -> None:
        """Delete all votes."""
        self._library.identity.require(vectors=False)
        self._ballots.reset()

    def _models(self) -> list[Model]:
        return [model for model in self._library.registry.ready() if not model.untrained]

    def _open(self, pairing: Pairing) -> Duel | None:
        """Rank with both models and open a vote; None if there is no difference to vote on."""
        shown: Record | TextQuery | None
        query: Query
        if pairing.text:
            query = shown = TextQuery(pairing.text)
        else:
            (shown,) = self._library.records.get([pairing.query])
            query = self._library.stored_query(pairing.query)
        if shown is None:
            return None
        try:
            rankings = self._library.rank(query, [pairing.left, pairing.right], RESULTS + 1)
        except ModelNotReady:
            return None  # not indexed by both yet
        left, right = (_without(ranking, pairing.query) for ranking in rankings)
        if left.ids == right.ids:
            return None
        duel = Duel(secrets.token_urlsafe(12), shown, left, right)
        self._ballots.open(duel.key, pairing)
        return duel


def _without(ranking: Ranking, picture_id: int) -> Ranking:
    """Return the ranking without the query itself, which every model ranks first."""
    hits = [hit for hit in ranking.hits if hit.record.id != picture_id][:RESULTS]
    return dataclasses.replace(ranking, hits=hits)
