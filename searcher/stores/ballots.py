"""Redis: the open comparisons of the arena, and its votes, each counted exactly once."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import redis

from searcher.metrics.leaderboard import Tally
from searcher.stores.connection import RedisConnection

PAIRINGS = "twinlens:arena:shown:"
BALLOTS, TALLIES, VOTES = (f"twinlens:arena:{kind}" for kind in ("voted", "tallies", "votes"))
VOTING_S = 24 * 3600  # seconds in which a comparison accepts a vote

# One atomic script: neither a crash nor a second click can count a vote in part or twice.
COUNT = """
if redis.call('HSETNX', KEYS[1], 'choice', ARGV[1]) == 0 then return 0 end
if redis.call('SADD', KEYS[2], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[3], ARGV[3], 1)
redis.call('RPUSH', KEYS[4], ARGV[4])
return 1
"""


@dataclass(frozen=True)
class Pairing:
    """A query and the two models whose rankings a visitor compares.

    Attributes:
        query: The id of a picture; of words a number made of them.
        left: The name of the model on the left.
        right: The name of the model on the right.
        text: The words; "" for a picture.
    """

    query: int
    left: str
    right: str
    text: str = ""

    @classmethod
    def of_words(cls, text: str, left: str, right: str) -> "Pairing":
        """Return the pairing of two models for words."""
        digest = hashlib.blake2b(text.casefold().encode(), digest_size=8).digest()
        return cls(int.from_bytes(digest) >> 1, left, right, text)


@dataclass(frozen=True)
class Vote:
    """One vote; `winner` is empty for a tie, `time` in seconds since 1970; see Pairing."""

    time: int
    query: int
    first: str
    second: str
    winner: str
    text: str = ""


class BallotStore:
    """Open comparisons and votes. Every method raises StoreUnavailable."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def open(self, key: str, pairing: Pairing) -> None:
        """Accept a vote on a comparison under this key, for VOTING_S."""

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                pipe.hset(PAIRINGS + key, mapping=cast(Any, pairing.__dict__))
                pipe.expire(PAIRINGS + key, VOTING_S)
                pipe.execute()

        self._connection.call(write)

    def pairing(self, key: str) -> Pairing | None:
        """Return the comparison that is open under a key, None if it has expired."""
        stored = cast(
            dict[str, str], self._connection.call(lambda client: client.hgetall(PAIRINGS + key))
        )
        if not {"query", "left", "right"} <= set(stored):
            return None
        text = stored.get("text", "")
        return Pairing(int(stored["query"]), stored["left"], stored["right"], text)

    def has_voted(self, visitor: str, pairing: Pairing) -> bool:
        """Whether a visitor has voted on this query with these two models, on either side."""
        ballot = _ballot(visitor, pairing)
        return bool(self._connection.call(lambda client: client.sismember(BALLOTS, ballot)))

    def count(self, key: str, visitor: str, pairing: Pairing, winner: str) -> bool:
        """Count a vote once.

        Args:
            key: The key that the comparison was opened with.
            visitor: An identifier of the visitor.
            pairing: The comparison.
            winner: The name of a model, empty for a tie.

        Returns:
            Whether the vote was counted: False if it had been counted before.
        """
        first, second = sorted((pairing.left, pairing.right))
        outcome = {first: "first_wins", second: "second_wins"}.get(winner, "ties")
        vote = [round(time.time()), pairing.query, first, second, winner, pairing.text]
        arguments = [
            winner,
            _ballot(visitor, pairing),
            json.dumps([first, second, outcome]),
            json.dumps(vote),
        ]
        keys = [PAIRINGS + key, BALLOTS, TALLIES, VOTES]
        return bool(
            self._connection.call(lambda client: client.eval(COUNT, len(keys), *keys, *arguments))
        )

    def tallies(self) -> list[Tally]:
        """Return all votes, added up by pairs of models."""
        counts: dict[tuple[str, str], dict[str, Any]] = {}
        for field, number in self._connection.call(lambda c: c.hgetall(TALLIES)).items():
            first, second, outcome = json.loads(field)
            counts.setdefault((first, second), {})[outcome] = int(number)
        return [Tally(*pair, **outcomes) for pair, outcomes in counts.items()]

    def votes(self) -> Iterator[Vote]:
        """Yield every vote, oldest first."""
        for vote in self._connection.call(lambda client: client.lrange(VOTES, 0, -1)):
            yield Vote(*json.loads(vote))

    def reset(self) -> None:
        """Delete all votes."""
        self._connection.call(lambda client: client.delete(BALLOTS, TALLIES, VOTES))


def _ballot(visitor: str, pairing: Pairing) -> str:
    return json.dumps([visitor, pairing.query, *sorted((pairing.left, pairing.right))])
