"""Redis: what was shown in the arena, and the votes, counted so that none is lost or double."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import redis

from searcher.metrics.leaderboard import Tally
from searcher.stores.connection import RedisConnection

SHOWN = "twinlens:arena:shown:"
VOTED, TALLIES, VOTES = (f"twinlens:arena:{kind}" for kind in ("voted", "tallies", "votes"))
OPEN_S = 24 * 3600  # how long a vote on what was shown is taken

# One step in the server: neither a crash nor a second click can count half a vote, or one twice.
COUNT = """
if redis.call('HSETNX', KEYS[1], 'choice', ARGV[1]) == 0 then return 0 end
if redis.call('SADD', KEYS[2], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[3], ARGV[3], 1)
redis.call('RPUSH', KEYS[4], ARGV[4])
return 1
"""


@dataclass(frozen=True)
class Shown:
    """Two models' rankings for a query, as a visitor saw them."""

    query: int
    left: str
    right: str


@dataclass(frozen=True)
class Vote:
    """One vote; `winner` is empty for a tie, `time` in seconds since 1970."""

    time: int
    query: int
    first: str
    second: str
    winner: str


class BallotStore:
    """Everything the arena keeps. Every method raises StoreUnavailable."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    def show(self, key: str, shown: Shown) -> None:
        """Keep for a day what was shown under a key."""

        def write(client: redis.Redis) -> None:
            with client.pipeline(transaction=True) as pipe:
                pipe.hset(SHOWN + key, mapping=cast(Any, shown.__dict__))
                pipe.expire(SHOWN + key, OPEN_S)
                pipe.execute()

        self._connection.call(write)

    def shown(self, key: str) -> Shown | None:
        """What was shown under a key, None when it is too long ago."""
        kept = cast(
            dict[str, str], self._connection.call(lambda client: client.hgetall(SHOWN + key))
        )
        if not {"query", "left", "right"} <= set(kept):
            return None
        return Shown(int(kept["query"]), kept["left"], kept["right"])

    def has_voted(self, visitor: str, shown: Shown) -> bool:
        """Whether a visitor has voted on these two models and this query, in either order."""
        ballot = _ballot(visitor, shown)
        return bool(self._connection.call(lambda client: client.sismember(VOTED, ballot)))

    def count(self, key: str, visitor: str, shown: Shown, winner: str) -> bool:
        """Count a vote, `winner` empty for a tie. False where it has been counted before."""
        first, second = sorted((shown.left, shown.right))
        outcome = {first: "first_wins", second: "second_wins"}.get(winner, "ties")
        vote = [round(time.time()), shown.query, first, second, winner]
        arguments = [
            winner,
            _ballot(visitor, shown),
            json.dumps([first, second, outcome]),
            json.dumps(vote),
        ]
        keys = [SHOWN + key, VOTED, TALLIES, VOTES]
        return bool(
            self._connection.call(lambda client: client.eval(COUNT, len(keys), *keys, *arguments))
        )

    def tallies(self) -> list[Tally]:
        """All votes, added up by pairs of models."""
        counts: dict[tuple[str, str], dict[str, Any]] = {}
        for field, number in self._connection.call(lambda c: c.hgetall(TALLIES)).items():
            first, second, outcome = json.loads(field)
            counts.setdefault((first, second), {})[outcome] = int(number)
        return [Tally(*pair, **outcomes) for pair, outcomes in counts.items()]

    def votes(self) -> Iterator[Vote]:
        """Every vote, the oldest first."""
        for vote in self._connection.call(lambda client: client.lrange(VOTES, 0, -1)):
            yield Vote(*json.loads(vote))

    def reset(self) -> None:
        """Forget all votes."""
        self._connection.call(lambda client: client.delete(VOTED, TALLIES, VOTES))


def _ballot(visitor: str, shown: Shown) -> str:
    return json.dumps([visitor, shown.query, *sorted((shown.left, shown.right))])
