"""Redis: the open comparisons of the arena, and its votes, each counted exactly once."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import redis

from searcher.metrics.tally import Tally
from searcher.stores import ballot_scripts
from searcher.stores.connection import RedisConnection
from searcher.stores.pairing import Pairing, Vote

PAIRINGS, RECEIPTS = (f"twinlens:arena:{kind}:" for kind in ("shown", "receipts"))
BALLOTS, TALLIES, VOTES, VOTERS = (
    f"twinlens:arena:{kind}" for kind in ("voted", "tallies", "votes", "voters")
)
RESTORED = "twinlens:arena:restored"  # there once kept votes were counted
COUNTS = [BALLOTS, TALLIES, VOTES, VOTERS]
VOTING_S = 24 * 3600  # seconds in which a comparison accepts a vote, and a vote can be undone
MOST_UNDONE = 20  # latest votes of a visitor that can be undone, one after the other


@dataclass(frozen=True)
class VoteCounts:
    """The number of a visitor's votes and of all, and whether the visitor's last can be undone."""

    own: int
    total: int
    can_undo: bool


class BallotStore:
    """Open comparisons and votes. Every method raises StoreUnavailable."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def open(self, key: str, pairing: Pairing) -> None:
        """Accept a vote on a comparison under this key, for VOTING_S."""

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                pipe.hset(PAIRINGS + key, mapping=cast(Any, pairing.stored()))
                pipe.expire(PAIRINGS + key, VOTING_S)
                pipe.execute()

        self._connection.call(write)

    def pairing(self, key: str) -> Pairing | None:
        """Return the comparison that is open under a key, None if it has expired."""
        stored = cast(
            dict[str, str], self._connection.call(lambda client: client.hgetall(PAIRINGS + key))
        )
        return Pairing.of_stored(stored)

    def has_voted(self, visitor: str, pairing: Pairing) -> bool:
        """Whether a visitor has voted on this query with these two models, on either side."""
        ballot = _ballot(visitor, pairing)
        return bool(self._connection.call(lambda client: client.sismember(BALLOTS, ballot)))

    def count(self, key: str, visitor: str, pairing: Pairing, outcome: str) -> bool:
        """Count a vote once.

        Args:
            key: The key that the comparison was opened with.
            visitor: An identifier of the visitor.
            pairing: The comparison.
            outcome: The name of the model that won, "" for a tie, or BOTH_BAD.

        Returns:
            Whether the vote was counted: False if it had been counted before.
        """
        vote = pairing.vote(round(time.time()), outcome)
        cell = json.dumps([vote.first, vote.second, vote.cell])
        # All that `undo` has to take back.
        receipt = [key, _ballot(visitor, pairing), cell, vote.stored()]
        arguments = [visitor, *receipt[1:], json.dumps(receipt), outcome, VOTING_S, MOST_UNDONE]
        return self._run(ballot_scripts.COUNT, key, visitor, arguments)

    def undo(self, visitor: str) -> str | None:
        """Take a visitor's last vote back, and accept one on its comparison again.

        Returns:
            The key of the comparison; None if there is no vote that can be undone.
        """
        receipts = RECEIPTS + visitor
        while stored := self._connection.call(lambda client: client.lindex(receipts, -1)):
            key, *cells = json.loads(cast(str, stored))
            if self._run(ballot_scripts.UNDO, key, visitor, [visitor, *cells, stored]):
                return str(key)
        return None

    def counts(self, visitor: str) -> VoteCounts:
        """Return the numbers of votes."""
        keys = [*COUNTS, RECEIPTS + visitor]
        numbers = self._connection.call(
            lambda client: client.eval(ballot_scripts.NUMBERS, len(keys), *keys, visitor)
        )
        own, total, receipts = cast(list[int], numbers)
        return VoteCounts(own, total, bool(receipts))

    def tallies(self) -> list[Tally]:
        """Return all votes, added up by pairs of models."""
        counts: dict[tuple[str, str], dict[str, Any]] = {}
        for field, number in self._connection.call(lambda c: c.hgetall(TALLIES)).items():
            first, second, outcome = json.loads(field)
            counts.setdefault((first, second), {})[outcome] = int(number)
        return [Tally(*pair, **outcomes) for pair, outcomes in counts.items()]

    def votes(self, latest: int = 0) -> Iterator[Vote]:
        """Yield every vote, or the latest ones, oldest first."""
        for vote in self._connection.call(lambda client: client.lrange(VOTES, -latest, -1)):
            yield Vote.of_stored(cast(str, vote))

    def total(self) -> int:
        """Return the number of votes."""
        return self._connection.call(lambda client: client.llen(VOTES))

    def restore(self, votes: Sequence[Vote]) -> bool:
        """Count votes that were kept elsewhere, before all others; once in the life of a Redis.

        Who gave them is not known any more, so that nobody can undo them.

        Returns:
            Whether they were counted: all, or none.
        """
        arguments = [
            text
            for vote in votes
            for text in (vote.stored(), json.dumps([vote.first, vote.second, vote.cell]))
        ]
        keys = [RESTORED, VOTES, TALLIES]
        return bool(
            self._connection.call(
                lambda client: client.eval(ballot_scripts.RESTORE, len(keys), *keys, *arguments)
            )
        )

    def reset(self) -> None:
        """Delete all votes. Receipts of deleted ones have no effect, and expire."""
        self._connection.call(lambda client: client.delete(*COUNTS))

    def _run(self, script: str, key: str, visitor: str, arguments: list[Any]) -> bool:
        keys = [*COUNTS, RECEIPTS + visitor, PAIRINGS + key]
        return bool(
            self._connection.call(lambda client: client.eval(script, len(keys), *keys, *arguments))
        )


def _ballot(visitor: str, pairing: Pairing) -> str:
    return json.dumps([visitor, pairing.query, *sorted((pairing.left, pairing.right))])
