"""Blind votes on which of two rankings is better, without the models' names."""

import itertools
import random
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from searcher.errors import ArenaError, ModelNotReady
from searcher.library.core import Library
from searcher.metrics.leaderboard import Standing, leaderboard
from searcher.models.order import contenders
from searcher.models.registry import Model
from searcher.search.query import StoredQuery, TextQuery, UploadedQuery
from searcher.search.results import Ranking
from searcher.stores.ballots import BallotStore, VoteCounts
from searcher.stores.pairing import BOTH_BAD, Pairing, Vote
from searcher.stores.records import Record

RESULTS = 6  # of each side
TRIES = 30  # random draws of a query that the two models rank differently and nobody voted on
CHOICES = ("left", "tie", "bad", "right")

ArenaQuery = UploadedQuery | StoredQuery | TextQuery


@dataclass(frozen=True)
class OwnPicture:
    """A visitor's picture as a duel shows it: its name, and a small JPEG."""

    name: str
    jpeg: bytes


@dataclass(frozen=True)
class Duel:
    """A query, which is a picture or words, and two rankings for a visitor to choose from."""

    key: str
    query: Record | TextQuery | OwnPicture
    left: Ranking
    right: Ranking


@dataclass(frozen=True)
class Verdict:
    """A vote after it was counted, with the models' names; `choice` is one of CHOICES."""

    left: str
    right: str
    choice: str


class Arena:
    """Duels between a library's models. Every method raises StoreUnavailable or StrangeStores."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ballots = BallotStore(library.records.connection)

    def duel(self, visitor: str, names: Collection[str] = (), baselines: bool = False) -> Duel:
        """Return a random comparison that this visitor has not voted on.

        Args:
            visitor: An identifier of the visitor.
            names: The models that compete; none for all.
            baselines: Whether all includes baselines even if there are two other models.

        Raises:
            ArenaError: There are too few models or pictures, or no comparison remains.
        """
        self._library.identity.require(vectors=False)
        models = self._competitors(names, baselines)
        ids = list(self._library.records.ids())
        if len(models) < 2 or len(ids) <= RESULTS:
            raise ArenaError("arena.too_little", count=RESULTS)
        for _ in range(TRIES):
            left, right = random.sample(models, 2)
            pairing = Pairing(random.choice(ids), left.name, right.name)
            query = self._library.stored_query(pairing.query)
            if duel := self._open(visitor, pairing, query):
                return duel
        raise ArenaError("arena.exhausted")

    def duel_on(
        self,
        visitor: str,
        query: ArenaQuery,
        names: Collection[str] = (),
        baselines: bool = False,
    ) -> Duel:
        """Return a comparison for a query that this visitor has not voted on.

        Args:
            visitor: An identifier of the visitor.
            query: Words, or a picture.
            names: The models that compete; none for all.
            baselines: Whether all includes baselines even if there are two other models.

        Raises:
            BadImage: The picture can't be decoded.
            ArenaError: There are too few models, or no comparison remains.
            TooManyCalls: The visitor has made too many calls.
        """
        self._library.identity.require(vectors=False)
        is_text = isinstance(query, TextQuery)
        models = self._competitors(names, baselines or is_text)
        if is_text:
            models = [model for model in models if model.words]
        if is_text and len(models) < 2:
            raise ArenaError("arena.too_few_words")
        if len(models) < 2:
            raise ArenaError("arena.too_little", count=RESULTS)
        pairs = list(itertools.permutations([model.name for model in models], 2))
        for left, right in random.sample(pairs, len(pairs)):
            if duel := self._open(visitor, _pairing(query, left, right), query):
                return duel
        if is_text:
            raise ArenaError("arena.words_exhausted")
        raise ArenaError("arena.picture_exhausted")

    def vote(self, key: str, visitor: str, choice: str) -> Verdict:
        """Count a vote.

        Args:
            key: The key of the duel.
            visitor: An identifier of the visitor.
            choice: One of CHOICES; "bad" where neither side has the right pictures.

        Raises:
            ArenaError: The duel has expired, the choice is none of these, or the visitor has voted.
        """
        self._library.identity.require(vectors=False)
        pairing = self._ballots.pairing(key)
        if pairing is None or choice not in CHOICES:
            raise ArenaError("arena.closed")
        outcomes = {"left": pairing.left, "right": pairing.right, "bad": BOTH_BAD}
        if not self._ballots.count(key, visitor, pairing, outcomes.get(choice, "")):
            raise ArenaError("arena.voted")
        return Verdict(pairing.left, pairing.right, choice)

    def undo(self, visitor: str) -> str:
        """Take a visitor's last vote back; the duel accepts another one.

        Returns:
            The key of the duel.

        Raises:
            ArenaError: There is no vote, or it is too old.
        """
        self._library.identity.require(vectors=False)
        key = self._ballots.undo(visitor)
        if key is None:
            raise ArenaError("arena.nothing_to_undo")
        return key

    def counts(self, visitor: str = "") -> VoteCounts:
        """Return the number of a visitor's votes, and of all."""
        return self._ballots.counts(visitor)

    def leaderboard(self) -> list[Standing]:
        """Return all models, strongest first."""
        ready = (model.name for model in self._library.registry.ready())
        return leaderboard(ready, self._ballots.tallies())

    def votes(self, latest: int = 0, models: Collection[str] = ()) -> list[Vote]:
        """Return every vote, or the latest ones, oldest first; of those on all of some models."""
        if not models:
            return list(self._ballots.votes(latest))
        wanted = {*models}
        found = [v for v in self._ballots.votes() if wanted <= {v.first, v.second}]
        return found[-latest:]

    def reset(self) -> None:
        """Delete all votes."""
        self._library.identity.require(vectors=False)
        self._ballots.reset()

    def _competitors(self, names: Collection[str], baselines: bool) -> list[Model]:
        ready = self._library.registry.ready()
        if names:
            chosen = [model for model in ready if model.name in names]
            if len(chosen) < 2:
                raise ArenaError("arena.too_few_chosen")
            return chosen
        models = [model for model in ready if not model.untrained]
        return models if baselines else contenders(models)

    def _open(self, visitor: str, pairing: Pairing, query: ArenaQuery) -> Duel | None:
        """Rank with both models and open a vote; None if there is no difference to vote on."""
        if self._ballots.has_voted(visitor, pairing):
            return None
        shown = self._shown(query)
        if shown is None:
            return None
        try:
            left, right = self._library.rank(query, [pairing.left, pairing.right], RESULTS)
        except ModelNotReady:
            return None  # not indexed by both yet
        if left.ids == right.ids:
            return None
        duel = Duel(secrets.token_urlsafe(12), shown, left, right)
        self._ballots.open(duel.key, pairing)
        return duel

    def _shown(self, query: ArenaQuery) -> Record | TextQuery | OwnPicture | None:
        if isinstance(query, TextQuery):
            return query
        if isinstance(query, UploadedQuery):
            return OwnPicture(query.name, query.thumbnail)
        (record,) = self._library.records.get([query.picture_id])
        return record


def _pairing(query: ArenaQuery, left: str, right: str) -> Pairing:
    if isinstance(query, TextQuery):
        return Pairing.of_words(query.text, left, right)
    if isinstance(query, UploadedQuery):
        return Pairing(query.file_id, left, right, is_own=True)
    return Pairing(query.picture_id, left, right)
